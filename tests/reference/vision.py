"""Makes fixtures for the published networks: weights files, images and the features of the images.

    python tests/reference/vision.py --network alexnet --seed 1 --images 4 --out DIR

The weights are torchvision's random initial ones, so nothing is downloaded; names, shapes and file
format are those of the published files. They are large at full width (alexnet 233 MB, vgg16
528 MB, twice each), and are therefore made when needed, outside the repository. DIR receives

    <network>.pth               the state dict, by torch.save
    <network>.safetensors       the same tensors
    img_0.png …                 smooth random colour gradients, of odd sizes
    <network>_fc7.safetensors   "input" [n, 3, 224, 224], the images as the network takes them, and
                                "fc7" [n, 4096], the second Linear of the classifier, after its ReLU
    <network>.json              how it was made, every parameter's shape, and each image's size

An image is squashed to 224×224 (bilinear, antialiased, on the 8-bit picture), scaled to [0, 1] and
normalised by ImageNet's mean and standard deviation. Dropout is off.
"""

import argparse
import json
from pathlib import Path

import numpy as np
import PIL
import safetensors.torch
import torch
import torchvision
from PIL import Image
from torch import Tensor, nn
from torchvision import transforms

SIDE = 224
MEAN = [0.485, 0.456, 0.406]
STD = [0.229, 0.224, 0.225]

SIDES_OF_IMAGES = range(121, 482, 2)
"""Odd numbers on both sides of 224: some images shrink, some grow."""


def gradient_image(random: np.random.Generator) -> Image.Image:
    """A colour image whose channels are sums of three slow waves."""
    width, height = random.choice(SIDES_OF_IMAGES, size=2)
    y = np.linspace(0, 1, height)[:, None, None, None]
    x = np.linspace(0, 1, width)[None, :, None, None]
    # One value for each channel (3) and wave (3); frequencies in turns across the image.
    across, down = random.uniform(-1.5, 1.5, size=(2, 3, 3))
    phase = random.uniform(0, 1, size=(3, 3))
    waves = np.cos(2 * np.pi * (across * x + down * y + phase)).mean(axis=-1)
    return Image.fromarray(np.rint((waves + 1) / 2 * 255).astype(np.uint8))


def preprocessing() -> transforms.Compose:
    bilinear = transforms.InterpolationMode.BILINEAR
    return transforms.Compose(
        [
            transforms.Resize((SIDE, SIDE), interpolation=bilinear, antialias=True),
            transforms.ToTensor(),
            transforms.Normalize(MEAN, STD),
        ]
    )


def up_to_fc7(classifier: nn.Sequential) -> nn.Sequential:
    """The classifier's layers through the ReLU behind its second Linear."""
    linears = [i for i, layer in enumerate(classifier) if isinstance(layer, nn.Linear)]
    end = linears[1] + 1
    assert isinstance(classifier[end], nn.ReLU)
    return classifier[: end + 1]


@torch.inference_mode()
def fc7(network: nn.Module, images: Tensor) -> Tensor:
    network.eval()
    maps = network.avgpool(network.features(images))
    return up_to_fc7(network.classifier)(maps.flatten(1))


def write_images(out: Path, count: int, seed: int) -> list[Path]:
    random = np.random.default_rng(seed)
    paths = [out / f"img_{i}.png" for i in range(count)]
    for path in paths:
        gradient_image(random).save(path)
    return paths


def write_fixtures(name: str, seed: int, count: int, out: Path) -> None:
    out.mkdir(parents=True, exist_ok=True)
    torch.manual_seed(seed)
    network = getattr(torchvision.models, name)(weights=None)
    weights = network.state_dict()
    torch.save(weights, out / f"{name}.pth")
    safetensors.torch.save_file(weights, out / f"{name}.safetensors")

    # The features are of the images as they were read back, as a reader of the files sees them.
    paths = write_images(out, count, seed)
    images = [Image.open(path).convert("RGB") for path in paths]
    prepare = preprocessing()
    inputs = torch.stack([prepare(image) for image in images])
    features = fc7(network, inputs)
    tensors = {"input": inputs, "fc7": features}
    safetensors.torch.save_file(tensors, out / f"{name}_fc7.safetensors")

    description = {
        "network": name,
        "seed": seed,
        "made_with": {
            "torch": torch.__version__,
            "torchvision": torchvision.__version__,
            "numpy": np.__version__,
            "pillow": PIL.__version__,
        },
        "preprocessing": {"side": SIDE, "mean": MEAN, "std": STD},
        "parameters": {key: list(value.shape) for key, value in weights.items()},
        "images": [
            {
                "file": path.name,
                "width": image.width,
                "height": image.height,
                "fc7_mean": row.mean().item(),
                "fc7_max": row.max().item(),
                "fc7_active": int((row > 0).sum()),
            }
            for path, image, row in zip(paths, images, features)
        ],
    }
    (out / f"{name}.json").write_text(json.dumps(description, indent=2) + "\n")


def positive(text: str) -> int:
    value = int(text)
    if value < 1:
        raise argparse.ArgumentTypeError("at least 1 is needed")
    return value


def main() -> None:
    parser = argparse.ArgumentParser(
        description="Makes random weights of a network, images, and their features."
    )
    parser.add_argument("--network", choices=["alexnet", "vgg16"], required=True)
    parser.add_argument("--seed", type=int, default=1, help="of weights and images (default 1)")
    parser.add_argument("--images", type=positive, default=4, metavar="N", help="(default 4)")
    parser.add_argument("--out", type=Path, required=True, metavar="DIR", help="made if missing")
    args = parser.parse_args()
    write_fixtures(args.network, args.seed, args.images, args.out)


if __name__ == "__main__":
    main()
