"""Measures and draws how time and memory grow with batch, width, resolution and the number of runs at the same time.

    cargo bench --bench step --no-run        # prints the path of the program STEP
    python benches/scaling.py STEP target/release/jem --out scaling.png

The first three panels are a training step (benches/step.rs) where one size changes and the others are those of
`--base`. The fourth is `jem run --workers N` of an experiment with drawn flowers, in a temporary folder: images a
second are the training images of all runs, divided by the time from the start of the first run to the end of the last.
It contains start, evaluation and checkpoints; "in training" is without them. A run with one worker that is bound to one
core is measured too, and two workers on two cores are compared with it. Memory of a step is the largest resident size of
the process; in the fourth panel it is the largest sum over all processes, where shared memory counts once.

Values are medians of the rounds. They are printed as Markdown tables, and stored as JSON beside the figure;
`--from FILE.json` draws stored values again and measures nothing. It needs Linux, `taskset`, Python 3.11 and matplotlib.
"""

import argparse
import json
import os
import statistics
import sys
import tempfile
from pathlib import Path

from measured_process import run_measured
from measured_runs import RunSizes, measure_runs, prepare_runs

Row = dict[str, float]
"""A point: `size`, `seconds` and `mib` of a step, or `workers`, `cores`, `images_per_s`, `in_training` and `mib`."""


def main() -> None:
    args = arguments()
    if args.stored:
        values = json.loads(Path(args.stored).read_text())
    else:
        values = {"base": args.base, "cores": args.cores, **measure_steps(args)}
        values["workers"] = measure_workers(args)
        args.out.with_suffix(".json").write_text(json.dumps(values, indent=1) + "\n")
    print_tables(values)
    draw(values, args.out)


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)

    def numbers(text: str) -> list[int]:
        return [int(part) for part in text.split(",")]

    def option(name: str, default: str, text: str) -> None:
        help = f"{text} (default {default})"
        parser.add_argument(name, type=numbers, default=numbers(default), metavar="LIST", help=help)

    parser.add_argument("step", nargs="?", help="the built benches/step.rs")
    parser.add_argument("jem", nargs="?", type=Path, help="the built jem")
    parser.add_argument("--out", type=Path, default=Path("scaling.png"), help="the figure, .png or .svg")
    parser.add_argument("--from", dest="stored", metavar="JSON", help="draw stored values")
    parser.add_argument("--base", type=numbers, default=[64, 64, 16], metavar="BATCH,RESOLUTION,WIDTH",
                        help="the sizes of a step (default 64,64,16)")
    option("--batches", "8,16,32,64,128", "batch sizes")
    option("--resolutions", "32,64,128", "resolutions")
    option("--widths", "8,16,32,64", "widths")
    option("--workers", "1,2,4", "numbers of workers; 1 and 2 are needed for the comparison")
    option("--run-sizes", "32,16,16,1530,8", "resolution, width, batch, images and epochs of the runs")
    parser.add_argument("--rounds", type=int, default=3, help="how often each point is measured (default 3)")
    parser.add_argument("--steps", type=int, default=3, help="timed steps (default 3)")
    parser.add_argument("--cores", type=int, default=2, help="cores of everything but the one bound worker (default 2)")
    args = parser.parse_args()
    if not args.stored and (args.step is None or args.jem is None):
        parser.error("both programs are needed, or --from")
    return args


def measure_steps(args: argparse.Namespace) -> dict[str, list[Row]]:
    batch, resolution, width = args.base
    sizes = {"--batch": batch, "--resolution": resolution, "--width": width}
    sweeps = {"batch": args.batches, "width": args.widths, "resolution": args.resolutions}
    points = [(name, size) for name, list_ in sweeps.items() for size in list_]
    found: dict[tuple[str, int], list[tuple[float, float]]] = {point: [] for point in points}
    environment, loads = {**os.environ, "RAYON_NUM_THREADS": str(args.cores)}, []
    for round_ in range(args.rounds):
        # Whole sweeps alternate, so that a slow minute affects one round of all points.
        for name, size in points:
            print(f"round {round_ + 1} of {args.rounds}: {name} {size}", file=sys.stderr, flush=True)
            options = {**sizes, f"--{name}": size, "--steps": args.steps}
            flags = [str(part) for option in options.items() for part in option]
            command = ["taskset", "-c", cores(args.cores), args.step, *flags]
            done = run_measured(command, environment)
            seconds = statistics.median(json.loads(line)["step_s"] for line in done.output.splitlines())
            found[name, size].append((seconds, done.peak_mib))
            loads.append(done.other_load)
    rows: dict[str, list[Row]] = {name: [] for name in sweeps}
    for (name, size), rounds in found.items():
        seconds, mib = (statistics.median(column) for column in zip(*rounds))
        rows[name].append({"size": size, "seconds": seconds, "mib": mib})
    print(f"The most disturbed step ran beside {max(loads):.2f} busy cores.", file=sys.stderr)
    return rows


def measure_workers(args: argparse.Namespace) -> list[Row]:
    sizes = RunSizes(*args.run_sizes, runs=max(args.workers))
    # A worker that is bound to one core, then all numbers of workers on all cores.
    settings = [(1, 1), *((workers, args.cores) for workers in args.workers)]
    found: dict[tuple[int, int], list[tuple[float, float, float]]] = {setting: [] for setting in settings}
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        prepare_runs(args.jem.resolve(), folder, sizes)
        for round_ in range(args.rounds):
            for workers, count in found:
                text = f"round {round_ + 1} of {args.rounds}: {workers} workers on {count} cores"
                print(text, file=sys.stderr, flush=True)
                found[workers, count].append(measure_runs(args.jem.resolve(), folder, sizes, workers, cores(count)))
    rows = []
    for (workers, count), rounds in found.items():
        rate, in_training, mib = (statistics.median(column) for column in zip(*rounds))
        row = {"workers": workers, "cores": count, "images_per_s": rate, "in_training": in_training, "mib": mib}
        rows.append(row)
    return rows


