"""Times torchvision's networks on the CPU, for comparison with src/vision/speed.rs.

    python tests/reference/vision_speed.py --threads 2

prints the seconds for 32 images in batches, and the processor time of all threads, twice for each network. The test in jem
also resizes the images, which takes little time. If other programs are running, compare the processor times.
"""

import argparse
import time

import torch
import torchvision


@torch.inference_mode()
def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--batch", type=int, default=16)
    args = parser.parse_args()
    torch.set_num_threads(args.threads)
    inception = torchvision.models.inception_v3(weights=None, init_weights=False)
    inception.fc = torch.nn.Identity()
    vgg16 = torchvision.models.vgg16(weights=None)
    vgg16.classifier = vgg16.classifier[:5]
    for name, network, side in [("inception", inception, 299), ("vgg16", vgg16, 224)]:
        network.eval()
        images = torch.randn(32, 3, side, side)
        network(images[: args.batch])
        for _ in range(2):
            start, busy = time.perf_counter(), time.process_time()
            for batch in images.split(args.batch):
                network(batch)
            wall, busy = time.perf_counter() - start, time.process_time() - busy
            print(f"{name}: 32 images in {wall:.2f} s, {busy:.2f} s of all threads")


if __name__ == "__main__":
    main()
