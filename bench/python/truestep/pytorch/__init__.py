# SPDX-License-Identifier: Apache-2.0
"""Classes of torch.optim. What is one rule's stands in the file of its name."""

import functools
import importlib
import inspect
import pkgutil
import sys

import numpy

# What torch.optim calls the numbers that several rules have.
NUMBERS = {"learning_rate": "lr", "epsilon": "eps"}
NUMBERS |= {name: name for name in "weight_decay momentum dampening".split()}
WITHOUT_EFFECT = {"beta1_decay": 1, "schedule_multiplier": 1}  # any other number has none at 0


@functools.cache
def rules():
    return {
        found.name: importlib.import_module(f"{__name__}.{found.name}")
        for found in pkgutil.iter_modules(__path__)
    }


def numbers_of(rule):
    """Where the numbers of a rule stand among an optimizer's arguments."""
    return NUMBERS | rules()[rule].NUMBERS


def is_optimizer_class(step):
    """Whether it is one, or functools.partial of one."""
    torch = sys.modules.get("torch")
    made = step.func if isinstance(step, functools.partial) else step
    return torch is not None and inspect.isclass(made) and issubclass(made, torch.optim.Optimizer)


def rule_of(name, given):
    """The rule of a class of torch.optim with these arguments, or None."""
    for rule, its in rules().items():
        matches = all(bool(given.get(key, False)) == its.ONLY_WHERE[key] for key in its.ONLY_WHERE)
        if name in its.CLASSES and matches:
            return rule
    return None


def declared(step, rule, convention):
    """What a class is said to be: what it is by its name and arguments, as far as that is not told.

    Numbers among the arguments are told to the test, so that no other are tried.
    """
    made = getattr(step, "func", step)
    given = getattr(step, "keywords", {})
    if getattr(step, "args", ()):
        raise ValueError("functools.partial of an optimizer is to have arguments by name alone")
    rule = rule or (rule_of(made.__name__, given) if convention is None else None)
    if convention is None:
        if rule is None or made.__name__ not in rules()[rule].CLASSES:
            raise ValueError(
                f"which convention {made.__name__} is said to be has to be told, "
                'as check(step, "RULE", "pytorch.CLASS")'
            )
        choices = [text for key, text in rules()[rule].CHOICES.items() if given.get(key)]
        convention = ",".join([f"pytorch.{made.__name__}", *choices])
    for name, place in (numbers_of(rule) if rule in rules() else NUMBERS).items():
        key, index = place if isinstance(place, tuple) else (place, None)
        if key in given and f",{name}=" not in convention:
            value = given[key] if index is None else given[key][index]
            convention += f",{name}={value!r}"
    return rule, convention


BITS = {"bfloat16": numpy.int16}  # NumPy has no such numbers


def tensor_of(array, format):
    """A tensor over the memory of an array."""
    torch = sys.modules["torch"]
    tensor = torch.from_numpy(array)
    return tensor.view(torch.bfloat16) if format == "bfloat16" else tensor


def array_of(tensor):
    """An array over the memory of a tensor."""
    torch = sys.modules["torch"]
    return (tensor.view(torch.int16) if tensor.dtype == torch.bfloat16 else tensor).numpy()


class States:
    """The arrays of an optimizer's state, by the rule's names for them."""

    def __init__(self, optimizer, names):
        self.optimizer, self.names = optimizer, names

    def __contains__(self, name):
        return name in self.names

    def get(self, name):
        key = self.names.get(name)
        held = self.optimizer.held()
        if key is None:
            return None
        return array_of(held[key].detach()) if held.get(key) is not None else None

    def __getitem__(self, name):
        """An array to be filled before the first step."""
        setup = self.optimizer.setup
        key = self.names[name]
        if key not in self.optimizer.given:
            kind = BITS.get(setup.format_of(name)) or setup.type_of(name)
            self.optimizer.given[key] = numpy.zeros(setup.length, kind)
            self.optimizer.formats[key] = setup.format_of(name)
        return self.optimizer.given[key]


class Optimizer:
    """One of torch.optim, over a tensor that is the test's own memory."""

    def __init__(self, make, setup):
        import torch

        torch.set_num_threads(1)  # whatever threads the process had, its fork has not
        self.torch, self.setup, self.made = torch, setup, None
        self.given, self.formats = {}, {}
        self.arguments = self.numbers_in(make)
        self.make = functools.partial(make, **self.arguments)
        self.states = States(self, rules()[setup.rule].STATES)

    def numbers_in(self, make):
        made = getattr(make, "func", make)
        taken = inspect.signature(made).parameters
        takes_any = any(p.kind is p.VAR_KEYWORD for p in taken.values())
        places, arguments, lists = numbers_of(self.setup.rule), {}, {}
        for name, value in self.setup.numbers.items():
            place = places.get(name, name)
            key, index = place if isinstance(place, tuple) else (place, None)
            if key not in taken and not takes_any:
                if value != WITHOUT_EFFECT.get(name, 0):
                    raise ValueError(f"{made.__name__} takes no {name}, which is {value}")
            elif index is None:
                arguments[key] = value
            else:
                lists.setdefault(key, {})[index] = value
        return arguments | {key: tuple(x[i] for i in sorted(x)) for key, x in lists.items()}

    def held(self):
        return self.made.state[self.parameter] if self.made else {}

    def step(self, theta, gradient, t):
        torch = self.torch
        if self.made is None:
            self.parameter = torch.nn.Parameter(tensor_of(theta, self.setup.format))
            self.made = self.make([self.parameter])
            if t > 1:
                self.take_up(t)
        self.parameter.grad = tensor_of(gradient, self.setup.format_of("gradients"))
        self.made.step()
        stored = self.parameter.detach()
        if stored.data_ptr() != theta.ctypes.data and len(theta):
            theta[...] = array_of(stored)
            self.parameter.data = tensor_of(theta, self.setup.format)

    def take_up(self, t):
        """As load_state_dict leaves it before step t: the states given, or as they are at first.

        What states there are, and of what types, is seen of a step of zeros, which leaves them so.
        """
        zeros = self.torch.nn.Parameter(self.torch.zeros_like(self.parameter.detach()))
        zeros.grad = self.torch.zeros_like(zeros.detach())
        pattern = self.make([zeros])
        pattern.step()
        states = self.made.state[self.parameter]
        for key, value in pattern.state[zeros].items():
            if key == "step":
                value = value * 0 + (t - 1)
            elif key in self.given:
                value = tensor_of(self.given[key], self.formats[key])
            states[key] = value
