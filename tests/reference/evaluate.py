"""Compares `jem eval` with pytorch-fid, torch-fidelity and prdc, end to end from PNG files.

    python tests/reference/evaluate.py --jem target/release/jem --out DIR [--images 48]

The network is the full Inception of the Fréchet distance with random weights and batch norms (`fid_inception` of
vision.py). All programs read it from one file. The script writes the file to DIR, and for each side of images, 299 and 64
pixels, two folders of textures from a seed: low-frequency coloured waves, and higher frequencies with noise. Each line has
a measure, the value of jem, the reference value, and the relative difference.

Each measure has one reference:

    fid           pytorch-fid's features; the distance by `frechet` of distances.py, in float64 and without the root of a
                  singular product. The value of pytorch-fid itself is printed too: with fewer than 2048 images its root
                  contains rounding noise.
    kid, is, pr   torch-fidelity, with one subset of all images and one split, so that there are no random draws
    dc            the prdc package, with pytorch-fid's features

torch-fidelity resizes as TensorFlow 1 does, with pixel centres at corners, and divides by 128 where pytorch-fid divides by
127.5. It runs twice: unchanged, and with pytorch-fid's resizing and division. jem's legacy resizer is that of pytorch-fid,
so the second result must match; the first one shows the effect of the difference.

The exit code is 0 if all required differences are at most a thousandth.
"""

import argparse
import contextlib
import io
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import torch
import torch.nn.functional
import torch_fidelity
import torch_fidelity.feature_extractor_inceptionv3 as fidelity_inception
from distances import by_pytorch_fid, frechet
from PIL import Image
from prdc import compute_prdc
from pytorch_fid.fid_score import get_activations
from pytorch_fid.inception import InceptionV3
from vision import fid_inception

TOLERANCE = 1e-3

Matrix = np.ndarray


def texture(random: np.random.Generator, side: int, finest: float, noise: float) -> Image.Image:
    """An image with three waves per channel, of at most `finest` periods, and noise with standard deviation `noise`."""
    y = np.linspace(0, 1, side)[:, None, None, None]
    x = np.linspace(0, 1, side)[None, :, None, None]
    across, down = random.uniform(-finest, finest, size=(2, 3, 3))
    phase = random.uniform(0, 1, size=(3, 3))
    waves = np.cos(2 * np.pi * (across * x + down * y + phase)).mean(axis=-1)
    levels = (waves + 1) / 2 * 255 + random.normal(0, noise, size=(side, side, 3))
    return Image.fromarray(np.rint(levels).clip(0, 255).astype(np.uint8))


def write_folder(folder: Path, count: int, side: int, seed: int, finest: float, noise: float) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    random = np.random.default_rng(seed)
    for index in range(count):
        texture(random, side, finest, noise).save(folder / f"{index:04}.png")


def quiet(call: Callable[[], Any]) -> Any:
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
        return call()


def pytorch_fid_features(folder: Path) -> Matrix:
    model = InceptionV3([InceptionV3.BLOCK_INDEX_BY_DIM[2048]])
    return get_activations(sorted(folder.glob("*.png")), model, batch_size=16, num_workers=0)


def torch_fidelity_measures(folders: list[Path], weights: Path, count: int) -> dict[str, float]:
    return quiet(
        lambda: torch_fidelity.calculate_metrics(
            input1=str(folders[0]),
            input2=str(folders[1]),
            cuda=False,
            batch_size=16,
            fid=True,
            kid=True,
            isc=True,
            prc=True,
            kid_subsets=1,
            kid_subset_size=count,
            isc_splits=1,
            prc_neighborhood=3,
            feature_extractor="inception-v3-compat",
            feature_extractor_weights_path=str(weights),
            cache=False,
            verbose=False,
            save_cpu_ram=True,
        )
    )


def like_pytorch_fid(images: torch.Tensor, size: tuple[int, int], align_corners: bool) -> torch.Tensor:
    """Resizes and scales so that (x − 128) / 128 equals 2u − 1 for values u from 0 to 1."""
    resized = torch.nn.functional.interpolate(images, size=size, mode="bilinear", align_corners=align_corners)
    return resized * (256 / 255)


def jem(binary: Path, arguments: list[str]) -> dict[str, float]:
    command = [str(binary), "--quiet", "eval", *arguments, "--format", "json", "--device", "cpu"]
    print("$", " ".join(command), flush=True)
    output = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    return {row["measure"].split("(")[0]: row["value"] for row in output["values"]}


