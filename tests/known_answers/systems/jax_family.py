# SPDX-License-Identifier: Apache-2.0
"""Optax, and the example optimizers of JAX."""

from statement import Source, largest, optimizer, root

OPTAX = Source(
    "google-deepmind/optax", "2edbcbe2390da13983b92cbef94ac0460ecde1c5", "0.2.9 development"
)
JAX = Source("jax-ml/jax", "cec06d116c05f0d52adfceee3d3b730fdbcb0ce5", "0.11.1 development")
TRANSFORM = "optax/_src/transform.py"
EXAMPLES = "jax/example_libraries/optimizers.py"


def trace(g, s, momentum, nesterov):
    s.v = g + momentum * s.v
    return g + momentum * s.v if nesterov else s.v


@optimizer(
    "optax.sgd",
    OPTAX,
    "optax/transforms/_accumulation.py",
    "trace; optax/_src/alias.py, sgd",
    versions=">=0.1.0",
    momentum={},
    nag={"nesterov": True},
)
def sgd(x, g, s, learning_rate=None, momentum=0, *, nesterov=False):
    """A momentum of None, the default, leaves the buffer out; 0 is the same map."""
    update = trace(g, s, momentum, nesterov) if momentum else g
    return x + -learning_rate * update


@optimizer(
    "optax.adagrad",
    OPTAX,
    TRANSFORM,
    "scale_by_rss",
    adagrad={},
)
def adagrad(x, g, s, learning_rate=None, epsilon=1e-7, initial_accumulator=0.1):
    """Epsilon stands inside the root; where the sum is 0 there is no step."""
    if not s.started:
        s.sum, s.started = initial_accumulator, True
    s.sum = g * g + s.sum
    scale = 1 / root(s.sum + epsilon) if s.sum > 0 else 0
    return x + -learning_rate * (scale * g)


@optimizer(
    "optax.adadelta",
    OPTAX,
    TRANSFORM,
    "scale_by_adadelta and scale_by_learning_rate",
    versions=">=0.2.5; from 0.2.0 to 0.2.4 a rate of None is an error",
    adadelta={},
)
def adadelta(
    x, g, s, learning_rate=1, rho=0.9, epsilon=1e-6, weight_decay=0, *, rate_given=False
):
    """Without a rate, which is the default, the parameter moves along the gradient: uphill.

    scale_by_learning_rate(None) is the identity, so the sign that a rate brings is missing too.
    The documentation prints a minus. Weight decay is added to the gradient.
    """
    g = g + weight_decay * x
    s.s = (1 - rho) * (g * g) + rho * s.s
    move = root(s.u + epsilon) / root(s.s + epsilon) * g
    s.u = (1 - rho) * (move * move) + rho * s.u
    return x + (-learning_rate * move if rate_given else move)


@optimizer(
    "optax.rmsprop",
    OPTAX,
    TRANSFORM,
    "scale_by_rms and scale_by_stddev; optax/_src/alias.py, rmsprop",
    versions=">=0.2.4; before, without eps_in_sqrt and bias_correction",
    rmsprop={},
)
def rmsprop(
    x,
    g,
    s,
    learning_rate=None,
    rho=0.9,
    epsilon=1e-8,
    initial_accumulator=0.0,
    momentum=0,
    *,
    eps_in_sqrt=True,
    centered=False,
    nesterov=False,
    bias_correction=False,
):
    """The trace follows the rate, so the rate stands inside the buffer; Nesterov's too.

    The start is initial_scale.
    """
    if not s.t:
        s.s = initial_accumulator
    s.t += 1
    s.s = (1 - rho) * (g * g) + rho * s.s
    correction = 1 - rho**s.t if bias_correction else 1
    spread = s.s / correction
    if centered:
        s.mean = (1 - rho) * g + rho * s.mean
        mean = s.mean / correction
        spread = spread - mean * mean
    scale = 1 / root(spread + epsilon) if eps_in_sqrt else 1 / (root(spread) + epsilon)
    update = -learning_rate * (scale * g)
    return x + (trace(update, s, momentum, nesterov) if momentum else update)


def scaled_by_adam(g, s, beta1, beta2, epsilon, epsilon_root, nesterov):
    s.t += 1
    s.m = (1 - beta1) * g + beta1 * s.m
    s.v = (1 - beta2) * (g * g) + beta2 * s.v
    if nesterov:
        ahead = s.m / (1 - beta1 ** (s.t + 1))
        m_hat = beta1 * ahead + (1 - beta1) * (g / (1 - beta1**s.t))
    else:
        m_hat = s.m / (1 - beta1**s.t)
    v_hat = s.v / (1 - beta2**s.t)
    return m_hat / (root(v_hat + epsilon_root) + epsilon)


