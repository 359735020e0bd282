"""Times each operation of a training step, and networks, in PyTorch on the CPU, for comparison with jem's.

    python benches/ops_torch.py --resolution 64 --width 64 --batch 64 --threads 2

prints a JSON line for each operation: {"op": "down2 forward", "seconds": 0.01, "gflop": 3.3}. The operations are those
of benches/ops.rs, with the same names, shapes and order. Sums and products count as one each, and `gflop` is null where
the time depends on memory more than on arithmetic. Each operation is repeated for a while; the time is the median.

Gradients: the forward pass is not timed. Only the tensors that are named require a gradient. The gradient of the output
is all ones and exists before the clock starts.
"""

import argparse
import json
import statistics
import time
from collections.abc import Callable, Iterator

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from networks_torch import forward_flop, narrow_classifier, published
from step_torch import CHANNELS_LAST_BELOW, adam
from twin import KERNEL, SLOPE, Discriminator, Generator

SENTENCE, TEXT, NOISE, GUIDE, GUIDE_PROJECTED = 2400, 256, 100, 4096, 256
CLASSES = 102
FIT_BATCH = 32

Run = Callable[[], object]
"""What is timed."""

Operation = tuple[str, float | None, Callable[[], Run]]
"""Name, GFLOP, and a function that prepares one repetition, which is not timed."""


class Shapes:
    """The sizes of a step, and random tensors of them."""

    def __init__(self, args: argparse.Namespace):
        self.batch, self.side, width = args.batch, args.resolution, args.width
        self.channels = [3, width, 2 * width, 4 * width, 8 * width]
        self.smallest = self.side // 16
        self.format = memory_format(args, args.width < CHANNELS_LAST_BELOW)

    def random(self, *shape: int, std: float = 1.0) -> Tensor:
        values = torch.randn(shape) * std
        return values.contiguous(memory_format=self.format) if len(shape) == 4 else values

    def maps(self, channels: int, side: int) -> Tensor:
        return self.random(self.batch, channels, side, side)


def operations(args: argparse.Namespace) -> Iterator[Operation]:
    shapes = Shapes(args)
    n, channels, smallest = shapes.batch, shapes.channels, shapes.smallest
    yield from discriminator_convolutions(shapes)
    yield from generator_convolutions(shapes)
    for i in (2, 3, 4):
        yield from norm(f"down{i} norm", shapes, channels[i], shapes.side >> i, leaky_relu_)
    yield from norm("joint norm", shapes, channels[4], smallest, leaky_relu_)
    yield from norm("seed norm", shapes, channels[4], smallest, relu_)
    for i in (1, 2, 3):
        yield from norm(f"up{i} norm", shapes, channels[4 - i], smallest << i, relu_)
    image = shapes.maps(3, shapes.side)
    yield from both("tanh", None, torch.tanh, [image], [0])
    joined = NOISE + TEXT + GUIDE_PROJECTED
    yield from linear("text linear", n, SENTENCE, TEXT, bias=True, input_gradient=False)
    yield from linear("guide linear", n, GUIDE, GUIDE_PROJECTED, bias=True, input_gradient=False)
    yield from linear("joint linear", n, TEXT, channels[4], bias=False, input_gradient=True)
    yield from linear("seed linear", n, joined, channels[4] * smallest**2, bias=False, input_gradient=True)
    yield from linear("logit linear", n, channels[4] * smallest**2, 1, bias=True, input_gradient=True)
    yield optimizer("generator Adam", Generator(args.resolution, args.width), args)
    yield optimizer("discriminator Adam", Discriminator(args.resolution, args.width), args)
    if args.networks:
        yield from pools(shapes)
        yield from networks(args)


def discriminator_convolutions(shapes: Shapes) -> Iterator[Operation]:
    channels = shapes.channels
    for i in (1, 2, 3, 4):
        inputs, outputs, side = channels[i - 1], channels[i], shapes.side >> i
        x, weight = shapes.maps(inputs, 2 * side), shapes.random(outputs, inputs, 5, 5, std=0.02)
        flop = 2 * shapes.batch * side**2 * outputs * inputs * 25
        yield from separate(f"down{i}", flop, lambda x, w: F.conv2d(x, w, stride=2, padding=2), [x, weight])
        if i == 1:
            yield from both("down1, bias, leaky ReLU", flop, down_with_bias, [x, weight, torch.randn(outputs)], [1, 2])
    # Of the image's part of the joined maps; that of the sentence is linear.
    x, weight = shapes.maps(channels[4], shapes.smallest), shapes.random(channels[4], channels[4], 1, 1, std=0.02)
    flop = 2 * shapes.batch * shapes.smallest**2 * weight.numel()
    yield from separate("joint", flop, F.conv2d, [x, weight])


