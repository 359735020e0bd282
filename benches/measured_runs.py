"""Runs of a small experiment with several workers, for scaling.py: images a second, and memory of all processes."""

import os
import sqlite3
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

SAMPLE_SECONDS = 0.2

EXPERIMENT = """\
name = "scaling"
title = "Runs at the same time"
seeds = {seeds}
data.source = "drawn"
data.drawn.images = {images}
data.drawn.side = {resolution}
image.resolution = {resolution}
text.encoder = "tfidf"
text.dimension = 256
text.projected = 64
generator.width = {width}
discriminator.width = {width}
train.batch = {batch}
train.epochs = {epochs}
eval.every = {epochs}
eval.items = 16
eval.measures = ["ssim"]
"""


@dataclass
class RunSizes:
    """The sizes of the runs; one run for each seed."""

    resolution: int
    width: int
    batch: int
    images: int
    epochs: int
    runs: int


def prepare_runs(jem: Path, folder: Path, sizes: RunSizes) -> None:
    """Writes the experiment, and computes the inputs of its runs, which all measurements share."""
    seeds = list(range(1, sizes.runs + 1))
    text = EXPERIMENT.format(**{**vars(sizes), "seeds": seeds})
    (folder / "scaling.toml").write_text(text)
    run([jem, "prepare", "scaling.toml", "--database", "prepare.db", "--cache", "cache", "--quiet"], folder)


def measure_runs(jem: Path, folder: Path, sizes: RunSizes, workers: int, cores: str) -> tuple[float, float, float]:
    """Trains all runs with `workers` processes on `cores`, in taskset's form.

    Returns images a second from the start of the first run to the end of the last, images a second in training (the mean
    rate of the runs times the number of workers), and the peak memory of all processes in MiB.
    """
    # A database of its own, so that the runs are trained again.
    with tempfile.TemporaryDirectory(dir=folder) as made:
        database = Path(made) / "runs.db"
        command = ["taskset", "-c", cores, jem, "run", "scaling.toml", "--workers", str(workers), "--quiet"]
        peak = run([*command, "--database", database, "--cache", "cache", "--device", "cpu"], folder)
        connection = sqlite3.connect(database)
        runs = connection.execute("select started_at, ended_at, state from runs").fetchall()
        # Of all epochs but the first, in which memory is still being allocated.
        query = "select avg(value) from metrics where metric = 'images_per_second' and epoch > 1"
        in_training = connection.execute(query).fetchone()[0] * min(workers, sizes.runs)
        images = connection.execute("select sum(step) from run").fetchone()[0] * sizes.batch
        connection.close()
    if [state for *_, state in runs] != ["finished"] * sizes.runs:
        sys.exit(f"not all runs finished: {runs}")
    starts, ends = ([datetime.fromisoformat(text) for text in column] for column in list(zip(*runs))[:2])
    return images / (max(ends) - min(starts)).total_seconds(), in_training, peak


def run(command: list, folder: Path) -> float:
    """Runs a program, and returns the peak memory of it and its descendants in MiB; exits if it fails.

    Memory that processes share counts once, as the system divides it among them. It is sampled, so that a shorter peak
    is missed.
    """
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("JEM_", "RAYON_"))}
    log = folder / "errors.txt"
    with log.open("w") as errors:
        # A session of its own, by which its descendants are found.
        process = subprocess.Popen(
            command, cwd=folder, env=environment, stdout=subprocess.DEVNULL, stderr=errors, start_new_session=True
        )
        peak = 0
        while process.poll() is None:
            peak = max(peak, session_kib(process.pid))
            time.sleep(SAMPLE_SECONDS)
    if process.returncode != 0:
        sys.exit(f"{' '.join(map(str, command))} failed with status {process.returncode}:\n{log.read_text()}")
    return peak / 1024


def session_kib(session: int) -> int:
    """The memory of all processes of a session in KiB, divided where it is shared."""
    total = 0
    for folder in Path("/proc").iterdir():
        if not folder.name.isdigit():
            continue
        try:
            # The process name, in parentheses, may contain any character; the session is the fourth field after it.
            fields = (folder / "stat").read_text().rpartition(")")[2].split()
            if int(fields[3]) == session:
                lines = (folder / "smaps_rollup").read_text().splitlines()
                total += next((int(line.split()[1]) for line in lines if line.startswith("Pss:")), 0)
        except (FileNotFoundError, ProcessLookupError, PermissionError):
            # It ended in the meantime, or belongs to somebody else.
            continue
    return total
