"""Prints, as JSON, the results of 30 or more training steps of jem's GANs in PyTorch, for several settings.

    python tests/reference/steps.py > tests/reference/steps.json
    python tests/reference/steps.py --width 16 --steps 50 --cases gan-cls-int joined reed \
        > tests/reference/steps_wide.json

The second command is for networks that are wide enough for jem's Winograd convolutions.

All weights, images, texts, guides and noise come from the formula in `values`, so that tests in other
languages can repeat the steps without files. A case has the losses of every step, the gradients of the
first step, and the weights and running statistics after the last step. An array is represented by its
2-norm and its dot product with an array of the formula. The committed values were computed with
torch 2.15.0 on the CPU, with one thread.

Arrays are row-major. The weight of a linear layer is `[in, out]` in the formula and in the output, as in
jem, and `[out, in]` in PyTorch.
"""

import argparse
import json
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

STEPS = 30
ROWS = 8
"""Images in a batch."""

RESOLUTION, WIDTH, NOISE, SENTENCE, TEXT, FEATURES, GUIDE = 32, 4, 5, 6, 8, 7, 8
"""`TEXT` and `GUIDE` are the dimensions of the projected sentence and of the projected features."""

SIDE = RESOLUTION // 16
"""The side of the smallest feature map."""

CLS, INT = {"objective.kind": "gan-cls"}, {"objective.kind": "gan-cls-int"}
GUIDED = CLS | {"guide.network": "alexnet"}
STAGES, JOINED = {"guide.inject": "stages"}, {"guide.discriminator": "joined"}
REED = {"generator.body": "reed", "discriminator.body": "reed"}
HALF, TWO = {"objective.int_pairs": "half"}, {"train.generator_steps": 2}
APART = {"objective.fake": "fresh", "objective.mismatch_by": "image"}
APART |= {"objective.int_mean": "joined"}
WEIGHED = {"objective.fake_share": 0.3, "objective.smoothing": 0.1, "optimizer.clip": 0.5}
MATCHED = {"objective.reconstruction": 2.0, "objective.guide_match": 0.5}

Settings = dict[str, Any]
"""Settings with jem's names. Other settings have the defaults of jem."""

CASES: dict[str, Settings] = {
    "gan": {"objective.kind": "gan"},
    "gan-cls": CLS,
    "gan-int": {"objective.kind": "gan-int"},
    "gan-cls-int": INT,
    "guided": GUIDED,
    "stages": GUIDED | STAGES,
    "joined": GUIDED | JOINED,
    "joined-gan": GUIDED | JOINED | {"objective.kind": "gan"},
    "reed": INT | REED | APART | HALF | {"objective.int_weight": 0.7},
    "weighed": CLS | WEIGHED | TWO | {"generator.ema": 0.9},
    "matched": GUIDED | MATCHED,
    "twice": INT | TWO | HALF,
    "everything": GUIDED | INT | STAGES | JOINED | REED | APART | {"objective.reconstruction": 1.0},
}


def values(name: str, count: int) -> np.ndarray:
    """The upper 24 bits of SplitMix64, seeded with the FNV-1a hash of `name`, as exact float32 in [-1, 1)."""
    seed = 0xCBF29CE484222325
    for byte in name.encode():
        seed = (seed ^ byte) * 0x100000001B3 % 2**64
    z = np.uint64(seed) + np.arange(1, count + 1, dtype=np.uint64) * np.uint64(0x9E3779B97F4A7C15)
    z = (z ^ z >> np.uint64(30)) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ z >> np.uint64(27)) * np.uint64(0x94D049BB133111EB)
    z ^= z >> np.uint64(31)
    return ((z >> np.uint64(40)).astype(np.float64) / 2**23 - 1).astype(np.float32)


def drawn(name: str, *shape: int, scale: float = 1.0) -> Tensor:
    flat = np.float32(scale) * values(name, int(np.prod(shape)))
    return torch.from_numpy(flat.reshape(shape))


leaky = partial(F.leaky_relu, negative_slope=0.2)


