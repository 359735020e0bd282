"""Prints, as JSON, distances between sets of features, computed by other implementations.

    python tests/reference/distances.py > tests/reference/distances.json
    python tests/reference/distances.py --large

The features are computed from integers (`features`), so that tests in other languages can compute
bit-identical features without files. `--large` takes minutes: it prints the distances for 2048
features and the times of the other implementations.

The committed values were computed with torch-fidelity 0.4.0, pytorch-fid 0.3.0, prdc 0.2, scipy and
numpy in float64. If a covariance is singular, the reference is `frechet` below; the results of the
packages are printed too. For every eigenvalue that should be zero, the square root of a product of
singular matrices contains rounding noise, and the root of 1e-16 is 1e-8. The packages' results are
too low by up to 2e-6 here ("off"), and by 7e-5 of 1913 for 1155 rows of 2048 features.
"""

import contextlib
import io
import json
import sys
import time
from collections.abc import Callable
from typing import Any

import numpy as np
import scipy.stats
import torch
from numpy.typing import NDArray
from prdc import compute_prdc
from pytorch_fid.fid_score import calculate_frechet_distance
from torch_fidelity.metric_fid import fid_features_to_statistics, fid_statistics_to_metric
from torch_fidelity.metric_isc import isc_features_to_metric
from torch_fidelity.metric_kid import kid_features_to_metric
from torch_fidelity.metric_prc import prc_features_to_metric

Matrix = NDArray[np.float64]

SHIFT = 150
"""The difference of the means of the two sets, in units of 1/1024, times the column modulo 5."""


def hash32(x: NDArray[np.uint32]) -> NDArray[np.uint32]:
    """A 32-bit hash with shifts and odd factors (Wellons 2018, "lowbias32")."""
    for shift, factor in [(16, 0x7FEB352D), (15, 0x846CA68B)]:
        x = (x ^ (x >> np.uint32(shift))) * np.uint32(factor)
    return x ^ (x >> np.uint32(16))


