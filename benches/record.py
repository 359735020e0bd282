"""Creates a large database, and times the commands that read it.

    python benches/record.py make JEM FILE --runs 10000 --epochs 600
    python benches/record.py time JEM FILE --rounds 20
    python benches/record.py report JEM FILE --rounds 3

JEM is the release binary. `make` writes one experiment of three methods with ten seeds a
cell, twelve metrics and every state: with 10,000 runs and 600 epochs, 67 million points and 2 GB in a few minutes;
with `--images`, image grids of noise too. `time` prints the wall time of each command with the start of its process: the
minimum, median and maximum of the rounds after one warm-up round. It also prints the median processor time, which other
processes affect less. `report` prints the same for the report of the experiment, its peak memory, and the sizes of its files.
"""

import argparse
import hashlib
import json
import os
import pathlib
import random
import resource
import sqlite3
import statistics
import struct
import subprocess
import tempfile
import time
import zlib

TRAINING = [
    "d_loss", "d_loss_real", "d_loss_wrong", "d_loss_fake", "d_accuracy_real", "d_accuracy_wrong", "d_accuracy_fake",
    "g_loss", "g_loss_cls", "images_per_second",
]
HELD_OUT = {"colour_distance": "lower", "ssim": "higher"}
METHODS = {"GAN-CLS-INT": "none", "JEM-AlexNet": "alexnet", "JEM-VGG": "vgg16"}
SEEDS = 10
ITEMS, TILE = 16, 64
# Runs in each state, in thousandths; the others are finished.
STATES = {"queued": 40, "running": 8, "stale": 4, "failed": 20, "diverged": 10, "cancelled": 5}
LATER, EARLIER = "2099-01-01T00:00:00.000Z", "2026-01-01T00:00:00.000Z"


# The fields in the order in which jem writes them: the id is a hash of this text.
PROTOCOL = json.dumps(
    {
        "kind": "own-image", "split": "val", "resolution": TILE, "seed": 1,
        "items": [{"image": n, "class": 1, "caption": f"this flower has {n} red petals"} for n in range(1, ITEMS + 1)],
        "data": "0123456789abcdef",
    },
    separators=(",", ":"),
)
PROTOCOL_ID = hashlib.sha256(PROTOCOL.encode()).hexdigest()[:16]


def settings(cell: int, method: str, epochs: int) -> dict:
    """About as many settings as a real cell has, some of them axes."""
    values = {
        "data.root": "/data/oxford-102", "data.split": "reed", "data.limit": 0, "data.seed": 1,
        "image.resolution": 64, "image.flip": True, "text.encoder": "tfidf", "text.dimension": 512, "text.seed": 1,
        "text.projected": 256, "guide.network": METHODS[method], "generator.width": 64, "generator.noise": 100,
        "discriminator.width": 64, "objective.kind": "gan-cls", "optimizer.generator.rate": 2e-4 * (1 + cell),
        "optimizer.discriminator.rate": 2e-4, "optimizer.beta1": 0.5, "optimizer.beta2": 0.999,
        "optimizer.epsilon": 1e-8, "train.batch": [32, 64, 128][cell % 3], "train.epochs": epochs,
        "eval.every": 1, "eval.items": ITEMS, "eval.split": "val",
    }
    if method != "GAN-CLS-INT":
        values |= {
            "guide.weights": "/data/weights/guide.pth", "guide.input": 224, "guide.width": 1.0,
            "guide.segmentation": ["full", "foreground"][cell % 2], "guide.projected": 256,
        }
    return {key: {"value": value, "from": "experiments/sweep.toml"} for key, value in values.items()}


def state_of(run: int, runs: int) -> str:
    at = run * 1000 // runs
    for state, thousandths in STATES.items():
        if at < thousandths:
            return state
        at -= thousandths
    return "finished"


def create(file: pathlib.Path) -> None:
    """The current schema, with the rows by which jem knows that it is."""
    file.touch(exist_ok=False)
    db = sqlite3.connect(file)
    db.execute(
        "create table _sqlx_migrations (version bigint primary key, description text not null, installed_on timestamp"
        " not null default current_timestamp, success boolean not null, checksum blob not null,"
        " execution_time bigint not null)"
    )
    for path in sorted((pathlib.Path(__file__).parents[1] / "migrations").glob("*.sql")):
        number, _, description = path.stem.partition("_")
        db.executescript(path.read_text())
        row = [int(number), description.replace("_", " "), hashlib.sha384(path.read_bytes()).digest()]
        db.execute("insert into _sqlx_migrations values (?, ?, current_timestamp, true, ?, 0)", row)
    db.commit()
    db.close()