def generator_convolutions(shapes: Shapes) -> Iterator[Operation]:
    channels = shapes.channels[::-1]
    for i in (1, 2, 3, 4):
        inputs, outputs, side = channels[i - 1], channels[i], shapes.smallest << (i - 1)
        x, weight = shapes.maps(inputs, side), shapes.random(inputs, outputs, 5, 5, std=0.02)
        flop = 2 * shapes.batch * side**2 * outputs * inputs * 25
        yield from separate(f"up{i}", flop, up, [x, weight])
        if i == 4:
            bias = torch.randn(outputs)
            yield from both("up4, bias, tanh", flop, lambda *all: torch.tanh(up(*all)), [x, weight, bias], [0, 1, 2])


def up(x: Tensor, weight: Tensor, bias: Tensor | None = None) -> Tensor:
    return F.conv_transpose2d(x, weight, bias, stride=2, padding=2, output_padding=1)


def down_with_bias(x: Tensor, weight: Tensor, bias: Tensor) -> Tensor:
    return leaky_relu_(F.conv2d(x, weight, bias, stride=2, padding=2))


def leaky_relu_(x: Tensor) -> Tensor:
    return F.leaky_relu(x, SLOPE, inplace=True)


def relu_(x: Tensor) -> Tensor:
    return F.relu(x, inplace=True)


def norm(name: str, shapes: Shapes, channels: int, side: int, activation: Callable) -> Iterator[Operation]:
    def forward(x: Tensor, gamma: Tensor, beta: Tensor) -> Tensor:
        return activation(F.batch_norm(x, None, None, gamma, beta, training=True))

    tensors = [shapes.maps(channels, side), torch.ones(channels), torch.zeros(channels)]
    yield from both(f"{name}, activation", None, forward, tensors, [0, 1, 2])


def linear(name: str, n: int, inputs: int, outputs: int, bias: bool, input_gradient: bool) -> Iterator[Operation]:
    tensors = [torch.randn(n, inputs), torch.randn(outputs, inputs) * 0.02]
    tensors += [torch.zeros(outputs)] if bias else []
    wanted = list(range(0 if input_gradient else 1, len(tensors)))
    yield from both(name, 2 * n * inputs * outputs, F.linear, tensors, wanted, passes=1 + input_gradient)


def separate(name: str, flop: float, forward: Callable, tensors: list[Tensor]) -> Iterator[Operation]:
    """The forward pass, and the gradients of the input and of the weight on their own."""
    yield f"{name} forward", flop / 1e9, lambda: lambda: forward(*tensors)
    yield f"{name} input gradient", flop / 1e9, backward(forward, tensors, [0])
    yield f"{name} weight gradient", flop / 1e9, backward(forward, tensors, [1])


def both(
    name: str, flop: float | None, forward: Callable, tensors: list[Tensor], wanted: list[int], passes: int | None = None
) -> Iterator[Operation]:
    """The forward pass, and one backward pass for the tensors at the indices `wanted`.

    `passes` is how often the backward pass needs the work of the forward pass; by default once for each of input and
    weight.
    """
    passes = sum(index < 2 for index in wanted) if passes is None else passes
    yield f"{name} forward", flop and flop / 1e9, lambda: lambda: forward(*tensors)
    yield f"{name} backward", flop and passes * flop / 1e9, backward(forward, tensors, wanted)


def backward(forward: Callable, tensors: list[Tensor], wanted: list[int]) -> Callable[[], Run]:
    def prepare() -> Run:
        leaves = [tensor.detach().requires_grad_(i in wanted) for i, tensor in enumerate(tensors)]
        with torch.enable_grad():
            output = forward(*leaves)
        gradient = torch.ones_like(output)
        return lambda: torch.autograd.grad(output, [leaves[i] for i in wanted], gradient)

    return prepare


def optimizer(name: str, network: nn.Module, args: argparse.Namespace) -> Operation:
    network.to(memory_format=memory_format(args, args.width < CHANNELS_LAST_BELOW))
    for parameter in network.parameters():
        parameter.grad = torch.randn_like(parameter) * 0.01
    optimizer = adam(network, args.fused_adam)
    return name, None, lambda: optimizer.step


