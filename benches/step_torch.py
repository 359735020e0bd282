"""Times a GAN-CLS training step in PyTorch on the CPU, for comparison with jem's.

    python benches/step_torch.py --resolution 64 --width 64 --batch 64 --threads 2

prints one JSON line for each timed step: {"step_s": 3.1}. A step is one D update and one G update
on random data (the time of a step does not depend on the images):

- One G forward generates the fakes of both updates.
- D: (real, own text) → 1, (real, other text) → 0, (fake, own text) → 0, with weights 1, 1/2, 1/2.
- G: D(fake, own text) → 1. With --int also D(mixed fake, mixed text) → 1, where a mixed text is the
  mean of the sentences of an item and its partner. The mixed fakes come from the same G forward,
  with other noise and the guide of the first item. D is never trained on them.

Each pair is a separate D forward with separate batch statistics. In the G update D's weights have no
gradients, and its batch norms are in training mode. Only G gets the guide, as with jem's default settings
(`guide.discriminator = "none"`).

With --share, what pairs have in common is computed once, as in jem: the maps of the real images, whose batch statistics
before the text is joined are the same in both pairs, and the projection of the items' own sentences in D's update. The
text is not tiled. Losses and gradients stay equal. Running statistics, which a step does not read, are updated once
for shared maps and not twice.

Everything is float32. PyTorch's fastest ways of doing the same work are the defaults: see `arguments`.
"""

import argparse
import json
import time
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional as F

from twin import Discriminator, Generator

INT_BETA = 0.5
"""Weight of an item's own sentence in its mixed text."""

CHANNELS_LAST_BELOW = 32
"""The width from which PyTorch's usual order of the axes is faster."""


@dataclass
class Batch:
    """The input of a step, with `n` items each."""

    real: Tensor
    """Images `[n, 3, s, s]` in [-1, 1]."""
    text: Tensor
    """Their sentence vectors `[n, sentence]`."""
    other: Tensor
    """Sentence vectors of other classes, the same shape."""
    guide: Tensor | None
    """Guide features `[n, guide]`, not negative, as after a ReLU."""


class Trainer:
    """Both networks and their optimizers."""

    def __init__(self, args: argparse.Namespace):
        self.noise = args.noise
        self.interpolate = args.int
        self.share = args.share
        self.generator = Generator(
            args.resolution,
            args.width,
            args.noise,
            args.sentence,
            args.text,
            args.guide,
            args.guide_projected,
        )
        self.discriminator = Discriminator(args.resolution, args.width, args.sentence, args.text)
        if args.channels_last:
            self.generator.to(memory_format=torch.channels_last)
            self.discriminator.to(memory_format=torch.channels_last)
        self.generator_adam = adam(self.generator, args.fused_adam)
        self.discriminator_adam = adam(self.discriminator, args.fused_adam)

    def step(self, batch: Batch) -> tuple[float, float]:
        """Updates D, then G; returns the losses of both, from before their update."""
        text, guide = batch.text, batch.guide
        if self.interpolate:
            mixed = INT_BETA * text + (1 - INT_BETA) * text.roll(1, dims=0)
            text = torch.cat([text, mixed])
            guide = guide if guide is None else torch.cat([guide, guide])
        fakes = self.generator(torch.randn(len(text), self.noise), text, guide)

        discriminator_loss = self.update_discriminator(batch, fakes[: len(batch.text)].detach())
        generator_loss = self.update_generator(fakes, text, len(batch.text))
        return discriminator_loss, generator_loss

    def update_discriminator(self, batch: Batch, fake: Tensor) -> float:
        if self.share:
            judge, real = self.discriminator.judge, self.discriminator.image_part(batch.real)
            own, other = self.discriminator.sentence_part(batch.text), self.discriminator.sentence_part(batch.other)
            logits = judge(real, own), judge(real, other), judge(self.discriminator.image_part(fake), own)
        else:
            pairs = (batch.real, batch.text), (batch.real, batch.other), (fake, batch.text)
            logits = (self.discriminator(*pair) for pair in pairs)
        matching, mismatched, generated = (bce(*labelled) for labelled in zip(logits, (1.0, 0.0, 0.0)))
        return descend(matching + (mismatched + generated) / 2, self.discriminator_adam)

    def update_generator(self, fakes: Tensor, text: Tensor, batch: int) -> float:
        # Without D's weights in the graph the backward pass stops at its input.
        self.discriminator.requires_grad_(False)
        # The fakes of the items' own text, then, with --int, the mixed ones.
        pairs = zip(fakes.split(batch), text.split(batch))
        loss = sum(bce(self.logits(fake, own), 1.0) for fake, own in pairs)
        value = descend(loss, self.generator_adam)
        self.discriminator.requires_grad_(True)
        return value


    def logits(self, image: Tensor, text: Tensor) -> Tensor:
        if not self.share:
            return self.discriminator(image, text)
        return self.discriminator.judge(self.discriminator.image_part(image), self.discriminator.sentence_part(text))


