"""Compares runs with own guides and with shuffled guides in a table.

    jem run guidance-drawn
    python benches/guidance.py jem.db

For each objective and measure it prints the mean over seeds with own and with shuffled guides, the
difference of runs with the same seed (own minus shuffled) with its 95 % interval by Student's t over
the seeds, the standard deviation over seeds, and the measure of the held-out images themselves if it
is recorded. With three seeds an interval is wide, and the smallest p of a paired permutation test is
0.25.
"""

import argparse
import json
import re
import sqlite3
from collections import defaultdict
from math import sqrt
from statistics import mean, stdev

T95 = {1: 12.706, 2: 4.303, 3: 3.182, 4: 2.776, 5: 2.571, 6: 2.447, 7: 2.365, 8: 2.306, 9: 2.262}
"""The two-sided 95 % quantile of Student's t by degrees of freedom."""

Values = dict[tuple[str, str], dict[tuple[str, int], float]]
"""By (measure, method): the last value by (source, seed)."""


def last_values(database: sqlite3.Connection, experiment: str) -> Values:
    rows = database.execute(
        """select summaries.metric, summaries.method, runs.axes, summaries.seed, summaries.last
           from summaries join runs using (run, experiment)
           where runs.experiment = ? and runs.state = 'finished' and summaries.protocol <> 'none'
             and summaries.direction <> 'neutral'""",
        (experiment,),
    )
    values: Values = defaultdict(dict)
    for metric, method, axes, seed, last in rows:
        values[metric, method][json.loads(axes)["guide.source"], seed] = last
    return values


def originals(database: sqlite3.Connection) -> dict[str, float]:
    texts = database.execute("select text from event where kind = 'originals' order by id limit 1")
    found = re.findall(r"(\w+) ([\d.]+)", (texts.fetchone() or [""])[0])
    return {name: float(value) for name, value in found}


def row(method: str, values: dict[tuple[str, int], float], floor: float | None) -> list[str] | None:
    seeds = sorted({seed for _, seed in values if ("own", seed) in values and ("shuffled", seed) in values})
    if len(seeds) < 2:
        return None
    own, shuffled = ([values[source, seed] for seed in seeds] for source in ("own", "shuffled"))
    differences = [a - b for a, b in zip(own, shuffled)]
    half = T95[len(seeds) - 1] * stdev(differences) / sqrt(len(seeds))
    cells = [mean(own), mean(shuffled), mean(differences), mean(differences) - half, mean(differences) + half, stdev(own)]
    return [method, str(len(seeds)), *(f"{cell:.4f}" for cell in cells), "" if floor is None else f"{floor:.3f}"]


def main() -> None:
    parser = argparse.ArgumentParser(description="Compares own and shuffled guides.")
    parser.add_argument("database")
    parser.add_argument("--experiment", default="guidance-drawn")
    args = parser.parse_args()
    with sqlite3.connect(f"file:{args.database}?mode=ro", uri=True) as database:
        values, floors = last_values(database, args.experiment), originals(database)
    print("| measure | objective | seeds | own | shuffled | own − shuffled | from | to | sd of own | originals |")
    print("|" + "---|" * 10)
    for (metric, method), of_method in sorted(values.items()):
        cells = row(method, of_method, floors.get(metric))
        if cells:
            print(f"| {metric} | {' | '.join(cells)} |")


if __name__ == "__main__":
    main()