def norm(channels: int) -> nn.BatchNorm2d:
    """PyTorch's running variance uses the unbiased variance of a batch; other frameworks may use the
    biased variance. The batch itself is always normalised with the biased variance."""
    return nn.BatchNorm2d(channels, eps=1e-5, momentum=0.1)


DCGAN_SIZE = {"kernel_size": 5, "stride": 2, "padding": 2}
REED_SIZE = {"kernel_size": 4, "stride": 2, "padding": 1}
"""Parameters of convolutions that halve the side of their input."""


class Bottleneck(nn.Module):
    """A residual block of three convolutions, with a quarter of the channels inside."""

    def __init__(self, channels: int, activation: Callable[[Tensor], Tensor]):
        super().__init__()
        inner = channels // 4
        self.activation = activation
        self.reduce = nn.Conv2d(channels, inner, 1, bias=False)
        self.reduce_norm = norm(inner)
        self.inner = nn.Conv2d(inner, inner, 3, padding=1, bias=False)
        self.inner_norm = norm(inner)
        self.expand = nn.Conv2d(inner, channels, 3, padding=1, bias=False)
        self.expand_norm = norm(channels)

    def forward(self, maps: Tensor) -> Tensor:
        branch = self.activation(self.reduce_norm(self.reduce(maps)))
        branch = self.activation(self.inner_norm(self.inner(branch)))
        return maps + self.expand_norm(self.expand(branch))


class Generator(nn.Module):
    """Noise, sentence and, if there is one, guide → images in (-1, 1)."""

    def __init__(self, settings: Settings):
        super().__init__()
        reed = settings.get("generator.body") == "reed"
        guided = "guide.network" in settings
        channels = [8 * WIDTH, 4 * WIDTH, 2 * WIDTH, WIDTH, 3]
        joined = NOISE + TEXT + (GUIDE if guided else 0)

        self.text = nn.Linear(SENTENCE, TEXT)
        self.guide = nn.Linear(FEATURES, GUIDE) if guided else None
        self.seed = nn.Linear(joined, channels[0] * SIDE**2, bias=False)
        self.seed_norm = norm(channels[0])
        size = REED_SIZE if reed else DCGAN_SIZE | {"output_padding": 1}
        self.up = nn.ModuleList(
            nn.ConvTranspose2d(channels[i], channels[i + 1], **size, bias=i == 3 and not reed)
            for i in range(4)
        )
        self.norm = nn.ModuleList(norm(c) for c in channels[1:4])
        residuals = channels[:2] if reed else []
        self.residual = nn.ModuleList(Bottleneck(c, F.relu) for c in residuals)
        modulated = channels[1:4] if settings.get("guide.inject") == "stages" else []
        self.modulate = nn.ModuleList(nn.Linear(GUIDE, 2 * c) for c in modulated)

    def forward(self, noise: Tensor, sentence: Tensor, guide: Tensor | None) -> Tensor:
        inputs = [noise, leaky(self.text(sentence))]
        if self.guide is not None:
            guide = leaky(self.guide(guide))
            inputs.append(guide)

        maps = self.seed(torch.cat(inputs, dim=1)).view(len(noise), 8 * WIDTH, SIDE, SIDE)
        maps = self.seed_norm(maps)
        if self.residual:
            maps = self.residual[0](maps)
        maps = F.relu(maps)
        for i in range(3):
            maps = self.norm[i](self.up[i](maps))
            if self.modulate:
                scale, shift = self.modulate[i](guide)[:, :, None, None].chunk(2, dim=1)
                maps = maps * (1 + scale) + shift
            if self.residual and i == 0:
                maps = self.residual[1](maps)
            maps = F.relu(maps)
        return torch.tanh(self.up[3](maps))


