# SPDX-License-Identifier: Apache-2.0
"""apex, Transformer Engine, and Megatron-LM, which takes its optimizers from these two."""

from statement import Source, optimizer, root

APEX = Source("NVIDIA/apex", "6424da3b4faa6c8f062da4a48c424fff3f02d42d", "2026-07-08")
TE = Source(
    "NVIDIA/TransformerEngine", "d0067d0da6cb01811b8072a7d304f0e00344ce2b", "2.20.0.dev0"
)
MEGATRON = Source(
    "NVIDIA/Megatron-LM", "d98e8a64ddf34856e74b24714e3bedb2f5a39553", "0.20.0"
)


def adam_step(
    x,
    g,
    s,
    learning_rate,
    beta1,
    beta2,
    epsilon,
    weight_decay,
    adam_w_mode,
    bias_correction,
):
    s.t += 1
    if not adam_w_mode:
        g = g + weight_decay * x
    s.m = beta1 * s.m + (1 - beta1) * g
    s.v = beta2 * s.v + (1 - beta2) * g * g
    m, v = s.m, s.v
    if bias_correction:
        m, v = s.m / (1 - beta1**s.t), s.v / (1 - beta2**s.t)
    update = m / (root(v) + epsilon)
    if adam_w_mode:
        update = update + weight_decay * x
    return x - learning_rate * update


def sgd_step(
    x, g, s, learning_rate, momentum, dampening, weight_decay, nesterov, after
):
    if not after:
        g = g + weight_decay * x
    if momentum:
        s.v = s.v * momentum + (1 - dampening) * g if s.started else g
        s.started = True
        g = g + momentum * s.v if nesterov else s.v
    if after:
        g = g + weight_decay * x
    return x - learning_rate * g


@optimizer(
    "apex.FusedAdam",
    APEX,
    "csrc/multi_tensor_adam.cu",
    "AdamFunctor; apex/optimizers/fused_adam.py",
    adam={},
)
def apex_adam(
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
):
    """The decay is that of AdamW by default; amsgrad is refused. All of it is float."""
    return adam_step(
        x,
        g,
        s,
        learning_rate,
        beta1,
        beta2,
        epsilon,
        weight_decay,
        adam_w_mode,
        bias_correction,
    )


@optimizer(
    "apex.FusedSGD",
    APEX,
    "csrc/multi_tensor_sgd_kernel.cu",
    "SGDFunctor; apex/optimizers/fused_sgd.py",
    momentum={},
    nag={"nesterov": True},
)
def apex_sgd(
    x,
    g,
    s,
    learning_rate=None,
    momentum=0,
    dampening=0,
    weight_decay=0,
    *,
    nesterov=False,
    wd_after_momentum=False,
):
    """first_run is that of the list's last parameter, and decides for the whole list.

    A parameter that gets its first gradient late and stands last resets every buffer of the list
    to the gradient; elsewhere its first buffer is dampened. Parameters of type bfloat16 are left
    as they are, without a word.
    """
    return sgd_step(
        x,
        g,
        s,
        learning_rate,
        momentum,
        dampening,
        weight_decay,
        nesterov,
        wd_after_momentum,
    )


@optimizer(
    "apex.FusedAdagrad",
    APEX,
    "csrc/multi_tensor_adagrad.cu",
    "AdagradFunctor; apex/optimizers/fused_adagrad.py",
    adagrad={},
)
def apex_adagrad(
    x,
    g,
    s,
    learning_rate=1e-2,
    epsilon=1e-10,
    weight_decay=0.0,
    *,
    adagrad_w_mode=False,
):
    """adagrad_w_mode moves the decay from the gradient to the scaled gradient."""
    if not adagrad_w_mode:
        g = g + weight_decay * x
    s.sum = s.sum + g * g
    update = g / (root(s.sum) + epsilon)
    if adagrad_w_mode:
        update = update + weight_decay * x
    return x - learning_rate * update


@optimizer(
    "transformer_engine.FusedAdam",
    TE,
    "transformer_engine/common/multi_tensor/adam.cu",
    "AdamFunctorMaster; transformer_engine/pytorch/optimizers/fused_adam.py",
    adam={},
)
def te_adam(
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
):
    """The map of apex; the counter is the group's. States can be fp16, bf16 or fp8."""
    return adam_step(
        x,
        g,
        s,
        learning_rate,
        beta1,
        beta2,
        epsilon,
        weight_decay,
        adam_w_mode,
        bias_correction,
    )


@optimizer(
    "transformer_engine.FusedSGD",
    TE,
    "transformer_engine/pytorch/optimizers/fused_sgd.py",
    "FusedSGD",
    momentum={},
    nag={"nesterov": True},
)
def te_sgd(
    x,
    g,
    s,
    learning_rate=None,
    momentum=0.0,
    dampening=0.0,
    weight_decay=0.0,
    *,
    nesterov=False,
    wd_after_momentum=False,
):
    """get_momentums is that of apex, first_run included; so is the kernel.

    That is transformer_engine/common/multi_tensor/sgd.cu, read at c6c0b1465622.
    """
    return sgd_step(
        x,
        g,
        s,
        learning_rate,
        momentum,
        dampening,
        weight_decay,
        nesterov,
        wd_after_momentum,
    )


@optimizer(
    "megatron.adam",
    MEGATRON,
    "megatron/core/optimizer/optimizer_config.py",
    "OptimizerConfig; optimizer/__init__.py",
    adam={},
)
def megatron_adam(
    x,
    g,
    s,
    learning_rate=None,
    beta1=0.9,
    beta2=0.999,
    epsilon=1e-8,
    weight_decay=0.01,
    *,
    decoupled_weight_decay=True,
):
    """Transformer Engine's FusedAdam, apex's or torch's, whichever is installed, in that order.

    Gradients are clipped to a norm of 1 before, unless clip_grad says otherwise.
    """
    return adam_step(
        x,
        g,
        s,
        learning_rate,
        beta1,
        beta2,
        epsilon,
        weight_decay,
        decoupled_weight_decay,
        True,
    )


@optimizer(
    "megatron.sgd",
    MEGATRON,
    "megatron/core/optimizer/optimizer_config.py",
    "OptimizerConfig; optimizer/__init__.py",
    momentum={},
)
def megatron_sgd(x, g, s, learning_rate=None, momentum=0.9, weight_decay=0.01):
    """Transformer Engine's FusedSGD, apex's or torch's; momentum and decay are the options'."""
    return sgd_step(x, g, s, learning_rate, momentum, 0, weight_decay, False, False)
