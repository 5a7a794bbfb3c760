# SPDX-License-Identifier: Apache-2.0
"""The record of a run (bench/runs/README.md), from arrays of any framework."""

import json
import struct
import subprocess
import tempfile
from pathlib import Path

import numpy

from . import library

MOST_COORDINATES = 1000
# What numpy makes of a bfloat16, which it has not: two bytes, as in a file that ml_dtypes wrote.
BFLOAT16 = numpy.dtype("V2")
SAFETENSORS = {"float16": "F16", "float32": "F32", "float64": "F64", "int64": "I64", "bool": "BOOL"}
SAFETENSORS[str(BFLOAT16)] = "BF16"
PER_STEP = ("learning_rate", "weight_decay", "t", "skipped")


class Refused(ValueError):
    """What the record of a run has no place for."""


class OtherCoordinates(Refused):
    """A record of others than those that are to be added to it."""


def as_row(arrays):
    """All numbers of an array, a list of arrays or a dict of them, side by side."""
    if isinstance(arrays, dict):
        arrays = [arrays[name] for name in sorted(arrays)]
    if isinstance(arrays, (list, tuple)) and any(numpy.ndim(x) for x in arrays):
        rows = [as_row(array) for array in arrays]
        kinds = sorted({str(row.dtype) for row in rows})
        if len(kinds) > 1:
            raise Refused(f"the arrays are {' and '.join(kinds)}; record each type by itself")
        return numpy.concatenate(rows)
    row = numpy.asarray(arrays).reshape(-1)
    return row.view(BFLOAT16) if str(row.dtype) == "bfloat16" else row


def chosen_columns(count, most, seed):
    """A sample of the columns in their order, by a seed; all where there are no more."""
    if count <= most:
        return numpy.arange(count)
    return numpy.sort(numpy.random.default_rng(seed).choice(count, most, replace=False))


def as_written(gradient):
    """A gradient in a type that the record has; nothing is rounded."""
    if gradient.dtype == BFLOAT16:
        return (gradient.view(numpy.uint16).astype(numpy.uint32) << 16).view(numpy.float32)
    if str(gradient.dtype) not in SAFETENSORS or gradient.dtype.kind != "f":
        raise Refused(f"the gradients are {gradient.dtype}; float64, float32, float16 are recorded")
    return gradient


def require_type(kind):
    if str(kind) not in ("float32", "float64", "bfloat16", str(BFLOAT16)):
        raise Refused(
            f"the parameters are {kind}; this records float32, float64 and bfloat16: "
            "record the float32 master weights"
        )


class Recorder:
    """A run of an optimizer: the parameters before the first step, then step after step.

        run = truestep.Recorder(params)
        for ...:
            ...  # the framework's own step, from params and grads to new_params
            run.step(grads, new_params, learning_rate=rate)
        run.save("run.safetensors")

    Parameters and gradients are an array, or a list or a dict of arrays. Of more than `coordinates`
    numbers a sample is kept, by the seed. With `continues`, the file of a run that ended where this
    one begins, the record is that of both.
    """

    def __init__(self, params, *, coordinates=MOST_COORDINATES, seed=1, continues=None):
        row = as_row(params)
        require_type(row.dtype)
        self.type, self.count = row.dtype, len(row)
        self.columns = chosen_columns(self.count, coordinates, seed)
        self.params, self.grads, self.numbers = [], [], []
        if continues is not None:
            self.take_up(continues)
        self.begin(row[self.columns])

    def begin(self, row):
        if self.params and not same_bits(self.params[-1], row):
            differing = sum(not same_bits(a, b) for a, b in zip(self.params[-1], row))
            raise Refused(
                f"the parameters are not those with which the earlier run ended: "
                f"{differing} of {len(row)} differ"
            )
        if not self.params:
            self.params.append(numpy.array(row))

    def take_up(self, file):
        arrays = load(file)
        if "columns" not in arrays or not numpy.array_equal(arrays["columns"], self.columns):
            raise OtherCoordinates(f"{file}: is the record of other coordinates")
        kind = arrays["params"].dtype
        if kind != self.type:
            raise Refused(f"{file}: is {kind}, and the parameters are {self.type}")
        self.params, self.grads = list(arrays["params"]), list(arrays["grads"])
        for t in range(len(self.grads)):
            self.numbers.append({k: arrays[k][t] for k in PER_STEP if k in arrays})

    def step(self, grads, params, *, learning_rate=None, weight_decay=None, t=None, skipped=False):
        """One step: the gradients that it used, and the parameters after it.

        Numbers that change from step to step are told at every one. A step that was skipped, as for
        gradients that overflowed, has to leave the parameters as they are.
        """
        row, gradient = as_row(params), as_row(grads)
        for name, given in (("parameters", row), ("gradients", gradient)):
            if len(given) != self.count:
                raise Refused(f"{len(given)} {name} at step {self.steps + 1}, {self.count} before")
        if row.dtype != self.type:
            raise Refused(f"the parameters were {self.type} and are {row.dtype} after a step")
        told = {"learning_rate": learning_rate, "weight_decay": weight_decay, "t": t}
        told = {name: value for name, value in told.items() if value is not None}
        self.keep(gradient[self.columns], row[self.columns], told, skipped)

    def keep(self, gradient, row, told, skipped=False):
        gradient = as_written(gradient)
        first = set(self.numbers[0]) - {"skipped"} if self.numbers else set(told)
        if first != set(told):
            now = f"numbers {sorted(told)} at step {self.steps + 1}"
            raise Refused(f"{now}, {sorted(first)} before")
        if gradient.dtype == numpy.float64 and self.type != numpy.float64:
            if numpy.any(gradient.astype(numpy.float32) != gradient):
                kind = "bfloat16" if self.type == BFLOAT16 else self.type
                raise Refused(f"the gradients are float64 where the parameters are {kind}")
        self.params.append(numpy.array(row))
        self.grads.append(numpy.array(gradient))
        self.numbers.append(told | ({"skipped": True} if skipped else {}))

    @property
    def steps(self):
        return len(self.grads)

    def arrays(self):
        """What a file of the run holds, by name."""
        if not self.grads:
            raise Refused("no step was recorded")
        named = {"params": numpy.stack(self.params), "grads": numpy.stack(self.grads)}
        for name in ("learning_rate", "weight_decay"):
            if name in self.numbers[0]:
                named[name] = numpy.array([float(x[name]) for x in self.numbers])
        if "t" in self.numbers[0]:
            named["t"] = numpy.array([int(x["t"]) for x in self.numbers])
        if any("skipped" in x for x in self.numbers):
            named["skipped"] = numpy.array([bool(x.get("skipped")) for x in self.numbers])
        return named | {"columns": self.columns.astype(numpy.int64)}

    def save(self, file, about=None):
        """Writes a .safetensors or .npz file. Returns its name."""
        write(file, self.arrays(), about or {})
        return str(file)

    def identify(self, rule, *arguments):
        """What `truestep identify RULE` says of the run. `arguments` are more of its own, such as
        "--beta1", "0.9" for what is known."""
        return identified(self.arrays(), rule, arguments)


