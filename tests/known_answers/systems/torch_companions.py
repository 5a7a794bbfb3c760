# SPDX-License-Identifier: Apache-2.0
"""Optimizers beside PyTorch's own: bitsandbytes and, until it was removed, transformers."""

from statement import Source, optimizer, root

BITSANDBYTES = Source(
    "bitsandbytes-foundation/bitsandbytes",
    "95f9af309d4d5793847169c39288dcd3fcbdf564",
    "0.50.2.dev0",
)
TRANSFORMERS = Source(
    "huggingface/transformers",
    "ad1fc9639f2e7b6808a2ca982c0a9b3134d76ee8",
    "release not determined",
)
CUDA, OTHERS = "csrc/kernels.cu", "bitsandbytes/backends/default/ops.py"
TWO_STATES, ONE_STATE = "kOptimizer32bit2State", "kOptimizer32bit1State"
DEFAULT = "_optimizer_update_32bit"


def adam_step(x, g, s, learning_rate, beta1, beta2, epsilon, weight_decay, decays_last):
    s.t += 1
    s.m = s.m * beta1 + (1 - beta1) * g
    s.v = s.v * beta2 + (1 - beta2) * (g * g)
    correction1, correction2 = 1 - beta1**s.t, root(1 - beta2**s.t)
    size = -learning_rate * correction2 / correction1
    keep = 1 - learning_rate * weight_decay
    if not decays_last:
        x = x * keep
    x = x + size * (s.m / (root(s.v) + epsilon * correction2))
    return x * keep if decays_last else x


@optimizer("bitsandbytes.Adam.cuda", BITSANDBYTES, CUDA, TWO_STATES, adam={})
def adam_cuda(
    x, g, s, learning_rate=1e-3, beta1=0.9, beta2=0.999, epsilon=1e-8, weight_decay=0
):
    """The kernel of AdamW: the decay multiplies the parameter after its step.

    amsgrad is an argument that nothing reads.
    """
    return adam_step(x, g, s, learning_rate, beta1, beta2, epsilon, weight_decay, True)


@optimizer("bitsandbytes.AdamW.cuda", BITSANDBYTES, CUDA, TWO_STATES, adam={})
def adamw_cuda(
    x, g, s, learning_rate=1e-3, beta1=0.9, beta2=0.999, epsilon=1e-8, weight_decay=1e-2
):
    """The decay multiplies the parameter after its step, in the CUDA kernel alone."""
    return adam_step(x, g, s, learning_rate, beta1, beta2, epsilon, weight_decay, True)


@optimizer("bitsandbytes.Adam.default", BITSANDBYTES, OTHERS, DEFAULT, adam={})
def adam_default(
    x, g, s, learning_rate=1e-3, beta1=0.9, beta2=0.999, epsilon=1e-8, weight_decay=0
):
    """The kernel of AdamW for the CPU and, in Triton, for XPU: the decay comes before the step."""
    return adam_step(x, g, s, learning_rate, beta1, beta2, epsilon, weight_decay, False)


@optimizer("bitsandbytes.AdamW.default", BITSANDBYTES, OTHERS, DEFAULT, adam={})
def adamw_default(
    x, g, s, learning_rate=1e-3, beta1=0.9, beta2=0.999, epsilon=1e-8, weight_decay=1e-2
):
    """The decay multiplies the parameter before its step, for the CPU and in Triton."""
    return adam_step(x, g, s, learning_rate, beta1, beta2, epsilon, weight_decay, False)


@optimizer("bitsandbytes.SGD", BITSANDBYTES, CUDA, ONE_STATE + ", MOMENTUM", momentum={})
def sgd(x, g, s, learning_rate=None, momentum=0, weight_decay=0):
    """The first buffer is the gradient; dampening and nesterov are taken and never used.

    A momentum of 0, the default, is refused.
    """
    g = g + x * weight_decay
    s.v = s.v * momentum + g if s.started else g
    s.started = True
    return x + -learning_rate * s.v


@optimizer("bitsandbytes.RMSprop", BITSANDBYTES, CUDA, ONE_STATE + ", RMSPROP", rmsprop={})
def rmsprop(x, g, s, learning_rate=1e-2, rho=0.99, epsilon=1e-8, weight_decay=0):
    """A momentum is taken and never used; the centered form is refused."""
    g = g + x * weight_decay
    s.s = s.s * rho + (1 - rho) * g * g
    return x - learning_rate * (g / (root(s.s) + epsilon))


@optimizer("bitsandbytes.Adagrad", BITSANDBYTES, CUDA, ONE_STATE + ", ADAGRAD", adagrad={})
def adagrad(x, g, s, learning_rate=1e-2, epsilon=1e-10, weight_decay=0):
    """A falling rate and a start other than 0 are refused."""
    g = g + x * weight_decay
    s.sum = s.sum + g * g
    return x - learning_rate * (g / (root(s.sum) + epsilon))


@optimizer(
    "transformers.AdamW",
    TRANSFORMERS,
    "src/transformers/optimization.py",
    "AdamW",
    adam={},
)
def transformers_adamw(
    x,
    g,
    s,
    learning_rate=1e-3,
    beta1=0.9,
    beta2=0.999,
    epsilon=1e-6,
    weight_decay=0.0,
    *,
    correct_bias=True,
):
    """Epsilon is the paper's epsilon-hat; the decay comes last, of the moved parameter.

    It is multiplied by the uncorrected rate. The class is deprecated, and gone from later files.
    """
    s.t += 1
    s.m = s.m * beta1 + (1 - beta1) * g
    s.v = s.v * beta2 + (1 - beta2) * (g * g)
    size = learning_rate
    if correct_bias:
        size = learning_rate * root(1 - beta2**s.t) / (1 - beta1**s.t)
    x = x - size * (s.m / (root(s.v) + epsilon))
    return x - learning_rate * weight_decay * x
