"""Creates fixtures for the published networks: weights, images and the features of the images.

    for network in alexnet vgg16 vgg19 inception inception-fid
    do python tests/reference/vision.py --network $network --seed 1 --images 4 --out DIR/$network
    done

The tests read DIR from JEM_TEST_VISION. The weights are the random initial weights of torchvision, so nothing is
downloaded; batch norms are random too. Names, shapes and file formats are those of the published files. At full width the
files are large (alexnet 233 MB, vgg16 528 MB, vgg19 548 MB, an Inception 100 MB, twice each), so they are not in the
repository. Each folder contains

    <network>.pth               the state dict, by torch.save
    <network>.safetensors       the same tensors
    img_0.png …, img_0.jpg …    smooth random colour gradients with odd sides; the JPEG files have the same images
    <network>.json              versions, the shape of every parameter, and the size of every image

for alexnet, vgg16 and vgg19

    <network>_fc7.safetensors   "input" [n, 3, 224, 224], the preprocessed images, and
                                "fc7" [n, 4096], the second Linear of the classifier, after its ReLU

for the Inceptions

    resized.safetensors         "clean_0" …, "legacy_0" … [3, 299, 299]: the images from 0 to 1, with the resizers of clean-fid
                                and pytorch-fid; "jpg_0" … [height, width, 3]: the JPEG files decoded by Pillow
    features.safetensors        "<resizer>_<layer>" [n, length] of the PNG files, "jpg_<resizer>_<layer>" of the JPEG files

and for alexnet and vgg16

    lpips.pth                   a copy of the linear weights of the package
    lpips.safetensors           "a_0", "b_0" … [80, 96, 3]: each image and the next, resized; "distance" [n]: their LPIPS

For the plain networks an image is resized to 224x224 without preserving the aspect ratio (bilinear, antialiased, 8-bit),
scaled to [0, 1] and normalised by ImageNet's mean and standard deviation. Dropout is off.
"""

import argparse
import json
import shutil
from pathlib import Path

import cleanfid.resize
import lpips
import numpy as np
import PIL
import pytorch_fid.inception
import safetensors.torch
import torch
import torchvision
from PIL import Image
from torch import Tensor, nn
from torch.nn import functional as F
from torchvision import transforms

NETWORKS = ["alexnet", "vgg16", "vgg19", "inception", "inception-fid"]

SIDE = 224
MEAN = [0.485, 0.456, 0.406]
STD = [0.229, 0.224, 0.225]

SIDES_OF_IMAGES = range(121, 482, 2)
"""Odd sides below and above 224, so that some images are reduced and some enlarged."""


def gradient_image(random: np.random.Generator) -> Image.Image:
    """A colour image whose channels are sums of three low-frequency waves."""
    width, height = random.choice(SIDES_OF_IMAGES, size=2)
    y = np.linspace(0, 1, height)[:, None, None, None]
    x = np.linspace(0, 1, width)[None, :, None, None]
    # One value for each channel (3) and wave (3); the frequencies are in periods per image.
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
    """The layers of the classifier up to the ReLU after the second Linear."""
    linears = [i for i, layer in enumerate(classifier) if isinstance(layer, nn.Linear)]
    end = linears[1] + 1
    assert isinstance(classifier[end], nn.ReLU)
    return classifier[: end + 1]


@torch.inference_mode()
def fc7(network: nn.Module, images: Tensor) -> Tensor:
    network.eval()
    maps = network.avgpool(network.features(images))
    return up_to_fc7(network.classifier)(maps.flatten(1))


def plain(name: str) -> nn.Module:
    return getattr(torchvision.models, name)(weights=None)


def randomise_norms(network: nn.Module) -> None:
    """Sets random statistics and weights, so that no batch norm is the identity."""
    for layer in network.modules():
        if isinstance(layer, nn.BatchNorm2d):
            nn.init.uniform_(layer.weight, 0.5, 1.5)
            nn.init.normal_(layer.bias, std=0.2)
            nn.init.normal_(layer.running_mean, std=0.2)
            nn.init.uniform_(layer.running_var, 0.5, 1.5)
            layer.num_batches_tracked.fill_(1000)


