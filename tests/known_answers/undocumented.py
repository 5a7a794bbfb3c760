#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What shipped classes do that their documentation does not say, against what it says.

    ./undocumented.py            all of it, as JSON
    ./undocumented.py --markdown all of it, as a page
    ./undocumented.py CLASS      both trajectories, step by step

Each row names a class, the class whose statement is what the documentation says, and numbers and
gradients that show the difference. The first step that differs is computed from the statements,
so a row that shows nothing is an error.
"""

import json
import sys
from decimal import Decimal, DivisionByZero, InvalidOperation, getcontext
from pathlib import Path

import systems  # noqa: F401 (registers the classes)
from classes import public
from statement import CLASSES

getcontext().prec = 60
getcontext().traps[InvalidOperation] = False
getcontext().traps[DivisionByZero] = False

ONES = (1, 1, 1, 1, 1)
FALLING = (1, 0.5, 0.25, 0.125, 0.0625)
SMALL = (0.0009765625,) * 5
EXECUTED = "tests/known_answers/executed.py"
HAND = f"{EXECUTED} tests/known_answers/recorded.npz"
RECORDED = f"bench/survey/recorders/record RUNS --install; {EXECUTED} RUNS"


def row(name, documented, does, *, options=(), numbers=(), gradients=ONES, shown="", against=()):
    return {
        "class": name,
        "documented": documented,
        "does": does,
        "options": dict(options),
        "numbers": dict(numbers),
        "gradients": gradients,
        "against": dict(against),
        "reproduce": shown or f"tests/known_answers/undocumented.py {name}",
    }


ROWS = [
    row(
        "tensorflow_js.Adadelta",
        "keras3.Adadelta",
        "It divides by the mean square before the gradient is counted: the first step is the "
        "gradient itself times the rate.",
        shown=f"{RECORDED} --only tensorflow_js-04 --class keras3.Adadelta",
    ),
    row(
        "tensorflow_js.RMSProp",
        "keras3.RMSprop",
        "In the centered form epsilon is subtracted from the variance: at the defaults a first "
        "gradient below 0.00105 makes the parameter NaN for good.",
        options={"centered": True},
        numbers={"learning_rate": 0.01},
        gradients=SMALL,
        shown=f"{RECORDED} --only tensorflow_js-08 --class keras3.RMSprop",
    ),
    row(
        "convnetjs.adam",
        "hips_autograd.adam",
        "The moments are multiplied by 1 - beta^k where they are to be divided by it.",
        numbers={"learning_rate": 0.01},
        shown=f"{HAND} --only convnetjs-09 --class hips_autograd.adam",
    ),
    row(
        "convnetjs.adam",
        "convnetjs.adam",
        "The power k counts examples instead of steps: with a batch of 4 it is 4, 8, 12.",
        options={"batch_size": 4},
        gradients=(4, 4, 4, 4, 4),
        against={"batch_size": 1, "gradients": ONES},
        shown=f"{HAND} --only convnetjs-12",
    ),
    row(
        "toygrad.Adam",
        "hips_autograd.adam",
        "The moments are multiplied by 1 - beta^k where they are to be divided by it.",
        numbers={"learning_rate": 0.01},
        shown=f"{RECORDED} --only toygrad-07 --class hips_autograd.adam",
    ),
    row(
        "brain_js.adam.biases",
        "brain_js.adam.weights",
        "Biases move by the moments before the step: their first step is 0.",
        shown=f"{RECORDED} --only brain_js-4 --class brain_js.adam.weights",
    ),
    row(
        "tiny_dnn.adam",
        "tiny_dnn.adam",
        "The powers of the betas advance with every weight tensor: the first of two tensors sees "
        "t = 1, 3, 5.",
        options={"tensors": 2, "tensor": 1},
        gradients=FALLING,
        against={"tensors": 1, "tensor": 1},
        shown=f"{HAND} --only tiny_dnn-2",
    ),
    row(
        "tiny_dnn.adam",
        "tiny_dnn.adam",
        "The second of two tensors sees t = 2, 4, 6.",
        options={"tensors": 2, "tensor": 2},
        against={"tensors": 1, "tensor": 1},
    ),
    row(
        "deepspeed.DeepSpeedCPUAdagrad",
        "pytorch.Adagrad",
        "The decay enters the sum of squares and not the move. Besides, the scalar loop, which "
        "steps what is left beside whole vectors, overwrites the gradient with the move.",
        numbers={"weight_decay": 0.1},
        shown=f"{HAND} --only deepspeed-1 --class pytorch.Adagrad",
    ),
    row(
        "deepspeed.FusedAdam",
        "transformer_engine.FusedAdam",
        "A group with parameters of two types has one counter, advanced once a type: the first "
        "type sees t = 1, 3, 5.",
        options={"lists": 2, "list": 1},
        gradients=FALLING,
    ),
    row(
        "deepspeed.FusedAdam",
        "transformer_engine.FusedAdam",
        "The second of two types sees t = 2, 4, 6.",
        options={"lists": 2, "list": 2},
        shown=f"{HAND} --only deepspeed-5 --class transformer_engine.FusedAdam",
    ),
    row(
        "bitsandbytes.AdamW.cuda",
        "bitsandbytes.AdamW.default",
        "On CUDA the decay multiplies the parameter after the step, elsewhere before it.",
        numbers={"learning_rate": 0.01, "weight_decay": 0.1},
    ),
    row(
        "optax.adadelta",
        "optax.adadelta",
        "optax.adadelta() without a rate, applied by apply_updates, moves along the gradient.",
        against={"rate_given": True},
        shown=f"{HAND} --only optax-05 --class pytorch.Adadelta",
    ),
    row(
        "pytorch.Adam",
        "optax.amsgrad",
        "AMSGrad keeps the largest uncorrected v; the documented formula has the largest "
        "corrected one.",
        options={"amsgrad": True},
        numbers={"learning_rate": 0.01},
        gradients=FALLING,
        shown=f"{RECORDED} --only pytorch-07 --class optax.amsgrad",
    ),
    row(
        "paddle.Adam",
        "keras3.Adam",
        "Epsilon is scaled by the root of 1 - beta2^t, which the documented formula leaves out.",
        numbers={"epsilon": 0.01},
    ),
    row(
        "paddle.AdamW",
        "mxnet.AdamW@2",
        "The uncorrected rate multiplies the decay; in the documented formula it is the "
        "corrected one. Epsilon differs as in paddle.Adam.",
        numbers={"weight_decay": 0.1, "epsilon": 0},
    ),
    row(
        "mindspore.AdamWeightDecay",
        "hips_autograd.adam",
        "Nothing is corrected, where the documented formula has m and v corrected; the decay is "
        "multiplied by the rate, where the formula has it without.",
        numbers={"epsilon": 1e-6},
    ),
    row(
        "keras_legacy.RMSprop",
        "tf_keras.RMSprop@2.11",
        "Without a momentum epsilon stands outside the root, with one inside; the documentation "
        "has one formula.",
        numbers={"epsilon": 0.01},
    ),
    row(
        "mxnet.NAG@1",
        "mxnet.NAG@2",
        "The kernel works in place and reads the weight again after writing it: the buffer "
        "gathers the decay of the parameter just moved.",
        numbers={"learning_rate": 0.01, "momentum": 0.9, "weight_decay": 0.1},
        shown=f"{HAND} --only mxnet1-3 --class mxnet.NAG@2",
    ),
    row(
        "torch7.sgd",
        "jax.momentum",
        "Dampening is the momentum unless it is given, which the comments do not say.",
        numbers={"learning_rate": 0.01, "momentum": 0.9},
        shown=f"{HAND} --only torch7-00 --class jax.momentum",
    ),
    row(
        "tensorflow1.RMSPropOptimizer",
        "keras3.RMSprop",
        "The mean square starts at 1, which the documentation does not say.",
        numbers={"learning_rate": 0.01, "epsilon": 1e-10},
    ),
    row(
        "chainer.NesterovAG",
        "optimisers_jl.Nesterov",
        "The new buffer stands where the cited paper has the old one.",
        shown=f"{HAND} --only chainer-1 --class optimisers_jl.Nesterov",
        numbers={"learning_rate": 0.01},
    ),
]

# What no run of one coordinate can show.
CONDUCT = [
    (
        "apex.FusedSGD",
        "first_run is that of the last parameter of the list: a late last one resets every buffer "
        "of the list to the gradient, a late one elsewhere starts dampened. get_momentums, run by "
        "hand, says so.",
        "the step of the late gradient",
    ),
    (
        "apex.FusedSGD",
        "Parameters of type bfloat16 are left as they are, without an error.",
        "1",
    ),
    (
        "deepspeed.DeepSpeedCPUAdagrad",
        "The scalar loop overwrites the gradient with the move: in a run by hand it changed "
        "2340 of 2680 values.",
        "1",
    ),
    (
        "tf_keras.Adam@2.11",
        "adaptive_epsilon is missing from get_config(): a saved optimizer comes back without it.",
        "the first step after loading",
    ),
    (
        "bitsandbytes.SGD",
        "dampening and nesterov are accepted and never used, as is the momentum of "
        "bitsandbytes.RMSprop and amsgrad of its Adams.",
        "2",
    ),
    (
        "paddle.RMSProp",
        "The documentation says that its momentum is Nesterov's; formula and kernel are plain.",
        "2",
    ),
    ("darknet.adam", "On the CPU the option adam=1 is ignored: momentum is used.", "1"),
]


def trajectories(each):
    """Theta after each step, of the class and of what is documented."""
    shipped, documented = CLASSES[each["class"]], CLASSES[each["documented"]]
    numbers = {**public(shipped), **each["numbers"]}
    options = {**shipped.switches, **each["options"]}
    one = shipped.run(map(Decimal, each["gradients"]), numbers, options)
    known = {**shipped.numbers, **numbers}
    common = {**public(documented), **{k: known[k] for k in documented.numbers if k in known}}
    common = {k: x for k, x in common.items() if x is not None}
    said = {k: each["options"].get(k, x) for k, x in documented.switches.items()}
    said |= {k: x for k, x in each["against"].items() if k != "gradients"}
    gradients = each["against"].get("gradients", each["gradients"])
    two = documented.run(map(Decimal, gradients), common, said)
    return [(a, b) for (a, _), (b, _) in zip(one, two)]


def first_difference(each):
    """The first step whose thetas differ by more than a millionth of the move so far, or NaN."""
    for t, (a, b) in enumerate(trajectories(each), 1):
        moved = abs(b - 1)
        if a.is_nan() != b.is_nan() or abs(a - b) > moved * Decimal("1e-6"):
            return t, f"{a:.9g}", f"{b:.9g}"
    raise ValueError(f"{each['class']}: nothing differs from {each['documented']}")


def table():
    classes = json.loads((Path(__file__).parent / "classes.json").read_text())
    how = {each["name"]: (each["established"], each["source"]) for each in classes}
    for each in ROWS:
        step, shipped, documented = first_difference(each)
        established, source = how[each["class"]]
        facts = {key: each[key] for key in ("class", "documented", "does", "options", "numbers")}
        facts |= {"first_step": step, "theta": shipped, "theta_documented": documented}
        facts |= {"established": established, "source": source}
        yield facts | {"reproduce": each["reproduce"]}
    for name, does, step in CONDUCT:
        established, source = how[name]
        hand = "by hand" in does
        yield {
            "class": name,
            "does": does,
            "first_step": step,
            "established": "run by hand and read" if hand else "read",
            "source": source,
        }


PAGE = """# What shipped classes do that their documentation does not say

