# SPDX-License-Identifier: Apache-2.0
"""The optimizers of scikit-learn's perceptrons, which return what is to be added."""

import sklearn
from sklearn.neural_network._stochastic_optimizers import AdamOptimizer, SGDOptimizer

version = sklearn.__version__


def adam(setup):
    n, held = setup.numbers, []

    def step(theta, gradient, t):
        if not held:
            held.append(
                AdamOptimizer([theta], n["learning_rate"], n["beta1"], n["beta2"], n["epsilon"])
            )
        theta += held[0]._get_updates([gradient])[0]

    return step


def sgd(nesterov):
    def make(setup):
        n, held = setup.numbers, []

        def step(theta, gradient, t):
            if not held:
                rate = n["learning_rate"]
                held.append(
                    SGDOptimizer([theta], rate, momentum=n["momentum"], nesterov=nesterov)
                )
            theta += held[0]._get_updates([gradient])[0]

        return step

    return make


subjects = [
    ("SGDOptimizer", "momentum", "scikit_learn.SGD", sgd(False)),
    ("SGDOptimizer, nesterov", "nag", "scikit_learn.SGD", sgd(True)),
    ("AdamOptimizer", "adam", "scikit_learn.Adam", adam),
]
