# SPDX-License-Identifier: Apache-2.0
"""Chainer. Its hook WeightDecay adds rate * parameter to the gradient of any class."""

from statement import Source, largest, optimizer, root

SOURCE = Source("chainer/chainer", "a8e15cbe55a90854a3918b8b5a976abbbff9ec94", "2022-10-17")
FILES = "chainer/optimizers/"


@optimizer(
    "chainer.MomentumSGD", SOURCE, FILES + "momentum_sgd.py", "MomentumSGDRule", momentum={}
)
def momentum_sgd(x, g, s, learning_rate=0.01, momentum=0.9):
    """The rate stands inside the buffer."""
    s.v = momentum * s.v - learning_rate * g
    return x + s.v


@optimizer("chainer.NesterovAG", SOURCE, FILES + "nesterov_ag.py", "NesterovAGRule", nag={})
def nesterov_ag(x, g, s, learning_rate=0.01, momentum=0.9):
    """The new buffer stands where Bengio's formula has the old one."""
    s.v = momentum * s.v - learning_rate * g
    return x + momentum * momentum * s.v - (1 + momentum) * learning_rate * g


@optimizer("chainer.AdaGrad", SOURCE, FILES + "ada_grad.py", "AdaGradRule", adagrad={})
def adagrad(x, g, s, learning_rate=0.001, epsilon=1e-8):
    """Epsilon stands outside the root."""
    s.sum = s.sum + g * g
    return x - learning_rate * g / (root(s.sum) + epsilon)


@optimizer("chainer.AdaDelta", SOURCE, FILES + "ada_delta.py", "AdaDeltaRule", adadelta={})
def adadelta(x, g, s, rho=0.95, epsilon=1e-6):
    """Zeiler's update as one root of a ratio, without a rate."""
    s.s = rho * s.s + (1 - rho) * g * g
    move = root((s.u + epsilon) / (s.s + epsilon)) * g
    s.u = rho * s.u + (1 - rho) * move * move
    return x - move


@optimizer("chainer.RMSprop", SOURCE, FILES + "rmsprop.py", "RMSpropRule", rmsprop={})
def rmsprop(
    x, g, s, learning_rate=0.01, rho=0.99, epsilon=1e-8, *, eps_inside_sqrt=False
):
    """Where epsilon stands is an option."""
    s.s = rho * s.s + (1 - rho) * g * g
    denominator = root(s.s + epsilon) if eps_inside_sqrt else root(s.s) + epsilon
    return x - learning_rate * g / denominator


def adam_step(
    x, g, s, learning_rate, beta1, beta2, epsilon, scale, weight_decay, amsgrad
):
    s.t += 1
    s.m = s.m + (1 - beta1) * (g - s.m)
    s.v = s.v + (1 - beta2) * (g * g - s.v)
    v = s.v
    if amsgrad:
        v = s.v_max = largest(s.v_max, s.v)
    alpha = learning_rate * root(1 - beta2**s.t) / (1 - beta1**s.t)
    step = alpha / (root(v) + epsilon)
    return (1 - scale * weight_decay) * x - scale * (step * s.m)


@optimizer("chainer.Adam", SOURCE, FILES + "adam.py", "AdamRule.update_core_cpu", adam={})
def adam(
    x,
    g,
    s,
    learning_rate=0.001,
    beta1=0.9,
    beta2=0.999,
    epsilon=1e-8,
    scale=1.0,
    weight_decay=0,
    *,
    amsgrad=False,
):
    """weight_decay_rate is multiplied by eta, here scale, and not by the rate."""
    return adam_step(
        x, g, s, learning_rate, beta1, beta2, epsilon, scale, weight_decay, amsgrad
    )


@optimizer("chainer.AdamW", SOURCE, FILES + "adam.py", "AdamW", adam={})
def adamw(
    x,
    g,
    s,
    learning_rate=0.001,
    beta1=0.9,
    beta2=0.999,
    epsilon=1e-8,
    scale=1.0,
    weight_decay=0,
):
    """Adam without the option of AMSGrad; the decay is 0 unless it is given."""
    return adam_step(
        x, g, s, learning_rate, beta1, beta2, epsilon, scale, weight_decay, False
    )


@optimizer("chainer.AMSGrad", SOURCE, FILES + "adam.py", "AMSGrad", adam={})
def amsgrad(
    x, g, s, learning_rate=0.001, beta1=0.9, beta2=0.999, epsilon=1e-8, scale=1.0
):
    """Adam with AMSGrad and without a decay; the largest v is uncorrected."""
    return adam_step(x, g, s, learning_rate, beta1, beta2, epsilon, scale, 0, True)
