# SPDX-License-Identifier: Apache-2.0
"""The rule in torch.optim: its classes, and what they call its numbers, states and choices."""

CLASSES = ("Adadelta",)
ONLY_WHERE = {}
NUMBERS = {"rho": "rho"}
STATES = {"s": "square_avg", "u": "acc_delta"}
CHOICES = {"maximize": "step_sign=gradient_negated"}