class Discriminator(nn.Module):
    """Image, sentence and, with `joined`, guide → one logit, which is higher for real images."""

    def __init__(self, settings: Settings):
        super().__init__()
        self.reed = reed = settings.get("discriminator.body") == "reed"
        guided = settings.get("guide.discriminator") == "joined"
        channels = [3, WIDTH, 2 * WIDTH, 4 * WIDTH, 8 * WIDTH]
        joined = channels[4] + TEXT + (GUIDE if guided else 0)

        self.text = nn.Linear(SENTENCE, TEXT)
        self.text_norm = nn.BatchNorm1d(TEXT, eps=1e-5, momentum=0.1) if reed else None
        self.guide = nn.Linear(FEATURES, GUIDE) if guided else None
        size = REED_SIZE if reed else DCGAN_SIZE
        self.down = nn.ModuleList(
            nn.Conv2d(channels[i], channels[i + 1], **size, bias=i == 0 and not reed)
            for i in range(4)
        )
        self.norm = nn.ModuleList(norm(c) for c in channels[2:])
        self.residual = nn.ModuleList([Bottleneck(channels[4], leaky)] if reed else [])
        self.joint = nn.Conv2d(joined, channels[4], 1, bias=False)
        self.joint_norm = norm(channels[4])
        self.logit = nn.Linear(channels[4] * SIDE**2, 1, bias=not reed)

    def forward(self, maps: Tensor, sentence: Tensor, guide: Tensor | None) -> Tensor:
        for i in range(4):
            maps = self.down[i](maps)
            if i > 0:
                maps = self.norm[i - 1](maps)
            if self.reed and i == 3:
                maps = self.residual[0](maps)
            if not (self.reed and i == 2):
                maps = leaky(maps)

        text = self.text(sentence)
        if self.text_norm is not None:
            text = self.text_norm(text)
        beside = [leaky(text)]
        if self.guide is not None:
            beside.append(leaky(self.guide(guide)))
        tiled = [x[:, :, None, None].expand(-1, -1, SIDE, SIDE) for x in beside]
        maps = leaky(self.joint_norm(self.joint(torch.cat([maps, *tiled], dim=1))))
        return self.logit(maps.flatten(1))


class Batch:
    """The inputs of step `t`. Guides are `None` without a guide network."""

    def __init__(self, settings: Settings, t: int):
        def guide(name: str) -> Tensor | None:
            if "guide.network" not in settings:
                return None
            return drawn(f"{name}/{t}", ROWS, FEATURES).abs()

        images, texts = (ROWS, 3, RESOLUTION, RESOLUTION), (ROWS, SENTENCE)
        self.t = t
        self.real, self.text = drawn(f"real/{t}", *images), drawn(f"text/{t}", *texts)
        self.guide, self.other_guide = guide("guide"), guide("other_guide")
        # Image, sentence and guide of mismatched pairs.
        if settings.get("objective.mismatch_by") == "image":
            self.wrong = drawn(f"wrong/{t}", *images), self.text, guide("wrong_guide")
        else:
            self.wrong = self.real, drawn(f"wrong/{t}", *texts), self.guide

        m = ROWS // 2 if settings.get("objective.int_pairs") == "half" else ROWS
        m = m if settings["objective.kind"].endswith("-int") else 0
        self.mixed = 0.5 * self.text[:m] + 0.5 * drawn(f"partner/{t}", m, SENTENCE)
        # The guide of an interpolated text is that of its first text.
        self.mixed_guide = None if self.guide is None else self.guide[:m]
        self.all_text = torch.cat([self.text, self.mixed])
        self.all_guide = None if self.guide is None else torch.cat([self.guide, self.mixed_guide])
        self.target = drawn(f"target/{t}", ROWS, FEATURES).abs()

    def noise(self, k: int, rows: int) -> Tensor:
        return drawn(f"noise/{self.t}/{k}", rows, NOISE, scale=1.7)


