#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Records libtorch's optimizers in C++: libtorch_runs.py FOLDER.

The program built from libtorch_runs.cpp has to be in the folder. The classes are held to the
statements of torch.optim's; there is no Adadelta, and nothing can be maximized.
"""

import subprocess
import sys
from pathlib import Path

import numpy
from runs import record
from torch_cases import CASES, numbers, options

folder = Path(sys.argv[1])
program = str(folder / "libtorch_runs")
version = "libtorch " + subprocess.check_output([program, "version"], text=True).strip()


def stepped(name, kind, given):
    """The parameters after each step."""
    start, gradients = (numpy.load(folder / "inputs" / f"{x}-{kind}.npy") for x in ("start", "grads"))
    told = {key: value for key, value in given.items() if key != "betas"}
    told |= dict(zip(("beta1", "beta2"), given.get("betas", ())))
    words = [f"{key}={float(value)!r}" for key, value in told.items()]
    after = subprocess.run(
        [program, name, kind, str(len(start)), *words],
        input=start.tobytes() + gradients.tobytes(),
        stdout=subprocess.PIPE,
        check=True,
    ).stdout
    return numpy.frombuffer(after, gradients.dtype).reshape(gradients.shape)


for place, (name, given) in enumerate(CASES):
    if name == "Adadelta" or "maximize" in given:
        continue
    facts = {
        "class": f"pytorch.{name}",
        "numbers": numbers(given),
        "options": options(given),
        "coefficients": "double",
        "version": version,
    }
    for kind in ("f4", "f8"):
        rows = stepped(name, kind, given)
        record(
            folder,
            f"libtorch-{place:02}-{name}",
            lambda theta, gradient, t, rows=rows: rows[t - 1],
            facts,
            kind,
        )
