# SPDX-License-Identifier: Apache-2.0
"""The rule in torch.optim: its classes, and what they call its numbers, states and choices."""

CLASSES = ("SGD",)
ONLY_WHERE = {"nesterov": True}
NUMBERS = {}
STATES = {"v": "momentum_buffer"}
CHOICES = {"maximize": "step_sign=gradient_negated"}
