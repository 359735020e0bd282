"""Writes weights_checkpoint.pth and weights_parallel.pth: AlexNets at width 0.01, saved as by training code. Requires torch.

Each tensor is one value, expanded to its shape: the file contains the value once.
"""

import pathlib

import torch

CHANNELS = [("features.0", 3, 11), ("features.3", 8, 5), ("features.6", 8, 3), ("features.8", 8, 3), ("features.10", 8, 3)]
shapes = {}
for name, inputs, kernel in CHANNELS:
    shapes[f"{name}.weight"], shapes[f"{name}.bias"] = [8, inputs, kernel, kernel], [8]
for name, inputs, outputs in [("classifier.1", 8 * 36, 48), ("classifier.4", 48, 48), ("classifier.6", 48, 1000)]:
    shapes[f"{name}.weight"], shapes[f"{name}.bias"] = [outputs, inputs], [outputs]
state = {name: torch.tensor((index + 1) / 64).expand(shape) for index, (name, shape) in enumerate(shapes.items())}

folder = pathlib.Path(__file__).parent
optimizer = {"state": {0: {"step": torch.tensor(3.0), "exp_avg": torch.zeros(2)}}, "param_groups": [{"lr": 0.1, "params": [0]}]}
checkpoint = {"epoch": 3, "model_state_dict": state, "optimizer_state_dict": optimizer, "best": 0.5}
torch.save(checkpoint, folder / "weights_checkpoint.pth")
torch.save({f"module.{name}": tensor for name, tensor in state.items()}, folder / "weights_parallel.pth")