def features(rows: int, dimension: int, salt: int, shift: int = 0, form: str = "full") -> Matrix:
    """Correlated, nearly normal columns with different variances. All values are multiples of 1/1024."""
    base = hash32(np.array([salt], np.uint32))
    bits = hash32(np.arange(rows * dimension, dtype=np.uint32) + base)
    four = [(bits >> np.uint32(8 * k)) & np.uint32(255) for k in range(4)]
    z = (sum(part.astype(np.int64) for part in four) - 510).reshape(rows, dimension)
    j = np.arange(dimension)
    x = z * (4 + j % 7) + 2 * z[:, (5 * j + 3) % dimension] + shift * (j % 5)
    if form == "dead":
        x[:, j % 4 == 3] = 0
    if form == "duplicated":
        x[:, dimension // 2 :] = x[:, : dimension - dimension // 2]
    return x / 1024.0


def factor(x: Matrix) -> Matrix:
    """A factor F of the covariance FᵀF, with at most as many rows as columns."""
    centred = (x - x.mean(axis=0)) / np.sqrt(len(x) - 1)
    return np.linalg.qr(centred, mode="r") if len(x) > x.shape[1] else centred


def frechet(a: Matrix, b: Matrix) -> float:
    """From the singular values of the product of the centred features, without a covariance or a root."""
    difference = a.mean(axis=0) - b.mean(axis=0)
    roots = np.linalg.svd(factor(a) @ factor(b).T, compute_uv=False)
    variance = a.var(axis=0, ddof=1).sum() + b.var(axis=0, ddof=1).sum()
    return float(difference @ difference + variance - 2 * roots.sum())


def quiet(call: Callable[[], Any]) -> Any:
    """Suppresses the output of the packages."""
    with contextlib.redirect_stdout(io.StringIO()):
        return call()


def by_pytorch_fid(a: Matrix, b: Matrix) -> float:
    moments = [moment for x in (a, b) for moment in (x.mean(axis=0), np.cov(x, rowvar=False))]
    return float(quiet(lambda: calculate_frechet_distance(*moments)))


def by_torch_fidelity(a: Matrix, b: Matrix) -> float:
    statistics = [fid_features_to_statistics(torch.from_numpy(x)) for x in (a, b)]
    return fid_statistics_to_metric(*statistics, False)["frechet_inception_distance"]


def frechet_case(form: str, rows: tuple[int, int], dimension: int) -> dict[str, Any]:
    a = features(rows[0], dimension, 1, 0, form)
    b = features(rows[1], dimension, 2, SHIFT, form)
    distance = frechet(a, b)
    others = {"pytorch_fid": by_pytorch_fid(a, b), "torch_fidelity": by_torch_fidelity(a, b)}
    case = {"form": form, "rows": rows, "dimension": dimension, "distance": distance}
    return case | others | {"off": {name: found - distance for name, found in others.items()}}


def kernel_case() -> dict[str, Any]:
    rows, dimension, subsets, size, seed = (120, 150), 24, 6, 40, 2020
    a, b = features(rows[0], dimension, 3), features(rows[1], dimension, 4, SHIFT)
    found = kid_features_to_metric(
        torch.from_numpy(a),
        torch.from_numpy(b),
        kid_subsets=subsets,
        kid_subset_size=size,
        rng_seed=seed,
        verbose=False,
    )
    # The same draws as in the package: first from a, then from b.
    random = np.random.RandomState(seed)
    draws = [
        [random.choice(n, size, replace=False).tolist() for n in rows] for _ in range(subsets)
    ]
    return {
        "rows": rows,
        "dimension": dimension,
        "subsets": draws,
        "mean": found["kernel_inception_distance_mean"],
        "deviation": found["kernel_inception_distance_std"],
    }


def inception_case() -> dict[str, Any]:
    rows, classes, seed = 118, 17, 2020
    logits = torch.from_numpy(features(rows, classes, 5))
    found = isc_features_to_metric(logits, 10, True, seed)
    return {
        "rows": rows,
        "classes": classes,
        "order": np.random.RandomState(seed).permutation(rows).tolist(),
        "mean": found["inception_score_mean"],
        "deviation": found["inception_score_std"],
    }


def neighbour_case(k: int) -> dict[str, Any]:
    rows, dimension = (150, 130), 16
    real, fake = features(rows[0], dimension, 6), features(rows[1], dimension, 7, 2 * SHIFT)
    prdc = quiet(lambda: compute_prdc(real, fake, nearest_k=k))
    other = prc_features_to_metric(
        torch.from_numpy(fake),
        torch.from_numpy(real),
        prc_neighborhood=k,
        prc_batch_size=10000,
        save_cpu_ram=False,
        verbose=False,
    )
    fidelity = {name: other[name] for name in ("precision", "recall")}
    values = {name: float(value) for name, value in prdc.items()}
    return {"rows": rows, "dimension": dimension, "k": k, "prdc": values, "fidelity": fidelity}


def line_case() -> dict[str, Any]:
    counts = [5000, 6200, 7500, 9000, 10000, 12345]
    distances = [21.5, 20.75, 20.125, 19.875, 19.5, 19.25]
    line = scipy.stats.linregress([1 / n for n in counts], distances)
    return {
        "counts": counts,
        "distances": distances,
        "slope": line.slope,
        "intercept": line.intercept,
        "error": line.intercept_stderr,
    }


def timed(name: str, call: Callable[[], Any]) -> None:
    start = time.perf_counter()
    found = call()
    print(f"{name}: {found} in {time.perf_counter() - start:.1f} s", flush=True)


def large() -> None:
    """`JEM_TEST_DISTANCES=large cargo test --release distances -- --nocapture` prints the same quantities."""
    for rows in (1155, 5000):
        a, b = features(rows, 2048, 1), features(rows, 2048, 2, SHIFT)
        timed(f"frechet {rows}", lambda: repr(frechet(a, b)))
        timed(f"frechet {rows}, torch-fidelity", lambda: by_torch_fidelity(a, b))
        timed(f"frechet {rows}, pytorch-fid", lambda: by_pytorch_fid(a, b))
    narrow = features(10000, 2048, 1).astype(np.float32)
    timed("moments 10000", lambda: len(fid_features_to_statistics(torch.from_numpy(narrow))["mu"]))
    real, fake = (torch.from_numpy(x.astype(np.float32)) for x in (a, b))
    kid = {"kid_subsets": 100, "kid_subset_size": 1000, "rng_seed": 2020, "verbose": False}
    timed("kid 100×1000, torch-fidelity", lambda: kid_features_to_metric(real, fake, **kid))
    prc = {"prc_batch_size": 10000, "save_cpu_ram": False, "verbose": False}
    timed(
        "precision and recall 5000, torch-fidelity",
        lambda: prc_features_to_metric(fake, real, prc_neighborhood=3, **prc),
    )
    timed("prdc 5000", lambda: quiet(lambda: compute_prdc(real.numpy(), fake.numpy(), nearest_k=5)))


def main() -> None:
    if "--large" in sys.argv[1:]:
        return large()
    cases = {
        "frechet": [
            frechet_case("full", (120, 150), 24),
            frechet_case("full", (300, 260), 64),
            frechet_case("full", (20, 30), 64),
            frechet_case("full", (20, 300), 64),
            frechet_case("full", (64, 65), 64),
            frechet_case("duplicated", (100, 120), 32),
            frechet_case("dead", (100, 120), 32),
            frechet_case("dead", (10, 120), 32),
        ],
        "kernel": kernel_case(),
        "inception": inception_case(),
        "neighbours": [neighbour_case(3), neighbour_case(5)],
        "line": line_case(),
    }
    print(json.dumps(cases))


if __name__ == "__main__":
    main()
