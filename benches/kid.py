"""Times the kernel distance of features, 100 subsets of 1,000, with jem and with torch-fidelity.

    python benches/kid.py target/release/jem [--threads 2] [--rounds 2]

The time of jem includes the start of its process and reading the features from files; torch-fidelity has them in memory. jem
computes in float64, torch-fidelity in float32.
"""

import tempfile
import time
from pathlib import Path

import numpy as np
import torch
from torch_fidelity.metric_kid import kid_features_to_metric

from eval_runs import arguments, run_eval


def main() -> None:
    args = arguments(rounds=2)
    random = np.random.default_rng(1)
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        for count in (1155, 5000):
            one, other = (random.standard_normal((count, 2048), np.float32) ** 2 + shift for shift in (0, np.float32(0.02)))
            np.save(folder / "one.npy", one)
            np.save(folder / "other.npy", other)
            words = ["kid", "one.npy", "other.npy"]
            for _ in range(args.rounds):
                jem, found_by_jem = run_eval(args, folder, words)
                start = time.perf_counter()
                features = [torch.from_numpy(array) for array in (one, other)]
                found = kid_features_to_metric(*features, kid_subsets=100, kid_subset_size=1000, verbose=False)
                torchs = time.perf_counter() - start
                print(f"{count} x {count}: jem {jem:.2f} s, torch-fidelity {torchs:.2f} s: {jem / torchs:.2f}")
            value = found_by_jem[0]["value"]
            print(f"  jem {value:.2e}, torch-fidelity with other subsets {found['kernel_inception_distance_mean']:.2e}")


if __name__ == "__main__":
    main()
