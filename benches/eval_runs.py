"""Options of the scripts that compare `jem eval` with torch-fidelity, and timed runs of jem."""

import argparse
import json
import os
import subprocess
import time
from pathlib import Path

import torch


def arguments(rounds: int) -> argparse.Namespace:
    """The options; `rounds` is the default number of rounds. PyTorch gets the requested number of threads."""
    parser = argparse.ArgumentParser()
    parser.add_argument("jem", type=Path)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--rounds", type=int, default=rounds)
    args = parser.parse_args()
    torch.set_num_threads(args.threads)
    return args


def run_eval(args: argparse.Namespace, folder: Path, words: list[str]) -> tuple[float, list[dict]]:
    """The seconds of `jem eval WORDS` in a folder, and the values that it prints."""
    environment = {**os.environ, "RAYON_NUM_THREADS": str(args.threads)}
    command = [args.jem.resolve(), "eval", *words, "--format", "json"]
    start = time.perf_counter()
    result = subprocess.run(command, cwd=folder, check=True, capture_output=True, text=True, env=environment)
    return time.perf_counter() - start, json.loads(result.stdout)["values"]
