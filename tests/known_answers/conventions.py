#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes conventions.csv: where the rules of the lecture note and of the papers lead.

    ./conventions.py > conventions.csv

A third statement of them beside reference/ and fast/, and of Lua Torch as Lasagne's tests tabulate
it; classes.py has those of the systems. A parameter has the name of the field that stands for it;
its default is the paper's, or the lecture note's where the paper has none, and means exactly the
double.
"""

import inspect
from decimal import Decimal, getcontext

getcontext().prec = 60

STATEMENTS = []  # (rule, convention, function), in the order of this file


def states(rule, *conventions, **defaults):
    """The decorated generator states `rule` as `conventions` have it, with these defaults."""

    def register(function):
        parameters = list(inspect.signature(function).parameters.values())[1:]
        own = {p.name: p.default for p in parameters} | defaults

        def thetas(gradients, **settings):
            numbers = {name: Decimal(x) for name, x in (own | settings).items()}
            return list(function([Decimal(g) for g in gradients], **numbers))

        thetas.parameters = list(own)
        STATEMENTS.extend((rule, convention, thetas) for convention in conventions)
        return function

    return register


# Momentum


@states("momentum", "lecture_note", "paper")
def sutskever(gradients, learning_rate=0.01, momentum=0.9):
    theta, v = Decimal(1), 0
    for g in gradients:
        v = momentum * v - learning_rate * g
        theta = theta + v
        yield theta


@states("momentum", "torch7_table")
def lua_sgd(gradients, learning_rate=1e-3, momentum=0.9):
    x, state = Decimal(1), None  # dampening = 0, which Lua's optim does not default to
    for dfdx in gradients:
        state = dfdx if state is None else state * momentum + dfdx
        x = x + -learning_rate * state
        yield x


# Nesterov's accelerated gradient. The gradients are given, so where they are taken does not show.


@states("nag", "lecture_note", "paper")
def sutskever_nag(gradients, learning_rate=0.01, momentum=0.9):
    theta, v = Decimal(1), 0
    for g_at_look_ahead in gradients:
        v = momentum * v - learning_rate * g_at_look_ahead
        theta = theta + v
        yield theta


@states("nag", "torch7_table")
def lua_nesterov(gradients, learning_rate=1e-3, momentum=0.9):
    x, state = Decimal(1), None
    for dfdx in gradients:
        state = dfdx if state is None else state * momentum + dfdx
        dfdx = dfdx + momentum * state
        x = x + -learning_rate * dfdx
        yield x


# Adagrad


@states("adagrad", "lecture_note")
def note_adagrad(gradients, learning_rate=0.01, epsilon=1e-8):
    theta, seen = Decimal(1), []
    for g in gradients:
        seen.append(g)
        theta = theta - learning_rate / (sum(x**2 for x in seen) + epsilon).sqrt() * g
        yield theta


@states("adagrad", "paper")
def duchi(gradients, learning_rate=0.01, epsilon=1e-8):
    x, subgradients = Decimal(1), []
    for g in gradients:
        subgradients.append(g)
        s = sum(each * each for each in subgradients).sqrt()  # the 2-norm of the row
        x = x - learning_rate * g / (epsilon + s)
        yield x


# Adadelta


@states("adadelta", "lecture_note", "paper")
def zeiler(gradients, rho=0.95, epsilon=1e-6):
    x, mean_g2, mean_dx2 = Decimal(1), 0, 0
    for g in gradients:
        mean_g2 = rho * mean_g2 + (1 - rho) * g**2
        dx = -((mean_dx2 + epsilon).sqrt() / (mean_g2 + epsilon).sqrt()) * g
        mean_dx2 = rho * mean_dx2 + (1 - rho) * dx**2
        x = x + dx
        yield x


# RMSprop


@states("rmsprop", "lecture_note")
def note_rmsprop(gradients, learning_rate=1e-3, rho=0.9, epsilon=1e-8):
    theta, sigma2 = Decimal(1), None
    for g in gradients:
        mean = g**2 if sigma2 is None else rho * sigma2 + (1 - rho) * g**2
        sigma2 = mean + epsilon
        theta = theta - learning_rate * g / sigma2.sqrt()
        yield theta


@states("rmsprop", "paper")
def hinton(gradients, learning_rate=1e-3, rho=0.9):
    w, mean_square = Decimal(1), 0
    for g in gradients:
        mean_square = rho * mean_square + (1 - rho) * g**2
        w = w - learning_rate * g / mean_square.sqrt()
        yield w


# Adam


@states("adam", "lecture_note", "paper")
def kingma_ba(gradients, learning_rate=1e-3, beta1=0.9, beta2=0.999, epsilon=1e-8):
    theta, m, v, t = Decimal(1), 0, 0, 0
    for g in gradients:
        t = t + 1
        m = beta1 * m + (1 - beta1) * g
        v = beta2 * v + (1 - beta2) * g**2
        m_hat = m / (1 - beta1**t)
        v_hat = v / (1 - beta2**t)
        theta = theta - learning_rate * m_hat / (v_hat.sqrt() + epsilon)
        yield theta


# What is printed

GRADIENTS = (0.5, -0.25, 0, 1.5, 1.5)

# One set of numbers for all systems of a rule, so large that what tells the systems apart is
# large too, float's rounding beside it.
COMMON = {
    "momentum": {"learning_rate": 0.25, "momentum": 0.75},
    "nag": {"learning_rate": 0.25, "momentum": 0.75},
    "adagrad": {"learning_rate": 0.25, "epsilon": 0.125},
    "adadelta": {"learning_rate": 0.5, "rho": 0.5, "epsilon": 0.125},
    "rmsprop": {"learning_rate": 0.25, "rho": 0.75, "epsilon": 0.125},
    "adam": {"learning_rate": 0.25, "beta1": 0.5, "beta2": 0.75, "epsilon": 0.125},
}

def rows():
    """(rule, convention, settings, gradients, thetas) of each row."""
    for rule, convention, thetas in STATEMENTS:
        common = {name: x for name, x in COMMON[rule].items() if name in thetas.parameters}
        for settings in ({}, common):
            yield rule, convention, settings, GRADIENTS, thetas(GRADIENTS, **settings)


def main():
    print("# By conventions.py: theta after each of five gradients, from theta = 1.")
    print("# rule,convention,settings,gradients,theta_1,theta_2,theta_3,theta_4,theta_5")
    for rule, convention, settings, gradients, thetas in rows():
        named = " ".join(f"{name}={value}" for name, value in settings.items())
        listed = " ".join(str(g) for g in gradients)
        print(rule, convention, named, listed, *(f"{theta:.29e}" for theta in thetas), sep=",")


if __name__ == "__main__":
    main()
