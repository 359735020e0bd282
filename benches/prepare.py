"""Times the preparation of inputs, with jem and with a torchvision + Pillow pipeline.

    python benches/prepare.py JEM DATA [--images 1000] [--threads 2]

JEM is the binary, DATA a folder with the official layout. Both programs read photographs and segmentations, resize the
photographs to 64x64, tint and outline the flower, resize that to 224x224, and extract the fc7 features of AlexNet (random
weights) from it in both orientations. jem also writes everything to its cache and checks it; torch has it in memory. Requires
torch, torchvision, numpy and Pillow.
"""

import argparse
import re
import subprocess
import tempfile
import time
from pathlib import Path

import numpy as np
import torch
import torchvision
from PIL import Image
from torch.utils.data import DataLoader, Dataset

MEAN, STD = [0.485, 0.456, 0.406], [0.229, 0.224, 0.225]


def flower(segmented: Image.Image) -> np.ndarray:
    """The pixels of the official segmentation that are not blue, by luma and chroma, as in jem."""
    y, cb, cr = (np.asarray(band, dtype=np.float32) for band in segmented.convert("YCbCr").split())
    return ~((np.abs(y - 29) < 20) & (np.hypot(cb - 255, cr - 107.3) < 80))


def composed(image: Image.Image, mask: np.ndarray) -> Image.Image:
    """The flower half tinted, with an outline of two pixels."""
    pixels = np.asarray(image).copy()
    tint = np.array([255, 64, 32], dtype=np.uint16)
    padded = np.pad(mask, 2)
    inner = mask.copy()
    for dy in range(-2, 3):
        for dx in range(-(2 - abs(dy)), 3 - abs(dy)):
            inner &= padded[2 + dy : 2 + dy + mask.shape[0], 2 + dx : 2 + dx + mask.shape[1]]
    pixels[mask] = ((pixels[mask].astype(np.uint16) + tint + 1) // 2).astype(np.uint8)
    pixels[mask & ~inner] = tint.astype(np.uint8)
    return Image.fromarray(pixels)


class Photos(Dataset):
    def __init__(self, root: Path, images: int):
        self.root, self.images = root, images
        self.small = torchvision.transforms.Resize((64, 64))
        self.large = torchvision.transforms.Compose(
            [
                torchvision.transforms.Resize((224, 224)),
                torchvision.transforms.ToTensor(),
                torchvision.transforms.Normalize(MEAN, STD),
            ]
        )

    def __len__(self) -> int:
        return self.images

    def image(self, index: int) -> Image.Image:
        return Image.open(self.root / "jpg" / f"image_{index + 1:05}.jpg").convert("RGB")


class Small(Photos):
    def __getitem__(self, index: int) -> np.ndarray:
        return np.asarray(self.small(self.image(index)))


class Guides(Photos):
    def __getitem__(self, index: int) -> torch.Tensor:
        segmented = Image.open(self.root / "segmim" / f"segmim_{index + 1:05}.jpg").convert("RGB")
        return self.large(composed(self.image(index), flower(segmented)))


def torch_seconds(root: Path, images: int, threads: int) -> dict[str, float]:
    torch.set_num_threads(threads)
    start = time.perf_counter()
    kept = [batch for batch in DataLoader(Small(root, images), batch_size=64, num_workers=threads)]
    seconds = {"resized images": time.perf_counter() - start}
    assert sum(len(batch) for batch in kept) == images
    start = time.perf_counter()
    composed_only = sum(len(batch) for batch in DataLoader(Guides(root, images), batch_size=32, num_workers=threads))
    assert composed_only == images
    seconds["guide images"] = time.perf_counter() - start
    net = torchvision.models.alexnet(weights=None).eval()
    net.classifier = net.classifier[:6]
    start = time.perf_counter()
    features = []
    with torch.inference_mode():
        for batch in DataLoader(Guides(root, images), batch_size=32, num_workers=threads):
            features.append(torch.stack([net(batch), net(batch.flip(3))], 1))
    assert torch.cat(features).shape == (images, 2, 4096)
    seconds["guide features"] = time.perf_counter() - start
    return seconds


def jem_seconds(jem: Path, root: Path, images: int) -> dict[str, float]:
    experiment = f"""
extends = "base/jem.toml"
seeds = [1]
data.root = "{root}"
data.limit = {images - 1}
eval.items = 1
text.encoder = "tfidf"
guide.network = "alexnet"
"""
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "bench.toml").write_text(experiment)
        command = [str(jem), "prepare", "bench.toml", "--device", "cpu"]
        output = subprocess.run(command, cwd=folder, check=True, capture_output=True, text=True).stderr
    return {stage: float(seconds) for stage, seconds in re.findall(r"prepare: (.+): \d+ \w+ in ([0-9.]+) s", output)}


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("jem", type=Path)
    parser.add_argument("data", type=Path)
    parser.add_argument("--images", type=int, default=1000)
    parser.add_argument("--threads", type=int, default=2)
    args = parser.parse_args()
    root = args.data.resolve()
    jem = jem_seconds(args.jem.resolve(), root, args.images)
    torch_ = torch_seconds(root, args.images, args.threads)
    print(f"{args.images} images, {args.threads} threads, torch {torch.__version__}")
    for stage in ["resized images", "guide features"]:
        print(f"{stage}: jem {jem[stage]:.1f} s, torchvision + Pillow {torch_[stage]:.1f} s, ratio {jem[stage] / torch_[stage]:.2f}")
    print(f"guide images alone, torchvision + Pillow: {torch_['guide images']:.1f} s; all of jem's stages: {jem}")


if __name__ == "__main__":
    main()
