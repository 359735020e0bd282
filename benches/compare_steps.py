"""Times training steps of jem and PyTorch alternately, and prints a Markdown table of times, ratios and memory.

    cargo bench --bench step --no-run        # prints the path of the program
    python benches/compare_steps.py PATH

Both programs run the same step (see step_torch.py) with the same number of threads, each in a process of its own.
They run in turn, and every second round in reverse order, so that changes of the machine's speed affect all equally.
PyTorch runs without and with `--share`: jem shares what pairs have in common. A time is the median of the rounds, each
the median of its steps. A ratio is the median of the ratios of the rounds, with the smallest and the largest. Memory is
the largest resident size of the process. Unknown options are passed to both programs, for all sizes:

    python benches/compare_steps.py PATH --sizes 64x16 --rounds 3 --batch 32 --int
"""

import argparse
import json
import os
import statistics
import sys
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

from measured_process import note_load, run_measured

HERE = Path(__file__).resolve().parent

PROGRAMS = ("jem", "PyTorch", "PyTorch, shared")
"""The columns of the table. The last one computes what pairs have in common once (`--share`)."""


@dataclass
class Measurement:
    """One run of a program."""

    seconds: float
    """The median of its steps."""
    peak_mib: float
    """Its largest resident size."""
    other_load: float
    """The cores that other processes used in the meantime."""


Rounds = dict[str, list[Measurement]]
"""The measurements of each program, one a round."""


def main() -> None:
    args, flags = arguments()
    print(f"{args.rounds} rounds of {args.steps} steps, {args.threads} threads", file=sys.stderr)
    table, loads = [], []
    for resolution, width in args.sizes:
        sized = [*flags, "--resolution", str(resolution), "--width", str(width), "--steps", str(args.steps)]
        rounds: Rounds = defaultdict(list)
        for round_ in range(args.rounds):
            for program in PROGRAMS if round_ % 2 == 0 else reversed(PROGRAMS):
                rounds[program].append(measure(program, args, sized))
            times = ", ".join(f"{name} {rounds[name][-1].seconds:.3f} s" for name in PROGRAMS)
            print(f"{resolution} px, width {width}: {times}", file=sys.stderr, flush=True)
        loads += [one.other_load for runs in rounds.values() for one in runs]
        table.append(row(f"{resolution} px, width {width}", rounds))

    print("| size | jem, s | PyTorch, s | jem / PyTorch | PyTorch, shared, s | jem / PyTorch, shared "
          "| jem, MiB | PyTorch, MiB | PyTorch, shared, MiB |")
    print("|---|---|---|---|---|---|---|---|---|")
    print("\n".join(table))
    print(f"\nPyTorch's memory includes {imported_mib():.0f} MiB for `import torch` alone. {note_load(loads)}")


def arguments() -> tuple[argparse.Namespace, list[str]]:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("program", help="the built benches/step.rs")
    parser.add_argument("--rounds", type=int, default=5, help="how often each program runs (default 5)")
    parser.add_argument("--steps", type=int, default=5, help="timed steps of a run, after an untimed one (default 5)")
    parser.add_argument("--threads", type=int, default=2, help="threads of each program (default 2)")
    parser.add_argument("--sizes", type=sizes, default=sizes("64x64,64x16,32x16"), metavar="LIST",
                        help="resolution x width, separated by commas (default 64x64,64x16,32x16)")
    args, flags = parser.parse_known_args()
    if args.rounds < 1 or args.steps < 1 or args.threads < 1:
        parser.error("rounds, steps and threads are at least 1")
    return args, flags


def sizes(text: str) -> list[tuple[int, int]]:
    """`64x16,32x16` → [(64, 16), (32, 16)]."""
    pairs = [part.split("x") for part in text.split(",")]
    if any(len(pair) != 2 for pair in pairs):
        raise argparse.ArgumentTypeError("a size is a resolution and a width, as in 64x16")
    return [(int(resolution), int(width)) for resolution, width in pairs]


def measure(program: str, args: argparse.Namespace, flags: list[str]) -> Measurement:
    """Runs a program once."""
    if program == "jem":
        command = [args.program, *flags]
    else:
        command = [sys.executable, str(HERE / "step_torch.py"), *flags, "--threads", str(args.threads)]
        command += ["--share"] if program == "PyTorch, shared" else []
    environment = {**os.environ, "RAYON_NUM_THREADS": str(args.threads)}
    done = run_measured(command, environment)
    seconds = [json.loads(line)["step_s"] for line in done.output.splitlines()]
    return Measurement(statistics.median(seconds), done.peak_mib, done.other_load)


def row(size: str, rounds: Rounds) -> str:
    def seconds(program: str) -> str:
        return f"{statistics.median(one.seconds for one in rounds[program]):.3f}"

    def ratio(program: str) -> str:
        ratios = [ours.seconds / theirs.seconds for ours, theirs in zip(rounds["jem"], rounds[program])]
        return f"{statistics.median(ratios):.2f} ({min(ratios):.2f} to {max(ratios):.2f})"

    ours, theirs, shared = PROGRAMS
    memory = [f"{max(one.peak_mib for one in rounds[program]):.0f}" for program in PROGRAMS]
    cells = [size, seconds(ours), seconds(theirs), ratio(theirs), seconds(shared), ratio(shared), *memory]
    return "| " + " | ".join(cells) + " |"


def imported_mib() -> float:
    """The peak memory of a Python process that only imports PyTorch."""
    return run_measured([sys.executable, "-c", "import torch"], dict(os.environ)).peak_mib


if __name__ == "__main__":
    main()
