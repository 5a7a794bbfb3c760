# SPDX-License-Identifier: Apache-2.0
"""torch.optim: truestep.check knows its classes."""

import functools

import torch
from torch.optim import SGD, Adadelta, Adagrad, Adam, AdamW, RMSprop

version = torch.__version__
subjects = [
    ("SGD", None, None, SGD),
    ("SGD, nesterov", None, None, functools.partial(SGD, momentum=0.9, nesterov=True)),
    ("Adagrad", None, None, Adagrad),
    ("Adadelta", None, None, Adadelta),
    ("RMSprop", None, None, RMSprop),
    ("RMSprop, centered", None, None, functools.partial(RMSprop, centered=True)),
    ("Adam", None, None, Adam),
    ("Adam, amsgrad", None, None, functools.partial(Adam, amsgrad=True)),
    ("AdamW", None, None, AdamW),
    ("AdamW, foreach", "adam", "pytorch.AdamW", functools.partial(AdamW, foreach=True)),
    ("SGD, bfloat16", None, None, SGD, "bfloat16"),
    ("Adam, bfloat16", None, None, Adam, "bfloat16"),
]
