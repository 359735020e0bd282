"""Times precision, recall, density and coverage of features with jem, and precision and recall with torch-fidelity.

    python benches/prdc.py target/release/jem [--threads 2] [--rounds 3]

Both run in turn, on the same features. The time of jem includes the start of its process and reading the features from files;
torch-fidelity has them in memory. jem decides as in float64, torch-fidelity computes in float32. An image at exactly the radius
of a ball is outside in jem, and inside in torch-fidelity.
"""

import statistics
import tempfile
import time
from pathlib import Path

import numpy as np
import torch
from torch_fidelity.metric_prc import prc_features_to_metric

from eval_runs import arguments, run_eval

NEIGHBOURS = 3


def main() -> None:
    args = arguments(rounds=3)
    random = np.random.default_rng(1)
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        for count in (1155, 5000):
            shifts = (np.float32(0), np.float32(0.02))
            generated, real = (random.standard_normal((count, 2048), np.float32) ** 2 + shift for shift in shifts)
            np.save(folder / "generated.npy", generated)
            np.save(folder / "real.npy", real)
            words = ["prdc", "generated.npy", "real.npy", "--neighbours-pr", str(NEIGHBOURS)]
            ratios = []
            for _ in range(args.rounds):
                jem, found_by_jem = run_eval(args, folder, words)
                start = time.perf_counter()
                features = [torch.from_numpy(array) for array in (generated, real)]
                found = prc_features_to_metric(
                    *features, prc_neighborhood=NEIGHBOURS, prc_batch_size=10000, save_cpu_ram=False, verbose=False
                )
                torchs = time.perf_counter() - start
                ratios.append(jem / torchs)
                print(f"{count} x {count}: jem {jem:.2f} s, torch-fidelity {torchs:.2f} s: {ratios[-1]:.2f}")
            values = {value["measure"]: value["value"] for value in found_by_jem}
            print(f"  median ratio {statistics.median(ratios):.2f}")
            for name in ("precision", "recall"):
                print(f"  {name}: jem {values[name]:.6f}, torch-fidelity {found[name]:.6f}")


if __name__ == "__main__":
    main()