def compare(name: str, found: float, expected: float, required: bool) -> bool:
    difference = abs(found - expected) / max(abs(expected), 1e-12)
    is_close = difference <= TOLERANCE or not required
    verdict = ("ok" if is_close else "TOO FAR") if required else "not required"
    print(f"  {name:44} jem {found:.8g}  reference {expected:.8g}  difference {difference:.2e}  {verdict}", flush=True)
    return is_close


def compare_side(binary: Path, weights: Path, out: Path, side: int, count: int) -> bool:
    folders = [out / f"{name}-{side}" for name in ("generated", "real")]
    write_folder(folders[0], count, side, 1, 2.0, 4.0)
    write_folder(folders[1], count, side, 2, 5.0, 16.0)
    network = ["--weights", str(weights), "--resizer", "legacy"]
    files = [str(out / f"{folder.name}.safetensors") for folder in folders]
    for folder, file in zip(folders, files):
        command = [str(binary), "--quiet", "features", str(folder), "--out", file, "--force", *network]
        print("$", " ".join(command), flush=True)
        subprocess.run(command, check=True, capture_output=True)
    fid = jem(binary, ["fid", *map(str, folders), *network, "--database", str(out / "jem.db")])["FD"]
    kid = jem(binary, ["kid", *files, "--subsets", "1", "--subset-size", str(count)])["KD"]
    score = jem(binary, ["is", files[0], "--splits", "1"])["score"]
    prdc = jem(binary, ["prdc", *files])

    features = [quiet(lambda folder=folder: pytorch_fid_features(folder)) for folder in folders]
    variation = features[1].std(axis=0) / np.abs(features[1].mean(axis=0)).clip(1e-9)
    print(f"  coefficient of variation of the features of real images: {np.median(variation):.3f} (median)")
    unchanged = torch_fidelity_measures(folders, weights, count)
    original = fidelity_inception.interpolate_bilinear_2d_like_tensorflow1x
    fidelity_inception.interpolate_bilinear_2d_like_tensorflow1x = like_pytorch_fid
    try:
        fidelity = torch_fidelity_measures(folders, weights, count)
    finally:
        fidelity_inception.interpolate_bilinear_2d_like_tensorflow1x = original
    dense = quiet(lambda: compute_prdc(features[1], features[0], nearest_k=5))
    names = {
        "kid": (kid, "kernel_inception_distance_mean"),
        "is": (score, "inception_score_mean"),
        "precision": (prdc["precision"], "precision"),
        "recall": (prdc["recall"], "recall"),
    }
    results = [compare("fid, pytorch-fid's features", fid, frechet(*features), True)]
    printed = by_pytorch_fid(*features)
    if isinstance(printed, float):
        compare("fid, as pytorch-fid prints it", fid, printed, False)
    compare("fid, torch-fidelity like pytorch-fid", fid, fidelity["frechet_inception_distance"], False)
    compare("fid, torch-fidelity unchanged", fid, unchanged["frechet_inception_distance"], False)
    for name, (found, key) in names.items():
        results.append(compare(f"{name}, torch-fidelity like pytorch-fid", found, fidelity[key], True))
        compare(f"{name}, torch-fidelity unchanged", found, unchanged[key], False)
    for name in ("density", "coverage"):
        results.append(compare(f"{name}, prdc", prdc[name], float(dense[name]), True))
    return all(results)


def main() -> None:
    parser = argparse.ArgumentParser(description="Compares jem eval with pytorch-fid, torch-fidelity and prdc.")
    parser.add_argument("--jem", type=Path, required=True, metavar="FILE", help="the binary")
    parser.add_argument("--out", type=Path, required=True, metavar="DIR", help="created if missing")
    parser.add_argument("--images", type=int, default=48, metavar="N", help="in each folder (default 48)")
    args = parser.parse_args()
    args.out.mkdir(parents=True, exist_ok=True)
    torch.manual_seed(1)
    weights = args.out / "inception-fid.pth"
    fid_inception(weights)
    results = []
    for side in (299, 64):
        print(f"{args.images} and {args.images} images of {side}×{side}")
        results.append(compare_side(args.jem, weights, args.out, side, args.images))
    sys.exit(0 if all(results) else 1)


if __name__ == "__main__":
    main()
