# SPDX-License-Identifier: Apache-2.0
"""PaddlePaddle, and the Adams of MindSpore; their other classes were not read."""

from statement import Source, largest, optimizer, root

PADDLE = "PaddlePaddle/Paddle"
MINDSPORE = "mindspore-ai/mindspore"
UNKNOWN = "release not determined"
PADDLE_ADAM = Source(PADDLE, "02dea0c71741e75dba5ff281643e533dc8ce3465", UNKNOWN)
PADDLE_ADAMW = Source(PADDLE, "00f4c7b16c9391363e2a75dae5036c60beedc6a8", UNKNOWN)
PADDLE_RMSPROP = Source(PADDLE, "12f70db6ebab7dc56aa2d8f8167153ae5fffa9d8", UNKNOWN)
PADDLE_ADADELTA = Source(PADDLE, "06dc365f6add7e54f6cc70769db8e8400103fda4", UNKNOWN)
PADDLE_MOMENTUM = Source(PADDLE, "045e4045e30412b03b7567ade419f834c3f70a68", UNKNOWN)
MINDSPORE_ADAM = Source(
    MINDSPORE, "909c078dbd88fde42ae5047c7746a10701bbc27c", UNKNOWN
)
KERNELS = "paddle/phi/kernels/"


@optimizer(
    "paddle.Momentum",
    PADDLE_MOMENTUM,
    KERNELS + "impl/momentum_kernel_impl.h",
    "CPUDenseUpdater; python/paddle/optimizer/momentum.py @b6e931bbfd98",
    momentum={},
    nag={"nesterov": True},
)
def momentum(
    x, g, s, learning_rate=0.001, momentum=0.9, weight_decay=0, *, nesterov=False
):
    """The buffer starts at 0; a decay that is a number is added to the gradient."""
    g = x * weight_decay + g
    s.v = s.v * momentum + g
    if nesterov:
        return x - (g + s.v * momentum) * learning_rate
    return x - learning_rate * s.v


@optimizer(
    "paddle.Adagrad",
    PADDLE_MOMENTUM,
    KERNELS + "impl/adagrad_kernel_impl.h",
    "AdagradDenseKernel; python/paddle/optimizer/adagrad.py @95152eacfa26",
    adagrad={},
)
def adagrad(
    x, g, s, learning_rate=None, epsilon=1e-6, initial_accumulator=0.0, weight_decay=0
):
    """Epsilon stands outside the root.

    A decay that is a number is added to the gradient: optimizer.py @50fc60563c4f, L2Decay of
    fluid/regularizer.py @a73bb001aaec.
    """
    g = g + weight_decay * x
    if not s.started:
        s.sum, s.started = initial_accumulator, True
    s.sum = s.sum + g * g
    return x - learning_rate * g / (root(s.sum) + epsilon)


@optimizer(
    "paddle.Adadelta",
    PADDLE_ADADELTA,
    KERNELS + "impl/adadelta_kernel_impl.h",
    "AdadeltaKernel; python/paddle/optimizer/adadelta.py @9468e40bb4b6",
    adadelta={},
)
def adadelta(x, g, s, learning_rate=0.001, rho=0.95, epsilon=1e-6, weight_decay=0):
    """The kernel multiplies the move by the rate; the documented formula has no rate.

    A decay that is a number is added to the gradient: optimizer.py @50fc60563c4f, L2Decay of
    fluid/regularizer.py @a73bb001aaec.
    """
    g = g + weight_decay * x
    s.s = rho * s.s + (1 - rho) * (g * g)
    move = -(root(s.u + epsilon) / root(s.s + epsilon) * g)
    s.u = rho * s.u + (1 - rho) * (move * move)
    return x + learning_rate * move


@optimizer(
    "paddle.RMSProp",
    PADDLE_RMSPROP,
    KERNELS + "impl/rmsprop_kernel_impl.h",
    "RmspropDenseKernel; python/paddle/optimizer/rmsprop.py @ff1c4ff23514",
    rmsprop={},
)
def rmsprop(
    x,
    g,
    s,
    learning_rate=None,
    rho=0.95,
    epsilon=1e-6,
    momentum=0.0,
    weight_decay=0,
    *,
    centered=False,
):
    """Epsilon stands inside the root, the rate inside the buffer.

    The documentation calls its momentum Nesterov's; its formula and the kernel are plain. A
    decay that is a number is added to the gradient: optimizer.py @50fc60563c4f, L2Decay of
    fluid/regularizer.py @a73bb001aaec.
    """
    g = g + weight_decay * x
    s.s = rho * s.s + (1 - rho) * g * g
    spread = s.s
    if centered:
        s.mean = rho * s.mean + (1 - rho) * g
        spread = s.s - s.mean * s.mean
    s.v = momentum * s.v + learning_rate * g / root(spread + epsilon)
    return x - s.v


