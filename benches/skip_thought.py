"""Times training steps of a skip-thought encoder, with jem and with the same formulas in PyTorch.

    python benches/skip_thought.py target/release/jem [--embedding 620] [--hidden 2400] [--words 2482] [--steps 6] [--threads 2]

Sentences have 12 random words, so that no batch has a masked step. Batches have 64 triplets; full softmax, Adam, gradients
clipped to a norm of 5. The time of jem is the one of its progress messages, without the initialisation of weights and the
evaluation of held-out sentences. PyTorch is timed for as many steps after a warm-up step. It computes the inputs of both
decoders and the softmax in one product for all words, as jem does, with gradients by autograd. The two run alternately.
"""

import argparse
import os
import re
import resource
import subprocess
import tempfile
import time
from pathlib import Path

import numpy as np
import torch
from torch import nn

BATCH, LENGTH = 64, 12
PROGRESS = re.compile(r"prepare: text encoder: (\d+) steps(?: \((\d+) done earlier\))? in ([\d.]+) s")


def by_jem(jem: Path, folder: Path, args: argparse.Namespace) -> float:
    """Seconds a step."""
    settings = {
        "text.fit.embedding": args.embedding, "text.fit.hidden": args.hidden, "text.fit.words": args.words,
        "text.fit.batch": BATCH, "text.fit.epochs": 1, "text.fit.held_out": 1 / (args.steps + 2),
    }
    command = [jem, "weights", "fit", "skip-thought", "--corpus", folder / "corpus.txt", "--out", folder / "encoder.safetensors"]
    command += [part for key, value in settings.items() for part in ("--set", f"{key}={value}")]
    environment = {**os.environ, "RAYON_NUM_THREADS": str(args.threads)}
    with tempfile.TemporaryDirectory(dir=folder) as place:
        output = subprocess.run(command, cwd=place, check=True, capture_output=True, text=True, env=environment)
    steps, before, seconds = PROGRESS.search(output.stderr).groups()
    return float(seconds) / (int(steps) - int(before or 0))


class Unit(nn.Module):
    def __init__(self, inputs: int, states: int, given: int = 0):
        super().__init__()
        self.w = nn.Parameter(torch.empty(inputs, 3 * states).uniform_(-0.1, 0.1))
        self.u = nn.Parameter(torch.empty(states, 3 * states).uniform_(-0.02, 0.02))
        self.b = nn.Parameter(torch.zeros(3 * states))
        self.c = nn.Parameter(torch.empty(given, 3 * states).uniform_(-0.1, 0.1)) if given else None

    def forward(self, inputs: torch.Tensor, state: torch.Tensor, given: torch.Tensor | None = None) -> torch.Tensor:
        """All states, `[batch, steps, states]`."""
        projected = inputs @ self.w + self.b
        if given is not None:
            projected = projected + (given @ self.c)[:, None]
        n, seen = state.shape[1], []
        for step in range(inputs.shape[1]):
            taken = state @ self.u
            gates = torch.sigmoid(projected[:, step, : 2 * n] + taken[:, : 2 * n])
            reset, update = gates[:, :n], gates[:, n:]
            candidate = torch.tanh(reset * taken[:, 2 * n :] + projected[:, step, 2 * n :])
            state = update * state + (1 - update) * candidate
            seen.append(state)
        return torch.stack(seen, 1)


class Net(nn.Module):
    def __init__(self, words: int, embedding: int, hidden: int):
        super().__init__()
        self.embedding = nn.Parameter(torch.empty(words, embedding).uniform_(-0.1, 0.1))
        self.encoder = Unit(embedding, hidden)
        self.decoders = nn.ModuleList(Unit(embedding, hidden, hidden) for _ in range(2))
        self.output = nn.Linear(hidden, words)

    def forward(self, this: torch.Tensor, others: list[torch.Tensor]) -> torch.Tensor:
        zero = torch.zeros(this.shape[0], self.encoder.u.shape[0])
        vector = self.encoder(self.embedding[this], zero)[:, -1]
        loss = 0.0
        for unit, target in zip(self.decoders, others):
            # The first word is predicted from zeros, the end of the sentence from the last word.
            inputs = torch.cat([torch.zeros(len(target), 1, self.embedding.shape[1]), self.embedding[target[:, :-1]]], 1)
            logits = self.output(unit(inputs, zero, vector).flatten(0, 1))
            loss = loss + nn.functional.cross_entropy(logits, target.flatten(), reduction="sum")
        return loss / len(this)


def by_torch(sentences: np.ndarray, args: argparse.Namespace) -> float:
    net = Net(args.words, args.embedding, args.hidden)
    adam = torch.optim.Adam(net.parameters(), lr=2e-4)
    ended = torch.from_numpy(np.concatenate([sentences, np.zeros((len(sentences), 1), np.int64)], 1))
    start = 0.0
    for step in range(args.steps + 1):
        if step == 1:
            start = time.perf_counter()
        middle = 1 + step * (BATCH + 2) + torch.arange(BATCH)
        loss = net(ended[middle, :-1], [ended[middle - 1], ended[middle + 1]])
        adam.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(net.parameters(), 5.0)
        adam.step()
    return (time.perf_counter() - start) / args.steps


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("jem", type=Path)
    for name, value in (("embedding", 620), ("hidden", 2400), ("words", 2482), ("steps", 6), ("rounds", 2), ("threads", 2)):
        parser.add_argument(f"--{name}", type=int, default=value)
    args = parser.parse_args()
    args.jem = args.jem.resolve()
    torch.set_num_threads(args.threads)
    random = np.random.default_rng(1)
    # A document has the triplets of one step; one document is held out.
    sentences = random.integers(2, args.words, ((args.steps + 2) * (BATCH + 2), LENGTH))
    print(f"{args.embedding} numbers a word, {args.hidden} a state, at most {args.words} words, {args.threads} threads, torch {torch.__version__}")
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        lines = [" ".join(f"word{word}" for word in sentence) for sentence in sentences]
        documents = ["\n".join(lines[start : start + BATCH + 2]) for start in range(0, len(lines), BATCH + 2)]
        (folder / "corpus.txt").write_text("\n\n".join(documents) + "\n")
        for _ in range(args.rounds):
            jem, other = by_jem(args.jem, folder, args), by_torch(sentences, args)
            print(f"jem {jem:.2f} s a step, torch {other:.2f} s: {jem / other:.2f}", flush=True)
    print(f"peak memory of jem {resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 2**20:.1f} GiB")


if __name__ == "__main__":
    main()
