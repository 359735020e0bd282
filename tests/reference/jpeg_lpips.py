"""LPIPS and features of JPEG files through jem's binary, beside the lpips package, torchvision and Pillow.

    python jpeg_lpips.py <jem> <folder with JPEG photos> [--count 24]

Both networks have the same random weights on either side; LPIPS has its published linear ones, from the
package (lpips 0.1.4, torch 2.15.0, torchvision, Pillow 13). Prints the largest differences: of LPIPS relative
to the package's value, of fc7 over its largest value. Decoders of JPEG differ by a level here and there, so
that fc7 differs by some thousandths; from PNG it does by 1e-5 (`vision.py`).
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
    """As clean-fid: each channel as floats, by Pillow's antialiased bicubic filter."""
    picture = np.asarray(Image.open(path).convert("RGB"), dtype=np.float32)
    planes = [Image.fromarray(picture[..., c], mode="F").resize((SIDE, SIDE), Image.BICUBIC) for c in range(3)]
    return (torch.from_numpy(np.stack([np.asarray(plane) for plane in planes])) / 255 - MEAN) / DEVIATION


def pairs(photos: list[Path], first: Path, second: Path) -> None:
    """Photos at 96 pixels, and the same under growing noise, as PNG files."""
    noise = np.random.default_rng(3)
    for at, photo in enumerate(photos):
        picture = Image.open(photo).convert("RGB").resize((96, 96))
        picture.save(first / f"{at:02}.png")
        other = np.asarray(picture) + noise.normal(0, 6 + 2 * at, (96, 96, 3))
        Image.fromarray(np.clip(other, 0, 255).astype(np.uint8)).save(second / f"{at:02}.png")


def whole(path: Path) -> torch.Tensor:
    return torch.from_numpy(np.asarray(Image.open(path), dtype=np.float32) / 127.5 - 1).permute(2, 0, 1)[None]


@torch.no_grad()
def compare(jem: Path, name: str, word: str, photos: list[Path], folder: Path) -> None:
    net = getattr(torchvision.models, name)(weights=None).eval()
    weights = folder / f"{name}.pth"
    torch.save(net.state_dict(), weights)
    perception = lpips.LPIPS(net=word, pnet_rand=True, verbose=False).eval()
    layers = net.features.state_dict()
    perception.net.load_state_dict({key: layers[key.split(".", 1)[1]] for key in perception.net.state_dict()})
    linear = Path(lpips.__file__).parent / f"weights/v0.1/{word}.pth"
    first, second = folder / "first", folder / "second"
    network = ["--network", name, "--weights", weights]
    told = subprocess.run(
        [jem, "eval", "lpips", first, second, *network, "--linear", linear, "--format", "json", "--quiet"],
        check=True, capture_output=True, text=True,
    ).stdout
    found = [pair["distance"] for pair in json.loads(told)["pairs"]]
    theirs = [perception(whole(first / path.name), whole(path)).item() for path in sorted(second.iterdir())]
    off = max(abs(a - b) / b for a, b in zip(found, theirs, strict=True))
    print(f"{name}: LPIPS off by {off:.1e} of itself, mean {np.mean(theirs):.4f}")

    out = folder / "features.safetensors"
    command = [jem, "features", folder / "jpeg", *network, "--layer", "fc7", "--out", out, "--force", "--quiet"]
    subprocess.run(command, check=True, capture_output=True)
    features = load_file(out)["features"]
    maps = torch.flatten(net.avgpool(net.features(torch.stack([clean(photo) for photo in photos]))), 1)
    fc7 = net.classifier[: 6 if name == "alexnet" else 5](maps).numpy()
    print(f"{name}: fc7 of JPEG files off by {np.abs(features - fc7).max() / np.abs(fc7).max():.1e} of the largest")


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("jem", type=Path)
    parser.add_argument("photos", type=Path)
    parser.add_argument("--count", type=int, default=24)
    args = parser.parse_args()
    torch.manual_seed(5)
    photos = sorted(args.photos.glob("*.jpg"))[: args.count]
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        for name in ("first", "second", "jpeg"):
            (folder / name).mkdir()
        pairs(photos, folder / "first", folder / "second")
        for photo in photos:
            (folder / "jpeg" / photo.name).write_bytes(photo.read_bytes())
        compare(args.jem.resolve(), "alexnet", "alex", photos, folder)
        compare(args.jem.resolve(), "vgg16", "vgg", photos, folder)


if __name__ == "__main__":
    main()