@optimizer(
    "paddle.Adam",
    PADDLE_ADAM,
    KERNELS + "funcs/adam_functors.h",
    "AdamFunctor<T, CPUAdam>; python/paddle/optimizer/adam.py @d39c7a11acf0",
    adam={},
)
def adam(
    x,
    g,
    s,
    learning_rate=0.001,
    beta1=0.9,
    beta2=0.999,
    epsilon=1e-8,
    weight_decay=0,
    *,
    amsgrad=False,
):
    """Epsilon is multiplied by the root of 1 - beta2^t; the documented formula leaves that out.

    Kernel and documentation were read at two commits. A decay that is a number is added to the
    gradient: optimizer.py @50fc60563c4f, L2Decay of fluid/regularizer.py @a73bb001aaec. The
    largest v is uncorrected.
    """
    g = g + weight_decay * x
    s.t += 1
    correction = root(1 - beta2**s.t)
    rate = learning_rate * (correction / (1 - beta1**s.t))
    s.m = beta1 * s.m + (1 - beta1) * g
    s.v = beta2 * s.v + (1 - beta2) * g * g
    v = s.v
    if amsgrad:
        v = s.v_max = largest(s.v_max, s.v)
    return x - rate * (s.m / (root(v) + epsilon * correction))


@optimizer(
    "paddle.AdamW",
    PADDLE_ADAMW,
    KERNELS + "gpu/adamw_kernel.cu",
    "AdamWKernelREG; python/paddle/optimizer/adamw.py @52cda5eeb321",
    adam={},
)
def adamw(
    x,
    g,
    s,
    learning_rate=0.001,
    beta1=0.9,
    beta2=0.999,
    epsilon=1e-8,
    weight_decay=0.01,
    *,
    amsgrad=False,
):
    """The uncorrected rate multiplies the decay, before the step.

    The documented formula multiplies the decay by the corrected rate. amsgrad is in later copies
    of the kernel, whose commits are not known.
    """
    x = x * (1 - learning_rate * weight_decay)
    s.t += 1
    s.m = beta1 * s.m + (1 - beta1) * g
    s.v = beta2 * s.v + (1 - beta2) * g * g
    v = s.v
    if amsgrad:
        v = s.v_max = largest(s.v_max, s.v)
    denominator = root(v) / root(1 - beta2**s.t) + epsilon
    return x + s.m / denominator * -(learning_rate / (1 - beta1**s.t))


@optimizer(
    "mindspore.Adam",
    MINDSPORE_ADAM,
    "mindspore/python/mindspore/nn/optim/adam.py",
    "Adam; nnacl/fp32/adam_fp32.c, AdamFp32 and DoAdam, commit not known",
    adam={},
)
def mindspore_adam(
    x,
    g,
    s,
    learning_rate=1e-3,
    beta1=0.9,
    beta2=0.999,
    epsilon=1e-8,
    weight_decay=0.0,
    *,
    use_nesterov=False,
):
    """The decay is added to the gradient; with use_nesterov, m meets the gradient once more.

    Its option use_amsgrad calls an operator that was not read.
    """
    g = g + weight_decay * x
    s.t += 1
    s.m = s.m + (g - s.m) * (1 - beta1)
    s.v = s.v + (g * g - s.v) * (1 - beta2)
    rate = learning_rate * root(1 - beta2**s.t) / (1 - beta1**s.t)
    direction = s.m * beta1 + (1 - beta1) * g if use_nesterov else s.m
    return x - rate * direction / (root(s.v) + epsilon)


@optimizer(
    "mindspore.AdamWeightDecay",
    MINDSPORE_ADAM,
    "mindspore/python/mindspore/nn/optim/adam.py",
    "_update_run_op; nnacl/fp32/adam_fp32.c, AdamWeightDecayFp32, commit not known",
    adam={},
)
def mindspore_adam_weight_decay(
    x, g, s, learning_rate=1e-3, beta1=0.9, beta2=0.999, epsilon=1e-6, weight_decay=0.0
):
    """Nothing is corrected, and the decay is multiplied by the rate.

    The documented formula has both corrections, and a decay without the rate.
    """
    s.m = beta1 * s.m + (1 - beta1) * g
    s.v = beta2 * s.v + (1 - beta2) * (g * g)
    update = weight_decay * x + s.m / (epsilon + root(s.v))
    return x - learning_rate * update
