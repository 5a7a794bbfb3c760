# SPDX-License-Identifier: Apache-2.0
"""DeepSpeed's optimizers for the CPU and its FusedAdam."""

from statement import Source, optimizer, root

SOURCE = Source(
    "deepspeedai/DeepSpeed", "edaa7221267243c7be7fb49c5d5f5c4fb97b4641", "0.19.6"
)


def corrected(g, s, t, beta1, beta2, epsilon, bias_correction):
    s.m = beta1 * s.m + (1 - beta1) * g
    s.v = beta2 * s.v + (1 - beta2) * (g * g)
    if not bias_correction:
        return s.m / (root(s.v) + epsilon)
    return s.m / (1 - beta1**t) / (root(s.v / (1 - beta2**t)) + epsilon)


@optimizer(
    "deepspeed.DeepSpeedCPUAdam",
    SOURCE,
    "csrc/adam/cpu_adam_impl.cpp",
    "Adam_Optimizer::Step_1; csrc/includes/cpu_adam.h",
    adam={},
)
def cpu_adam(
    x,
    g,
    s,
    learning_rate=1e-3,
    beta1=0.9,
    beta2=0.999,
    epsilon=1e-8,
    weight_decay=0,
    *,
    adamw_mode=True,
    bias_correction=True,
):
    """The decay is that of AdamW by default; powers are running products in float.

    amsgrad is an argument that nothing reads.
    """
    s.t += 1
    if not adamw_mode:
        g = x * weight_decay + g
    s.m = s.m * beta1 + g * (1 - beta1)
    s.v = s.v * beta2 + g * g * (1 - beta2)
    size, scale = learning_rate, 1
    if bias_correction:
        size, scale = learning_rate / (1 - beta1**s.t), 1 / root(1 - beta2**s.t)
    move = s.m / (root(s.v) * scale + epsilon)
    if adamw_mode:
        x = x - learning_rate * weight_decay * x
    return x - move * size


@optimizer(
    "deepspeed.DeepSpeedCPUAdagrad",
    SOURCE,
    "csrc/adagrad/cpu_adagrad.cpp",
    "Adagrad_Optimizer::Step_1; csrc/includes/cpu_adagrad.h, Step_AVX",
    adagrad={},
)
def cpu_adagrad(x, g, s, learning_rate=1e-2, epsilon=1e-10, weight_decay=0):
    """The decay enters the sum of squares and not the move.

    Where the length is no multiple of the vector, and everywhere in a build without vectors, the
    scalar loop writes its move into the gradient's memory. amsgrad is an argument that nothing
    reads.
    """
    decayed = x * weight_decay + g
    s.sum = s.sum + decayed * decayed
    return x - learning_rate * (g / (root(s.sum) + epsilon))


@optimizer(
    "deepspeed.FusedAdam",
    SOURCE,
    "deepspeed/ops/adam/fused_adam.py",
    "FusedAdam.step; csrc/adam/multi_tensor_adam.cu",
    adam={},
    choices={"lists": (1, 2, 3), "list": (1, 2, 3)},
)
def fused_adam(
    x,
    g,
    s,
    learning_rate=1e-3,
    beta1=0.9,
    beta2=0.999,
    epsilon=1e-8,
    weight_decay=0.0,
    *,
    adam_w_mode=True,
    bias_correction=True,
    lists=1,
    list=1,
):
    """One counter, that of the group's last parameter, serves fp16, bf16 and fp32 in turn.

    A group of two types counts 1, 3, 5 for the first of them and 2, 4, 6 for the other. Here
    `lists` is the number of types in the group and `list` the place of this parameter's.
    """
    s.steps += 1
    t = (s.steps - 1) * lists + list
    if adam_w_mode:
        update = corrected(g, s, t, beta1, beta2, epsilon, bias_correction)
        return x - learning_rate * (update + weight_decay * x)
    g = g + weight_decay * x
    return x - learning_rate * corrected(g, s, t, beta1, beta2, epsilon, bias_correction)
