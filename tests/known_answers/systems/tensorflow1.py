# SPDX-License-Identifier: Apache-2.0
"""tf.train (tf.compat.v1.train) over the kernels of TensorFlow."""

from statement import Source, optimizer, root

REPOSITORY = "tensorflow/tensorflow"
KERNELS = Source(REPOSITORY, "008130e951d59f5ed8cea7238848cd9cf50f0661", "release not determined")
FILE = "tensorflow/core/kernels/training_ops.cc"


@optimizer(
    "tensorflow1.MomentumOptimizer",
    KERNELS,
    FILE,
    "ApplyMomentum; tensorflow/python/training/momentum.py @0304934138cb",
    momentum={},
    nag={"nesterov": True},
)
def momentum(x, g, s, learning_rate=None, momentum=None, *, nesterov=False):
    """The rate stands outside the buffer; rate and momentum have no default."""
    s.v = momentum * s.v + g
    if nesterov:
        return x - (g * learning_rate + s.v * momentum * learning_rate)
    return x - s.v * learning_rate


@optimizer(
    "tensorflow1.AdagradOptimizer",
    KERNELS,
    FILE,
    "ApplyAdagrad; tensorflow/python/training/adagrad.py @07ca5807cbb6",
    adagrad={},
)
def adagrad(x, g, s, learning_rate=None, initial_accumulator=0.1):
    """There is no epsilon; a start of 0 or below is refused."""
    if not s.started:
        s.sum, s.started = initial_accumulator, True
    s.sum = s.sum + g * g
    return x - g * learning_rate * (1 / root(s.sum))


@optimizer(
    "tensorflow1.AdadeltaOptimizer",
    KERNELS,
    FILE,
    "ApplyAdadelta; tensorflow/python/training/adadelta.py @0acb7b03af6d",
    adadelta={},
)
def adadelta(x, g, s, learning_rate=1e-3, rho=0.95, epsilon=1e-8):
    """The rate of 0.001 scales Zeiler's update down by a thousand."""
    s.s = rho * s.s + (1 - rho) * g * g
    move = root(s.u + epsilon) * (1 / root(s.s + epsilon)) * g
    s.u = rho * s.u + (1 - rho) * move * move
    return x - move * learning_rate


@optimizer(
    "tensorflow1.RMSPropOptimizer",
    KERNELS,
    FILE,
    "ApplyRMSProp and ApplyCenteredRMSProp; tensorflow/python/training/rmsprop.py",
    rmsprop={},
)
def rmsprop(
    x, g, s, learning_rate=None, rho=0.9, epsilon=1e-10, momentum=0, *, centered=False
):
    """The mean square starts at 1; the rate stands inside the buffer, epsilon inside the root.

    The documentation does not say where the mean square starts.
    """
    if not s.started:
        s.s, s.started = 1 + 0 * g, True
    s.s = s.s + (g * g - s.s) * (1 - rho)
    spread = s.s
    if centered:
        s.mean = s.mean + (g - s.mean) * (1 - rho)
        spread = s.s - s.mean * s.mean
    s.v = momentum * s.v + g * learning_rate / root(spread + epsilon)
    return x - s.v


@optimizer(
    "tensorflow1.AdamOptimizer",
    KERNELS,
    FILE,
    "ApplyAdam; tensorflow/python/training/adam.py @026004e05dc1",
    adam={},
)
def adam(x, g, s, learning_rate=1e-3, beta1=0.9, beta2=0.999, epsilon=1e-8):
    """Epsilon is the paper's epsilon-hat, and said to be.

    The powers of the betas are running products in the variable's type.
    """
    return apply_adam(x, g, s, learning_rate, beta1, beta2, epsilon)


@optimizer(
    "tensorflow1.ApplyAdam", KERNELS, FILE, "ApplyAdamNonCuda", adam={}
)
def apply_adam(
    x, g, s, learning_rate=None, beta1=None, beta2=None, epsilon=None, *, nesterov=False
):
    """The bare operator has use_nesterov, which no class of tf.train sets by default."""
    s.t += 1
    alpha = learning_rate * root(1 - beta2**s.t) / (1 - beta1**s.t)
    s.m = s.m + (g - s.m) * (1 - beta1)
    s.v = s.v + (g * g - s.v) * (1 - beta2)
    direction = g * (1 - beta1) + beta1 * s.m if nesterov else s.m
    return x - direction * alpha / (root(s.v) + epsilon)