By `tests/known_answers/undocumented.py --markdown`. Each row names the source that was read and says
how the rest is known: *executed* is a released package that was run, *run by hand* is its source,
compiled or imported on its own, *read* is the source alone. The first step is that of a run from
theta = 1 whose thetas stand beside it, by the class and by what is documented.

| class | what it does | first step | theta there, and as documented | how it is known | source |
|---|---|---|---|---|---|
"""


def cell(text):
    return str(text).replace("|", "\\|").replace("\n", " ")


def markdown():
    """The table, then the line that reproduces each row."""
    page, lines = PAGE, ""
    for each in table():
        source = each["source"]
        thetas = f"{each['theta']}, {each['theta_documented']}" if "theta" in each else ""
        read = f"{source['repository']} {source['version']}, {source['file']}, {source['symbol']}"
        fields = [each["class"], each["does"], each["first_step"], thetas]
        fields += [each["established"], read + f", {source['date_read']}"]
        page += "| " + " | ".join(map(cell, fields)) + " |\n"
        if "reproduce" in each:
            lines += f"- {each['class']}: `{each['reproduce']}`\n"
    return page + "\nReproduce a row, RUNS being an empty folder:\n\n" + lines


def main():
    if sys.argv[1:] == ["--markdown"]:
        print(markdown(), end="")
        return
    if len(sys.argv) == 1:
        json.dump(list(table()), sys.stdout, indent=1)
        print()
        return
    chosen = [each for each in ROWS if each["class"] == sys.argv[1]]
    if not chosen:
        sys.exit(f"undocumented.py: no row of {sys.argv[1]}")
    for each in chosen:
        print(f"{each['class']}: {each['does']}")
        print(f"t, theta, theta of {each['documented']}")
        for t, (a, b) in enumerate(trajectories(each), 1):
            print(t, f"{a:.15g}", f"{b:.15g}")


if __name__ == "__main__":
    main()
