"""Times precision, recall, density and coverage of features with jem, and precision and recall with torch-fidelity.

    python benches/prdc.py target/release/jem [--threads 2] [--rounds 3]

Both run in turn, on the same features. The time of jem includes the start of its process and reading the features from files;
torch-fidelity has them in memory. jem decides as in float64, torch-fidelity computes in float32. An image at exactly the radius
of a ball is outside in jem, and inside in torch-fidelity.
"""

import argparse
import json
import os
import statistics
import subprocess
import tempfile
import time
from pathlib import Path

import numpy as np
import torch
from torch_fidelity.metric_prc import prc_features_to_metric

NEIGHBOURS = 3


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("jem", type=Path)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--rounds", type=int, default=3)
    args = parser.parse_args()
    torch.set_num_threads(args.threads)
    environment = {**os.environ, "RAYON_NUM_THREADS": str(args.threads)}
    random = np.random.default_rng(1)
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        for count in (1155, 5000):
            shifts = (np.float32(0), np.float32(0.02))
            generated, real = (random.standard_normal((count, 2048), np.float32) ** 2 + shift for shift in shifts)
            np.save(folder / "generated.npy", generated)
            np.save(folder / "real.npy", real)
            command = [args.jem.resolve(), "eval", "prdc", "generated.npy", "real.npy", "--format", "json"]
            command += ["--neighbours-pr", str(NEIGHBOURS)]
            ratios = []
            for _ in range(args.rounds):
                start = time.perf_counter()
                result = subprocess.run(command, cwd=folder, check=True, capture_output=True, text=True, env=environment)
                jem = time.perf_counter() - start
                start = time.perf_counter()
                features = [torch.from_numpy(array) for array in (generated, real)]
                found = prc_features_to_metric(
                    *features, prc_neighborhood=NEIGHBOURS, prc_batch_size=10000, save_cpu_ram=False, verbose=False
                )
                torchs = time.perf_counter() - start
                ratios.append(jem / torchs)
                print(f"{count} x {count}: jem {jem:.2f} s, torch-fidelity {torchs:.2f} s: {ratios[-1]:.2f}")
            values = {value["measure"]: value["value"] for value in json.loads(result.stdout)["values"]}
            print(f"  median ratio {statistics.median(ratios):.2f}")
            for name in ("precision", "recall"):
                print(f"  {name}: jem {values[name]:.6f}, torch-fidelity {found[name]:.6f}")


if __name__ == "__main__":
    main()
