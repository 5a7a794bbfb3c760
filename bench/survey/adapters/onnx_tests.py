# SPDX-License-Identifier: Apache-2.0
"""The functions of NumPy that ONNX's own test cases hold an operator to; they count from 0."""

import onnx
from onnx.backend.test.case.node.adagrad import apply_adagrad
from onnx.backend.test.case.node.adam import apply_adam
from onnx.backend.test.case.node.momentum import apply_momentum, apply_nesterov

version = onnx.__version__


def adagrad(theta, gradient, sum, t, learning_rate, learning_rate_decay, weight_decay, epsilon):
    decay = learning_rate_decay
    new = apply_adagrad(learning_rate, t - 1, theta, gradient, sum, weight_decay, epsilon, decay)
    return tuple(x.astype(theta.dtype) for x in new)


def adam(theta, gradient, m, v, t, learning_rate, beta1, beta2, epsilon, weight_decay):
    new = apply_adam(
        learning_rate, t - 1, theta, gradient, m, v, weight_decay, 0.0, beta1, beta2, epsilon
    )
    return tuple(x.astype(theta.dtype) for x in new)


def pushed(apply):
    def step(theta, gradient, v, t, learning_rate, momentum, dampening, weight_decay):
        new = apply(learning_rate, t - 1, theta, gradient, v, weight_decay, momentum, 1 - dampening)
        return tuple(x.astype(theta.dtype) for x in new)

    return step


subjects = [
    ("apply_momentum", "momentum", "onnx.Momentum", pushed(apply_momentum)),
    ("apply_nesterov", "nag", "onnx.Momentum", pushed(apply_nesterov)),
    ("apply_adagrad", "adagrad", "onnx.Adagrad", adagrad),
    ("apply_adam", "adam", "onnx.Adam", adam),
]
