#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Holds recorded runs of real optimizers to the statements of their classes.

    bench/survey/recorders/record RUNS --install
    tests/known_answers/executed.py RUNS

Each step of a run starts from the parameters that the run itself recorded; the states follow the
recorded gradients. The statement is evaluated exactly, beside a bound on what float or double
can make of its operations (ball.py), and every recorded parameter has to lie within the bound.
Then each run is held to two statements that differ in the place of epsilon; a class none of
whose runs refuses one of them is an error too, since its runs show nothing. Exits with 1 on any
error.
"""

import argparse
import json
import math
import struct
import sys
import zipfile
from decimal import Decimal, DivisionByZero, InvalidOperation, getcontext
from pathlib import Path

import systems  # noqa: F401 (registers the classes)
from ball import DOUBLE, FLOAT, Ball
from statement import CLASSES, State

getcontext().prec = 40
getcontext().traps[InvalidOperation] = False
getcontext().traps[DivisionByZero] = False

# Two classes of each rule that differ in the place of epsilon, or in what the buffer holds: no run
# that shows anything fits both.
APART = {
    "momentum": ("hips_autograd.sgd", "jax.momentum"),
    "nag": ("hips_autograd.sgd", "jax.momentum"),
    "adagrad": ("keras3.Adagrad", "pytorch.Adagrad"),
    "adadelta": ("tensorflow_js.Adadelta", "keras3.Adadelta"),
    "rmsprop": ("keras3.RMSprop", "pytorch.RMSprop"),
    "adam": ("keras3.Adam", "pytorch.Adam"),
}


def array(data):
    """(rows, type) of a two-dimensional .npy file of little-endian floats."""
    length = struct.unpack_from("<H", data, 8)[0]
    header = data[10 : 10 + length].decode("latin1")
    letter, type_ = ("f", FLOAT) if "<f4" in header else ("d", DOUBLE)
    columns = int(header.split("(")[1].split(")")[0].split(",")[1])
    count = (len(data) - 10 - length) // struct.calcsize(letter)
    values = struct.unpack_from(f"<{count}{letter}", data, 10 + length)
    return [values[i : i + columns] for i in range(0, count, columns)], type_


def runs(path, only):
    """The runs of a folder of folders, or of an archive of arrays beside a list of facts."""
    if path.is_dir():
        for folder in sorted(path.glob(f"{only}*/run.json")):
            facts = json.loads(folder.read_text()) | {"name": folder.parent.name}
            params, grads = (folder.parent / f"{x}.npy" for x in ("params", "grads"))
            yield Run(facts, params.read_bytes(), grads.read_bytes())
        return
    with zipfile.ZipFile(path) as arrays:
        for facts in json.loads(path.with_suffix(".json").read_text()):
            if facts["name"].startswith(only):
                name, kind = facts["name"], facts["name"][-2:]
                yield Run(facts, *(arrays.read(f"{x}.npy") for x in (name, f"grads-{kind}")))


class Run:
    def __init__(self, facts, params, grads):
        self.name = facts["name"]
        self.each = CLASSES[facts["class"]]
        self.numbers = facts["numbers"]
        self.options = facts["options"]
        self.coefficients = DOUBLE if facts["coefficients"] == "double" else FLOAT
        self.version = facts["version"]
        self.params, self.type = array(params)
        self.grads, _ = array(grads)

    def coefficient(self, x):
        exact = Decimal(x)
        radius = abs(float(exact)) * self.coefficients.u if self.coefficients is FLOAT else 0.0
        return Ball(exact, radius, self.coefficients, True)

    @property
    def rule(self):
        """The rule that the run's options make of the class."""
        for rule, forced in self.each.rules.items():
            if all(self.options.get(k, self.each.switches[k]) == x for k, x in forced.items()):
                last = rule
        return last

    def held_to(self, each, stop=False):
        """The Judgement of the run as one of class `each`, with the run's numbers and options.

        With `stop`, it ends at the first step that is not admitted.
        """
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
                if stop and judgement.broken:
                    return judgement
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


def fitting(run):
    """The other classes of the rule whose statement admits the whole run."""
    for each in CLASSES.values():
        if run.rule in each.rules and each is not run.each:
            try:
                judgement = run.held_to(each, stop=True)
            except ValueError:  # a number that the run does not have
                continue
            if not judgement.broken and judgement.unclaimed * 2 < judgement.steps:
                yield each.name


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("runs", type=Path, help="a folder of runs, or an .npz of them")
    parser.add_argument("--only", default="", help="the runs whose name begins so")
    parser.add_argument("--class", dest="other", help="hold the runs to this class instead")
    parser.add_argument("--fitting", action="store_true", help="name the other classes that fit")
    arguments = parser.parse_args()
    told_apart = {}
    failed = False
    print("run, class, worst error / (|theta| + |move|), share of the bound, steps without a bound")
    for run in runs(arguments.runs, arguments.only):
        each = CLASSES[arguments.other] if arguments.other else run.each
        judgement = run.held_to(each)
        report(run, judgement)
        if arguments.fitting:
            print(f"    fits also: {', '.join(fitting(run)) or 'no other'}")
        failed |= bool(judgement.broken) or judgement.unclaimed * 2 > judgement.steps
        foils = [CLASSES[name] for name in APART[run.rule]]
        apart = any(
            (judgement if foil is each else run.held_to(foil, stop=True)).broken for foil in foils
        )
        told_apart[run.each.name] = told_apart.get(run.each.name) or apart
    for name in (name for name, apart in told_apart.items() if not apart):
        print(f"no run of {name} tells the places of epsilon apart")
        failed = True
    if not told_apart:
        sys.exit(f"executed.py: no run in {arguments.runs}")
    sys.exit(failed)


if __name__ == "__main__":
    main()
