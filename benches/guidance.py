"""Tables what guides of their own do against guides of another image, run by run with one seed.

    jem run guidance-drawn
    python benches/guidance.py jem.db

For every way in which the objective asks for the guide and every measure: the mean over seeds with
own and with shuffled guides, the paired difference (own less shuffled) with its 95 % interval by
Student's t over the seeds, and beside it the measures' noise: the standard deviation over seeds,
and what the measure says of the held-out images themselves where that is recorded. With three
seeds an interval is wide, and a paired permutation test cannot go below p = 0.25.
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
"""By (measure, way): the last value by (source, seed)."""


def last_values(record: sqlite3.Connection, experiment: str) -> Values:
    rows = record.execute(
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


def originals(record: sqlite3.Connection) -> dict[str, float]:
    texts = record.execute("select text from event where kind = 'originals' order by id limit 1")
    found = re.findall(r"(\w+) ([\d.]+)", (texts.fetchone() or [""])[0])
    return {name: float(value) for name, value in found}


def row(way: str, values: dict[tuple[str, int], float], floor: float | None) -> list[str] | None:
    seeds = sorted({seed for _, seed in values if ("own", seed) in values and ("shuffled", seed) in values})
    if len(seeds) < 2:
        return None
    own, shuffled = ([values[source, seed] for seed in seeds] for source in ("own", "shuffled"))
    apart = [a - b for a, b in zip(own, shuffled)]
    half = T95[len(seeds) - 1] * stdev(apart) / sqrt(len(seeds))
    cells = [mean(own), mean(shuffled), mean(apart), mean(apart) - half, mean(apart) + half, stdev(own)]
    return [way, str(len(seeds)), *(f"{cell:.4f}" for cell in cells), "" if floor is None else f"{floor:.3f}"]


def main() -> None:
    parser = argparse.ArgumentParser(description="Tables own against shuffled guides.")
    parser.add_argument("database")
    parser.add_argument("--experiment", default="guidance-drawn")
    args = parser.parse_args()
    with sqlite3.connect(f"file:{args.database}?mode=ro", uri=True) as record:
        values, floors = last_values(record, args.experiment), originals(record)
    print("| measure | objective | seeds | own | shuffled | own − shuffled | from | to | sd of own | originals |")
    print("|" + "---|" * 10)
    for (metric, way), of_way in sorted(values.items()):
        cells = row(way, of_way, floors.get(metric))
        if cells:
            print(f"| {metric} | {' | '.join(cells)} |")


if __name__ == "__main__":
    main()
