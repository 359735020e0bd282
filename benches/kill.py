"""Kills `jem prepare` at random times, and checks that its cache is always correct.

    python benches/kill.py JEM --kills 50 --processes 3

JEM is the release binary. Several processes prepare one experiment of drawn flowers with one cache. At random times one
or all of them are killed by SIGKILL and started again. When the processes of a round have ended, the cache must contain
exactly the files of an undisturbed cache, byte for byte, without partial files, and the SHA-256 of every chunk must match
the one in the file. Then the cache is deleted and the next round begins. At the end it prints counts. The exit code is 1
after an error. Linux only: /proc/locks gives the array that each process computes when it is killed.
"""

import argparse
import collections
import hashlib
import json
import math
import os
import pathlib
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time

EXPERIMENT = """
extends = "base/jem.toml"
seeds = [1]
[data]
source = "drawn"
drawn.images = 612
drawn.side = 96
[image]
resolution = 32
[text]
encoder = "tfidf"
dimension = 256
[guide]
network = "alexnet"
input = 64
width = 0.0625
[train]
batch = 16
"""
# The fraction of kills that kill every process.
ALL_AT_ONCE = 0.2
# Seconds after which a process counts as hanging, in addition to the time of an undisturbed one.
TIMEOUT = 120.0


def main() -> int:
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("jem", type=pathlib.Path)
    arguments.add_argument("--kills", type=int, default=50)
    arguments.add_argument("--processes", type=int, default=3)
    arguments.add_argument("--seed", type=int, default=1, help="seed of the times of kills; what they interrupt depends on the machine")
    given = arguments.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        return KillTest(given, pathlib.Path(folder)).run(given.kills)


