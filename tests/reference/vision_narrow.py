"""Prints features of narrow networks with weights from a formula, for the unit tests of feature networks and LPIPS.

    python tests/reference/vision_narrow.py

The networks are those of torchvision (for the Inception of the Fréchet distance, of pytorch-fid) with fewer channels: the
published numbers times the width, rounded up to a multiple of 8. The values of a parameter and of the image depend on their
indices alone, so that the tests can compute the same values. All computations are in double precision. For each layer the
script prints the sum of the features (for a map, of the means of its channels), and for fc7 or pool3 the first twelve
features.
"""

import math

import lpips
import pytorch_fid.inception
import torch
import torchvision
from torch import Tensor, nn

SIDE = 90


def narrow(published: int, width: float) -> int:
    return max(8, math.ceil(published * width / 8 - 1e-9) * 8)


def narrowed(module: nn.Module, width: float) -> None:
    """Replaces layers by narrow ones. Their input sizes are determined in the first forward pass."""
    for name, layer in module.named_children():
        if isinstance(layer, nn.Conv2d):
            new = nn.LazyConv2d(
                narrow(layer.out_channels, width),
                layer.kernel_size,
                layer.stride,
                layer.padding,
                bias=layer.bias is not None,
            )
        elif isinstance(layer, nn.BatchNorm2d):
            new = nn.LazyBatchNorm2d(eps=layer.eps)
        elif isinstance(layer, nn.Linear):
            classes = layer.out_features in (1000, 1008)
            new = nn.LazyLinear(layer.out_features if classes else narrow(layer.out_features, width))
        else:
            narrowed(layer, width)
            continue
        setattr(module, name, new)


def pattern(name: str, shape: torch.Size) -> Tensor:
    index = torch.arange(shape.numel(), dtype=torch.float64)
    if len(shape) > 1:
        fan_in = shape[1:].numel()
        values = ((index * index * 7 + 3 * index) % 17 - 8) / 8 * math.sqrt(6 / fan_in)
    else:
        start = 1 if name.endswith((".bn.weight", ".running_var")) else 0
        values = start + (index * 5 % 11 - 5) / 50
    # The tests use float32.
    return values.float().double().reshape(shape)


def image() -> Tensor:
    c, y, x = torch.meshgrid(torch.arange(3), torch.arange(SIDE), torch.arange(SIDE), indexing="ij")
    return (((x * y + 3 * x + 5 * y + 7 * c) % 13 - 6) / 6).float().double()[None]


def patterned(network: nn.Module, width: float) -> nn.Module:
    narrowed(network, width)
    network.double().eval()
    with torch.no_grad():
        network(image())
        for name, value in network.state_dict().items():
            if value.is_floating_point():
                value.copy_(pattern(name, value.shape))
    return network


def plain_layers(network: nn.Module, record) -> None:
    """Calls `record` with the features of every layer after its ReLU or pooling."""
    found = image()
    for layer in network.features:
        found = layer(found)
        if isinstance(layer, (nn.ReLU, nn.MaxPool2d)):
            record(type(layer).__name__, found.mean(dim=(2, 3)))
    found = network.avgpool(found).flatten(1)
    for layer in network.classifier[:-1]:
        found = layer(found)
        if isinstance(layer, nn.ReLU):
            record("fc", found)


def inception_layers(network: nn.Module, record) -> None:
    stages = ["maxpool1", "maxpool2"]
    stages += [f"Mixed_{name}" for name in "5b 5c 5d 6a 6b 6c 6d 6e 7a 7b 7c".split()]
    for name in stages:
        hook = lambda _module, _input, output, name=name: record(name, output.mean(dim=(2, 3)))
        getattr(network, name).register_forward_hook(hook)
    pooled = []
    network.avgpool.register_forward_hook(lambda _module, _input, output: pooled.append(output.flatten(1)))
    logits = network(image())
    record("pool3", pooled[0])
    record("logits_unbiased", pooled[0] @ network.fc.weight.T)
    record("logits", logits)


def fid_inception() -> nn.Module:
    """The module of pytorch-fid without its weights file."""
    pytorch_fid.inception.load_state_dict_from_url = lambda *_args, **_kwargs: {}
    strict = nn.Module.load_state_dict
    nn.Module.load_state_dict = lambda *_args, **_kwargs: None
    try:
        return pytorch_fid.inception.fid_inception_v3()
    finally:
        nn.Module.load_state_dict = strict


@torch.no_grad()
def print_features(name: str, network: nn.Module, width: float, layers) -> None:
    sums, features_of = [], {}

    def record(layer: str, features: Tensor) -> None:
        sums.append(round(features.sum().item(), 5))
        features_of[layer] = [round(value, 6) for value in features[0, :12].tolist()]

    layers(patterned(network, width), record)
    print(name, "width", width, "layers", len(sums))
    print(" ", features_of.get("fc") or features_of["pool3"])
    print(" ", sums)


def lpips_image(width: int, height: int, seed: int) -> Tensor:
    """An image `[1, 3, height, width]` from -1 to 1, with integer levels from 0 to 255."""
    c, y, x = torch.meshgrid(torch.arange(3), torch.arange(height), torch.arange(width), indexing="ij")
    levels = (x * x * 3 + y * 7 + x * y * seed + c * 91) % 256
    return (levels.double() / 127.5 - 1)[None]


@torch.no_grad()
def print_lpips(name: str) -> None:
    """Prints LPIPS with a narrow backbone and linear weights from the formula, which are not negative."""
    measure = lpips.LPIPS(pretrained=False, pnet_rand=True, net=name, verbose=False)
    narrowed(measure.net, 0.01)
    measure.double().eval()
    measure.net(image())
    for key, value in measure.net.state_dict().items():
        value.copy_(pattern(key, value.shape))
    for linear in measure.lins:
        linear.model[1] = nn.Conv2d(8, 1, 1, bias=False).double()
        linear.model[1].weight.copy_(pattern("", torch.Size([1, 8, 1, 1])).abs())
    pairs = [((90, 64), 1, 2), ((70, 75), 3, 4)]
    print("lpips", name, [round(measure(lpips_image(*size, a), lpips_image(*size, b)).item(), 7) for size, a, b in pairs])


def main() -> None:
    print("torch", torch.__version__, "torchvision", torchvision.__version__)
    for name in ["alexnet", "vgg16", "vgg19"]:
        print_features(name, getattr(torchvision.models, name)(weights=None), 0.01, plain_layers)
    inception = torchvision.models.inception_v3(weights=None, aux_logits=False, init_weights=False)
    print_features("inception", inception, 0.1, inception_layers)
    print_features("inception-fid", fid_inception(), 0.1, inception_layers)
    print_lpips("alex")
    print_lpips("vgg")


if __name__ == "__main__":
    main()