def he_normal(network: nn.Module) -> None:
    """Sets weights with which activations neither vanish nor explode, unlike torchvision's truncated normal weights."""
    for layer in network.modules():
        if isinstance(layer, (nn.Conv2d, nn.Linear)):
            nn.init.kaiming_normal_(layer.weight)


def torchvision_inception() -> nn.Module:
    network = torchvision.models.inception_v3(weights=None, transform_input=True, init_weights=False)
    he_normal(network)
    randomise_norms(network)
    return network.eval()


def fid_inception(path: Path) -> nn.Module:
    """The network of pytorch-fid with random weights instead of the downloaded ones."""
    base = torchvision.models.inception_v3(
        weights=None, num_classes=1008, aux_logits=False, init_weights=False
    )
    he_normal(base)
    randomise_norms(base)
    torch.save(base.state_dict(), path)
    pytorch_fid.inception.load_state_dict_from_url = lambda *_args, **_kwargs: torch.load(path)
    return pytorch_fid.inception.fid_inception_v3().eval()


@torch.inference_mode()
def inception_features(name: str, network: nn.Module, images: Tensor) -> dict[str, Tensor]:
    """Features of images from 0 to 1, with jem's names of the layers."""
    found = {}
    names = {"maxpool1": "pool1", "maxpool2": "pool2", "avgpool": "pool3"}
    names |= {f"Mixed_{part}": f"Mixed_{part}" for part in "5b 5c 5d 6a 6b 6c 6d 6e 7a 7b 7c".split()}
    hooks = []
    for torchs, ours in names.items():
        keep = lambda _module, _input, output, ours=ours: found.update({ours: output.mean(dim=(2, 3))})
        hooks.append(getattr(network, torchs).register_forward_hook(keep))
    if name == "inception":
        mean, std = torch.tensor(MEAN).view(3, 1, 1), torch.tensor(STD).view(3, 1, 1)
        found["logits"] = network((images - mean) / std)
    else:
        # What pytorch-fid's own wrapper gives has to be what the bare network gives.
        found["logits"] = network(2 * images - 1)
        wrapper = pytorch_fid.inception.InceptionV3([3], resize_input=False).eval()
        assert torch.equal(wrapper(images)[0].flatten(1), found["pool3"])
    for hook in hooks:
        hook.remove()
    found["logits_unbiased"] = found["pool3"] @ network.fc.weight.T
    return {key: value.contiguous() for key, value in found.items()}


def resized(kind: str, image: Image.Image) -> Tensor:
    """`[3, 299, 299]` from 0 to 1."""
    levels = np.asarray(image)
    if kind == "clean":
        clean = cleanfid.resize.build_resizer("clean")(levels)
        return torch.from_numpy(clean.transpose(2, 0, 1) / np.float32(255))
    unit = transforms.functional.to_tensor(image)[None]
    return F.interpolate(unit, size=(299, 299), mode="bilinear", align_corners=False)[0]


def write_inception(name: str, network: nn.Module, paths: list[Path], out: Path) -> None:
    pixels, features = {}, {}
    for ending in ["png", "jpg"]:
        images = [Image.open(path.with_suffix(f".{ending}")).convert("RGB") for path in paths]
        if ending == "jpg":
            pixels |= {f"jpg_{i}": torch.from_numpy(np.asarray(image).copy()).float() for i, image in enumerate(images)}
        for kind in ["clean", "legacy"]:
            inputs = torch.stack([resized(kind, image) for image in images])
            prefix = kind if ending == "png" else f"jpg_{kind}"
            if ending == "png":
                pixels |= {f"{kind}_{i}": image.contiguous() for i, image in enumerate(inputs)}
            found = inception_features(name, network, inputs)
            features |= {f"{prefix}_{layer}": values for layer, values in found.items()}
    safetensors.torch.save_file(pixels, out / "resized.safetensors")
    safetensors.torch.save_file(features, out / "features.safetensors")


