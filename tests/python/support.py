# SPDX-License-Identifier: Apache-2.0
"""What several tests have in common."""

import unittest

import truestep.pytorch as pytorch

try:
    import torch

    torch.set_num_threads(1)
except ImportError:
    torch = None

needs_torch = unittest.skipUnless(torch, "not tested: there is no PyTorch (python3-torch)")


def classes():
    """Rules and classes of torch.optim, with what makes a class the rule."""
    for rule, its in pytorch.rules().items():
        for name in its.CLASSES:
            given = dict(its.ONLY_WHERE)
            if any(given.values()):
                given.update(momentum=0.9)
            yield rule, name, given


def made(name, parameters, given):
    make = getattr(torch.optim, name)
    return make(parameters, **({"lr": 0.01} | given))


def model_and_loss():
    """A small network and its loss on made data."""
    torch.manual_seed(1)
    model = torch.nn.Sequential(torch.nn.Linear(20, 30), torch.nn.Tanh(), torch.nn.Linear(30, 5))
    x, y = torch.randn(64, 20), torch.randn(64, 5)
    return model, lambda: ((model(x) - y) ** 2).mean()


def train(optimizer, loss, steps, after=lambda t: None):
    for t in range(steps):
        optimizer.zero_grad()
        loss().backward()
        optimizer.step()
        after(t)
