#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes the start and the gradients of every run: inputs.py FOLDER.

Each coordinate has gradients of one kind; the length leaves a rest beside every vector width.
"""

import sys
from pathlib import Path

import numpy

STEPS = 40
KINDS = ["ordinary"] * 20 + ["tiny"] * 9 + ["huge"] * 7 + ["sparse"] * 7 + ["alternating"] * 7
KINDS += ["constant"] * 6 + ["zero"] * 3 + ["ranging"] * 8


def gradient(kind, draw):
    normal, t = draw.standard_normal(STEPS), numpy.arange(STEPS)
    return {
        "ordinary": lambda: normal * 10 ** draw.uniform(-3, 0),
        "tiny": lambda: normal * 10 ** draw.uniform(-24, -6),
        "huge": lambda: normal * 10 ** draw.uniform(2, 12),
        "sparse": lambda: normal * (draw.random(STEPS) < 0.2),
        "alternating": lambda: abs(normal) * (-1.0) ** t * 10 ** draw.uniform(-3, 0),
        "constant": lambda: numpy.full(STEPS, 10 ** draw.uniform(-4, 1)),
        "zero": lambda: numpy.zeros(STEPS),
        "ranging": lambda: normal * 10 ** draw.uniform(-10, 3, STEPS),
    }[kind]()


def main():
    folder, draw = Path(sys.argv[1]), numpy.random.default_rng(20261128)
    folder.mkdir(parents=True, exist_ok=True)
    gradients = numpy.stack([gradient(kind, draw) for kind in KINDS], axis=1)
    start = draw.standard_normal(len(KINDS)) * 10 ** draw.uniform(-2, 1, len(KINDS))
    for name, kind in (("f4", numpy.float32), ("f8", numpy.float64)):
        numpy.save(folder / f"start-{name}.npy", start.astype(kind))
        numpy.save(folder / f"grads-{name}.npy", gradients.astype(kind))


if __name__ == "__main__":
    main()