def cores(count: int) -> str:
    """The first `count` cores, for taskset."""
    return f"0-{count - 1}"


def print_tables(values: dict) -> None:
    for name in ("batch", "width", "resolution"):
        print(f"| {name} | s a step | MiB |\n|---|---|---|")
        for row in values[name]:
            print(f"| {row['size']} | {row['seconds']:.3f} | {row['mib']:.0f} |")
        print()
    print("| workers | cores | images a second | in training | MiB |\n|---|---|---|---|---|")
    for row in values["workers"]:
        rates = f"{row['images_per_s']:.0f} | {row['in_training']:.0f}"
        print(f"| {row['workers']} | {row['cores']} | {rates} | {row['mib']:.0f} |")
    by_setting = {(row["workers"], row["cores"]): row for row in values["workers"]}
    one, two = by_setting.get((1, 1)), by_setting.get((2, 2))
    if one and two:
        whole, training = (two[key] / one[key] for key in ("images_per_s", "in_training"))
        print(f"\nTwo workers on two cores, compared with one on one core: {whole:.2f} times the images a second, "
              f"{training:.2f} in training.")


def draw(values: dict, out: Path) -> None:
    # Not at the top: see measured_process.
    import matplotlib

    matplotlib.use("Agg")
    import matplotlib.pyplot as plt
    from matplotlib.ticker import FuncFormatter, LogLocator, NullLocator

    blue, orange, grey = "#0072b2", "#d55e00", "#777777"
    batch, resolution, width = values["base"]
    fixed = {
        "batch": f"{resolution} px, width {width}",
        "width": f"{resolution} px, batch {batch}",
        "resolution": f"width {width}, batch {batch}",
    }
    units = {"batch": "images in a batch", "width": "width of both networks", "resolution": "side of the images, pixels"}
    # What a step's arithmetic is proportional to. Only a few layers grow less.
    powers = {"batch": 1, "width": 2, "resolution": 2}
    figure = plt.figure(figsize=(11, 8.5), layout="constrained")
    panels = figure.subfigures(2, 2, wspace=0.05, hspace=0.06).flat

    def axes(panel, title: str, x: list[float], label: str):
        panel.suptitle(title, fontsize=11, fontweight="bold")
        upper, lower = panel.subplots(2, 1, sharex=True)
        for axis in (upper, lower):
            axis.set_xscale("log", base=2)
            axis.grid(color="#dddddd", linewidth=0.6)
            axis.spines[["top", "right"]].set_visible(False)
        lower.set_xticks(x, [f"{value:g}" for value in x])
        lower.xaxis.set_minor_locator(NullLocator())
        lower.set_xlabel(label)
        lower.set_ylabel("peak memory, MiB")
        return upper, lower

    for panel, name in zip(panels, ("batch", "width", "resolution")):
        rows = values[name]
        x = [row["size"] for row in rows]
        upper, lower = axes(panel, f"{name.capitalize()} ({fixed[name]})", x, units[name])
        upper.plot(x, [row["seconds"] for row in rows], "o-", color=blue, label="measured")
        # From the last point: at small sizes constant costs dominate.
        reference = [rows[-1]["seconds"] * (size / x[-1]) ** powers[name] for size in x]
        growth = f"proportional to the {name}" + (" squared" if powers[name] == 2 else "")
        upper.plot(x, reference, "--", color=grey, linewidth=1, label=growth)
        upper.set_ylabel("time of a step, s")
        upper.legend(frameon=False, fontsize=8)
        lower.plot(x, [row["mib"] for row in rows], "s-", color=orange)
        upper.set_yscale("log")
        upper.yaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
        upper.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
        upper.yaxis.set_minor_locator(NullLocator())
        lower.set_ylim(0, 1.15 * max(row["mib"] for row in rows))
        panel.align_ylabels()

    rows = [row for row in values["workers"] if row["cores"] == values["cores"]]
    bound = next(row for row in values["workers"] if row["cores"] == 1)
    x = [row["workers"] for row in rows]
    upper, lower = axes(figure.subfigs[-1], f"Runs at the same time, {values['cores']} cores", x, "workers")
    upper.plot(x, [row["images_per_s"] for row in rows], "o-", color=blue, label="all runs together")
    upper.plot([1], [bound["images_per_s"]], "D", color=blue, fillstyle="none", label="one worker bound to one core")
    limit = bound["images_per_s"] * values["cores"]
    upper.axhline(limit, linestyle="--", color=grey, linewidth=1, label=f"{values['cores']} times the bound worker")
    upper.set_ylim(0, 1.35 * max(limit, *(row["images_per_s"] for row in rows)))
    upper.set_ylabel("images a second")
    upper.legend(frameon=False, fontsize=8, loc="lower right")
    lower.plot(x, [row["mib"] for row in rows], "s-", color=orange)
    lower.set_ylim(0, 1.15 * max(row["mib"] for row in rows))
    figure.subfigs[-1].align_ylabels()
    figure.savefig(out, dpi=150)
    print(f"\nwrote {out}", file=sys.stderr)


if __name__ == "__main__":
    main()
