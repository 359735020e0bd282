"""Writes pickles for the tests of src/text/skip_thought/pickle: python pickles.py OUT.json, stored as tests/reference/pickles.json.

Requires numpy (used: 2.4.6, Python 3.11). `rows`: object arrays of three rows, the last of which is the same object as the
first. `options`: a dict. `hostile`: invalid or malicious pickles, each with a part of the expected error message.
"""
import base64
import io
import json
import os
import pickle
import struct
import sys

import numpy as np

OPTIONS = {"dim_word": 620, "dim": 2400, "encoder": "gru", "reload_": False, "decay_c": 0.25, "no": None, "big": 70000,
           "minus": -3, "long": 1 << 40, "text": "it's é\n\\ €", "list": [1, "two", (3.5, True)], "more": {"a": 1}}


class Call:
    def __init__(self, function, *arguments):
        self.call = (function, arguments)

    def __reduce__(self):
        return self.call


class New:
    pass


class Persistent(pickle.Pickler):
    def persistent_id(self, value):
        return "17" if isinstance(value, New) else None


def persistent(protocol):
    out = io.BytesIO()
    Persistent(out, protocol).dump([New()])
    return out.getvalue()


def rows(protocol):
    array = np.empty(3, object)
    array[0] = array[2] = np.array([[1, 2.5]], "<f4")
    array[1] = np.array([-3, 4], "<f4")
    return pickle.dumps(array, protocol)


def one(row):
    array = np.empty(1, object)
    array[0] = row
    return pickle.dumps(array, 4)


def nested(depth, make, protocol):
    value = ()
    for _ in range(depth):
        value = make(value)
    return pickle.dumps(value, protocol)


HOSTILE = [
    *((pickle.dumps(Call(os.system, "true"), protocol), f"{os.system.__module__}.system") for protocol in range(6)),
    (b"cos\nsystem\n(S'true'\ntR.", "os.system"),
    *((pickle.dumps(Call(eval, "1"), protocol), "eval") for protocol in range(6)),
    (b"(S'true'\nios\nsystem\n.", "os.system"),
    (pickle.dumps([Call(os.system, "true")], 2), "system"),
    (pickle.dumps(New(), 2), "__main__.New"), (pickle.dumps(New(), 4), "__main__.New"),
    (b"\x80\x02cnumpy\nndarray\n)\x81.", "NEWOBJ"),
    (b"\x80\x04\x8c\x05numpy\x8c\x04load\x93.", "numpy.load"),
    (b"\x80\x02cnumpy\nndarray\n(K\x01tR.", "unexpected arguments"),
    (b"\x80\x02cnumpy.core.multiarray\n_reconstruct\n(cnumpy\nndarray\nK\x09\x85U\x01btR.", "unexpected arguments"),
    (b"\x80\x04c_codecs\nencode\n(X\x01\x00\x00\x00aX\x05\x00\x00\x00rot13tR.", "unexpected arguments"),
    (persistent(0), "PERSID"), (persistent(2), "BINPERSID"),
    (b"\x80\x02\x82\x01.", "EXT1"), (b"\x80\x05\x97.", "NEXT_BUFFER"), (b"\x80\x04]\x8f.", "EMPTY_SET"), (b"\xff.", "0xff"),
    (nested(200, lambda value: (value,), 2), "nested tuples"),
    (b"\x8e" + struct.pack("<Q", 1 << 60), "bytes of a string"), (b"B\xff\xff\xff\xff", "bytes of a string"),
    (b"T\xff\xff\xff\x7f", "bytes of a string"), (b"\x80\x04X\xff\xff\xff\xff", "bytes of a string"),
    (b"C\x05abc", "truncated at byte"), (b"", "truncated at byte 0"), (b"\x80", "truncated at byte 1"),
    (b"\x80\x09.", "protocol 9"), (b"h\x05.", "missing memo value 5"), (b"0.", "POP"), (b"a.", "missing value"), (b"t.", "mark"),
    (b"N.N", "after the end"), (b"NN.", "more than one value"), (b".", "missing value"), (b"](Na.", "missing value"),
    (b"}(Nu.", "key without"), (b"Nb.", "state without"), (b"NNR.", "None is called"),
    (one(np.array([1.0])), '"f8"'), (one(np.array([1], ">f4")), "big-endian"), (one(np.ones((2, 2), "<f4")), "shape [2, 2]"),
    (one(np.array([], "<f4")), "and 0 bytes"), (one("text"), "not a row"), (one(None), "not a row"), (pickle.dumps(np.ones(3, "<f4"), 4), "no array of objects"),
    (one(np.array(["a"], object)), "set twice"), (rows(2), "more rows than 1"), (pickle.dumps({}, 2), "no array of objects"),
]


def text(data):
    return base64.b64encode(data).decode()


if __name__ == "__main__":
    contents = {
        "rows": [text(rows(protocol)) for protocol in range(2, 6)],
        "options": [text(pickle.dumps(OPTIONS, protocol)) for protocol in range(6)],
        "hostile": [[text(data), part] for data, part in HOSTILE],
    }
    with open(sys.argv[1], "w", encoding="utf-8") as file:
        json.dump(contents, file, indent=0)
        file.write("\n")