@torch.inference_mode()
def write_lpips(name: str, weights: dict[str, Tensor], images: list[Image.Image], out: Path) -> None:
    short = {"alexnet": "alex", "vgg16": "vgg"}[name]
    measure = lpips.LPIPS(net=short, pnet_rand=True, verbose=False).eval()
    # The keys in the slices contain the layer indices of torchvision.
    for key, value in measure.net.state_dict().items():
        value.copy_(weights["features." + key.split(".", 1)[1]])
    published = Path(lpips.__file__).parent / "weights" / "v0.1" / f"{short}.pth"
    shutil.copy(published, out / "lpips.pth")
    small = [np.asarray(image.resize((96, 80))) for image in images]
    tensors, distances = {}, []
    for i, (a, b) in enumerate(zip(small, small[1:] + small[:1])):
        pair = [torch.from_numpy(image.transpose(2, 0, 1) / np.float32(255))[None] for image in (a, b)]
        distances.append(measure(*pair, normalize=True).item())
        tensors |= {f"a_{i}": torch.from_numpy(a.copy()).float(), f"b_{i}": torch.from_numpy(b.copy()).float()}
    tensors["distance"] = torch.tensor(distances)[:, None]
    safetensors.torch.save_file(tensors, out / "lpips.safetensors")


def write_images(out: Path, count: int, seed: int) -> list[Path]:
    random = np.random.default_rng(seed)
    paths = [out / f"img_{i}.png" for i in range(count)]
    for path in paths:
        image = gradient_image(random)
        image.save(path)
        image.save(path.with_suffix(".jpg"), quality=90)
    return paths


def write_fixtures(name: str, seed: int, count: int, out: Path) -> None:
    out.mkdir(parents=True, exist_ok=True)
    torch.manual_seed(seed)
    if name == "inception":
        network = torchvision_inception()
    elif name == "inception-fid":
        network = fid_inception(out / f"{name}.pth")
    else:
        network = plain(name)
    weights = network.state_dict()
    torch.save(weights, out / f"{name}.pth")
    safetensors.torch.save_file(weights, out / f"{name}.safetensors")

    # The features are computed from the files, as jem does.
    paths = write_images(out, count, seed)
    images = [Image.open(path).convert("RGB") for path in paths]
    description = {
        "network": name,
        "seed": seed,
        "made_with": {
            "torch": torch.__version__,
            "torchvision": torchvision.__version__,
            "numpy": np.__version__,
            "pillow": PIL.__version__,
        },
        "parameters": {key: list(value.shape) for key, value in weights.items()},
        "images": [
            {"file": path.name, "width": image.width, "height": image.height}
            for path, image in zip(paths, images)
        ],
    }
    (out / f"{name}.json").write_text(json.dumps(description, indent=2) + "\n")

    if name.startswith("inception"):
        write_inception(name, network, paths, out)
        return
    prepare = preprocessing()
    inputs = torch.stack([prepare(image) for image in images])
    tensors = {"input": inputs, "fc7": fc7(network, inputs)}
    safetensors.torch.save_file(tensors, out / f"{name}_fc7.safetensors")
    if name != "vgg19":
        write_lpips(name, weights, images, out)


def positive(text: str) -> int:
    value = int(text)
    if value < 1:
        raise argparse.ArgumentTypeError("must be at least 1")
    return value


def main() -> None:
    parser = argparse.ArgumentParser(
        description="Creates random weights of a network, images, and their features."
    )
    parser.add_argument("--network", choices=NETWORKS, required=True)
    parser.add_argument("--seed", type=int, default=1, help="of weights and images (default 1)")
    parser.add_argument("--images", type=positive, default=4, metavar="N", help="(default 4)")
    parser.add_argument("--out", type=Path, required=True, metavar="DIR", help="created if missing")
    args = parser.parse_args()
    write_fixtures(args.network, args.seed, args.images, args.out)


if __name__ == "__main__":
    main()
