"""Writes files in the format of the published skip-thought encoder, with random weights, and the vectors of captions.

    python skip_thought.py small DIR   word vectors of dimension 6, units of 5 and 2 x 4: stored as tests/reference/skip_thought/
    python skip_thought.py full DIR    the published dimensions, for the test that reads DIR from JEM_TEST_SKIP_THOUGHT

Requires numpy and nltk (used: numpy 2.4.6, nltk 3.10.4, Python 3.11). The tables are object arrays of rows: utable.npy is
pickled with the opcodes of Python 2, like the published tables, btable.npy by the current numpy. expected_*.npy are computed
in double precision from the formulas of Kiros et al. 2015, with the published order of the gates and the words of NLTK.
"""
import io
import json
import pickle
import struct
import sys
from pathlib import Path

import numpy as np

import tokens

KNOWN = "a the flower this is has red white petals and , . ! ? ca n't 's It it `` '' ( ) - of with in stamen yellow".split()
CAPTIONS = [
    "",
    "  ",
    "flower",
    "...",
    "?!",
    "this flower is red",
    "This flower isn't red, it's white! Can't it be yellow?",
    "the \"petals\" (of the flower) are -- in part -- mauve.",
    "zygomorphic unheard-of words",
    "UNK is red and it has a stamen. It is white.",
    "it has red petals with a yellow stamen",
    " ".join((KNOWN[:3] * 20)[:60]),
]


def python2_pickle(rows):
    """The pickle of an object array of rows, as written by cPickle of Python 2 in protocol 2."""
    memo = iter(range(1, 1 << 30))

    def put():
        number = next(memo)
        return b"q" + bytes([number]) if number < 256 else b"r" + struct.pack("<I", number)

    def string(value):
        short = b"U" + bytes([len(value)]) if len(value) < 256 else b"T" + struct.pack("<I", len(value))
        return short + value + put()

    def number(value):
        return b"K" + bytes([value]) if value < 256 else b"M" + struct.pack("<H", value)

    out = io.BytesIO()
    out.write(b"\x80\x02cnumpy.core.multiarray\n_reconstruct\n" + put() + b"cnumpy\nndarray\n" + put() + b"K\x00\x85" + put())
    out.write(b"U\x01b\x87" + put() + b"R" + put())
    out.write(b"(K\x01" + number(len(rows)) + b"\x85cnumpy\ndtype\n")
    dtype = next(memo)
    out.write(b"q" + bytes([dtype]) + string(b"O8") + b"K\x00K\x01\x87" + put() + b"R" + put())
    out.write(b"(K\x03U\x01|NNNJ\xff\xff\xff\xffJ\xff\xff\xff\xffK?tb\x89]" + put() + b"(")
    float32 = None
    for index, row in enumerate(rows):
        if index and index % 1000 == 0:
            out.write(b"e(")
        out.write(b"h\x01h\x02K\x00\x85" + put() + b"U\x01b\x87" + put() + b"R" + put())
        out.write(b"(K\x01" + (number(1) + number(row.size) + b"\x86" if row.ndim == 2 else number(row.size) + b"\x85") + put())
        if float32 is None:
            out.write(b"h" + bytes([dtype]) + string(b"f4") + b"K\x00K\x01\x87" + put() + b"R")
            float32 = next(memo)
            out.write(b"q" + bytes([float32]) + b"(K\x03U\x01<NNNJ\xff\xff\xff\xffJ\xff\xff\xff\xffK\x00tb")
        else:
            out.write(b"h" + bytes([float32]))
        out.write(b"\x89" + string(row.tobytes()) + b"t" + put() + b"b")
    out.write(b"et" + put() + b"b.")
    loaded = pickle.loads(out.getvalue(), encoding="latin1")
    assert len(loaded) == len(rows) and all((a == b).all() for a, b in zip(loaded, rows))
    return out.getvalue()


def objects(rows):
    array = np.empty(len(rows), object)
    for index, row in enumerate(rows):
        array[index] = row
    return array


