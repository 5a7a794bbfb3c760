# SPDX-License-Identifier: Apache-2.0
# bench/check/PROTOCOLS.md shows it.
import json
import sys

import numpy

cases = numpy.load(sys.argv[1])
about = json.loads(bytes(cases["about"]))
f, results = numpy.float32, {}
for name, run in (about["runs"] | about["runs_from_states"]).items():
    h, beta1, beta2 = run["numbers"], run["numbers"]["beta1"], run["numbers"]["beta2"]
    first, put_back = cases[name + ".theta"], cases[name + ".put_back"]
    m, v = (cases[f"{name}.{s}"] if run.get("has_states") else 0 * first for s in "mv")
    theta, rows = first.copy(), []
    for t, g in zip(cases[name + ".t"], cases[name + ".gradient"]):
        theta = numpy.where(put_back, first, theta)
        m = f(beta1) * m + f(1 - beta1) * g
        v = f(beta2) * v + f(1 - beta2) * g * g
        m_hat, v_hat = m / f(1 - beta1**t), v / f(1 - beta2**t)
        theta = theta - f(h["learning_rate"]) * m_hat / (numpy.sqrt(v_hat) + f(h["epsilon"]))
        rows.append(theta)
    results[name + ".theta"] = rows
numpy.savez(sys.argv[2], **{name: numpy.array(rows) for name, rows in results.items()})
