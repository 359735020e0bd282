"""Compares `jem eval` with pytorch-fid, torch-fidelity and prdc, end to end from PNG files.

    python tests/reference/evaluate.py --jem target/release/jem --out DIR [--pictures 48]

The network is the full Inception of the Fréchet distance with random weights and batch norms (`fid_inception` of
vision.py), which all of them read from one file. DIR receives it, and two folders of textures by a seed for each side of
picture, 299 and 64 pixels: coarse coloured waves, and finer ones with noise. Each line is a measure: what jem says, what
the reference says, and how far they are apart.

There is one reference for a measure:

    fid           pytorch-fid's features; the distance by `frechet` of distances.py, in float64 and without the root of a
                  singular product. What pytorch-fid itself prints is told beside it: with fewer pictures than 2048 its
                  root is of rounding noise.
    kid, is, pr   torch-fidelity, with one subset of all pictures and one split, so that no draw matters
    dc            the prdc package, of pytorch-fid's features

torch-fidelity resizes as TensorFlow 1 does, whose pixel centres lie on corners, and divides by 128 where pytorch-fid
divides by 127.5. It is run twice: as it is, and with both replaced by what pytorch-fid does. jem's legacy resizer is
pytorch-fid's, so that the latter is what is demanded; the former shows what the difference in form is worth.

It ends with code 0 where everything demanded is within a thousandth.
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

DEMANDED = 1e-3

Matrix = np.ndarray


def texture(random: np.random.Generator, side: int, finest: float, noise: float) -> Image.Image:
    """Three slow waves a channel, up to `finest` periods across the picture, and noise of so many levels."""
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


def like_pytorch_fid(pictures: torch.Tensor, size: tuple[int, int], align_corners: bool) -> torch.Tensor:
    """Such that (x − 128) / 128 of it is 2u − 1 of values u from 0 to 1."""
    resized = torch.nn.functional.interpolate(pictures, size=size, mode="bilinear", align_corners=align_corners)
    return resized * (256 / 255)


def jem(binary: Path, arguments: list[str]) -> dict[str, float]:
    command = [str(binary), "--quiet", "eval", *arguments, "--format", "json", "--device", "cpu"]
    print("$", " ".join(command), flush=True)
    answer = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    return {row["measure"].split("(")[0]: row["value"] for row in answer["values"]}


def compare(name: str, found: float, expected: float, demanded: bool) -> bool:
    apart = abs(found - expected) / max(abs(expected), 1e-12)
    fine = apart <= DEMANDED or not demanded
    verdict = ("ok" if fine else "TOO FAR") if demanded else "told only"
    print(f"  {name:44} jem {found:.8g}  reference {expected:.8g}  apart {apart:.2e}  {verdict}", flush=True)
    return fine


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
    spread = features[1].std(axis=0) / np.abs(features[1].mean(axis=0)).clip(1e-9)
    print(f"  features of the real side vary by {np.median(spread):.3f} of their mean (median)")
    as_it_is = torch_fidelity_measures(folders, weights, count)
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
    fine = [compare("fid, pytorch-fid's features", fid, frechet(*features), True)]
    printed = by_pytorch_fid(*features)
    if isinstance(printed, float):
        compare("fid, as pytorch-fid prints it", fid, printed, False)
    compare("fid, torch-fidelity like pytorch-fid", fid, fidelity["frechet_inception_distance"], False)
    compare("fid, torch-fidelity as it is", fid, as_it_is["frechet_inception_distance"], False)
    for name, (found, key) in names.items():
        fine.append(compare(f"{name}, torch-fidelity like pytorch-fid", found, fidelity[key], True))
        compare(f"{name}, torch-fidelity as it is", found, as_it_is[key], False)
    for name in ("density", "coverage"):
        fine.append(compare(f"{name}, prdc", prdc[name], float(dense[name]), True))
    return all(fine)


def main() -> None:
    parser = argparse.ArgumentParser(description="Compares jem eval with pytorch-fid, torch-fidelity and prdc.")
    parser.add_argument("--jem", type=Path, required=True, metavar="FILE", help="the binary")
    parser.add_argument("--out", type=Path, required=True, metavar="DIR", help="made if missing")
    parser.add_argument("--pictures", type=int, default=48, metavar="N", help="in each folder (default 48)")
    args = parser.parse_args()
    args.out.mkdir(parents=True, exist_ok=True)
    torch.manual_seed(1)
    weights = args.out / "inception-fid.pth"
    fid_inception(weights)
    fine = []
    for side in (299, 64):
        print(f"{args.pictures} and {args.pictures} pictures of {side}×{side}")
        fine.append(compare_side(args.jem, weights, args.out, side, args.pictures))
    sys.exit(0 if all(fine) else 1)


if __name__ == "__main__":
    main()
