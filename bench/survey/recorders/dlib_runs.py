#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Records dlib's solvers: dlib_runs.py FOLDER, with the program built from dlib_runs.cpp in it."""

import subprocess
import sys
from pathlib import Path

import numpy
from runs import record

CASES = [  # solver, rate, decay, momentum or betas
    ("sgd", 0.01, 0.0005, (0.9,)),
    ("sgd", 0.25, 0.1, (0.75,)),
    ("adam", 0.01, 0.0005, (0.9, 0.999)),
    ("adam", 0.25, 0.1, (0.85, 0.95)),
]
NAMES = {"sgd": ("momentum",), "adam": ("beta1", "beta2")}
folder = Path(sys.argv[1])
query = ["dpkg-query", "-W", "-f", "${Version}", "libdlib-dev"]
version = subprocess.check_output(query, text=True)

for place, (solver, rate, decay, numbers) in enumerate(CASES):
    start, gradients = (numpy.load(folder / "inputs" / f"{x}-f4.npy") for x in ("start", "grads"))
    command = [folder / "dlib_runs", solver, len(start), rate, decay, *numbers, 0]
    after = subprocess.run(
        [str(x) for x in command],
        input=start.tobytes() + gradients.tobytes(),
        stdout=subprocess.PIPE,
        check=True,
    ).stdout
    rows = numpy.frombuffer(after, numpy.float32).reshape(gradients.shape)
    facts = {
        "class": f"dlib.{solver}",
        "numbers": {"learning_rate": rate, "weight_decay": decay}
        | dict(zip(NAMES[solver], numbers)),
        "options": {},
        "coefficients": "float",
        "version": version,
    }
    record(folder, f"dlib-{place}-{solver}", lambda theta, gradient, t: rows[t - 1], facts)