def make(jem: str, file: pathlib.Path, runs: int, epochs: int, images: bool) -> None:
    started = time.monotonic()
    create(file)
    subprocess.run([jem, "--database", str(file), "status"], check=True, stdout=subprocess.DEVNULL)
    db = sqlite3.connect(file)
    for pragma in ["synchronous = off", "journal_mode = off", "cache_size = -500000", "foreign_keys = off"]:
        db.execute(f"pragma {pragma}")
    cells = -(-runs // SEEDS)
    db.execute("insert into experiment values (1, 'sweep', 'A long sweep', ?)", [EARLIER])
    db.execute("insert into experiment_revision values (1, 1, 1, 'title = 1', 'a', ?)", [EARLIER])
    seeds = list(range(1, SEEDS + 1))
    for cell in range(cells):
        method = list(METHODS)[cell % 3]
        stored = settings(cell, method, epochs)
        axes = {key: stored[key]["value"] for key in ["optimizer.generator.rate", "train.batch"]}
        # The multiplication distributes the ids like hashes.
        name = f"{(cell + 1) * 0x9E3779B97F4A7C15 % 2**64:016x}"
        db.execute("insert into cell values (?, '{}', ?)", [name, EARLIER])
        row = [name, method, cell, json.dumps(axes), json.dumps(seeds)]
        db.execute("insert into revision_cell values (1, ?, ?, ?, ?, ?)", row)
        for seed in seeds[: max(0, runs - cell * SEEDS)]:
            add_run(db, cell * SEEDS + seed, name, seed, runs, epochs, json.dumps(stored))
    add_metrics(db)
    db.commit()
    print(f"{runs} runs in {time.monotonic() - started:.0f} s")
    add_points(db)
    if images:
        add_images(db)
    db.commit()
    db.execute("pragma journal_mode = wal")
    db.close()
    print(f"{file.stat().st_size / 1e9:.1f} GB in {time.monotonic() - started:.0f} s")


def add_run(db, run: int, cell: str, seed: int, runs: int, epochs: int, stored: str) -> None:
    # Distributed over the grid, so that every method has every state.
    state = state_of(run * 7919 % runs, runs)
    epoch = {"queued": 0, "cancelled": 0, "finished": epochs}.get(state, run % epochs)
    stored_state = "running" if state == "stale" else state
    outcome = {"failed": "the disk is full", "diverged": "the generator's loss is NaN"}.get(state, "")
    ended = EARLIER if state in ("finished", "failed", "diverged", "cancelled") else None
    tried = state not in ("queued", "cancelled")
    db.execute(
        "insert into run (id, cell, seed, state, settings, horizon, epoch, fence, outcome, queued_at, ended_at)"
        " values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        [run, cell, seed, stored_state, stored, epochs, epoch, int(tried), outcome, EARLIER, ended],
    )
    if tried:
        lease = LATER if state == "running" else EARLIER
        db.execute(
            "insert into attempt (id, run, fence, host, pid, process_start, device, lease_until, started_at, ended_at)"
            " values (?, ?, 1, 'host', 1, 0, 'cuda:0', ?, '2025-12-31T20:00:00.000Z', ?)",
            [run, run, lease, ended],
        )
    if run % 20 == 0:
        db.execute("insert into run_tag values (?, 'keep')", [run])


def add_metrics(db) -> None:
    for name in TRAINING:
        db.execute("insert into metric_def values (?, '', 'neutral', 0, '')", [name])
    for name, direction in HELD_OUT.items():
        db.execute("insert into metric_def values (?, '', ?, 0, '')", [name, direction])
    db.execute("insert into protocol values (?, ?)", [PROTOCOL_ID, PROTOCOL])
    db.execute("create temp table listed as select name, rowid as place from metric_def")
    db.execute(
        "insert into series (run, metric, protocol)"
        " select run.id, listed.name, iif(listed.place > ?, ?, 'none')"
        " from run join listed where run.epoch > 0 order by run.id, listed.place",
        [len(TRAINING), PROTOCOL_ID],
    )


def add_points(db) -> None:
    # A falling curve with noise that depends on the series. As in a real database, all values differ, and measures on
    # held-out items have a value before training.
    db.execute("create temp table epoch as with recursive n (e) as (select 0 union all select e + 1 from n"
               " where e < (select max(horizon) from run)) select e from n")
    db.execute(
        "insert into point (series, epoch, step, value, attempt)"
        " select series.id, e, e * 100, 1.0 / (e + 1 + series.id % 97) + ((series.id * 31 + e * 7919) % 1009) * 1e-5, run.id"
        " from series join run on run.id = series.run"
        " join temp.epoch on e <= run.epoch and (e > 0 or series.protocol <> 'none') order by series.id, e"
    )
    db.execute(
        "insert into summary (series, last, last_epoch, min, min_epoch, max, max_epoch)"
        " select series.id, l.value, l.epoch, a.value, a.epoch, b.value, b.epoch"
        " from series join run on run.id = series.run"
        " join point as l on l.series = series.id and l.epoch = run.epoch"
        " join (select series, min(value) as value, epoch from point group by series) as a on a.series = series.id"
        " join (select series, max(value) as value, epoch from point group by series) as b on b.series = series.id"
    )


def add_images(db) -> None:
    """Originals, which all runs share, and samples before training and at the last epoch."""
    noise, side = random.Random(1), 4 * TILE

    def picture() -> str:
        chunk = lambda kind, data: (  # noqa: E731
            struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        )
        rows = b"".join(b"\0" + noise.randbytes(3 * side) for _ in range(ITEMS // 4 * TILE))
        head = chunk(b"IHDR", struct.pack(">IIBBBBB", side, ITEMS // 4 * TILE, 8, 2, 0, 0, 0))
        png = b"\x89PNG\r\n\x1a\n" + head + chunk(b"IDAT", zlib.compress(rows, 1)) + chunk(b"IEND", b"")
        name = hashlib.sha256(png).hexdigest()
        db.execute("insert into picture values (?, ?)", [name, png])
        return name

    originals = picture()
    for run, epoch in db.execute("select id, epoch from run where epoch > 0").fetchall():
        grids = [(0, "originals", originals), (0, "samples", picture()), (epoch, "samples", picture())]
        for at, role, name in grids:
            row = [run, at, role, PROTOCOL_ID, name, 4, TILE, run]
            db.execute("insert into run_picture values (?, ?, ?, ?, ?, ?, ?, ?)", row)


COMMANDS = [
    ["list"],
    ["list", "sweep", "--format", "csv"],
    ["list", "sweep", "--format", "json"],
    ["list", "--limit", "20"],
    ["list", "--state", "failed"],
    ["list", "--method", "JEM-VGG", "--tag", "keep"],
    ["list", "--where", "train.batch = 32", "--where", "guide.segmentation = full"],
    ["list", "--where", "metric.ssim.best > 0.3", "--sort", "-metric.ssim.best", "--limit", "20"],
    ["list", "--sort", "metric.d_loss", "--metric", "g_loss", "--metric", "ssim", "--limit", "50"],
    ["list", "--sort", "-minutes", "--limit", "50"],
    ["list", "--all"],
    ["show", "5000"],
    ["show", "5000", "--settings"],
    ["compare", "5000", "5011", "5022"],
    ["compare", "9e37", "3c6e"],
    ["compare", *(str(run) for run in range(201, 401))],
    ["status"],
    ["status", "sweep"],
    ["logs", "5000"],
]


def timed(command: list[str]) -> tuple[float, float]:
    """Wall time and processor time of a whole process, in milliseconds."""
    before, started = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False)
    took, after = time.perf_counter() - started, resource.getrusage(resource.RUSAGE_CHILDREN)
    if done.returncode != 0:
        raise SystemExit(f"{command}: {done.stderr.decode()}")
    return took * 1e3, (after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime) * 1e3


def measure(jem: str, file: pathlib.Path, rounds: int) -> None:
    print("wall ms: minimum, median, maximum; processor ms: median")
    for arguments in COMMANDS:
        command = [jem, "--database", str(file), *arguments]
        timed(command)
        walls, processors = zip(*(timed(command) for _ in range(rounds)))
        figures = [min(walls), statistics.median(walls), max(walls), statistics.median(processors)]
        shown = arguments if len(arguments) < 10 else [*arguments[:4], "…"]
        print(*(f"{figure:6.1f}" for figure in figures), " jem", *shown, flush=True)


def report(jem: str, file: pathlib.Path, rounds: int) -> None:
    command = [jem, "--database", str(file.resolve()), "report", "sweep"]
    with tempfile.TemporaryDirectory() as folder:
        walls, processors, peaks = [], [], []
        for _ in range(rounds):
            started = time.perf_counter()
            process = subprocess.Popen(command, cwd=folder, stdout=subprocess.DEVNULL)
            _, status, usage = os.wait4(process.pid, 0)
            walls.append(time.perf_counter() - started)
            if status != 0:
                raise SystemExit(f"{command}: {status}")
            processors.append(usage.ru_utime + usage.ru_stime)
            peaks.append(usage.ru_maxrss / 1024)
        for name, unit, values in [("wall", "s", walls), ("processor", "s", processors), ("peak memory", "MiB", peaks)]:
            print(f"{name}: median {statistics.median(values):.1f} {unit}, {min(values):.1f} to {max(values):.1f}")
        for path in sorted(pathlib.Path(folder, "reports/sweep").iterdir()):
            print(f"{path.stat().st_size / 1e6:8.2f} MB  {path.name}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("action", choices=["make", "time", "report"])
    parser.add_argument("jem", help="the release binary")
    parser.add_argument("file", type=pathlib.Path, help="the database")
    parser.add_argument("--runs", type=int, default=10_000)
    parser.add_argument("--epochs", type=int, default=600)
    parser.add_argument("--images", action="store_true", help="add image grids, 400 kB a run")
    parser.add_argument("--rounds", type=int, default=20)
    args = parser.parse_args()
    if args.action == "make":
        make(args.jem, args.file, args.runs, args.epochs, args.images)
    elif args.action == "time":
        measure(args.jem, args.file, args.rounds)
    else:
        report(args.jem, args.file, args.rounds)


if __name__ == "__main__":
    main()
