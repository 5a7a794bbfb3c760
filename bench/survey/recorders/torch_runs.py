#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Records torch.optim: torch_runs.py FOLDER."""

import sys

import torch
from runs import record
from torch_cases import CASES, numbers, options


def optimizer(name, given, foreach):
    held = {}

    def step(theta, gradient, t):
        if t == 1:
            held["theta"] = torch.nn.Parameter(torch.from_numpy(theta))
            make = getattr(torch.optim, name)
            held["optimizer"] = make([held["theta"]], foreach=foreach, **given)
        held["theta"].grad = torch.from_numpy(gradient)
        held["optimizer"].step()
        return held["theta"].detach().numpy()

    return step


def main():
    torch.set_num_threads(1)
    for place, (name, given) in enumerate(CASES):
        facts = {
            "class": f"pytorch.{name}",
            "numbers": numbers(given),
            "options": options(given),
            "coefficients": "double",
            "version": torch.__version__,
        }
        for foreach, kind in ((False, "f4"), (False, "f8"), (True, "f4")):
            run = f"pytorch-{place:02}-{name}{'-foreach' * foreach}"
            record(sys.argv[1], run, optimizer(name, given, foreach), facts, kind)


if __name__ == "__main__":
    main()