def same_bits(a, b):
    return a.tobytes() == b.tobytes()


class Identified:
    """What `truestep identify` said: true where some convention fits. str() is all of it."""

    STATUS = {0: "consistent", 1: "excluded", 3: "not determined"}

    def __init__(self, status, text, consistent):
        self.status = self.STATUS[status]
        self.text, self.consistent = text, consistent  # the names of the conventions that fit

    def __bool__(self):
        return self.status == "consistent"

    def __str__(self):
        return self.text

    def __repr__(self):
        return self.text.split("\n\n")[0].strip()


def identified(arrays, rule, arguments=()):
    """What the program says of a file with these arrays, which is not kept."""
    command = [library.program(), "identify", rule, *map(str, arguments), "--run"]

    def start(*more):
        return subprocess.Popen([*command, *more], stdout=subprocess.PIPE, stderr=subprocess.PIPE)

    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "run.safetensors")
        write(file, arrays, {})
        with start(file) as of_text, start(file, "--json") as of_json:
            (text, said), (details, _) = of_text.communicate(), of_json.communicate()
    if of_text.returncode not in Identified.STATUS:
        raise Refused(said.decode().strip())
    text = text.decode().partition("\nRerun: ")[0]
    return Identified(of_text.returncode, text, json.loads(details)["consistent"])


def write(file, arrays, about):
    """A file of named arrays. A name that ends otherwise is an error."""
    if str(file).endswith(".npz"):
        numpy.savez(file, **arrays)
    elif str(file).endswith(".safetensors"):
        Path(file).write_bytes(safetensors(arrays, about))
    else:
        raise ValueError(f"file = {file} ends neither in .npz nor in .safetensors")


def safetensors(arrays, about):
    header, data = {"__metadata__": {k: str(v) for k, v in about.items()}}, b""
    if not about:
        del header["__metadata__"]
    for name, array in arrays.items():
        plain = array.view(numpy.uint16) if array.dtype == BFLOAT16 else array
        plain = numpy.ascontiguousarray(plain, plain.dtype.newbyteorder("<"))
        end = len(data) + plain.nbytes
        header[name] = {
            "dtype": SAFETENSORS[str(array.dtype)],
            "shape": list(array.shape),
            "data_offsets": [len(data), end],
        }
        data += plain.tobytes()
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    return struct.pack("<Q", len(text)) + text + data


def load(file):
    """The arrays of a file that `write` wrote."""
    if str(file).endswith(".npz"):
        with numpy.load(file) as arrays:
            return dict(arrays)
    raw = Path(file).read_bytes()
    (length,) = struct.unpack("<Q", raw[:8])
    kinds = {word: kind for kind, word in SAFETENSORS.items()}
    arrays = {}
    for name, about in json.loads(raw[8 : 8 + length]).items():
        if name != "__metadata__":
            first, last = (8 + length + x for x in about["data_offsets"])
            array = numpy.frombuffer(raw[first:last], kinds[about["dtype"]])
            arrays[name] = array.reshape(about["shape"])
    return arrays
