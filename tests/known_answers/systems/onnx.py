# SPDX-License-Identifier: Apache-2.0
"""ONNX's training operators. Their T, the count of updates, is an input.

Momentum says that it is 0 at the first update; Adagrad and Adam allow 0 or 1, here first_count.
"""

from statement import Source, optimizer, root

SOURCE = Source("onnx/onnx", "f7546912001bc31e92a238b17068a21b373d882e", "1.23.0")
FILE = "onnx/defs/training/defs.cc"
FROM = {"first_count": (0, 1)}


@optimizer(
    "onnx.Momentum",
    SOURCE,
    FILE,
    "Momentum_ver1_doc; onnx/reference/ops/aionnx_preview_training/op_momentum.py",
    momentum={"mode": "standard"},
    nag={"mode": "nesterov"},
    choices={"mode": ("standard", "nesterov")},
)
def momentum(
    x,
    g,
    s,
    learning_rate=None,
    momentum=None,
    dampening=None,
    weight_decay=None,
    *,
    mode="standard",
):
    """The gradient's coefficient beta, 1 - dampening, is 1 at the first update.

    None of the attributes has a default.
    """
    g = weight_decay * x + g
    s.v = momentum * s.v + ((1 - dampening) * g if s.t > 0 else g)
    s.t += 1
    return x - learning_rate * (g + momentum * s.v if mode == "nesterov" else s.v)


@optimizer(
    "onnx.Adagrad",
    SOURCE,
    FILE,
    "Adagrad_ver1_doc; onnx/reference/ops/aionnx_preview_training/op_adagrad.py",
    adagrad={},
    choices=FROM,
)
def adagrad(
    x,
    g,
    s,
    learning_rate=None,
    epsilon=1e-6,
    learning_rate_decay=0.0,
    weight_decay=0.0,
    *,
    first_count=0,
):
    """The rate falls as 1 / (1 + T decay); epsilon stands outside the root."""
    rate = learning_rate / (1 + (s.t + first_count) * learning_rate_decay)
    s.t += 1
    g = weight_decay * x + g
    s.sum = s.sum + g * g
    return x - rate * g / (root(s.sum) + epsilon)


@optimizer(
    "onnx.Adam",
    SOURCE,
    FILE,
    "Adam_ver1_doc; onnx/reference/ops/aionnx_preview_training/op_adam.py",
    adam={},
    choices=FROM,
)
def adam(
    x,
    g,
    s,
    learning_rate=None,
    beta1=0.9,
    beta2=0.999,
    epsilon=1e-6,
    weight_decay=0.0,
    weight_decay_post=0.0,
    *,
    first_count=0,
):
    """Where T is 0, nothing is corrected; norm_coefficient_post decays the moved parameter.

    The attributes are floats, so the defaults are the floats next to these numbers.
    """
    t = s.t + first_count
    s.t += 1
    g = weight_decay * x + g
    s.m = beta1 * s.m + (1 - beta1) * g
    s.v = beta2 * s.v + (1 - beta2) * (g * g)
    rate = learning_rate
    if t > 0:
        rate = learning_rate * root(1 - beta2**t) / (1 - beta1**t)
    x = x - rate * (s.m / (root(s.v) + epsilon))
    return (1 - weight_decay_post) * x
