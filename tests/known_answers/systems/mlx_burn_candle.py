# SPDX-License-Identifier: Apache-2.0
"""mlx, burn and candle."""

from statement import Source, largest, optimizer, root

MLX = Source("ml-explore/mlx", "846d176227a0ac13d2667e58d2bb68b322109ab0", "0.32.2")
BURN = Source("tracel-ai/burn", "2c06be351006851d42fdb6df16b976f4a82d9747", "0.22.0-pre.2")
CANDLE = Source("huggingface/candle", "2a13b0f3ff62f7e67013597f2996f764c5735e21", "0.11.0")
MLX_FILE = "python/mlx/optimizers/optimizers.py"
BURN_FILES = "crates/burn-optim/src/optim/"


@optimizer("mlx.SGD", MLX, MLX_FILE, "SGD", momentum={}, nag={"nesterov": True})
def mlx_sgd(
    x,
    g,
    s,
    learning_rate=None,
    momentum=0.0,
    weight_decay=0.0,
    dampening=0.0,
    *,
    nesterov=False,
):
    """The buffer starts at 0, so dampening scales the first gradient as well."""
    g = g + weight_decay * x
    if not momentum:
        return x - learning_rate * g
    s.v = momentum * s.v + (1 - dampening) * g
    return x - learning_rate * (g + momentum * s.v if nesterov else s.v)


@optimizer("mlx.RMSprop", MLX, MLX_FILE, "RMSprop", rmsprop={})
def mlx_rmsprop(x, g, s, learning_rate=None, rho=0.99, epsilon=1e-8):
    """Epsilon stands outside the root."""
    s.s = rho * s.s + (1 - rho) * (g * g)
    return x - learning_rate * g / (root(s.s) + epsilon)


@optimizer("mlx.Adagrad", MLX, MLX_FILE, "Adagrad", adagrad={})
def mlx_adagrad(x, g, s, learning_rate=None, epsilon=1e-8):
    """Epsilon stands outside the root."""
    s.sum = s.sum + g * g
    return x - learning_rate * g / (root(s.sum) + epsilon)


@optimizer("mlx.AdaDelta", MLX, MLX_FILE, "AdaDelta", adadelta={})
def mlx_adadelta(x, g, s, learning_rate=None, rho=0.9, epsilon=1e-6):
    """Zeiler's update times a rate, which has no default."""
    s.s = rho * s.s + (1 - rho) * (g * g)
    move = root(s.u + epsilon) / root(s.s + epsilon) * g
    s.u = rho * s.u + (1 - rho) * (move * move)
    return x - learning_rate * move


def mlx_adam_step(x, g, s, learning_rate, beta1, beta2, epsilon, bias_correction):
    s.t += 1
    s.m = beta1 * s.m + (1 - beta1) * g
    s.v = beta2 * s.v + (1 - beta2) * (g * g)
    if not bias_correction:
        return x - learning_rate * s.m / (root(s.v) + epsilon)
    numerator = learning_rate / (1 - beta1**s.t) * s.m
    return x - numerator / (root(s.v) * (1 / root(1 - beta2**s.t)) + epsilon)


@optimizer("mlx.Adam", MLX, MLX_FILE, "Adam", adam={})
def mlx_adam(
    x, g, s, learning_rate=None, beta1=0.9, beta2=0.999, epsilon=1e-8, *, bias_correction=False
):
    """Nothing is corrected unless bias_correction is asked for."""
    return mlx_adam_step(x, g, s, learning_rate, beta1, beta2, epsilon, bias_correction)


@optimizer("mlx.AdamW", MLX, MLX_FILE, "AdamW", adam={})
def mlx_adamw(
    x,
    g,
    s,
    learning_rate=None,
    beta1=0.9,
    beta2=0.999,
    epsilon=1e-8,
    weight_decay=0.01,
    *,
    bias_correction=False,
):
    """The decay multiplies the parameter by 1 - rate * decay before the step."""
    x = x * (1 - learning_rate * weight_decay)
    return mlx_adam_step(x, g, s, learning_rate, beta1, beta2, epsilon, bias_correction)


@optimizer(
    "burn.Sgd",
    BURN,
    BURN_FILES + "momentum.rs",
    "Momentum.transform; sgd.rs",
    momentum={},
    nag={"nesterov": True},
)
def burn_sgd(
    x,
    g,
    s,
    learning_rate=None,
    momentum=0.9,
    dampening=0.1,
    weight_decay=0,
    *,
    nesterov=False,
):
    """The first buffer is the gradient; later ones are dampened by 0.1 unless told otherwise.

    Sgd has no momentum unless one is configured; 0.9 and 0.1 are those of MomentumConfig.
    """
    g = x * weight_decay + g
    s.v = g * (1 - dampening) + s.v * momentum if s.started else g
    s.started = True
    return x - (s.v * momentum + g if nesterov else s.v) * learning_rate


