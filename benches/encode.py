"""Times encoding of captions by uni-skip at its published size, with jem and with the same formulas in PyTorch.

    python benches/encode.py target/release/jem [--captions 256] [--rows 2000] [--rounds 3] [--threads 2]

It writes files in the published format with random weights (word vectors of 620 dimensions, states of 2400; --rows 850000
gives a table of 2 GB). The time of jem is that of a process with all captions minus that of a process with one caption, so
that loading is not included. PyTorch is timed without loading, in batches of equal length of at most 128, with one matrix
product of the state in each step, as in jem. The two run alternately. Peak memory is that of the largest process of jem.
"""

import argparse
import collections
import json
import os
import resource
import subprocess
import tempfile
import time
from pathlib import Path

import numpy as np
import torch

WIDTH, STATE = 620, 2400


def write(folder: Path, rows: int, random: np.random.Generator) -> tuple[np.ndarray, dict[str, np.ndarray]]:
    words = ["<eos>", "UNK", *(f"word{at}" for at in range(rows - 2))]
    (folder / "dictionary.txt").write_text("".join(f"{word}\n" for word in words))
    table = random.standard_normal((rows, WIDTH), dtype=np.float32)
    listed = np.empty(rows, object)
    for at in range(rows):
        listed[at] = table[at]
    np.save(folder / "utable.npy", listed, allow_pickle=True)

    def weights(*shape: int) -> np.ndarray:
        return random.standard_normal(shape, dtype=np.float32) / np.float32(shape[0] ** 0.5)

    unit = {
        "encoder_W": weights(WIDTH, 2 * STATE), "encoder_U": weights(STATE, 2 * STATE), "encoder_b": weights(2 * STATE),
        "encoder_Wx": weights(WIDTH, STATE), "encoder_Ux": weights(STATE, STATE), "encoder_bx": weights(STATE),
    }
    np.savez(folder / "uni_skip.npz", **unit)
    (folder / "uni_skip.npz.json").write_text(json.dumps({"dim_word": WIDTH, "dim": STATE, "encoder": "gru"}))
    return table, unit


@torch.no_grad()
def by_torch(captions: list[list[int]], table: np.ndarray, unit: dict[str, np.ndarray]) -> np.ndarray:
    of = {name: torch.from_numpy(array) for name, array in unit.items()}
    inputs = torch.cat([of["encoder_W"], of["encoder_Wx"]], 1)
    states = torch.cat([of["encoder_U"], of["encoder_Ux"]], 1)
    bias = torch.cat([of["encoder_b"], of["encoder_bx"]])
    lengths = collections.defaultdict(list)
    for at, caption in enumerate(captions):
        lengths[len(caption)].append(at)
    vectors = np.empty((len(captions), STATE), np.float32)
    for length, places in lengths.items():
        for start in range(0, len(places), 128):
            batch = places[start : start + 128]
            projected = torch.from_numpy(table[np.array([captions[at] for at in batch])]) @ inputs + bias
            state = torch.zeros(len(batch), STATE)
            for step in range(length):
                taken = state @ states
                gates = torch.sigmoid(projected[:, step, : 2 * STATE] + taken[:, : 2 * STATE])
                reset, update = gates[:, :STATE], gates[:, STATE:]
                candidate = torch.tanh(reset * taken[:, 2 * STATE :] + projected[:, step, 2 * STATE :])
                state = update * state + (1 - update) * candidate
            vectors[batch] = (state / state.norm(dim=1, keepdim=True)).numpy()
    return vectors


def by_jem(jem: Path, folder: Path, captions: list[list[int]], threads: int) -> float:
    text = folder / "captions.txt"
    text.write_text("".join(" ".join(f"word{row - 2}" for row in caption) + "\n" for caption in captions))
    out = folder / "out.safetensors"
    command = [jem, "encode", "--captions", text, "--weights", folder, "--out", out, "--force", "--quiet", "--device", "cpu"]
    start = time.perf_counter()
    environment = {**os.environ, "RAYON_NUM_THREADS": str(threads)}
    subprocess.run(command, cwd=folder, check=True, capture_output=True, env=environment)
    return time.perf_counter() - start


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("jem", type=Path)
    parser.add_argument("--captions", type=int, default=256)
    parser.add_argument("--rows", type=int, default=2000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--threads", type=int, default=2)
    args = parser.parse_args()
    torch.set_num_threads(args.threads)
    random = np.random.default_rng(1)
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        table, unit = write(folder, args.rows, random)
        captions = [random.integers(2, args.rows, random.integers(8, 20)).tolist() for _ in range(args.captions)]
        jem = args.jem.resolve()
        by_jem(jem, folder, captions[:1], args.threads)
        print(f"{args.captions} captions, {args.rows} rows, {args.threads} threads, torch {torch.__version__}")
        for _ in range(args.rounds):
            whole, loading = by_jem(jem, folder, captions, args.threads), by_jem(jem, folder, captions[:1], args.threads)
            start = time.perf_counter()
            vectors = by_torch(captions, table, unit)
            other = time.perf_counter() - start
            print(f"jem {whole - loading:.2f} s (and {loading:.2f} s loading), torch {other:.2f} s: {(whole - loading) / other:.2f}")
        from safetensors.numpy import load_file

        by_jem(jem, folder, captions, args.threads)
        off = np.abs(load_file(folder / "out.safetensors")["vectors"] - vectors).max()
        print(f"largest difference of the vectors {off:.1e}")
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    print(f"peak memory of jem {peak:.0f} MiB")


if __name__ == "__main__":
    main()
