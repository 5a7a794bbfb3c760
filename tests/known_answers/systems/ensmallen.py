# SPDX-License-Identifier: Apache-2.0
"""ensmallen. An epsilon that is 0 in the element's type is replaced by 10 of its ulps."""

from statement import Source, largest, optimizer, root

SOURCE = Source("mlpack/ensmallen", "f65354c0420b29346ec485ef7d33c3d7766ce9d1", "3.11.1")
FILES = "include/ensmallen_bits/"


@optimizer(
    "ensmallen.MomentumSGD",
    SOURCE,
    FILES + "sgd/update_policies/momentum_update.hpp",
    "MomentumUpdate",
    momentum={},
)
def momentum_sgd(x, g, s, learning_rate=0.01, momentum=0.5):
    """The momentum is 0.5 unless told otherwise; the rate stands inside the buffer."""
    s.v = momentum * s.v - learning_rate * g
    return x + s.v


@optimizer(
    "ensmallen.NesterovMomentumSGD",
    SOURCE,
    FILES + "sgd/update_policies/nesterov_momentum_update.hpp",
    "NesterovMomentumUpdate",
    nag={},
)
def nesterov(x, g, s, learning_rate=0.01, momentum=0.5):
    """The momentum is 0.5 unless told otherwise."""
    s.v = momentum * s.v - learning_rate * g
    return x + (momentum * s.v - learning_rate * g)


@optimizer(
    "ensmallen.AdaGrad",
    SOURCE,
    FILES + "ada_grad/ada_grad_update.hpp",
    "AdaGradUpdate",
    adagrad={},
)
def adagrad(x, g, s, learning_rate=0.01, epsilon=1e-8):
    """Epsilon stands outside the root."""
    s.sum = s.sum + g * g
    return x - (learning_rate * g) / (root(s.sum) + epsilon)


@optimizer(
    "ensmallen.AdaDelta",
    SOURCE,
    FILES + "ada_delta/ada_delta_update.hpp",
    "AdaDeltaUpdate",
    adadelta={},
)
def adadelta(x, g, s, learning_rate=1.0, rho=0.95, epsilon=1e-6):
    """Zeiler's update as one root of a ratio."""
    s.s = rho * s.s + (1 - rho) * (g * g)
    move = root((s.u + epsilon) / (s.s + epsilon)) * g
    s.u = rho * s.u + (1 - rho) * (move * move)
    return x - learning_rate * move


@optimizer(
    "ensmallen.RMSProp",
    SOURCE,
    FILES + "rmsprop/rmsprop_update.hpp",
    "RMSPropUpdate",
    rmsprop={},
)
def rmsprop(x, g, s, learning_rate=0.01, rho=0.99, epsilon=1e-8):
    """Epsilon stands outside the root."""
    s.s = rho * s.s + (1 - rho) * (g * g)
    return x - learning_rate * g / (root(s.s) + epsilon)


def adam_step(x, g, s, learning_rate, beta1, beta2, epsilon, amsgrad):
    s.t += 1
    s.m = s.m * beta1 + (1 - beta1) * g
    s.v = s.v * beta2 + (1 - beta2) * (g * g)
    v = s.v
    if amsgrad:
        v = s.v_max = largest(s.v_max, s.v)
    size = learning_rate * root(1 - beta2**s.t) / (1 - beta1**s.t)
    return x - size * s.m / (root(v) + epsilon)


@optimizer("ensmallen.Adam", SOURCE, FILES + "adam/adam_update.hpp", "AdamUpdate", adam={})
def adam(x, g, s, learning_rate=0.001, beta1=0.9, beta2=0.999, epsilon=1e-8):
    """Epsilon is the paper's epsilon-hat."""
    return adam_step(x, g, s, learning_rate, beta1, beta2, epsilon, False)


@optimizer(
    "ensmallen.AMSGrad", SOURCE, FILES + "adam/amsgrad_update.hpp", "AMSGradUpdate", adam={}
)
def amsgrad(x, g, s, learning_rate=0.001, beta1=0.9, beta2=0.999, epsilon=1e-8):
    """The largest v is uncorrected."""
    return adam_step(x, g, s, learning_rate, beta1, beta2, epsilon, True)
