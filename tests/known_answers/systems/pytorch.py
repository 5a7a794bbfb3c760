# SPDX-License-Identifier: Apache-2.0
"""torch.optim. The fused, foreach and capturable paths are the same maps, otherwise rounded."""

from statement import Source, largest, optimizer, root

REPOSITORY = "pytorch/pytorch"
EXECUTED = "1.13.0 (Debian 1.13.1+dfsg)"
SGD = Source(REPOSITORY, "0316fdce3d7cd6b72508ea175f38e4ad19ed5072", "release not determined")
ADAM = Source(REPOSITORY, "dc80ccded5385cca3e777472d64cfe3d874fad89", "release not determined")
ADAMW = Source(REPOSITORY, "c15fcf4eb79daaf10e12cecdf7fee15cde6cc530", "release not determined")
RMSPROP = Source(REPOSITORY, "00853fbfb9f7f4d85d75bac73200324443ffb160", "release not determined")
ADAGRAD = Source(REPOSITORY, "7be7d891630a753dcca7f2617dafe2798563576e", "release not determined")
ADADELTA = Source(REPOSITORY, "7bd5f21072595a0342f17802302fbb9693995d13", "release not determined")


@optimizer(
    "pytorch.SGD",
    SGD,
    "torch/optim/sgd.py",
    "_single_tensor_sgd",
    executed=EXECUTED,
    momentum={},
    nag={"nesterov": True},
)
def sgd(
    x,
    g,
    s,
    learning_rate=1e-3,
    momentum=0,
    dampening=0,
    weight_decay=0,
    *,
    nesterov=False,
    maximize=False,
):
    """The first buffer is the gradient itself, not dampened.

    Nesterov's form needs a momentum and no dampening. The rate has a
    default in the snapshot and none in 1.13.
    """
    g = -g if maximize else g
    g = g + weight_decay * x
    if momentum:
        s.v = momentum * s.v + (1 - dampening) * g if s.started else g
        s.started = True
        g = g + momentum * s.v if nesterov else s.v
    return x - learning_rate * g


def moments(g, s, beta1, beta2):
    s.t += 1
    s.m = s.m + (1 - beta1) * (g - s.m)
    s.v = beta2 * s.v + (1 - beta2) * g * g


def moved(x, s, learning_rate, beta1, beta2, epsilon, amsgrad):
    v = s.v
    if amsgrad:
        v = s.v_max = largest(s.v_max, s.v)
    denominator = root(v) / root(1 - beta2**s.t) + epsilon
    return x - learning_rate / (1 - beta1**s.t) * (s.m / denominator)


@optimizer(
    "pytorch.Adam",
    ADAM,
    "torch/optim/adam.py",
    "_single_tensor_adam",
    executed=EXECUTED,
    adam={},
)
def adam(
    x,
    g,
    s,
    learning_rate=1e-3,
    beta1=0.9,
    beta2=0.999,
    epsilon=1e-8,
    weight_decay=0,
    *,
    amsgrad=False,
    decoupled_weight_decay=False,
    maximize=False,
):
    """AMSGrad keeps the largest uncorrected v and corrects it by the present step.

    The documentation of these versions prints the largest corrected v instead. In a single-tensor
    function read without its commit, decoupled_weight_decay makes Adam the class AdamW; neither
    1.13 nor the snapshot has that option.
    """
    g = -g if maximize else g
    if decoupled_weight_decay:
        x = x * (1 - learning_rate * weight_decay)
    else:
        g = g + weight_decay * x
    moments(g, s, beta1, beta2)
    return moved(x, s, learning_rate, beta1, beta2, epsilon, amsgrad)


@optimizer(
    "pytorch.AdamW",
    ADAMW,
    "torch/optim/adamw.py",
    "AdamW and _single_tensor_adamw",
    executed=EXECUTED,
    adam={},
)
def adamw(
    x,
    g,
    s,
    learning_rate=1e-3,
    beta1=0.9,
    beta2=0.999,
    epsilon=1e-8,
    weight_decay=1e-2,
    *,
    amsgrad=False,
    maximize=False,
):
    """The decay multiplies the parameter by 1 - rate * decay before the step.

    The body of the function was read at 002d2f0bb40c and in its later form, Adam with
    decoupled_weight_decay, and run in 1.13. AMSGrad is as in Adam, and so is the difference from
    the documentation.
    """
    g = -g if maximize else g
    x = x * (1 - learning_rate * weight_decay)
    moments(g, s, beta1, beta2)
    return moved(x, s, learning_rate, beta1, beta2, epsilon, amsgrad)


@optimizer(
    "pytorch.Adagrad",
    ADAGRAD,
    "torch/optim/adagrad.py",
    "_single_tensor_adagrad",
    executed=EXECUTED,
    adagrad={},
)
def adagrad(
    x,
    g,
    s,
    learning_rate=1e-2,
    epsilon=1e-10,
    initial_accumulator=0,
    learning_rate_decay=0,
    weight_decay=0,
    *,
    maximize=False,
):
    """Epsilon stands outside the root; the rate falls as 1 / (1 + (t - 1) decay).

    The documentation does not list initial_accumulator_value, though the class takes it.
    """
    g = -g if maximize else g
    g = g + weight_decay * x
    if not s.t:
        s.sum = initial_accumulator
    s.t += 1
    s.sum = s.sum + g * g
    rate = learning_rate / (1 + (s.t - 1) * learning_rate_decay)
    return x - rate * (g / (root(s.sum) + epsilon))


@optimizer(
    "pytorch.Adadelta",
    ADADELTA,
    "torch/optim/adadelta.py",
    "Adadelta and _functional.adadelta",
    executed=EXECUTED,
    adadelta={},
)
def adadelta(
    x, g, s, learning_rate=1, rho=0.9, epsilon=1e-6, weight_decay=0, *, maximize=False
):
    """Zeiler's update times a rate, which the mean of the moves leaves out.

    The class was read at 1.8, where _functional holds the update; the update was run in 1.13.
    """
    g = -g if maximize else g
    g = g + weight_decay * x
    s.s = rho * s.s + (1 - rho) * g * g
    move = root(s.u + epsilon) / root(s.s + epsilon) * g
    s.u = rho * s.u + (1 - rho) * move * move
    return x - learning_rate * move


@optimizer(
    "pytorch.RMSprop",
    RMSPROP,
    "torch/optim/rmsprop.py",
    "_single_tensor_rmsprop",
    executed=EXECUTED,
    rmsprop={},
)
def rmsprop(
    x,
    g,
    s,
    learning_rate=1e-2,
    rho=0.99,
    epsilon=1e-8,
    momentum=0,
    weight_decay=0,
    *,
    centered=False,
    maximize=False,
):
    """Epsilon stands outside the root; nothing keeps a centered variance from falling below 0.

    Where rounding makes it negative, the parameter becomes NaN.
    """
    g = -g if maximize else g
    g = g + weight_decay * x
    s.s = rho * s.s + (1 - rho) * g * g
    spread = s.s
    if centered:
        s.mean = s.mean + (1 - rho) * (g - s.mean)
        spread = s.s - s.mean * s.mean
    average = root(spread) + epsilon
    if momentum:
        s.v = momentum * s.v + g / average
        return x - learning_rate * s.v
    return x - learning_rate * (g / average)