@optimizer("burn.AdaGrad", BURN, BURN_FILES + "adagrad.rs", "LrDecay.transform", adagrad={})
def burn_adagrad(
    x, g, s, learning_rate=None, epsilon=1e-5, learning_rate_decay=0, weight_decay=0
):
    """Epsilon stands outside the root; the rate falls as 1 / (1 + (t - 1) decay)."""
    g = x * weight_decay + g
    s.t += 1
    s.sum = s.sum + g * g
    rate = learning_rate / (1 + (s.t - 1) * learning_rate_decay)
    return x - g / (root(s.sum) + epsilon) * rate


@optimizer("burn.RmsProp", BURN, BURN_FILES + "rmsprop.rs", "RmsProp.step", rmsprop={})
def burn_rmsprop(
    x,
    g,
    s,
    learning_rate=None,
    rho=0.99,
    epsilon=1e-5,
    momentum=0.9,
    weight_decay=0,
    *,
    centered=False,
):
    """A momentum of 0.9 is the default; epsilon stands outside the root."""
    g = x * weight_decay + g
    s.s = s.s * rho + g * g * (1 - rho)
    average = s.s
    if centered:
        s.mean = s.mean * rho + g * (1 - rho)
        average = s.s - s.mean * s.mean
    g = g / (root(average) + epsilon)
    if momentum:
        g = s.v = s.v * momentum + g
    return x - g * learning_rate


def burn_moments(g, s, beta1, beta2, amsgrad):
    s.t += 1
    s.m = s.m * beta1 + g * (1 - beta1)
    s.v = s.v * beta2 + g * g * (1 - beta2)
    if not amsgrad:
        return s.v
    s.v_max = largest(s.v_max, s.v)
    return s.v_max


@optimizer("burn.Adam", BURN, BURN_FILES + "adam.rs", "AdaptiveMomentum.transform", adam={})
def burn_adam(
    x,
    g,
    s,
    learning_rate=None,
    beta1=0.9,
    beta2=0.999,
    epsilon=1e-5,
    weight_decay=0,
    *,
    amsgrad=False,
):
    """The corrections are folded into one factor; AMSGrad's maximum is uncorrected."""
    g = x * weight_decay + g
    v = burn_moments(g, s, beta1, beta2, amsgrad)
    correction = root(1 - beta2**s.t)
    factor = correction / (1 - beta1**s.t)
    return x - s.m * factor / (root(v) + epsilon * correction) * learning_rate


@optimizer("burn.AdamW", BURN, BURN_FILES + "adamw.rs", "AdamW.step", adam={})
def burn_adamw(
    x,
    g,
    s,
    learning_rate=None,
    beta1=0.9,
    beta2=0.999,
    epsilon=1e-5,
    weight_decay=1e-4,
    *,
    amsgrad=False,
    cautious_weight_decay=False,
):
    """Cautious decay leaves out coordinates where parameter and first moment differ in sign.

    Zero counts as positive there.
    """
    v = burn_moments(g, s, beta1, beta2, amsgrad)
    delta = s.m / (1 - beta1**s.t) / (root(v / (1 - beta2**s.t)) + epsilon)
    rate = learning_rate * weight_decay
    if not cautious_weight_decay:
        x = x * (1 - rate)
    elif (x >= 0) == (s.m >= 0):
        x = x - x * rate
    return x - delta * learning_rate


@optimizer("candle.AdamW", CANDLE, "candle-nn/src/optim.rs", "AdamW.step", adam={})
def candle_adamw(
    x, g, s, learning_rate=1e-3, beta1=0.9, beta2=0.999, epsilon=1e-8, weight_decay=0.01
):
    """There is no Adam beside it; every coefficient is formed in double."""
    s.t += 1
    s.m = s.m * beta1 + g * (1 - beta1)
    s.v = s.v * beta2 + g * g * (1 - beta2)
    m_hat = s.m * (1 / (1 - beta1**s.t))
    v_hat = s.v * (1 / (1 - beta2**s.t))
    x = x * (1 - learning_rate * weight_decay)
    return x - m_hat / (root(v_hat) + epsilon) * learning_rate