@optimizer(
    "optax.adam",
    OPTAX,
    TRANSFORM,
    "scale_by_adam",
    versions=">=0.2.0; in 0.1.5 without nesterov",
    adam={},
)
def adam(
    x,
    g,
    s,
    learning_rate=None,
    beta1=0.9,
    beta2=0.999,
    epsilon=1e-8,
    epsilon_root=0.0,
    *,
    nesterov=False,
):
    """epsilon_root stands inside the root, beside epsilon outside it.

    With nesterov, the next power of beta1 corrects m.
    """
    return x + -learning_rate * scaled_by_adam(
        g, s, beta1, beta2, epsilon, epsilon_root, nesterov
    )


@optimizer(
    "optax.adamw",
    OPTAX,
    TRANSFORM,
    "scale_by_adam and add_decayed_weights; optax/_src/alias.py, adamw",
    adam={},
)
def adamw(
    x,
    g,
    s,
    learning_rate=None,
    beta1=0.9,
    beta2=0.999,
    epsilon=1e-8,
    epsilon_root=0.0,
    weight_decay=1e-4,
    *,
    nesterov=False,
):
    """The decay joins the scaled update, before the rate."""
    update = scaled_by_adam(g, s, beta1, beta2, epsilon, epsilon_root, nesterov)
    return x + -learning_rate * (update + weight_decay * x)


@optimizer(
    "optax.amsgrad",
    OPTAX,
    TRANSFORM,
    "scale_by_amsgrad",
    versions=">=0.2.7; in 0.1.5 to 0.2.6 without the two options",
    adam={},
)
def amsgrad(
    x,
    g,
    s,
    learning_rate=None,
    beta1=0.9,
    beta2=0.999,
    epsilon=1e-8,
    epsilon_root=0.0,
    *,
    bias_correction_mu=True,
    bias_correction_nu=True,
):
    """The maximum is that of the corrected v, and is not corrected again."""
    s.t += 1
    s.m = (1 - beta1) * g + beta1 * s.m
    s.v = (1 - beta2) * (g * g) + beta2 * s.v
    m_hat = s.m / (1 - beta1**s.t) if bias_correction_mu else s.m
    v = s.v / (1 - beta2**s.t) if bias_correction_nu else s.v
    s.v_max = largest(s.v_max, v)
    return x + -learning_rate * (m_hat / (root(s.v_max + epsilon_root) + epsilon))


@optimizer("jax.momentum", JAX, EXAMPLES, "momentum", momentum={})
def jax_momentum(x, g, s, learning_rate=None, momentum=None):
    """Rate and momentum have no default."""
    s.v = momentum * s.v + g
    return x - learning_rate * s.v


@optimizer("jax.nesterov", JAX, EXAMPLES, "nesterov", nag={})
def jax_nesterov(x, g, s, learning_rate=None, momentum=None):
    """Rate and momentum have no default."""
    s.v = momentum * s.v + g
    return x - learning_rate * (momentum * s.v + g)


@optimizer("jax.adagrad", JAX, EXAMPLES, "adagrad", adagrad={})
def jax_adagrad(x, g, s, learning_rate=None, momentum=0.9):
    """No epsilon, no step where the sum is 0, and a running mean of the directions."""
    s.sum = s.sum + g * g
    scale = 1 / root(s.sum) if s.sum > 0 else 0
    s.v = (1 - momentum) * (g * scale) + momentum * s.v
    return x - learning_rate * s.v


@optimizer("jax.rmsprop", JAX, EXAMPLES, "rmsprop", rmsprop={})
def jax_rmsprop(x, g, s, learning_rate=None, rho=0.9, epsilon=1e-8):
    """Epsilon stands inside the root."""
    s.s = s.s * rho + g * g * (1 - rho)
    return x - learning_rate * g / root(s.s + epsilon)


@optimizer(
    "jax.rmsprop_momentum", JAX, EXAMPLES, "rmsprop_momentum", rmsprop={}
)
def jax_rmsprop_momentum(
    x, g, s, learning_rate=None, rho=0.9, epsilon=1e-8, momentum=0.9
):
    """The rate stands inside the buffer."""
    s.s = s.s * rho + g * g * (1 - rho)
    s.v = momentum * s.v + learning_rate * g / root(s.s + epsilon)
    return x - s.v


@optimizer("jax.adam", JAX, EXAMPLES, "adam", adam={})
def jax_adam(x, g, s, learning_rate=None, beta1=0.9, beta2=0.999, epsilon=1e-8):
    """Algorithm 1 of the paper; the powers have the type of m."""
    s.t += 1
    s.m = (1 - beta1) * g + beta1 * s.m
    s.v = (1 - beta2) * (g * g) + beta2 * s.v
    m_hat = s.m / (1 - beta1**s.t)
    v_hat = s.v / (1 - beta2**s.t)
    return x - learning_rate * m_hat / (root(v_hat) + epsilon)
