"""Compares LPIPS and features of JPEG files in jem with the lpips package, torchvision and Pillow.

    python jpeg_lpips.py <jem> <folder with JPEG images> [--count 24]

Both programs use networks with the same random weights; LPIPS uses the published linear weights of the package
(lpips 0.1.4, torch 2.15.0, torchvision, Pillow 13). The script prints the largest differences: of LPIPS relative to
the package's value, of fc7 relative to the largest value. JPEG decoders differ by single levels, so fc7 differs by
some thousandths; for PNG files it differs by 1e-5 (`vision.py`).
"""

import argparse
import json
import subprocess
import tempfile
from pathlib import Path

import lpips
import numpy as np
import torch
import torchvision
from PIL import Image
from safetensors.numpy import load_file

SIDE = 224
MEAN = torch.tensor([0.485, 0.456, 0.406])[:, None, None]
DEVIATION = torch.tensor([0.229, 0.224, 0.225])[:, None, None]


def clean(path: Path) -> torch.Tensor:
    """Resizes as clean-fid does: each channel as floats, with Pillow's antialiased bicubic filter."""
    image = np.asarray(Image.open(path).convert("RGB"), dtype=np.float32)
    planes = [Image.fromarray(image[..., c], mode="F").resize((SIDE, SIDE), Image.BICUBIC) for c in range(3)]
    return (torch.from_numpy(np.stack([np.asarray(plane) for plane in planes])) / 255 - MEAN) / DEVIATION


def write_pairs(paths: list[Path], first: Path, second: Path) -> None:
    """Writes images of 96 pixels, and the same images with increasing noise, as PNG files."""
    noise = np.random.default_rng(3)
    for index, path in enumerate(paths):
        image = Image.open(path).convert("RGB").resize((96, 96))
        image.save(first / f"{index:02}.png")
        other = np.asarray(image) + noise.normal(0, 6 + 2 * index, (96, 96, 3))
        Image.fromarray(np.clip(other, 0, 255).astype(np.uint8)).save(second / f"{index:02}.png")


def tensor(path: Path) -> torch.Tensor:
    return torch.from_numpy(np.asarray(Image.open(path), dtype=np.float32) / 127.5 - 1).permute(2, 0, 1)[None]


@torch.no_grad()
def compare(jem: Path, name: str, short: str, paths: list[Path], folder: Path) -> None:
    net = getattr(torchvision.models, name)(weights=None).eval()
    weights = folder / f"{name}.pth"
    torch.save(net.state_dict(), weights)
    perception = lpips.LPIPS(net=short, pnet_rand=True, verbose=False).eval()
    layers = net.features.state_dict()
    perception.net.load_state_dict({key: layers[key.split(".", 1)[1]] for key in perception.net.state_dict()})
    linear = Path(lpips.__file__).parent / f"weights/v0.1/{short}.pth"
    first, second = folder / "first", folder / "second"
    network = ["--network", name, "--weights", weights]
    output = subprocess.run(
        [jem, "eval", "lpips", first, second, *network, "--linear", linear, "--format", "json", "--quiet"],
        check=True, capture_output=True, text=True,
    ).stdout
    found = [pair["distance"] for pair in json.loads(output)["pairs"]]
    expected = [perception(tensor(first / path.name), tensor(path)).item() for path in sorted(second.iterdir())]
    difference = max(abs(a - b) / b for a, b in zip(found, expected, strict=True))
    print(f"{name}: relative difference of LPIPS {difference:.1e}, mean {np.mean(expected):.4f}")

    out = folder / "features.safetensors"
    command = [jem, "features", folder / "jpeg", *network, "--layer", "fc7", "--out", out, "--force", "--quiet"]
    subprocess.run(command, check=True, capture_output=True)
    features = load_file(out)["features"]
    maps = torch.flatten(net.avgpool(net.features(torch.stack([clean(path) for path in paths]))), 1)
    fc7 = net.classifier[: 6 if name == "alexnet" else 5](maps).numpy()
    print(f"{name}: difference of fc7 of JPEG files {np.abs(features - fc7).max() / np.abs(fc7).max():.1e} of the largest value")


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("jem", type=Path)
    parser.add_argument("images", type=Path)
    parser.add_argument("--count", type=int, default=24)
    args = parser.parse_args()
    torch.manual_seed(5)
    paths = sorted(args.images.glob("*.jpg"))[: args.count]
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        for name in ("first", "second", "jpeg"):
            (folder / name).mkdir()
        write_pairs(paths, folder / "first", folder / "second")
        for path in paths:
            (folder / "jpeg" / path.name).write_bytes(path.read_bytes())
        compare(args.jem.resolve(), "alexnet", "alex", paths, folder)
        compare(args.jem.resolve(), "vgg16", "vgg", paths, folder)


if __name__ == "__main__":
    main()