class Trainer:
    """Both networks, their optimizers and the moving average of the generator."""

    def __init__(self, settings: Settings):
        self.settings = settings
        self.generator = Generator(settings)
        self.discriminator = Discriminator(settings)
        networks = {"discriminator": self.discriminator, "generator": self.generator}
        self.networks = nn.ModuleDict(networks)
        for path, parameter in named(self.networks):
            parameter.data = initial(path, parameter)
        self.adams = {
            network: torch.optim.Adam(network.parameters(), lr=1e-4, betas=(0.5, 0.999), eps=1e-8)
            for network in networks.values()
        }
        self.average = {p: w.detach().clone() for p, w in named(self.generator, "generator")}
        self.match = drawn("match", 3 * RESOLUTION**2, FEATURES, scale=0.05)
        self.gradients: dict[str, Tensor] = {}
        """The gradients of the first step of each network, before clipping."""

    def running(self) -> Iterator[tuple[str, Tensor]]:
        for name, buffer in self.networks.named_buffers():
            if not name.endswith("num_batches_tracked"):
                yield name, buffer

    def step(self, batch: Batch) -> dict[str, float]:
        """Updates D, then G once or more. Returns the losses of D and those of the last update of G."""
        shared = self.settings.get("objective.fake") != "fresh"
        if shared:
            images = self.generate(batch, 0)
            fake = images[:ROWS].detach()
        else:
            with torch.no_grad():
                fake = self.generator(batch.noise(0, ROWS), batch.text, batch.guide)

        losses = self.discriminator_losses(batch, fake)
        self.update(self.discriminator, losses["d_loss"])

        # The weights of D are fixed now, but its batch norms still update their running statistics.
        self.discriminator.requires_grad_(False)
        for k in range(self.settings.get("train.generator_steps", 1)):
            if not shared or k > 0:
                images = self.generate(batch, k if shared else k + 1)
            losses |= self.generator_losses(batch, images)
            self.update(self.generator, losses["g_loss"])
            self.update_average()
        self.discriminator.requires_grad_(True)
        return {name: loss.item() for name, loss in losses.items()}

    def generate(self, batch: Batch, k: int) -> Tensor:
        """Images for the texts, followed by images for the interpolated texts."""
        noise = batch.noise(k, len(batch.all_text))
        return self.generator(noise, batch.all_text, batch.all_guide)

    def discriminator_losses(self, batch: Batch, fake: Tensor) -> dict[str, Tensor]:
        discriminate, settings = self.discriminator, self.settings
        target = 1 - settings.get("objective.smoothing", 0)
        losses = {"d_loss_real": bce(discriminate(batch.real, batch.text, batch.guide), target)}
        if "-cls" in settings["objective.kind"]:
            losses["d_loss_wrong"] = bce(discriminate(*batch.wrong), 0)
        if settings.get("guide.discriminator") == "joined":
            losses["d_loss_guide"] = bce(discriminate(batch.real, batch.text, batch.other_guide), 0)
        losses["d_loss_fake"] = bce(discriminate(fake, batch.text, batch.guide), 0)

        weights = {name: 1 / (len(losses) - 1) for name in losses} | {"d_loss_real": 1}
        if losses.keys() == {"d_loss_real", "d_loss_wrong", "d_loss_fake"}:
            fraction = settings.get("objective.fake_share", 0.5)
            weights |= {"d_loss_wrong": 1 - fraction, "d_loss_fake": fraction}
        return {"d_loss": sum(weights[name] * loss for name, loss in losses.items())} | losses

    def generator_losses(self, batch: Batch, images: Tensor) -> dict[str, Tensor]:
        discriminate, settings, m = self.discriminator, self.settings, len(batch.mixed)
        fake, mixed = images[:ROWS], images[ROWS:]
        weight = settings.get("objective.int_weight", 1)
        losses = {}
        if m and settings.get("objective.int_mean") == "joined":
            logits = discriminate(images, batch.all_text, batch.all_guide)
            losses["g_loss_cls"] = own = bce(logits[:ROWS], 1)
            losses["g_loss_int"] = interpolated = bce(logits[ROWS:], 1)
            loss = (ROWS * own + weight * m * interpolated) / (ROWS + m)
        else:
            losses["g_loss_cls"] = loss = bce(discriminate(fake, batch.text, batch.guide), 1)
            if m:
                losses["g_loss_int"] = bce(discriminate(mixed, batch.mixed, batch.mixed_guide), 1)
                loss = loss + weight * losses["g_loss_int"]

        if weight := settings.get("objective.reconstruction"):
            losses["g_loss_reconstruction"] = (fake - batch.real).abs().mean()
            loss = loss + weight * losses["g_loss_reconstruction"]
        if weight := settings.get("objective.guide_match"):
            difference = F.relu(fake.flatten(1) @ self.match) - batch.target
            losses["g_loss_guide_match"] = difference.square().sum() / batch.target.square().sum()
            loss = loss + weight * losses["g_loss_guide_match"]
        return {"g_loss": loss} | losses

    def update(self, network: nn.Module, loss: Tensor) -> None:
        self.adams[network].zero_grad()
        loss.backward()
        for path, parameter in named(self.networks):
            if parameter.grad is not None:
                self.gradients.setdefault(path, parameter.grad.clone())
        if limit := self.settings.get("optimizer.clip"):
            nn.utils.clip_grad_norm_(network.parameters(), limit)
        self.adams[network].step()

    def update_average(self) -> None:
        decay = self.settings.get("generator.ema", 0)
        for path, parameter in named(self.generator, "generator"):
            self.average[path].mul_(decay).add_(parameter.detach(), alpha=1 - decay)