def adam(network: torch.nn.Module, fused: bool) -> torch.optim.Adam:
    return torch.optim.Adam(network.parameters(), lr=2e-4, betas=(0.5, 0.999), eps=1e-8, fused=fused)


def bce(logits: Tensor, label: float) -> Tensor:
    """Mean binary cross-entropy of logits that should all have the same label."""
    return F.binary_cross_entropy_with_logits(logits, torch.full_like(logits, label))


def descend(loss: Tensor, optimizer: torch.optim.Optimizer) -> float:
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    return loss.item()


def random_batch(args: argparse.Namespace) -> Batch:
    n, s = args.batch, args.resolution
    real = torch.rand(n, 3, s, s) * 2 - 1
    return Batch(
        real=real.contiguous(memory_format=torch.channels_last) if args.channels_last else real,
        text=torch.randn(n, args.sentence),
        other=torch.randn(n, args.sentence),
        guide=torch.randn(n, args.guide).relu() if args.guide else None,
    )


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Times a GAN-CLS training step on the CPU.")

    def number(name: str, default: int, text: str) -> None:
        help = f"{text} (default {default})"
        parser.add_argument(name, type=int, default=default, metavar="N", help=help)

    number("--resolution", 64, "side of the images, a multiple of 16")
    number("--width", 64, "width of both networks")
    number("--batch", 64, "images in a batch")
    number("--sentence", 2400, "length of a sentence vector")
    number("--text", 256, "length of its projection")
    number("--noise", 100, "length of the noise")
    number("--guide", 4096, "length of a guide's features; 0 for no guide")
    number("--guide-projected", 256, "length of their projection")
    number("--steps", 5, "steps to time")
    number("--warmup", 1, "steps before, not timed")
    number("--threads", 2, "threads of PyTorch")

    parser.add_argument("--int", action="store_true", help="add fakes of interpolated text")
    parser.add_argument("--share", action="store_true", help="compute what pairs have in common once")
    # Measured on two cores with AVX2, medians of processes in turn. 64 px, width 64: 2.64 s, and 3.20 s with channels
    # last. Width 32: 0.87 and 0.94 s, within the noise. Width 16: 0.335 and 0.312 s. 32 px, width 16: 0.142 and 0.141 s.
    text = f"whether channels are the last axis in memory (default: below width {CHANNELS_LAST_BELOW})"
    parser.add_argument("--channels-last", action=argparse.BooleanOptionalAction, default=None, help=text)
    # Three to six times as fast as PyTorch's default, a loop over parameters: 7 and 40 ms for the generator at width 64.
    text = "one kernel for the whole update"
    parser.add_argument("--fused-adam", action=argparse.BooleanOptionalAction, default=True, help=text)
    args = parser.parse_args()
    if args.channels_last is None:
        args.channels_last = args.width < CHANNELS_LAST_BELOW
    return args


def main() -> None:
    args = arguments()
    torch.set_num_threads(args.threads)
    torch.manual_seed(0)
    trainer = Trainer(args)
    batch = random_batch(args)
    for step in range(args.warmup + args.steps):
        start = time.perf_counter()
        trainer.step(batch)
        seconds = time.perf_counter() - start
        if step >= args.warmup:
            print(json.dumps({"step_s": round(seconds, 4)}), flush=True)


if __name__ == "__main__":
    main()