def unit(random, prefix, d, h):
    def values(*shape, scale):
        return (random.standard_normal(shape) * scale).astype("<f4")

    return {
        f"{prefix}_W": values(d, 2 * h, scale=0.5 / d**0.5), f"{prefix}_b": values(2 * h, scale=0.2),
        f"{prefix}_U": values(h, 2 * h, scale=1 / h**0.5), f"{prefix}_Wx": values(d, h, scale=0.5 / d**0.5),
        f"{prefix}_Ux": np.asfortranarray(values(h, h, scale=1 / h**0.5)), f"{prefix}_bx": values(h, scale=0.2),
    }


def last(parameters, prefix, rows):
    w, u, b, wx, ux, bx = (parameters[f"{prefix}_{name}"].astype("f8") for name in ("W", "U", "b", "Wx", "Ux", "bx"))
    n = wx.shape[1]
    state = np.zeros(n)
    for x in rows.astype("f8"):
        gates = 1 / (1 + np.exp(-(x @ w + state @ u + b)))
        reset, update = gates[:n], gates[n:]
        candidate = np.tanh(reset * (state @ ux) + x @ wx + bx)
        state = update * state + (1 - update) * candidate
    return state


def unit_length(vector):
    norm = np.linalg.norm(vector)
    return vector / norm if norm > 0 else vector


def main(kind, folder):
    d, uni, bi = {"small": (6, 5, 4), "full": (620, 2400, 1200)}[kind]
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    random = np.random.default_rng(7)
    words = ["<eos>", "UNK", *KNOWN]
    (folder / "dictionary.txt").write_text("".join(word + "\n" for word in words), encoding="utf-8")
    tables = {}
    for name in ("utable", "btable"):
        rows = [random.standard_normal((1, d) if i % 3 else d).astype("<f4") for i in range(len(words))]
        tables[name] = np.stack([row.reshape(-1) for row in rows])
        if name == "utable":
            header = io.BytesIO()
            np.lib.format.write_array_header_1_0(header, {"descr": "|O", "fortran_order": False, "shape": (len(rows),)})
            (folder / "utable.npy").write_bytes(header.getvalue() + python2_pickle(rows))
        else:
            np.save(folder / "btable.npy", objects(rows), allow_pickle=True)
    parameters = {"Wemb": np.zeros((3, d), "<f4"), "decoder_f_W": np.zeros((2, 2), "<f4"), **unit(random, "encoder", d, uni)}
    np.savez(folder / "uni_skip.npz", **parameters)
    both = {**unit(random, "encoder", d, bi), **unit(random, "encoder_r", d, bi)}
    np.savez_compressed(folder / "bi_skip.npz", **both)
    options = {"dim_word": d, "encoder": "gru", "reload_": False, "decay_c": 0.0, "saveto": "x.npz", "dictionary": None, "sizes": [1, 2]}
    (folder / "uni_skip.npz.pkl").write_bytes(pickle.dumps({**options, "dim": uni}, 2))
    (folder / "bi_skip.npz.pkl").write_bytes(pickle.dumps({**options, "dim": bi}, 0))
    row_of = {word: row for row, word in enumerate(words)}
    captions = [result["tokens"] for result in tokens.tokenised(CAPTIONS)]
    (folder / "captions.json").write_text(json.dumps(CAPTIONS), encoding="utf-8")
    for use_eos in (False, True):
        vectors = []
        for caption in captions:
            rows = [row_of.get(word, row_of["UNK"]) for word in caption] + [row_of["<eos>"]] * use_eos
            forwards, backwards = tables["utable"][rows], tables["btable"][rows]
            halves = [last(both, "encoder", backwards), last(both, "encoder_r", backwards[::-1])]
            vectors.append(np.concatenate([unit_length(last(parameters, "encoder", forwards)), unit_length(np.concatenate(halves))]))
        np.save(folder / f"expected_{'eos' if use_eos else 'plain'}.npy", np.stack(vectors).astype("<f4"))


main(*sys.argv[1:])