def bce(logits: Tensor, target: float) -> Tensor:
    return F.binary_cross_entropy_with_logits(logits, torch.full_like(logits, target))


def named(network: nn.Module, prefix: str = "") -> Iterator[tuple[str, Tensor]]:
    """Parameters with their names in jem, where the scale of a norm is gamma and its shift is beta."""
    for path, layer in network.named_modules(prefix=prefix):
        is_norm = hasattr(layer, "running_mean")
        names = {"weight": "gamma", "bias": "beta"} if is_norm else {}
        for name, parameter in layer.named_parameters(recurse=False):
            yield f"{path}.{names.get(name, name)}", parameter


def transposed(array: Tensor) -> Tensor:
    """Converts between the axis orders of PyTorch and jem, which differ for linear weights, the only 2-d arrays."""
    return array.t() if array.ndim == 2 else array


def initial(path: str, parameter: Tensor) -> Tensor:
    shape = transposed(parameter).shape
    if path.endswith("weight"):
        return transposed(drawn(path, *shape, scale=0.2)).contiguous()
    if path.endswith("gamma"):
        return 1 + drawn(path, *shape, scale=0.02)
    return drawn(path, *shape, scale=0.01)


def rounded(value: float) -> float:
    return float(f"{value:.9g}")


def digest(path: str, array: Tensor) -> dict[str, float]:
    flat = transposed(array.detach()).double().flatten().numpy()
    probe = values(f"probe/{path}", flat.size).astype(np.float64)
    return {"norm": rounded(np.sqrt(np.sum(flat**2))), "dot": rounded(np.sum(flat * probe))}


def digests(arrays: Iterable[tuple[str, Tensor]]) -> dict[str, dict[str, float]]:
    return {path: digest(path, array) for path, array in arrays}


def run(name: str, settings: Settings) -> dict[str, Any]:
    trainer = Trainer(settings)
    losses = [trainer.step(Batch(settings, t)) for t in range(STEPS)]
    case = {
        "name": name,
        "settings": settings,
        "losses": [{key: rounded(loss) for key, loss in step.items()} for step in losses],
        "gradients": digests(trainer.gradients.items()),
        "weights": digests(named(trainer.networks)),
        "running": digests(trainer.running()),
    }
    if "generator.ema" in settings:
        case["ema"] = digests(trainer.average.items())
    return case


def main() -> None:
    parser = argparse.ArgumentParser(description="Prints the results of training steps in PyTorch.")
    parser.add_argument("--width", type=int, default=WIDTH, help="width of both networks")
    parser.add_argument("--steps", type=int, default=STEPS, help="training steps of each case")
    parser.add_argument("--cases", nargs="+", default=list(CASES), choices=list(CASES))
    args = parser.parse_args()
    globals().update(WIDTH=args.width, STEPS=args.steps)
    torch.set_num_threads(1)
    cases = (json.dumps(run(name, CASES[name])) for name in args.cases)
    version = torch.__version__.split("+")[0]
    print(f'{{"torch": "{version}", "steps": {STEPS}, "width": {WIDTH}, "cases": [')
    print(",\n".join(cases))
    print("]}")


if __name__ == "__main__":
    main()
