# SPDX-License-Identifier: Apache-2.0
"""Adam by lines, as bench/check/PROTOCOLS.md has them, with a fault or without.

adam_pipe.py [FAULT]
"""

import array
import math
import os
import signal
import sys
import time

fault = sys.argv[1] if len(sys.argv) > 1 else ""
held = {}


def numbers(text):
    return array.array(kind, map(float, text.split()))


def text(values):
    return " ".join(map(repr, values))


def step(t, theta, gradient, m, v):
    beta1, beta2 = h["beta1"], h["beta2"]
    for i, g in enumerate(gradient):
        m[i] = beta1 * m[i] + (1 - beta1) * g
        v[i] = beta2 * v[i] + (1 - beta2) * g * g
        m_hat, v_hat = m[i] / (1 - beta1**t), v[i] / (1 - beta2**t)
        inside = fault == "epsilon_inside"
        root = math.sqrt(v_hat + h["epsilon"]) if inside else math.sqrt(v_hat) + h["epsilon"]
        if root != 0 and not (fault == "skips_the_tail" and i >= len(theta) // 8 * 8):
            theta[i] -= h["learning_rate"] * m_hat / root
    return theta


def answer(line):
    global h, kind
    words, *arrays = line.split("|")
    what, *rest = words.split()
    if what == "new":
        h = {name: float(x) for name, x in (each.split("=") for each in rest[3:])}
        kind = {"float32": "f", "float64": "d"}[rest[1]]
        lengths = list(map(int, rest[2].split(",")))
        if fault == "takes_none" or (fault == "takes_one_tensor" and len(lengths) > 1):
            return "none"
        for name in "mv":
            held[name] = [array.array(kind, [0] * n) for n in lengths]
        return "ok"
    if what == "state" and fault != "shows_nothing":
        return text(held[rest[1]][int(rest[0])])
    if what == "set" and fault != "shows_nothing":
        held[rest[1]][int(rest[0])] = numbers(arrays[0])
        return "ok"
    if what != "step":
        return "none"
    t = int(rest[0])
    if t == 3 and fault == "hangs":
        time.sleep(1000)
    if t == 3 and fault == "crashes":
        os.kill(os.getpid(), signal.SIGSEGV)
    if t == 3 and fault == "leaves":
        sys.exit(5)
    if t == 3 and fault == "complains":
        return "error out of luck"
    if t == 3 and fault == "babbles":
        return "1 2 three"
    if t == 3 and fault == "answers_too_few":
        return "1 2"
    tensors = [numbers(each) for each in arrays]
    moved = zip(tensors[::2], tensors[1::2], held["m"], held["v"])
    return " | ".join(text(step(t, *each)) for each in moved)


for line in sys.stdin:
    print(answer(line.rstrip("\n")), flush=True)
if fault == "stays":
    time.sleep(1000)
