# SPDX-License-Identifier: Apache-2.0
"""dlib, ggml, llm.c, darknet and tiny-dnn."""

from statement import Source, optimizer, root

DLIB = Source("davisking/dlib", "3d40bf5790ca9073c160cebb898800d9f33e12ab", "20.0.99")
GGML = Source("ggml-org/ggml", "d99724f2b141fed9e1a9f402213506c081433465", "2026-08-21")
LLM_C = Source("karpathy/llm.c", "f1e2ace651495b74ae22d45d1723443fd00ecd3a", "2025-05-10")
DARKNET = Source(
    "pjreddie/darknet", "f6afaabcdf85f77e7aff2ec55c020c0e297c77f9", "2022-07-18"
)
ALEXEY = Source(
    "AlexeyAB/darknet", "59596d7880f6504768df41d6daa586f5cb2b932f", "2025-12-15"
)
TINY_DNN = Source(
    "tiny-dnn/tiny-dnn", "c0f576f5cb7b35893f62127cb7aec18f77a3bcc5", "2018-10-24"
)
SOLVERS = "dlib/dnn/solvers.h"
TINY_DNN_FILE = "tiny_dnn/optimizers/optimizer.h"
EXECUTED = "19.24 (Debian)"


@optimizer("dlib.sgd", DLIB, SOLVERS, "sgd", executed=EXECUTED, momentum={})
def dlib_sgd(x, g, s, learning_rate=1e-2, momentum=0.9, weight_decay=5e-4):
    """The rate, that of dnn_trainer, stands inside the buffer; the decay is on by default.

    Biases of some layers have multipliers of their own for rate and decay.
    """
    s.v = momentum * s.v - weight_decay * learning_rate * x - learning_rate * g
    return x + s.v


@optimizer(
    "dlib.adam",
    DLIB,
    SOLVERS,
    "adam; dlib/cuda/cpu_dlib.cpp, compute_adam_update",
    executed=EXECUTED,
    adam={},
)
def dlib_adam(
    x, g, s, learning_rate=1e-2, beta1=0.9, beta2=0.999, epsilon=1e-8, weight_decay=5e-4
):
    """Epsilon is no option but the constant 1e-8, the paper's epsilon-hat.

    The decay is added to the gradient and is on by default; powers are those of float.
    """
    s.t += 1
    alpha = learning_rate * root(1 - beta2**s.t) / (1 - beta1**s.t)
    g = weight_decay * x + g
    s.m = beta1 * s.m + (1 - beta1) * g
    s.v = beta2 * s.v + (1 - beta2) * g * g
    return x + -alpha * s.m / (root(s.v) + epsilon)


@optimizer(
    "ggml.AdamW",
    GGML,
    "src/ggml-cpu/ops.cpp",
    "ggml_compute_forward_opt_step_adamw_f32; src/ggml-opt.cpp",
    adam={},
)
def ggml_adamw(
    x, g, s, learning_rate=0.001, beta1=0.9, beta2=0.999, epsilon=1e-8, weight_decay=0.0
):
    """Corrections are float reciprocals; the counter starts at 1."""
    s.t += 1
    s.m = s.m * beta1 + g * (1 - beta1)
    s.v = s.v * beta2 + g * g * (1 - beta2)
    m_hat = s.m * (1 / (1 - beta1**s.t))
    denominator = root(s.v * (1 / (1 - beta2**s.t))) + epsilon
    return x * (1 - learning_rate * weight_decay) - learning_rate * m_hat / denominator


def llm_c_step(x, g, s, learning_rate, beta1, beta2, epsilon, weight_decay):
    s.t += 1
    s.m = beta1 * s.m + (1 - beta1) * g
    s.v = beta2 * s.v + (1 - beta2) * (g * g)
    m_hat = s.m / (1 - beta1**s.t)
    v_hat = s.v / (1 - beta2**s.t)
    return x - learning_rate * (m_hat / (root(v_hat) + epsilon) + weight_decay * x)


@optimizer("llm_c.gpt2_update.cpu", LLM_C, "train_gpt2.c", "gpt2_update", adam={})
def llm_c_cpu(
    x, g, s, learning_rate=1e-4, beta1=0.9, beta2=0.999, epsilon=1e-8, weight_decay=0.0
):
    """The numbers are those of the call in main()."""
    return llm_c_step(x, g, s, learning_rate, beta1, beta2, epsilon, weight_decay)


@optimizer(
    "llm_c.gpt2_update.cuda",
    LLM_C,
    "llmc/adamw.cuh",
    "adamw_update; train_gpt2.cu, main",
    adam={},
)
def llm_c_cuda(
    x, g, s, learning_rate=3e-4, beta1=0.9, beta2=0.95, epsilon=1e-8, weight_decay=0.0
):
    """The numbers are those of the call in main(); beta2 is 0.95 where the CPU has 0.999.

    The low-precision parameters are rounded stochastically.
    """
    return llm_c_step(x, g, s, learning_rate, beta1, beta2, epsilon, weight_decay)


