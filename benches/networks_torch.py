"""torchvision's networks for the comparisons in this folder: published ones for features, and narrow ones to fit."""

import math

import torch
import torchvision
from torch import Tensor, nn
from torch.fx.experimental.optimization import fuse

ALEXNET = [(64, 11, 4, 2), (192, 5, 1, 2), (384, 3, 1, 1), (256, 3, 1, 1), (256, 3, 1, 1)]
"""Channels, kernel, stride and padding of each convolution."""

VGG16 = [64, 64, "pool", 128, 128, "pool", *[256] * 3, "pool", *[512] * 3, "pool", *[512] * 3, "pool"]
"""Channels of each 3x3 convolution, and the poolings."""


def published(name: str) -> nn.Module:
    """A network with random weights up to the layer that jem extracts: fc7, or the mean of the last maps.

    As in jem, there is no dropout, and the batch norms of Inception-v3 are part of its convolutions.
    """
    if name == "Inception-v3":
        # Without the second output, which is for training only.
        network = torchvision.models.inception_v3(
            weights=None, init_weights=False, transform_input=False, aux_logits=False
        )
        network.fc = nn.Identity()
        return fuse(network.eval())
    network = torchvision.models.alexnet(weights=None) if name == "AlexNet" else torchvision.models.vgg16(weights=None)
    network.classifier = network.classifier[:6] if name == "AlexNet" else network.classifier[:5]
    return network.eval()


def narrow_classifier(name: str, width: float, side: int, classes: int) -> nn.Module:
    """AlexNet or VGG-16 with `width` times the channels, for images of `side` pixels, without dropout.

    Numbers of channels are rounded up to a multiple of 8, as in jem.
    """
    layers: list[nn.Module] = []
    inputs = 3
    if name == "AlexNet":
        for i, (channels, kernel, stride, padding) in enumerate(ALEXNET):
            outputs = narrow(channels, width)
            layers += [nn.Conv2d(inputs, outputs, kernel, stride, padding), nn.ReLU(inplace=True)]
            layers += [nn.MaxPool2d(3, 2)] if i in (0, 1, 4) else []
            inputs = outputs
    else:
        for channels in VGG16:
            if channels == "pool":
                layers.append(nn.MaxPool2d(2, 2))
                continue
            outputs = narrow(channels, width)
            layers += [nn.Conv2d(inputs, outputs, 3, padding=1), nn.ReLU(inplace=True)]
            inputs = outputs
    grid, hidden = 6 if name == "AlexNet" else 7, narrow(4096, width)
    layers += [nn.AdaptiveAvgPool2d(grid), nn.Flatten()]
    layers += [nn.Linear(inputs * grid**2, hidden), nn.ReLU(inplace=True)]
    layers += [nn.Linear(hidden, hidden), nn.ReLU(inplace=True), nn.Linear(hidden, classes)]
    return nn.Sequential(*layers)


def narrow(published: int, width: float) -> int:
    return max(8, math.ceil(published * width / 8 - 1e-9) * 8)


def forward_flop(network: nn.Module, image: Tensor) -> float:
    """Sums and products of the convolutions and linear layers in a forward pass on one image."""
    total = 0.0

    def count(layer: nn.Module, _: tuple[Tensor, ...], output: Tensor) -> None:
        nonlocal total
        # Each output is a sum of products, one for each weight of its channel.
        total += 2.0 * output.numel() * layer.weight[0].numel()

    layers = [layer for layer in network.modules() if isinstance(layer, (nn.Conv2d, nn.Linear))]
    hooks = [layer.register_forward_hook(count) for layer in layers]
    with torch.no_grad():
        network(image)
    for hook in hooks:
        hook.remove()
    return total
