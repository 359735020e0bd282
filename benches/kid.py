"""Times the kernel distance of features, 100 subsets of 1,000, with jem and with torch-fidelity.

    python benches/kid.py target/release/jem [--threads 2] [--rounds 2]

The time of jem includes the start of its process and reading the features from files; torch-fidelity has them in memory. jem
computes in float64, torch-fidelity in float32.
"""

import argparse
import json
import os
import subprocess
import tempfile
import time
from pathlib import Path

import numpy as np
import torch
from torch_fidelity.metric_kid import kid_features_to_metric


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("jem", type=Path)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--rounds", type=int, default=2)
    args = parser.parse_args()
    torch.set_num_threads(args.threads)
    environment = {**os.environ, "RAYON_NUM_THREADS": str(args.threads)}
    random = np.random.default_rng(1)
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        for count in (1155, 5000):
            one, other = (random.standard_normal((count, 2048), np.float32) ** 2 + shift for shift in (0, np.float32(0.02)))
            np.save(folder / "one.npy", one)
            np.save(folder / "other.npy", other)
            command = [args.jem.resolve(), "eval", "kid", "one.npy", "other.npy", "--format", "json"]
            for _ in range(args.rounds):
                start = time.perf_counter()
                result = subprocess.run(command, cwd=folder, check=True, capture_output=True, text=True, env=environment)
                jem = time.perf_counter() - start
                start = time.perf_counter()
                features = [torch.from_numpy(array) for array in (one, other)]
                found = kid_features_to_metric(*features, kid_subsets=100, kid_subset_size=1000, verbose=False)
                torchs = time.perf_counter() - start
                print(f"{count} x {count}: jem {jem:.2f} s, torch-fidelity {torchs:.2f} s: {jem / torchs:.2f}")
            value = json.loads(result.stdout)["values"][0]["value"]
            print(f"  jem {value:.2e}, torch-fidelity with other subsets {found['kernel_inception_distance_mean']:.2e}")


if __name__ == "__main__":
    main()
