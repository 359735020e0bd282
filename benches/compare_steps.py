"""Times training steps of jem and PyTorch alternately, and prints the ratio.

    cargo bench --bench step --no-run        # prints the path of the program
    python benches/compare_steps.py PATH --rounds 3 --width 64

Both programs run the same step (see step_torch.py). Unknown options are passed to both. They run
alternately, so that changes of the machine's speed affect both equally. It prints the median seconds
of each, and the ratio jem / PyTorch for each round.
"""

import argparse
import json
import pathlib
import statistics
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent


def step_seconds(command: list[str]) -> float:
    """The median of the printed times of a program."""
    lines = subprocess.run(command, check=True, capture_output=True, text=True).stdout.splitlines()
    return statistics.median(json.loads(line)["step_s"] for line in lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("program", help="the built benches/step.rs")
    parser.add_argument("--rounds", type=int, default=3)
    args, flags = parser.parse_known_args()

    rounds = []
    for _ in range(args.rounds):
        ours = step_seconds([args.program, *flags])
        theirs = step_seconds([sys.executable, str(HERE / "step_torch.py"), *flags])
        rounds.append((ours, theirs))
        print(f"jem {ours:.3f} s, PyTorch {theirs:.3f} s, ratio {ours / theirs:.2f}", flush=True)
    ours, theirs = (statistics.median(column) for column in zip(*rounds))
    ratios = sorted(ours / theirs for ours, theirs in rounds)
    print(f"median: jem {ours:.3f} s, PyTorch {theirs:.3f} s, ratio {statistics.median(ratios):.2f} "
          f"({ratios[0]:.2f} to {ratios[-1]:.2f})")


if __name__ == "__main__":
    main()
