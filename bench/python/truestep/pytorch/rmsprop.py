# SPDX-License-Identifier: Apache-2.0
"""The rule in torch.optim: its classes, and what they call its numbers, states and choices."""

CLASSES = ("RMSprop",)
ONLY_WHERE = {}
NUMBERS = {"rho": "alpha"}
STATES = {"s": "square_avg", "mean": "grad_avg", "v": "momentum_buffer"}
CHOICES = {"centered": "centered=true", "maximize": "step_sign=gradient_negated"}
