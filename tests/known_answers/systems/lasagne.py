# SPDX-License-Identifier: Apache-2.0
"""Lasagne's updates."""

from statement import Source, largest, optimizer, root

SOURCE = Source("Lasagne/Lasagne", "5d3c63cb315c50b1cbd27a6bc8664b406f34dd99", "2019-11-20")
FILE = "lasagne/updates.py"


@optimizer("lasagne.momentum", SOURCE, FILE, "apply_momentum", momentum={})
def momentum(x, g, s, learning_rate=None, momentum=0.9):
    """The velocity is the move itself."""
    after = momentum * s.v + (x - learning_rate * g)
    s.v = after - x
    return after


@optimizer("lasagne.nesterov_momentum", SOURCE, FILE, "apply_nesterov_momentum", nag={})
def nesterov(x, g, s, learning_rate=None, momentum=0.9):
    """The velocity is that of the plain form, looked ahead along once more."""
    update = x - learning_rate * g
    s.v = momentum * s.v + update - x
    return momentum * s.v + update


@optimizer("lasagne.adagrad", SOURCE, FILE, "adagrad", adagrad={})
def adagrad(x, g, s, learning_rate=1.0, epsilon=1e-6):
    """Epsilon stands inside the root; the rate is 1."""
    s.sum = s.sum + g * g
    return x - learning_rate * g / root(s.sum + epsilon)


@optimizer("lasagne.rmsprop", SOURCE, FILE, "rmsprop", rmsprop={})
def rmsprop(x, g, s, learning_rate=1.0, rho=0.9, epsilon=1e-6):
    """Epsilon stands inside the root; the rate is 1."""
    s.s = rho * s.s + (1 - rho) * (g * g)
    return x - learning_rate * g / root(s.s + epsilon)


@optimizer("lasagne.adadelta", SOURCE, FILE, "adadelta", adadelta={})
def adadelta(x, g, s, learning_rate=1.0, rho=0.95, epsilon=1e-6):
    """Zeiler's update times a rate."""
    s.s = rho * s.s + (1 - rho) * (g * g)
    move = g * root(s.u + epsilon) / root(s.s + epsilon)
    s.u = rho * s.u + (1 - rho) * (move * move)
    return x - learning_rate * move


def adam_step(x, g, s, learning_rate, beta1, beta2, epsilon, amsgrad):
    s.t += 1
    rate = learning_rate * root(1 - beta2**s.t) / (1 - beta1**s.t)
    s.m = beta1 * s.m + (1 - beta1) * g
    s.v = beta2 * s.v + (1 - beta2) * (g * g)
    v = s.v
    if amsgrad:
        v = s.v_max = largest(s.v_max, s.v)
    return x - rate * s.m / (root(v) + epsilon)


@optimizer("lasagne.adam", SOURCE, FILE, "adam", adam={})
def adam(x, g, s, learning_rate=0.001, beta1=0.9, beta2=0.999, epsilon=1e-8):
    """Epsilon is the paper's epsilon-hat."""
    return adam_step(x, g, s, learning_rate, beta1, beta2, epsilon, False)


@optimizer("lasagne.amsgrad", SOURCE, FILE, "amsgrad", adam={})
def amsgrad(x, g, s, learning_rate=0.001, beta1=0.9, beta2=0.999, epsilon=1e-8):
    """The largest v is uncorrected."""
    return adam_step(x, g, s, learning_rate, beta1, beta2, epsilon, True)