@optimizer(
    "darknet.sgd",
    DARKNET,
    "src/convolutional_layer.c",
    "update_convolutional_layer; src/parser.c",
    momentum={},
)
def darknet_sgd(x, g, s, learning_rate=0.001, momentum=0.9, weight_decay=0.0001):
    """The buffer holds minus the gradient, is scaled after the step and gathers the next ones.

    Weights decay, biases and scales do not. Stated for a batch of one.
    """
    s.v = s.v - g
    s.v = s.v - weight_decay * x
    x = x + learning_rate * s.v
    s.v = s.v * momentum
    return x


def darknet_adam_step(x, g, s, learning_rate, beta1, beta2, epsilon, weight_decay):
    s.t += 1
    d = -g - weight_decay * x
    s.m = s.m * beta1 + (1 - beta1) * d
    s.v = s.v * beta2 + (1 - beta2) * (d * d)
    m_hat = s.m / (1 - beta1**s.t)
    v_hat = s.v / (1 - beta2**s.t)
    return x + learning_rate * m_hat / (root(v_hat) + epsilon)


@optimizer(
    "darknet.adam",
    DARKNET,
    "src/blas_kernels.cu",
    "adam_update_gpu and adam_kernel; src/parser.c, src/network.c",
    adam={},
)
def darknet_adam(
    x, g, s, learning_rate=0.001, beta1=0.9, beta2=0.999, epsilon=1e-7, weight_decay=0.0001
):
    """Gradients are sums over the batch, which epsilon sees; biases decay too.

    Adam is on the GPU alone: the CPU's update ignores the option. Stated for a batch of one.
    """
    return darknet_adam_step(
        x, g, s, learning_rate, beta1, beta2, epsilon, weight_decay
    )


@optimizer(
    "darknet.adam@alexeyab",
    ALEXEY,
    "src/blas_kernels.cu",
    "adam_update_gpu and adam_kernel; src/parser.c, src/network_kernels.cu",
    adam={},
)
def darknet_adam_alexey(
    x, g, s, learning_rate=0.001, beta1=0.9, beta2=0.999, epsilon=1e-6, weight_decay=0.0001
):
    """Epsilon is ten times that of the original; the counter is that of batches seen.

    That it is 1 at the first update follows from train_network_datum, and was not run.
    """
    return darknet_adam_step(
        x, g, s, learning_rate, beta1, beta2, epsilon, weight_decay
    )


@optimizer("tiny_dnn.momentum", TINY_DNN, TINY_DNN_FILE, "momentum", momentum={})
def tiny_momentum(x, g, s, learning_rate=0.01, momentum=0.9, weight_decay=0.0):
    """The rate stands inside the buffer."""
    s.v = momentum * s.v - learning_rate * (g + x * weight_decay)
    return x + s.v


@optimizer(
    "tiny_dnn.nesterov_momentum", TINY_DNN, TINY_DNN_FILE, "nesterov_momentum", nag={}
)
def tiny_nesterov(x, g, s, learning_rate=0.01, momentum=0.9, weight_decay=0.0):
    """A step back and a longer one forward."""
    before = s.v
    s.v = momentum * before - learning_rate * (g + x * weight_decay)
    return x + (-momentum * before + (1 + momentum) * s.v)


@optimizer("tiny_dnn.adagrad", TINY_DNN, TINY_DNN_FILE, "adagrad", adagrad={})
def tiny_adagrad(x, g, s, learning_rate=0.01, epsilon=1e-8):
    """Epsilon, which cannot be set, stands outside the root."""
    s.sum = s.sum + g * g
    return x - learning_rate * g / (root(s.sum) + epsilon)


@optimizer("tiny_dnn.RMSprop", TINY_DNN, TINY_DNN_FILE, "RMSprop", rmsprop={})
def tiny_rmsprop(x, g, s, learning_rate=0.0001, rho=0.99, epsilon=1e-8):
    """Epsilon, which cannot be set, stands inside the root."""
    s.s = rho * s.s + (1 - rho) * g * g
    return x - learning_rate * g / root(s.s + epsilon)


@optimizer(
    "tiny_dnn.adam",
    TINY_DNN,
    TINY_DNN_FILE,
    "adam",
    adam={},
    choices={"tensors": (1, 2, 3), "tensor": (1, 2, 3)},
)
def tiny_adam(
    x,
    g,
    s,
    learning_rate=0.001,
    beta1=0.9,
    beta2=0.999,
    epsilon=1e-8,
    *,
    tensors=1,
    tensor=1,
):
    """The powers of the betas advance with every weight tensor, not with every step.

    Here `tensors` is their number and `tensor` the place of this one. Epsilon stands inside the
    root, after the correction.
    """
    s.steps += 1
    t = (s.steps - 1) * tensors + tensor
    s.m = beta1 * s.m + (1 - beta1) * g
    s.v = beta2 * s.v + (1 - beta2) * g * g
    return x - learning_rate * (s.m / (1 - beta1**t)) / root(
        s.v / (1 - beta2**t) + epsilon
    )
