#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Holds recorded runs of real optimizers to the statements of their classes.

    bench/survey/recorders/record RUNS --install
    tests/known_answers/executed.py RUNS

Each step of a run starts from the parameters that the run itself recorded; the states follow the
recorded gradients. The statement is evaluated exactly, beside a bound on what float or double
can make of its operations (ball.py), and every recorded parameter has to lie within the bound.
Then each run is held to the statement of a class that places epsilon, or a state, otherwise;
a class none of whose runs refuses that one is an error too. Exits with 1 on any error.
"""

import argparse
import json
import math
import struct
import sys
from collections import defaultdict
from decimal import Decimal, DivisionByZero, InvalidOperation, getcontext
from pathlib import Path

import systems  # noqa: F401 (registers the classes)
from ball import DOUBLE, FLOAT, Ball
from statement import CLASSES, State

getcontext().prec = 40
getcontext().traps[InvalidOperation] = False
getcontext().traps[DivisionByZero] = False

# A class whose map is another, by the place of epsilon where there is one.
OTHERWISE = {
    "pytorch.SGD": "mlx.SGD",  # dampens the first gradient too
    "pytorch.Adam": "keras3.Adam",
    "pytorch.AdamW": "keras3.AdamW",
    "pytorch.Adagrad": "keras3.Adagrad",
    "pytorch.Adadelta": "tensorflow_js.Adadelta",
    "pytorch.RMSprop": "keras3.RMSprop",
    "scikit_learn.SGD": "hips_autograd.sgd",
    "scikit_learn.Adam": "pytorch.Adam",
    "dlib.sgd": "hips_autograd.sgd",
    "dlib.adam": "pytorch.Adam",
    "tensorflow_js.Momentum": "hips_autograd.sgd",
    "tensorflow_js.Adagrad": "pytorch.Adagrad",
    "tensorflow_js.Adadelta": "keras3.Adadelta",
    "tensorflow_js.RMSProp": "pytorch.RMSprop",
    "tensorflow_js.Adam": "keras3.Adam",
    "brain_js.weights": "hips_autograd.sgd",
    "brain_js.adam.weights": "keras3.Adam",
    "brain_js.adam.biases": "brain_js.adam.weights",
    "toygrad.SGD": "hips_autograd.sgd",
    "toygrad.Nesterov": "toygrad.SGD",
    "toygrad.Adagrad": "pytorch.Adagrad",
    "toygrad.Adadelta": "tensorflow_js.Adadelta",
    "toygrad.Adam": "tensorflow_js.Adam",
}


def array(path):
    """(rows, type) of a two-dimensional .npy file of little-endian floats."""
    data = path.read_bytes()
    length = struct.unpack_from("<H", data, 8)[0]
    header = data[10 : 10 + length].decode("latin1")
    letter, type_ = ("f", FLOAT) if "<f4" in header else ("d", DOUBLE)
    columns = int(header.split("(")[1].split(")")[0].split(",")[1])
    values = struct.unpack_from(f"<{(len(data) - 10 - length) // struct.calcsize(letter)}{letter}", data, 10 + length)
    return [values[i : i + columns] for i in range(0, len(values), columns)], type_


class Run:
    def __init__(self, folder):
        facts = json.loads((folder / "run.json").read_text())
        self.name = folder.name
        self.each = CLASSES[facts["class"]]
        self.numbers = facts["numbers"]
        self.options = facts["options"]
        self.coefficients = DOUBLE if facts["coefficients"] == "double" else FLOAT
        self.version = facts["version"]
        self.params, self.type = array(folder / "params.npy")
        self.grads, _ = array(folder / "grads.npy")

    def coefficient(self, x):
        exact = Decimal(x)
        radius = abs(float(exact)) * self.coefficients.u if self.coefficients is FLOAT else 0.0
        return Ball(exact, radius, self.coefficients, True)

    def held_to(self, each):
        """The Judgement of the run as one of class `each`, with the run's numbers and options."""
        known = {**self.each.numbers, **self.numbers}
        numbers = each.completed({k: x for k, x in known.items() if k in each.numbers})
        numbers = {name: self.coefficient(x) for name, x in numbers.items()}
        options = {k: self.options.get(k, x) for k, x in each.switches.items()}
        judgement = Judgement()
        for place in range(len(self.params[0])):
            state = State()
            for t, gradients in enumerate(self.grads):
                before, after = self.params[t][place], self.params[t + 1][place]
                x = Ball(Decimal(before), 0.0, self.type)
                g = Ball(Decimal(gradients[place]), 0.0, self.type)
                judgement.add(each.step(x, g, state, **numbers, **options), before, after, t + 1)
        return judgement


class Judgement:
    """How a run and a statement agree, over all steps of all coordinates."""

    def __init__(self):
        self.steps = self.unclaimed = self.broken = 0
        self.first = None
        self.worst = self.share = 0.0

    def add(self, claimed, before, after, t):
        self.steps += 1
        admitted = claimed.admits(after)
        if admitted is None:
            self.unclaimed += 1
            return
        if not admitted:
            self.broken += 1
            self.first = t if self.first is None else min(self.first, t)
        if math.isnan(after) or claimed.value.is_nan():
            return
        error = abs(float(Decimal(after) - claimed.value))
        size = abs(before) + abs(float(claimed.value) - before)
        self.worst = max(self.worst, error / size if size else 0.0)
        self.share = max(self.share, error / claimed.radius if claimed.radius else float(error > 0))


def report(run, judgement):
    verdict = f"BROKEN at step {judgement.first}, {judgement.broken} times" * bool(judgement.broken)
    print(
        f"{run.name:42} {run.each.name:24} {judgement.worst:9.2g} {judgement.share:9.2g}"
        f" {judgement.unclaimed:6} of {judgement.steps}  {verdict}"
    )


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("runs", type=Path)
    parser.add_argument("--only", default="", help="runs whose name begins so")
    arguments = parser.parse_args()
    folders = sorted(arguments.runs.glob(f"{arguments.only}*/run.json"))
    if not folders:
        sys.exit(f"executed.py: no run in {arguments.runs}")
    failed = False
    refused = defaultdict(bool)
    print("run, class, worst error / (|theta| + |move|), share of the bound, steps without a bound")
    for folder in folders:
        run = Run(folder.parent)
        judgement = run.held_to(run.each)
        report(run, judgement)
        failed |= bool(judgement.broken) or judgement.unclaimed * 2 > judgement.steps
        other = CLASSES[OTHERWISE[run.each.name]]
        refused[run.each.name] |= bool(run.held_to(other).broken)
    for name, was in refused.items():
        if not was:
            print(f"no run of {name} refuses the statement of {OTHERWISE[name]}")
            failed = True
    sys.exit(failed)


if __name__ == "__main__":
    main()
