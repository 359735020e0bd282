"""Times feature extraction of a folder of images, with jem and with torchvision and Pillow.

    python benches/features.py target/release/jem FOLDER [--count 64] [--batch 16] [--rounds 3] [--threads 2]

FOLDER contains JPEG or PNG files, of which the first ones are used. Both programs decode, resize like clean-fid (each channel
as floats, antialiased bicubic), and extract the same layer with the same random weights, in batches of the same size. Imports
and loading are not timed: the time of a run with one image is subtracted from that of jem. The two run alternately.
"""

import argparse
import os
import resource
import shutil
import subprocess
import tempfile
import time
from pathlib import Path

import numpy as np
import torch
import torchvision
from PIL import Image
from safetensors.numpy import load_file

# The layer of jem, and the side of the input.
NETWORKS = {"alexnet": ("fc7", 224), "vgg16": ("fc7", 224), "inception": ("pool3", 299)}
MEAN = torch.tensor([0.485, 0.456, 0.406])[:, None, None]
DEVIATION = torch.tensor([0.229, 0.224, 0.225])[:, None, None]


def network(name: str) -> torch.nn.Module:
    torch.manual_seed(1)
    if name == "inception":
        return torchvision.models.inception_v3(weights=None, init_weights=False, transform_input=False).eval()
    return getattr(torchvision.models, name)(weights=None).eval()


def image(path: Path, side: int) -> torch.Tensor:
    pixels = np.asarray(Image.open(path).convert("RGB"), dtype=np.float32)
    planes = [Image.fromarray(pixels[..., c], mode="F").resize((side, side), Image.BICUBIC) for c in range(3)]
    return torch.from_numpy(np.stack([np.asarray(plane) for plane in planes]))


@torch.no_grad()
def by_torch(name: str, net: torch.nn.Module, files: list[Path], batch: int) -> np.ndarray:
    side = NETWORKS[name][1]
    rows = []
    for start in range(0, len(files), batch):
        pixels = torch.stack([image(file, side) for file in files[start : start + batch]])
        if name == "inception":
            net.fc = torch.nn.Identity()
            rows.append(net(pixels / 127.5 - 1))
        else:
            maps = torch.flatten(net.avgpool(net.features((pixels / 255 - MEAN) / DEVIATION)), 1)
            rows.append(net.classifier[: 6 if name == "alexnet" else 5](maps))
    return torch.cat(rows).numpy()


def by_jem(jem: Path, name: str, folder: Path, weights: Path, out: Path, batch: int, threads: int) -> float:
    command = [
        jem, "features", folder, "--network", name, "--weights", weights, "--layer", NETWORKS[name][0],
        "--batch", str(batch), "--out", out, "--force", "--quiet", "--device", "cpu",
    ]
    start = time.perf_counter()
    environment = {**os.environ, "RAYON_NUM_THREADS": str(threads)}
    subprocess.run(command, check=True, capture_output=True, env=environment, cwd=out.parent)
    return time.perf_counter() - start


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("jem", type=Path)
    parser.add_argument("images", type=Path)
    parser.add_argument("--count", type=int, default=64)
    parser.add_argument("--batch", type=int, default=16)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--threads", type=int, default=2)
    args = parser.parse_args()
    torch.set_num_threads(args.threads)
    jem = args.jem.resolve()
    found = sorted(path for path in args.images.iterdir() if path.suffix.lower() in (".jpg", ".png"))[: args.count]
    print(f"{len(found)} images, batches of {args.batch}, {args.threads} threads, torch {torch.__version__}")
    with tempfile.TemporaryDirectory() as made:
        work = Path(made)
        all_, one = work / "all", work / "one"
        all_.mkdir()
        one.mkdir()
        for path in found:
            shutil.copy(path, all_)
        shutil.copy(found[0], one)
        files = sorted(all_.iterdir())
        for name in NETWORKS:
            net, weights, out = network(name), work / f"{name}.pth", work / "out.safetensors"
            torch.save(net.state_dict(), weights)
            for _ in range(args.rounds):
                loading = by_jem(jem, name, one, weights, out, args.batch, args.threads)
                ours = by_jem(jem, name, all_, weights, out, args.batch, args.threads) - loading
                start = time.perf_counter()
                theirs = by_torch(name, net, files, args.batch)
                other = time.perf_counter() - start
                off = np.abs(load_file(out)["features"] - theirs).max() / np.abs(theirs).max()
                print(f"{name}: jem {ours:.2f} s, torch {other:.2f} s: {ours / other:.2f}; features: largest difference {off:.1e}")
    print(f"peak memory of jem {resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024:.0f} MiB")


if __name__ == "__main__":
    main()
