"""Times each operation of a training step, and networks, in jem and PyTorch in turn, and prints a Markdown table.

    cargo bench --bench ops --no-run        # prints the path of the program
    python benches/compare_ops.py PATH

The operations are described in ops_torch.py. A time is the median of the rounds, each the median of repetitions. The
ratio is the median of the ratios of the rounds. The last two columns are fractions of the machine's peak: the rate of
an operation divided by the higher rate of the two programs for a product of two large matrices. It can exceed 100 %,
since there are algorithms that need fewer operations than are counted. Unknown options are passed to both programs:

    python benches/compare_ops.py PATH --width 16 --only down2 --rounds 5
"""

import argparse
import json
import os
import statistics
import sys
from collections import defaultdict
from pathlib import Path

from measured_process import note_load, run_measured

HERE = Path(__file__).resolve().parent

PEAK = "product of 2048 x 2048"
"""The operation whose rate is the peak."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("program", help="the built benches/ops.rs")
    parser.add_argument("--rounds", type=int, default=3, help="how often each program runs (default 3)")
    parser.add_argument("--threads", type=int, default=2, help="threads of each program (default 2)")
    args, flags = parser.parse_known_args()
    if args.rounds < 1 or args.threads < 1:
        parser.error("rounds and threads are at least 1")

    programs = {
        "jem": [args.program, *flags],
        "PyTorch": [sys.executable, str(HERE / "ops_torch.py"), *flags, "--threads", str(args.threads)],
    }
    environment = {**os.environ, "RAYON_NUM_THREADS": str(args.threads)}
    seconds: dict[str, dict[str, list[float]]] = {name: defaultdict(list) for name in programs}
    gflop: dict[str, float | None] = {}
    loads = []
    for round_ in range(args.rounds):
        # Every second round in reverse order, so that changes of the machine's speed affect both equally.
        for name in programs if round_ % 2 == 0 else reversed(programs):
            print(f"round {round_ + 1} of {args.rounds}: {name}", file=sys.stderr, flush=True)
            done = run_measured(programs[name], environment)
            loads.append(done.other_load)
            for line in done.output.splitlines():
                operation = json.loads(line)
                seconds[name][operation["op"]].append(operation["seconds"])
                note_work(gflop, operation)
    print_table(seconds["jem"], seconds["PyTorch"], gflop)
    print(f"\n{note_load(loads)}")


def note_work(gflop: dict[str, float | None], operation: dict) -> None:
    """Records the work of an operation; exits if the two programs do not do the same work."""
    name, found = operation["op"], operation["gflop"]
    known = gflop.get(name)
    if known is not None and found is not None and abs(known - found) > 1e-6 * known:
        sys.exit(f"{name}: {known} GFLOP in one program and {found} in the other")
    gflop[name] = known if found is None else found


def print_table(ours: dict[str, list[float]], theirs: dict[str, list[float]], gflop: dict[str, float | None]) -> None:
    medians = {name: statistics.median(times) for name, times in ours.items()}
    torch = {name: statistics.median(times) for name, times in theirs.items()}
    peak = gflop[PEAK] / min(medians[PEAK], torch[PEAK])
    print(f"Peak: {peak:.0f} GFLOP/s ({PEAK}).\n")
    print("| operation | jem, ms | PyTorch, ms | jem / PyTorch | jem, of peak | PyTorch, of peak |")
    print("|---|---|---|---|---|---|")
    for name in theirs:
        if name not in ours:
            continue
        ratio = statistics.median(one / other for one, other in zip(ours[name], theirs[name]))
        fractions = [fraction(gflop[name], times[name], peak) for times in (medians, torch)]
        cells = [name, f"{1e3 * medians[name]:.2f}", f"{1e3 * torch[name]:.2f}", f"{ratio:.2f}", *fractions]
        print("| " + " | ".join(cells) + " |")
    for program, missing in [("jem", theirs.keys() - ours.keys()), ("PyTorch", ours.keys() - theirs.keys())]:
        if missing:
            print(f"\nNot measured by {program}: {', '.join(sorted(missing))}.")


def fraction(gflop: float | None, seconds: float, peak: float) -> str:
    return "" if gflop is None else f"{gflop / seconds / peak:.0%}"


if __name__ == "__main__":
    main()
