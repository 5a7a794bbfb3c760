# SPDX-License-Identifier: Apache-2.0
"""Lua Torch's optim package, in its last state and, for Adam, in that of July 2015."""

from statement import Source, optimizer, root

LAST = Source("torch/optim", "a5ceed7c21a56d32a36706823e8436741b230d1c", "2017-11-27, the last")
OF_2015 = Source("torch/optim", "5c081a12bf27abd9851d14ea981ab7b738f1c9f0~1", "2015-07-29")


@optimizer("torch7.sgd", LAST, "sgd.lua", "optim.sgd", momentum={}, nag={"nesterov": True})
def sgd(
    x,
    g,
    s,
    learning_rate=1e-3,
    momentum=0,
    dampening="momentum",
    weight_decay=0,
    learning_rate_decay=0,
    *,
    nesterov=False,
):
    """Dampening is the momentum unless it is given, which Nesterov's form requires to be 0.

    The first buffer is the gradient itself. The comments do not say what dampening defaults to.
    """
    g = g + weight_decay * x
    if momentum:
        s.v = momentum * s.v + (1 - dampening) * g if s.t else g
        g = g + momentum * s.v if nesterov else s.v
    rate = learning_rate / (1 + s.t * learning_rate_decay)
    s.t += 1
    return x - rate * g


@optimizer("torch7.nag", LAST, "nag.lua", "optim.nag", nag={})
def nag(x, g, s, learning_rate=1e-3, momentum=0.9, weight_decay=0, learning_rate_decay=0):
    """The parameter is moved to the look-ahead point first; the gradient is taken there.

    Weight decay is that of the look-ahead point. Dampening is read and never used.
    """
    ahead = momentum * s.v
    x = x + ahead
    g = g + weight_decay * x
    rate = learning_rate / (1 + s.t * learning_rate_decay)
    s.t += 1
    s.v = ahead - rate * g
    return x - rate * g


@optimizer("torch7.adam", LAST, "adam.lua", "optim.adam", adam={}, versions=">=2016")
def adam(
    x,
    g,
    s,
    learning_rate=1e-3,
    beta1=0.9,
    beta2=0.999,
    epsilon=1e-8,
    weight_decay=0,
    learning_rate_decay=0,
):
    """Epsilon is added before the correction, to the root of v."""
    g = g + weight_decay * x
    rate = learning_rate / (1 + s.t * learning_rate_decay)
    s.t += 1
    s.m = beta1 * s.m + (1 - beta1) * g
    s.v = beta2 * s.v + (1 - beta2) * g * g
    size = rate * root(1 - beta2**s.t) / (1 - beta1**s.t)
    return x - size * (s.m / (root(s.v) + epsilon))


@optimizer(
    "torch7.adam@2015", OF_2015, "adam.lua", "optim.adam", adam={}, versions="<=2015-07-29"
)
def adam_2015(
    x, g, s, learning_rate=1e-3, beta1=0.9, beta2=0.999, epsilon=1e-8, beta1_decay=1 - 1e-8
):
    """beta1 decays with every step; the correction has the power of the undecayed beta1."""
    s.t += 1
    beta1_t = beta1 * beta1_decay ** (s.t - 1)
    s.m = beta1_t * s.m + (1 - beta1_t) * g
    s.v = beta2 * s.v + (1 - beta2) * g * g
    size = learning_rate * root(1 - beta2**s.t) / (1 - beta1**s.t)
    return x - size * (s.m / (root(s.v) + epsilon))


@optimizer("torch7.adagrad", LAST, "adagrad.lua", "optim.adagrad", adagrad={})
def adagrad(x, g, s, learning_rate=1e-3, epsilon=1e-10, weight_decay=0, learning_rate_decay=0):
    """Epsilon is no option but the constant 1e-10, outside the root."""
    g = g + weight_decay * x
    rate = learning_rate / (1 + s.t * learning_rate_decay)
    s.t += 1
    s.sum = s.sum + g * g
    return x - rate * (g / (root(s.sum) + epsilon))


@optimizer("torch7.adadelta", LAST, "adadelta.lua", "optim.adadelta", adadelta={})
def adadelta(x, g, s, rho=0.9, epsilon=1e-6, weight_decay=0):
    """Zeiler's update, without a rate."""
    g = g + weight_decay * x
    s.s = rho * s.s + (1 - rho) * g * g
    move = root(s.u + epsilon) / root(s.s + epsilon) * g
    s.u = rho * s.u + (1 - rho) * move * move
    return x - move


@optimizer("torch7.rmsprop", LAST, "rmsprop.lua", "optim.rmsprop", rmsprop={})
def rmsprop(
    x, g, s, learning_rate=1e-2, rho=0.99, epsilon=1e-8, initial_accumulator=0, weight_decay=0
):
    """Epsilon stands outside the root; the comments call it the start of the mean, which it is not.

    The start is initialMean, which the comments leave out.
    """
    g = g + weight_decay * x
    if not s.t:
        s.s = initial_accumulator
    s.t += 1
    s.s = rho * s.s + (1 - rho) * g * g
    return x - learning_rate * (g / (root(s.s) + epsilon))
