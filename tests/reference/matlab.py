"""Writes matlab.json: MATLAB files written by scipy, and their values. Requires numpy and scipy.

Levels 4 and 5, compressed or not, row or column vectors, all real numeric classes. scipy writes only the byte order of this
machine: files of the other byte order are assembled here, and scipy reads them as a check.
"""

import base64
import io
import json
import pathlib
import struct

import numpy
import scipy.io

CLASSES = ["int8", "uint8", "int16", "uint16", "int32", "uint32", "int64", "uint64", "single", "double"]
# Data types (miINT8, ...) and array classes by the names of numpy (MAT-File Format, tables 1-1 and 1-3).
ELEMENT = dict(zip(CLASSES, [1, 2, 3, 4, 5, 6, 12, 13, 7, 9]))
ARRAY = dict(zip(CLASSES, [8, 9, 10, 11, 12, 13, 14, 15, 7, 6]))
VALUES = [77, 1, 102, 5, 33]


def saved(array, **how):
    file = io.BytesIO()
    scipy.io.savemat(file, {"other": numpy.arange(2.0), "labels": array}, **how)
    written = file.getvalue()
    # The text of the header contains the date, so it is replaced.
    return written if how.get("format") == "4" else b"MATLAB 5.0 MAT-file by scipy".ljust(116) + written[116:]


def element(kind, payload):
    tag = struct.pack(">II", kind, len(payload))
    return tag + payload + bytes(-len(payload) % 8)


def big_endian_5(array):
    name = array.dtype.name.replace("float64", "double").replace("float32", "single")
    body = element(6, struct.pack(">II", ARRAY[name], 0)) + element(5, struct.pack(">ii", *array.shape))
    # A name of at most four bytes would be stored in the tag, but this one has six bytes.
    body += element(1, b"labels")
    body += element(ELEMENT[name], array.astype(array.dtype.newbyteorder(">")).tobytes())
    return b"MATLAB 5.0 MAT-file".ljust(116) + bytes(8) + b"\x01\x00MI" + element(14, body)


def big_endian_4(array, digit):
    head = struct.pack(">5i", 1000 + 10 * digit, *array.shape, 0, len("labels") + 1)
    return head + b"labels\0" + array.astype(array.dtype.newbyteorder(">")).tobytes()


files = {}
for shape in [(1, -1), (-1, 1)]:
    side = "row" if shape[0] == 1 else "column"
    for kind in CLASSES:
        array = numpy.array(VALUES, dtype=kind).reshape(shape)
        files[f"5 {kind} {side}"] = saved(array)
        files[f"5 {kind} {side} compressed"] = saved(array, do_compression=True)
        files[f"5 {kind} {side} big"] = big_endian_5(array)
    for kind, digit in [("double", 0), ("single", 1), ("int32", 2), ("int16", 3), ("uint16", 4), ("uint8", 5)]:
        array = numpy.array(VALUES, dtype=kind).reshape(shape)
        files[f"4 {kind} {side}"] = saved(array, format="4")
        files[f"4 {kind} {side} big"] = big_endian_4(array, digit)

for name, file in files.items():
    found = scipy.io.loadmat(io.BytesIO(file))["labels"]
    assert found.ravel().tolist() == VALUES, name

# Values that are not real vectors.
others = {
    "complex": saved(numpy.array([[1 + 2j, 3]])),
    "matrix": saved(numpy.ones((2, 3))),
    "text": saved("labels"),
    "sparse": saved(scipy.sparse.csc_matrix(numpy.eye(3)[:1])),
    "struct": saved({"a": 1}),
    "cell": saved(numpy.array([1, "two"], dtype=object)),
}
encoded = lambda group: {name: base64.b64encode(file).decode() for name, file in group.items()}
contents = {"values": VALUES, "vectors": encoded(files), "others": encoded(others)}
pathlib.Path(__file__).with_suffix(".json").write_text(json.dumps(contents, indent=0) + "\n")
