# SPDX-License-Identifier: Apache-2.0
"""The rule in torch.optim: its classes, and what they call its numbers, states and choices."""

CLASSES = ("Adam", "AdamW",)
ONLY_WHERE = {}
NUMBERS = {"beta1": ("betas", 0), "beta2": ("betas", 1)}
STATES = {"m": "exp_avg", "v": "exp_avg_sq", "v_max": "max_exp_avg_sq"}
CHOICES = {"amsgrad": "amsgrad=true", "maximize": "step_sign=gradient_negated"}
