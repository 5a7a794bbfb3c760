# SPDX-License-Identifier: Apache-2.0
"""What torch.optim and libtorch's optimizers in C++ are recorded with: (class, what it is given)."""

NUMBERS = {"lr": "learning_rate", "eps": "epsilon", "alpha": "rho"}
NUMBERS |= {name: name for name in ("momentum", "dampening", "weight_decay", "rho")}
NUMBERS |= {"initial_accumulator_value": "initial_accumulator"}
NUMBERS |= {"lr_decay": "learning_rate_decay"}

SGD = {"lr": 0.01, "momentum": 0.9}
ADAM = {"lr": 0.01, "betas": (0.85, 0.95), "eps": 0.01}
ADAGRAD, ADADELTA = {"eps": 0.01}, {"lr": 0.5, "eps": 0.01}
RMSPROP = {"lr": 0.01, "alpha": 0.9, "eps": 0.01}
DECAY, MAXIMIZE = {"weight_decay": 0.1}, {"maximize": True}
CASES = [
    *(("SGD", SGD | more) for more in ({}, {"dampening": 0.3}, DECAY)),
    *(("SGD", SGD | more) for more in ({"nesterov": True}, MAXIMIZE)),
    *((name, more) for name in ("Adam", "AdamW") for more in ({}, ADAM, ADAM | {"amsgrad": True})),
    *((name, ADAM | DECAY) for name in ("Adam", "AdamW")),
    *((name, ADAM | MAXIMIZE) for name in ("Adam", "AdamW")),
    *(("Adagrad", more) for more in ({}, ADAGRAD, ADAGRAD | {"lr_decay": 0.1})),
    *(("Adagrad", ADAGRAD | more) for more in (DECAY, {"initial_accumulator_value": 0.1})),
    *(("Adadelta", more) for more in ({}, ADADELTA, ADAGRAD | DECAY)),
    *(("RMSprop", more) for more in ({}, RMSPROP, RMSPROP | {"centered": True})),
    *(("RMSprop", RMSPROP | more) for more in ({"momentum": 0.5}, DECAY)),
]


def numbers(given):
    """The numbers of a case, by the names of the table."""
    named = {NUMBERS[key]: value for key, value in given.items() if key in NUMBERS}
    return named | dict(zip(("beta1", "beta2"), given.get("betas", ())))


def options(given):
    return {key: value for key, value in given.items() if isinstance(value, bool)}
