#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Records the optimizers of scikit-learn's perceptrons: sklearn_runs.py FOLDER."""

import sys

import sklearn
from runs import record
from sklearn.neural_network import MLPClassifier
from sklearn.neural_network._stochastic_optimizers import AdamOptimizer, SGDOptimizer

RATE = MLPClassifier().learning_rate_init  # the public default
SEPARATING = {"learning_rate_init": 0.01, "beta_1": 0.85, "beta_2": 0.95, "epsilon": 0.01}
CASES = [
    ("SGD", SGDOptimizer, {"learning_rate_init": RATE}),
    ("SGD", SGDOptimizer, {"learning_rate_init": 0.25, "momentum": 0.75}),
    ("SGD", SGDOptimizer, {"learning_rate_init": 0.25, "nesterov": False}),
    ("Adam", AdamOptimizer, {"learning_rate_init": RATE}),
    ("Adam", AdamOptimizer, SEPARATING),
]
NAMES = {"learning_rate_init": "learning_rate", "beta_1": "beta1", "beta_2": "beta2"}


def stepper(optimizer, given):
    held = []

    def step(theta, gradient, t):
        if t == 1:
            held.append(optimizer([theta], **given))
        return theta + held[0]._get_updates([gradient])[0]

    return step


for place, (name, optimizer, given) in enumerate(CASES):
    options = {key: value for key, value in given.items() if isinstance(value, bool)}
    numbers = {NAMES.get(key, key): x for key, x in given.items() if key not in options}
    facts = {"class": f"scikit_learn.{name}", "numbers": numbers, "options": options}
    facts |= {"coefficients": "double", "version": sklearn.__version__}
    for kind in ("f4", "f8"):
        record(sys.argv[1], f"scikit_learn-{place}-{name}", stepper(optimizer, given), facts, kind)