class KillTest:
    """One folder, one experiment, and the counts."""

    def __init__(self, given: argparse.Namespace, folder: pathlib.Path):
        self.jem, self.processes = given.jem.resolve(), given.processes
        self.folder, self.cache = folder, folder / "cache"
        self.random = random.Random(given.seed)
        self.hits, self.errors = collections.Counter(), []
        self.kills = self.rounds = self.arrays = self.chunks = 0
        (folder / "drawn.toml").write_text(EXPERIMENT)

    def run(self, kills: int) -> int:
        began = time.monotonic()
        process = self.start(self.folder / "undisturbed")
        if process.wait() != 0:
            sys.exit(f"the undisturbed process ended with exit code {process.returncode}:\n{self.output(process)}")
        self.alone = time.monotonic() - began
        self.expected = contents(self.folder / "undisturbed")
        self.stages = {name: stage(bytes) for name, bytes in self.expected.items()}
        if wrong := [line for name in self.expected for line in self.damages(name, self.expected[name])]:
            sys.exit("the undisturbed cache is damaged:\n" + "\n".join(wrong))
        total = sum(map(len, self.expected.values())) / 1e6
        print(f"undisturbed: {len(self.expected)} arrays, {total:.1f} MB, {self.alone:.1f} s", flush=True)
        while self.kills < kills and not self.errors:
            shutil.rmtree(self.cache, ignore_errors=True)
            self.round()
            self.check()
        self.report(time.monotonic() - began)
        return 1 if self.errors else 0

    def start(self, cache: pathlib.Path) -> subprocess.Popen:
        log = tempfile.TemporaryFile(dir=self.folder)
        environment = {name: value for name, value in os.environ.items() if not name.startswith("JEM_")}
        command = [self.jem, "prepare", "drawn.toml", "--device", "cpu", "--cache", cache]
        process = subprocess.Popen(command, cwd=self.folder, env=environment, stdout=log, stderr=log)
        process.log = log
        return process

    def output(self, process: subprocess.Popen) -> str:
        process.log.seek(0)
        return process.log.read().decode(errors="replace")

    def round(self) -> None:
        """Starts the processes, kills some of them a few times, and waits for the others."""
        running = [self.start(self.cache) for _ in range(self.processes)]
        for _ in range(self.random.randint(1, 4)):
            time.sleep(self.random.uniform(0, self.alone))
            victims = [process for process in running if process.poll() is None]
            if not victims:
                break
            if self.random.random() >= ALL_AT_ONCE:
                victims = [self.random.choice(victims)]
            killed = self.kill(victims)
            running = [process for process in running if process not in killed]
            running += [self.start(self.cache) for _ in killed]
        for process in running:
            try:
                code = process.wait(self.alone + TIMEOUT)
            except subprocess.TimeoutExpired:
                process.kill()
                code = "none: it hangs"
            if code != 0:
                self.errors.append(f"a process ended with exit code {code}:\n{self.output(process)}")

    def kill(self, victims: list) -> list:
        """Kills the processes that have not ended, and counts what they were doing.

        They are suspended first, so that this does not change. A suspended process does not wait for a lock any more;
        therefore waiting processes are determined before.
        """
        before = self.locks()
        for process in victims:
            process.send_signal(signal.SIGSTOP)
        locks = {pid: what for pid, what in before.items() if what.startswith("waiting")} | self.locks()
        killed = []
        for process in victims:
            process.kill()
            if process.wait() == -signal.SIGKILL:
                killed.append(process)
                self.hits[locks.get(process.pid, "between two arrays, or starting")] += 1
        self.kills += len(killed)
        return killed

    def locks(self) -> dict:
        """What each process computes or waits for, by the locks of partial files."""
        inodes = {}
        for path in self.cache.glob("*.part"):
            try:
                inodes[path.stat().st_ino] = self.stages.get(path.with_suffix(".safetensors").name, "an unused file")
            except FileNotFoundError:
                pass
        found = {}
        for line in pathlib.Path("/proc/locks").read_text().splitlines():
            words = line.split()
            waits = words[1] == "->"
            kind, _, mode, pid, place = words[2:7] if waits else words[1:6]
            made = inodes.get(int(place.split(":")[2]))
            if kind == "FLOCK" and mode == "WRITE" and made:
                found[int(pid)] = f"waiting for {made}" if waits else f"computing {made}"
        return found

    def check(self) -> None:
        """Compares the cache with the undisturbed one."""
        self.rounds += 1
        found = contents(self.cache)
        for name in sorted(set(found) | set(self.expected)):
            if name not in self.expected:
                self.errors.append(f"round {self.rounds}: {name} was left, {len(found[name])} bytes")
            elif name not in found:
                self.errors.append(f"round {self.rounds}: {name} ({self.stages[name]}) is missing")
            else:
                self.arrays += 1
                self.errors += [f"round {self.rounds}: {line}" for line in self.damages(name, found[name])]
                if found[name] != self.expected[name]:
                    self.errors.append(f"round {self.rounds}: {name} ({self.stages[name]}) has other bytes")

    def damages(self, name: str, file: bytes) -> list:
        """The chunks whose digest does not match their rows."""
        try:
            header, start = head(file)
            rows_of_a_chunk = int(header["__metadata__"]["rows_of_a_chunk"])
            digests, values = (tensor(file, start, header[of]) for of in ("chunks", "values"))
            rows = header["values"]["shape"][0]
            count, row = math.ceil(rows / rows_of_a_chunk), len(values) // rows
            wrong = [] if header["chunks"]["shape"] == [count, 32] else [f"{name}: {header['chunks']} for {count}"]
            for chunk in range(count):
                place = values[chunk * rows_of_a_chunk * row:(chunk + 1) * rows_of_a_chunk * row]
                if hashlib.sha256(place).digest() != digests[chunk * 32:(chunk + 1) * 32]:
                    wrong.append(f"{name}: chunk {chunk} of {count} does not match its digest")
            self.chunks += count
            return wrong
        except (ValueError, KeyError, IndexError) as error:
            return [f"{name}: no array: {error!r}"]

    def report(self, seconds: float) -> None:
        print(f"{self.kills} kills in {self.rounds} rounds of {self.processes} processes, {seconds:.0f} s")
        for what, count in sorted(self.hits.items()):
            print(f"  {count:3} {what}")
        print(f"{self.arrays} arrays compared byte for byte, {self.chunks} chunk digests recomputed")
        for line in self.errors:
            print(f"ERROR: {line}")
        print("failed" if self.errors else "all equal to the undisturbed cache")


def contents(folder: pathlib.Path) -> dict:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def head(file: bytes) -> tuple:
    """The JSON header of a safetensors file, and the offset of the data."""
    length = int.from_bytes(file[:8], "little")
    return json.loads(file[8:8 + length]), 8 + length


def tensor(file: bytes, start: int, entry: dict) -> bytes:
    begin, end = entry["data_offsets"]
    if not begin <= end <= len(file) - start:
        raise ValueError(f"{entry} ends beyond the file")
    return file[start + begin:start + end]


def stage(file: bytes) -> str:
    """The kind of an array: the first word of its key."""
    return head(file)[0]["__metadata__"]["key"].split("/")[0]


if __name__ == "__main__":
    sys.exit(main())
