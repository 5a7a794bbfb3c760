# SPDX-License-Identifier: Apache-2.0
"""scikit-learn's perceptrons, tinygrad, and the optimizers of HIPS autograd."""

from statement import Source, optimizer, root

SCIKIT_LEARN = Source(
    "scikit-learn/scikit-learn",
    "01230994da45472f5c27582212986cddafd57549",
    "release not determined",
)
TINYGRAD = Source(
    "tinygrad/tinygrad", "a9069c177a9da9cca18593edf55acd2e6073cca6", "0.13.0"
)
AUTOGRAD = Source("HIPS/autograd", "bff107b8d71a444a1160deade3e1cbd0b92f4fa6", "1.9.1")
STOCHASTIC = "sklearn/neural_network/_stochastic_optimizers.py"
OPTIM = "tinygrad/nn/optim.py"
MISC = "autograd/misc/optimizers.py"


@optimizer(
    "scikit_learn.SGD",
    SCIKIT_LEARN,
    STOCHASTIC,
    "SGDOptimizer",
    executed="1.2.1",
    nag={},
    momentum={"nesterov": False},
)
def sklearn_sgd(x, g, s, learning_rate=0.001, momentum=0.9, *, nesterov=True):
    """MLPClassifier and MLPRegressor with solver='sgd': Nesterov's form unless told otherwise.

    The rate is their public learning_rate_init; that of the private class is 0.1. Their alpha,
    divided by the batch size, is added to the gradients of the weights and not of the biases.
    """
    s.v = momentum * s.v - learning_rate * g
    return x + (momentum * s.v - learning_rate * g if nesterov else s.v)


@optimizer(
    "scikit_learn.Adam",
    SCIKIT_LEARN,
    STOCHASTIC,
    "AdamOptimizer",
    executed="1.2.1",
    adam={},
)
def sklearn_adam(x, g, s, learning_rate=0.001, beta1=0.9, beta2=0.999, epsilon=1e-8):
    """MLPClassifier and MLPRegressor with solver='adam': epsilon is the paper's epsilon-hat.

    Their alpha is treated as with solver='sgd'.
    """
    s.t += 1
    s.m = beta1 * s.m + (1 - beta1) * g
    s.v = beta2 * s.v + (1 - beta2) * (g * g)
    rate = learning_rate * root(1 - beta2**s.t) / (1 - beta1**s.t)
    return x + -rate * s.m / (root(s.v) + epsilon)


@optimizer("tinygrad.SGD", TINYGRAD, OPTIM, "LARS._step", momentum={}, nag={"nesterov": True})
def tinygrad_sgd(
    x,
    g,
    s,
    learning_rate=0.001,
    momentum=0.0,
    weight_decay=0.0,
    *,
    nesterov=False,
    classic=False,
):
    """The buffer starts at 0; classic puts the rate inside it."""
    g = g + weight_decay * x
    if classic:
        g = g * learning_rate
    if momentum:
        s.v = momentum * s.v + g
        g = g + momentum * s.v if nesterov else s.v
    return x - (g if classic else g * learning_rate)


def tinygrad_update(x, g, s, beta1, beta2, epsilon, weight_decay):
    s.t += 1
    s.m = beta1 * s.m + (1 - beta1) * g
    s.v = beta2 * s.v + (1 - beta2) * (g * g)
    m_hat = s.m / (1 - beta1**s.t)
    v_hat = s.v / (1 - beta2**s.t)
    return m_hat / (root(v_hat) + epsilon) + weight_decay * x


@optimizer("tinygrad.Adam", TINYGRAD, OPTIM, "LAMB._step", adam={})
def tinygrad_adam(x, g, s, learning_rate=0.001, beta1=0.9, beta2=0.999, epsilon=1e-8):
    """The powers of the betas are running products in float."""
    return x - learning_rate * tinygrad_update(x, g, s, beta1, beta2, epsilon, 0)


@optimizer("tinygrad.AdamW", TINYGRAD, OPTIM, "LAMB._step", adam={})
def tinygrad_adamw(
    x, g, s, learning_rate=0.001, beta1=0.9, beta2=0.999, epsilon=1e-8, weight_decay=0.01
):
    """The decay joins the scaled update, before the rate."""
    return x - learning_rate * tinygrad_update(x, g, s, beta1, beta2, epsilon, weight_decay)


@optimizer("hips_autograd.sgd", AUTOGRAD, MISC, "sgd", momentum={})
def autograd_sgd(x, g, s, learning_rate=0.1, momentum=0.9):
    """The buffer is a decayed mean, and starts at 0: the first step is a tenth of the rate's."""
    s.v = momentum * s.v - (1 - momentum) * g
    return x + learning_rate * s.v


@optimizer("hips_autograd.rmsprop", AUTOGRAD, MISC, "rmsprop", rmsprop={})
def autograd_rmsprop(x, g, s, learning_rate=0.1, rho=0.9, epsilon=1e-8):
    """The mean square starts at 1; epsilon stands outside the root."""
    if not s.started:
        s.s, s.started = 1 + 0 * g, True
    s.s = s.s * rho + g * g * (1 - rho)
    return x - learning_rate * g / (root(s.s) + epsilon)


@optimizer("hips_autograd.adam", AUTOGRAD, MISC, "adam", adam={})
def autograd_adam(x, g, s, learning_rate=0.001, beta1=0.9, beta2=0.999, epsilon=1e-8):
    """Algorithm 1 of the paper."""
    s.t += 1
    s.m = (1 - beta1) * g + beta1 * s.m
    s.v = (1 - beta2) * (g * g) + beta2 * s.v
    m_hat = s.m / (1 - beta1**s.t)
    v_hat = s.v / (1 - beta2**s.t)
    return x - learning_rate * m_hat / (root(v_hat) + epsilon)
