"""Runs a program and measures its memory and the load beside it, for the comparisons in this folder.

Import no large package here or in a program that uses this: between fork and exec a child has the memory of its parent,
and the system counts it as the child's.
"""

import os
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

TOLERATED_LOAD = 0.2
"""Cores that other processes may use on average before measurements are called disturbed."""


@dataclass
class FinishedProcess:
    """A program that ended without an error."""

    output: str
    """Its standard output."""
    peak_mib: float
    """Its largest resident size."""
    other_load: float
    """The cores that other processes used in the meantime, on average; 0 where the system does not tell."""


def run_measured(command: list[str], environment: dict[str, str]) -> FinishedProcess:
    """Runs a program to its end; exits if it fails."""
    start, busy = time.perf_counter(), busy_seconds()
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment) as process:
        output = process.stdout.read()
        _, status, usage = os.wait4(process.pid, 0)
        # Popen must not wait for it a second time.
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        sys.exit(f"{command[0]} failed with status {process.returncode}")
    others = busy_seconds() - busy - usage.ru_utime - usage.ru_stime
    # Linux counts in KiB, macOS in bytes.
    peak = usage.ru_maxrss / (1024 if sys.platform == "linux" else 1024**2)
    return FinishedProcess(output, peak, max(0.0, others / (time.perf_counter() - start)))


def busy_seconds() -> float:
    """The processor time of all processes since the system started; 0 where it is not known."""
    stat = Path("/proc/stat")
    if not stat.exists():
        return 0.0
    # user, nice, system, idle, waiting for input or output, interrupts, more interrupts, stolen by other machines
    fields = [int(field) for field in stat.read_text().split("\n", 1)[0].split()[1:9]]
    return (sum(fields) - fields[3] - fields[4]) / os.sysconf("SC_CLK_TCK")


def note_load(loads: list[float]) -> str:
    """A sentence on the load by other processes while programs ran, to print below their table."""
    text = f"Other processes used {max(loads):.2f} cores on average during the most disturbed run."
    if max(loads) <= TOLERATED_LOAD:
        return text
    # PyTorch's threads wait for each other in a loop, so that one that does not run delays the other a lot.
    return text + " The table is not valid: PyTorch is slowed down far more than jem by other processes."
