# SPDX-License-Identifier: Apache-2.0
"""What the Python recorders share: a run is a folder with params.npy, grads.npy and run.json."""

import json
from pathlib import Path

import numpy


def record(folder, name, step, facts, kind="f4"):
    """Calls step(theta, gradient, t) -> theta along the inputs in `folder`: a row after each."""
    inputs = Path(folder) / "inputs"
    theta = numpy.load(inputs / f"start-{kind}.npy")
    gradients = numpy.load(inputs / f"grads-{kind}.npy")
    rows = [theta.copy()]
    with numpy.errstate(all="ignore"):
        for t, gradient in enumerate(gradients, 1):
            theta = numpy.asarray(step(theta.copy(), gradient.copy(), t)).astype(theta.dtype)
            rows.append(theta.copy())
    run = Path(folder) / f"{name}-{kind}"
    run.mkdir(parents=True, exist_ok=True)
    numpy.save(run / "params.npy", numpy.stack(rows))
    numpy.save(run / "grads.npy", gradients)
    (run / "run.json").write_text(json.dumps(facts, indent=1) + "\n")