def pools(shapes: Shapes) -> Iterator[Operation]:
    """The first max pooling of each network of the fitting steps."""
    for name, side, window in [("AlexNet max pool", 27, 3), ("VGG-16 max pool", 112, 2)]:
        x = shapes.random(FIT_BATCH, 16, side, side)
        yield from both(name, None, lambda x, window=window: F.max_pool2d(x, window, 2), [x], [0])


def networks(args: argparse.Namespace) -> Iterator[Operation]:
    """Forward passes of published networks, and steps of narrow ones that classify."""
    order = memory_format(args, True)
    for name, side in [("AlexNet", 224), ("VGG-16", 224), ("Inception-v3", 299)]:
        if not is_wanted(args, f"{name} forward"):
            continue
        network = published(name).to(memory_format=order)
        images = torch.randn(args.network_batch, 3, side, side).contiguous(memory_format=order)
        gflop = forward_flop(network, images[:1]) * args.network_batch / 1e9
        yield f"{name} forward", gflop, lambda: lambda: network(images)
    for name in ("AlexNet", "VGG-16"):
        if not is_wanted(args, f"{name} fitting step"):
            continue
        network = narrow_classifier(name, 0.25, 112, CLASSES).to(memory_format=order)
        images = torch.randn(FIT_BATCH, 3, 112, 112).contiguous(memory_format=order)
        gflop = forward_flop(network, images[:1]) * FIT_BATCH / 1e9
        classes = torch.arange(FIT_BATCH) % CLASSES
        # As in jem: decoupled weight decay of 0.01.
        optimizer = torch.optim.AdamW(network.parameters(), lr=1e-3, weight_decay=1e-2, fused=args.fused_adam)

        def step() -> float:
            with torch.enable_grad():
                loss = F.cross_entropy(network(images), classes)
                optimizer.zero_grad()
                loss.backward()
            optimizer.step()
            return loss.item()

        # Both gradients cost as much as the forward pass, but the first layer needs none of its input: not counted.
        yield f"{name} fitting step", 3 * gflop, lambda: step


def memory_format(args: argparse.Namespace, channels_last: bool) -> torch.memory_format:
    """The requested order of the axes in memory, or the given one."""
    chosen = channels_last if args.channels_last is None else args.channels_last
    return torch.channels_last if chosen else torch.contiguous_format


def is_wanted(args: argparse.Namespace, name: str) -> bool:
    return args.only in name


def seconds(prepare: Callable[[], Run], budget: float) -> float:
    """The median time of repetitions: after one to warm up, at least three, for `budget` seconds in total."""
    times: list[float] = []
    prepare()()
    while len(times) < 3 or (sum(times) < budget and len(times) < 1000):
        run = prepare()
        start = time.perf_counter()
        result = run()
        times.append(time.perf_counter() - start)
        del result
    return statistics.median(times)


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Times operations in PyTorch on the CPU.")
    for name, default, text in [
        ("--resolution", 64, "side of the images, a multiple of 16"),
        ("--width", 64, "width of both networks"),
        ("--batch", 64, "images in a batch of a training step"),
        ("--network-batch", 16, "images in a batch of a published network"),
        ("--threads", 2, "threads of PyTorch"),
    ]:
        parser.add_argument(name, type=int, default=default, metavar="N", help=f"{text} (default {default})")
    parser.add_argument("--seconds", type=float, default=0.5, help="time for each operation (default 0.5)")
    parser.add_argument("--only", default="", metavar="TEXT", help="only operations whose name contains this")
    parser.add_argument("--networks", action=argparse.BooleanOptionalAction, default=True, help="also time networks")
    text = f"whether channels are the last axis in memory (default: in networks and below width {CHANNELS_LAST_BELOW})"
    parser.add_argument("--channels-last", action=argparse.BooleanOptionalAction, default=None, help=text)
    parser.add_argument("--fused-adam", action=argparse.BooleanOptionalAction, default=True)
    return parser.parse_args()


@torch.no_grad()
def main() -> None:
    args = arguments()
    torch.set_num_threads(args.threads)
    torch.manual_seed(0)
    left, right = torch.randn(2048, 2048), torch.randn(2048, 2048)
    peak: Operation = ("product of 2048 x 2048", 2 * 2048**3 / 1e9, lambda: lambda: left @ right)

    def timed(operation: Operation) -> None:
        name, gflop, prepare = operation
        line = {"op": name, "seconds": seconds(prepare, args.seconds), "gflop": gflop}
        print(json.dumps(line), flush=True)

    timed(peak)
    for operation in operations(args):
        if is_wanted(args, operation[0]):
            timed(operation)


if __name__ == "__main__":
    main()
