#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes classes.csv and classes.json: where each optimizer class leads, and what it is read from.

    ./classes.py --csv > classes.csv
    ./classes.py --json > classes.json
    ./classes.py --header > ../../fast/classes.hpp

The statements are in systems/, a function a class, written from the sources that they name.
classes.csv has a row for each step: class, rule, options, numbers, gradients, t, theta, and the
states after the step, from theta = 1, to 30 digits. classes.json has for each class its defaults,
its options, its source and how it was established.
"""

import itertools
import json
import sys
from decimal import Decimal, DivisionByZero, InvalidOperation, getcontext
from pathlib import Path

import systems  # noqa: F401 (registers the classes)
from statement import CLASSES

getcontext().prec = 60
getcontext().traps[InvalidOperation] = False  # 0 / 0 and the root of -1 are NaN, as in IEEE 754
getcontext().traps[DivisionByZero] = False

GRADIENTS = (0.5, -0.25, 0, 1.5, 1.5)
ZERO_FIRST = (0, 0.5, -0.25, 1.5, 1.5)
DOWN_AND_UP = (-0.5, 0.25, 0, 1.5, 1.5)

# One set of numbers for all classes of a rule, so large that what tells them apart is large too.
COMMON = {
    "momentum": {"learning_rate": 0.25, "momentum": 0.75},
    "nag": {"learning_rate": 0.25, "momentum": 0.75},
    "adagrad": {"learning_rate": 0.25, "epsilon": 0.125},
    "adadelta": {"learning_rate": 0.5, "rho": 0.5, "epsilon": 0.125},
    "rmsprop": {"learning_rate": 0.25, "rho": 0.75, "epsilon": 0.125},
    "adam": {"learning_rate": 0.25, "beta1": 0.5, "beta2": 0.75, "epsilon": 0.125},
}

# What stands in for a default that a class does not have.
REQUIRED = {"learning_rate": 0.0625, "momentum": 0.875, "dampening": 0, "weight_decay": 0}
REQUIRED |= {"beta1": 0.875, "beta2": 0.9375, "epsilon": 2**-20}

# Numbers that are 0 or trivial by default, each tried at this value.
FURTHER = {
    "dampening": 0.125,
    "weight_decay": 0.0625,
    "weight_decay_post": 0.0625,
    "learning_rate_decay": 0.125,
    "initial_accumulator": 0.5,
    "epsilon_root": 0.0625,
    "scale": 0.5,
    "momentum": 0.75,
    "beta1_decay": 0.5,
}

# Rows that a class needs beside: a sum that is 0, a moment whose sign is not the parameter's.
FURTHER_ROWS = [
    ("jax.adagrad", {}, {}, ZERO_FIRST),
    ("optax.adagrad", {}, {"epsilon": 0, "initial_accumulator": 0}, ZERO_FIRST),
    ("burn.AdamW", {"cautious_weight_decay": True}, {"weight_decay": 0.0625}, DOWN_AND_UP),
    ("tensorflow_js.Adadelta", {}, {"learning_rate": 1}, ZERO_FIRST),
    ("tensorflow_js.RMSProp", {"centered": True}, {"epsilon": 2**-20}, ZERO_FIRST),
    (
        "torch7.sgd",
        {"nesterov": True},
        {"learning_rate": 0.25, "momentum": 0.75, "dampening": 0},
        GRADIENTS,
    ),
]


def public(each):
    """The defaults, with REQUIRED in the place of those that the class does not have."""
    return {name: REQUIRED[name] for name, x in each.numbers.items() if x is None}


def combinations(each, forced):
    """The options in every combination, those that the rule forces set."""
    free = [name for name in each.switches if name not in forced]
    values = [each.values(name) for name in free]
    for chosen in itertools.product(*values):
        options = {**each.switches, **forced, **dict(zip(free, chosen))}
        if possible(options):
            yield options


def possible(options):
    """A list or tensor has a place among those that there are."""
    for of, place in (("lists", "list"), ("tensors", "tensor")):
        if of in options and options[place] > options[of]:
            return False
    return True


def settings(each, rule):
    """The sets of numbers: defaults, separating ones, and those with one further number each."""
    required = public(each)
    yield required
    common = {name: x for name, x in COMMON[rule].items() if name in each.numbers}
    yield {**required, **common}
    for name, value in FURTHER.items():
        if name in each.numbers and not (name in common and name == "momentum"):
            yield {**required, **common, name: value}


def refused(each, rule, numbers, options):
    """What the class itself refuses, or leaves without a meaning."""
    given = {**each.numbers, **numbers}
    if rule == "nag" and not given.get("momentum"):
        return True
    nesterov = options.get("nesterov") or options.get("mode") == "nesterov"
    dampens = given.get("dampening") not in (None, 0)
    return nesterov and dampens and each.name.split(".")[0] != "onnx" and "burn" not in each.name


def shown(options):
    return " ".join(f"{name}={text(value)}" for name, value in options.items())


def text(value):
    return str(value).lower() if isinstance(value, bool) else str(value)


def rows():
    """(class, rule, options, numbers, gradients) of each run."""
    for each in CLASSES.values():
        for rule, forced in each.rules.items():
            for options in combinations(each, forced):
                for numbers in settings(each, rule):
                    if not refused(each, rule, numbers, options):
                        yield each, rule, options, numbers, GRADIENTS
    for name, options, numbers, gradients in FURTHER_ROWS:
        each = CLASSES[name]
        rule = [r for r, forced in each.rules.items() if forced.items() <= options.items()][-1]
        yield each, rule, {**each.switches, **options}, {**public(each), **numbers}, gradients


def write_csv(out):
    print("# By classes.py: theta and states after each gradient, from theta = 1.", file=out)
    print("# class,rule,options,numbers,gradients,t,theta,states", file=out)
    for each, rule, options, numbers, gradients in rows():
        listed = " ".join(str(g) for g in gradients)
        steps = each.run(map(Decimal, gradients), numbers, options)
        for t, (theta, states) in enumerate(steps, 1):
            after = " ".join(f"{name}={x:.29e}" for name, x in states.items())
            fields = (each.name, rule, shown(options), shown(numbers), listed, t, f"{theta:.29e}")
            print(*fields, after, sep=",", file=out)


def write_json(out):
    recorded = json.loads((Path(__file__).parent / "recorded.json").read_text())
    by_hand = {run["class"]: run["version"] for run in recorded}
    table = [{**each.row(), **established(each, by_hand)} for each in CLASSES.values()]
    json.dump(table, out, indent=1)
    print(file=out)


def established(each, by_hand):
    """How it is known: a released package was run, its source was run by hand, or read alone."""
    if each.executed:
        return {"established": "executed and read", "executed": each.executed}
    if each.name in by_hand:
        return {"established": "run by hand and read", "executed": by_hand[each.name]}
    return {"established": "read", "executed": None}


HEADER = '''// SPDX-License-Identifier: Apache-2.0
// By tests/known_answers/classes.py --header, from the sources that its statements name.
#pragma once

#include <array>
#include <string_view>

namespace truestep::fast {

/// An optimizer class of a system in a range of versions, and where its statement was read.
struct OptimizerClass {
  std::string_view name;        ///< "pytorch.AdamW"
  std::string_view versions;    ///< for which the row holds
  std::string_view repository;  ///< "pytorch/pytorch"
  std::string_view commit, version, file, symbol, read;
  std::string_view established;  ///< "read", or what was run besides, with its version
  std::string_view numbers;      ///< "beta1=0.9 beta2=0.999"; "learning_rate=" has no default
  std::string_view switches;     ///< "amsgrad maximize"
  std::string_view notes;

  constexpr std::string_view system() const { return name.substr(0, name.find('.')); }
};

// clang-format off
inline constexpr auto optimizer_classes = std::to_array<OptimizerClass>({
'''

FOOTER = '''});
// clang-format on

/// Null if there is no class of that name.
constexpr const OptimizerClass* find_class(std::string_view name) {
  for (const auto& each : optimizer_classes)
    if (each.name == name) return &each;
  return nullptr;
}

}  // namespace truestep::fast
'''


def write_header(out):
    print(HEADER, end="", file=out)
    recorded = json.loads((Path(__file__).parent / "recorded.json").read_text())
    by_hand = {run["class"]: run["version"] for run in recorded}
    for each in CLASSES.values():
        how = established(each, by_hand)
        known = how["established"] + (", " + how["executed"] if how["executed"] else "")
        numbers = " ".join(f"{name}={'' if x is None else x}" for name, x in each.numbers.items())
        fields = [each.name, each.versions, each.source.repository, each.source.commit]
        fields += [each.source.version, each.file, each.symbol, each.source.read, known]
        fields += [numbers, " ".join(each.switches), " ".join(each.notes.split())]
        print("  {" + ", ".join(map(json.dumps, fields)) + "},", file=out)
    print(FOOTER, end="", file=out)


def main():
    writers = {"--csv": write_csv, "--json": write_json, "--header": write_header}
    if len(sys.argv) != 2 or sys.argv[1] not in writers:
        sys.exit(f"usage: {sys.argv[0]} --csv | --json | --header")
    writers[sys.argv[1]](sys.stdout)


if __name__ == "__main__":
    main()
