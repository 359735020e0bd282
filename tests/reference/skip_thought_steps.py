"""Prints, as JSON, the results of 20 training steps of jem's skip-thought in PyTorch.

    cd tests/reference && python skip_thought_steps.py > skip_thought_steps.json

An encoder reads a sentence, and two decoders predict its neighbours: Kiros et al. 2015
(arXiv 1506.06726), eq. 1-9. This implementation is independent of jem: it processes one sentence and
one word at a time, with autograd and in double precision; jem processes packed batches in single
precision, with its own gradients. Weights, sentences and their lengths come from the formula in
`steps.values`. A case has the loss of every step, all gradients of the first step before clipping, and
the 2-norm of every parameter after the last step. The committed values were computed with torch 2.15.0
on the CPU.
"""

import json
from typing import Any

import torch
from steps import rounded, values
from torch import Tensor

STEPS, TRIPLETS, WORDS, EMBEDDING, HIDDEN = 20, 7, 11, 3, 4
END = 0
CASES: dict[str, dict[str, Any]] = {
    "uni": {"direction": "uni", "use_eos": False, "clip": 5.0, "rate": 2e-4},
    "bi": {"direction": "bi", "use_eos": True, "clip": 0.3, "rate": 1e-2},
}


def shapes(direction: str) -> dict[str, tuple[int, ...]]:
    def gru(name: str, d: int, h: int) -> dict[str, tuple[int, ...]]:
        gates = {"w": (d, 2 * h), "u": (h, 2 * h), "b": (2 * h,)}
        candidate = {"wx": (d, h), "ux": (h, h), "bx": (h,)}
        return {f"{name}.{part}": shape for part, shape in (gates | candidate).items()}

    is_bi = direction == "bi"
    found = {"embedding": (WORDS, EMBEDDING), "output": (HIDDEN, WORDS), "bias": (WORDS,)}
    for name in ["forward", "backward"] if is_bi else ["forward"]:
        found |= gru(name, EMBEDDING, HIDDEN // 2 if is_bi else HIDDEN)
    for name in ["previous", "next"]:
        found |= gru(f"{name}.gru", EMBEDDING, HIDDEN)
        found |= {f"{name}.c": (HIDDEN, 2 * HIDDEN), f"{name}.cx": (HIDDEN, HIDDEN)}
    return found


def sentence(name: str) -> list[int]:
    """One to six words other than the end of a sentence."""
    (length,) = values(f"length/{name}", 1)
    words = values(f"words/{name}", 1 + int((float(length) + 1) / 2 * 6))
    return [1 + int((float(word) + 1) / 2 * (WORDS - 1)) for word in words]


class Net:
    def __init__(self, direction: str, use_eos: bool):
        self.is_bi, self.use_eos = direction == "bi", use_eos
        self.parameters = {
            name: torch.from_numpy(values(name, int(torch.Size(shape).numel())).reshape(shape))
            .double()
            .mul_(0.6)
            .requires_grad_()
            for name, shape in shapes(direction).items()
        }

    def step(self, unit: str, x: Tensor, h: Tensor, gates: Any = 0.0, candidate: Any = 0.0) -> Tensor:
        w, u, b, wx, ux, bx = (self.parameters[f"{unit}.{part}"] for part in ["w", "u", "b", "wx", "ux", "bx"])
        r, z = torch.sigmoid(x @ w + h @ u + b + gates).chunk(2)
        bar = torch.tanh(r * (h @ ux) + x @ wx + bx + candidate)
        return z * h + (1 - z) * bar

    def read(self, unit: str, words: list[int]) -> Tensor:
        h = torch.zeros(HIDDEN // 2 if self.is_bi else HIDDEN, dtype=torch.double)
        for word in words:
            h = self.step(unit, self.parameters["embedding"][word], h)
        return h

    def vector(self, words: list[int]) -> Tensor:
        words = words + [END] if self.use_eos else words
        halves = [self.read("forward", words)]
        if self.is_bi:
            halves.append(self.read("backward", words[::-1]))
        return torch.cat(halves)

    def nats(self, decoder: str, words: list[int], vector: Tensor) -> Tensor:
        gates, candidate = vector @ self.parameters[f"{decoder}.c"], vector @ self.parameters[f"{decoder}.cx"]
        h = torch.zeros(HIDDEN, dtype=torch.double)
        x = torch.zeros(EMBEDDING, dtype=torch.double)
        total = torch.zeros((), dtype=torch.double)
        for word in words + [END]:
            h = self.step(f"{decoder}.gru", x, h, gates, candidate)
            logits = h @ self.parameters["output"] + self.parameters["bias"]
            total = total - torch.log_softmax(logits, 0)[word]
            x = self.parameters["embedding"][word]
        return total

    def loss(self, t: int) -> Tensor:
        total = torch.zeros((), dtype=torch.double)
        for i in range(TRIPLETS):
            vector = self.vector(sentence(f"{t}/{i}/this"))
            for decoder in ["previous", "next"]:
                total = total + self.nats(decoder, sentence(f"{t}/{i}/{decoder}"), vector)
        return total / TRIPLETS


def run(name: str, case: dict[str, Any]) -> dict[str, Any]:
    net = Net(case["direction"], case["use_eos"])
    parameters = list(net.parameters.values())
    adam = torch.optim.Adam(parameters, lr=case["rate"], betas=(0.9, 0.999), eps=1e-8)
    losses, gradients = [], {}
    for t in range(STEPS):
        adam.zero_grad()
        loss = net.loss(t)
        loss.backward()
        losses.append(rounded(loss.item()))
        if t == 0:
            flat = {key: parameter.grad.flatten().tolist() for key, parameter in net.parameters.items()}
            gradients = {key: [float(f"{x:.7g}") for x in values] for key, values in flat.items()}
        torch.nn.utils.clip_grad_norm_(parameters, case["clip"])
        adam.step()
    norms = {key: rounded(parameter.norm().item()) for key, parameter in net.parameters.items()}
    return {"name": name} | case | {"losses": losses, "gradients": gradients, "norms": norms}


def main() -> None:
    torch.set_num_threads(1)
    version = torch.__version__.split("+")[0]
    print(f'{{"torch": "{version}", "steps": {STEPS}, "cases": [')
    print(",\n".join(json.dumps(run(name, case)) for name, case in CASES.items()))
    print("]}")


if __name__ == "__main__":
    main()
