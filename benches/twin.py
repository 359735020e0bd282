"""jem's GAN-CLS generator and discriminator in PyTorch.

They have the layers, shapes and parameter names of the Rust networks, so that the time of a training
step can be compared and weights can be transferred by name.

Sizes: `s` is the side of an image in pixels (a multiple of 16), `w` the width of both networks.
Linear and convolution layers have no bias where a batch norm follows: the batch norm would subtract it.

Activations after a batch norm work in place, as in the DCGAN code of PyTorch's examples: the batch norm's backward
pass needs its input, not its output, so this saves memory and a pass over it.
"""

import torch
from torch import Tensor, nn
from torch.nn import functional as F

SLOPE = 0.2
"""Slope of every leaky ReLU below zero."""

KERNEL = {"kernel_size": 5, "stride": 2, "padding": 2}
"""A convolution with this kernel halves the side of its input. A transposed one can double it."""

INIT_STD = 0.02
"""Standard deviation of the initial weights, which have mean 0."""


class Generator(nn.Module):
    """Generates images from noise, a sentence and, if `guide` is not 0, a guide."""

    def __init__(
        self,
        resolution: int = 64,
        width: int = 64,
        noise: int = 100,
        sentence: int = 2400,
        text: int = 256,
        guide: int = 4096,
        guide_projected: int = 256,
    ):
        super().__init__()
        self.side = side_of_map(resolution)
        self.channels = [8 * width, 4 * width, 2 * width, width, 3]

        joined = noise + text + (guide_projected if guide else 0)
        self.text = nn.Linear(sentence, text)
        self.guide = nn.Linear(guide, guide_projected) if guide else None
        self.seed = nn.Linear(joined, self.channels[0] * self.side**2, bias=False)
        self.seed_norm = nn.BatchNorm2d(self.channels[0])

        pairs = list(zip(self.channels, self.channels[1:]))
        self.up = nn.ModuleList(
            nn.ConvTranspose2d(i, o, **KERNEL, output_padding=1, bias=(i, o) == pairs[-1])
            for i, o in pairs
        )
        self.norm = nn.ModuleList(nn.BatchNorm2d(o) for _, o in pairs[:-1])
        initialise(self)

    def forward(self, noise: Tensor, sentence: Tensor, guide: Tensor | None = None) -> Tensor:
        """`[n, noise]`, `[n, sentence]`, `[n, guide]` → images `[n, 3, s, s]` in (-1, 1)."""
        inputs = [noise, F.leaky_relu(self.text(sentence), SLOPE)]
        if self.guide is not None:
            inputs.append(F.leaky_relu(self.guide(guide), SLOPE))

        maps = self.seed(torch.cat(inputs, dim=1))
        maps = maps.view(-1, self.channels[0], self.side, self.side)
        maps = F.relu(self.seed_norm(maps), inplace=True)
        for up, norm in zip(self.up, self.norm):
            maps = F.relu(norm(up(maps)), inplace=True)
        return torch.tanh(self.up[-1](maps))


class Discriminator(nn.Module):
    """Scores an image and a sentence: a higher logit means more real."""

    def __init__(
        self, resolution: int = 64, width: int = 64, sentence: int = 2400, text: int = 256
    ):
        super().__init__()
        self.side = side_of_map(resolution)
        channels = [3, width, 2 * width, 4 * width, 8 * width]

        self.text = nn.Linear(sentence, text)
        # The first convolution has no batch norm, and therefore a bias.
        self.down = nn.ModuleList(
            nn.Conv2d(i, o, **KERNEL, bias=i == 3) for i, o in zip(channels, channels[1:])
        )
        self.norm = nn.ModuleList(nn.BatchNorm2d(o) for o in channels[2:])
        self.joint = nn.Conv2d(channels[-1] + text, channels[-1], kernel_size=1, bias=False)
        self.joint_norm = nn.BatchNorm2d(channels[-1])
        self.logit = nn.Linear(channels[-1] * self.side**2, 1)
        initialise(self)

    def forward(self, image: Tensor, sentence: Tensor) -> Tensor:
        """Images `[n, 3, s, s]` and sentences `[n, sentence]` → logits `[n, 1]`."""
        tiled = self.project(sentence)[:, :, None, None].expand(-1, -1, self.side, self.side)
        return self.finish(self.joint(torch.cat([self.maps(image), tiled], dim=1)))

    def maps(self, image: Tensor) -> Tensor:
        """The smallest feature maps of images, `[n, 8w, s/16, s/16]`."""
        maps = F.leaky_relu(self.down[0](image), SLOPE, inplace=True)
        for down, norm in zip(self.down[1:], self.norm):
            maps = F.leaky_relu(norm(down(maps)), SLOPE, inplace=True)
        return maps

    def project(self, sentence: Tensor) -> Tensor:
        return F.leaky_relu(self.text(sentence), SLOPE)

    def finish(self, joined: Tensor) -> Tensor:
        """The output of the joint convolution → logits."""
        joined = F.leaky_relu(self.joint_norm(joined), SLOPE, inplace=True)
        return self.logit(joined.flatten(1))

    # The same in parts, so that what several pairs have in common is computed once: a 1x1 convolution of joined maps is
    # the sum of those of its parts, and the sentence is the same at every position.

    def image_part(self, image: Tensor) -> Tensor:
        """What the joint convolution adds for images, `[n, 8w, s/16, s/16]`."""
        maps = self.maps(image)
        return F.conv2d(maps, self.joint.weight[:, : maps.shape[1]])

    def sentence_part(self, sentence: Tensor) -> Tensor:
        """What the joint convolution adds for sentences at every position, `[n, 8w]`."""
        text = self.project(sentence)
        return F.linear(text, self.joint.weight[:, -text.shape[1] :, 0, 0])

    def judge(self, image_part: Tensor, sentence_part: Tensor) -> Tensor:
        """Both parts → logits `[n, 1]`."""
        return self.finish(image_part + sentence_part[:, :, None, None])


def side_of_map(resolution: int) -> int:
    """Side of the smallest feature map, four halvings below the image."""
    if resolution < 16 or resolution % 16:
        raise ValueError(f"the resolution is {resolution}, not a multiple of 16")
    return resolution // 16


def initialise(network: nn.Module) -> None:
    """Weights from N(0, 0.02), biases 0; batch norms keep scale 1 and shift 0."""
    for layer in network.modules():
        if isinstance(layer, (nn.Linear, nn.Conv2d, nn.ConvTranspose2d)):
            nn.init.normal_(layer.weight, std=INIT_STD)
            if layer.bias is not None:
                nn.init.zeros_(layer.bias)
