# SPDX-License-Identifier: Apache-2.0
"""The rule in torch.optim: its classes, and what they call its numbers, states and choices."""

CLASSES = ("Adagrad",)
ONLY_WHERE = {}
NUMBERS = {"initial_accumulator": "initial_accumulator_value", "learning_rate_decay": "lr_decay"}
STATES = {"sum": "sum"}
CHOICES = {"maximize": "step_sign=gradient_negated"}
