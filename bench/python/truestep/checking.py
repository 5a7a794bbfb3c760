# SPDX-License-Identifier: Apache-2.0
"""A step under test: check(step, rule, convention)."""

import ctypes
import importlib
import inspect
import json
import os
import sys
from dataclasses import dataclass, field

import numpy

from . import library, pytorch

FORMATS = {"float32": numpy.float32, "float64": numpy.float64, "float16": numpy.float16}


def type_of(format):
    """NumPy's type of a format. Raises TypeError where it has none."""
    if format != "bfloat16":
        return FORMATS[format]
    try:
        return importlib.import_module("ml_dtypes").bfloat16
    except ImportError:
        raise TypeError("NumPy has no bfloat16 without the package ml_dtypes") from None


@dataclass
class Setup:
    """What an optimizer of one tensor is made for."""

    rule: str
    format: str  # of theta: "float32", "float64", "bfloat16" or "float16"
    length: int
    numbers: dict = field(default_factory=dict)  # by the names of `truestep rules RULE`
    formats: dict = field(default_factory=dict)  # of "gradients", "states" and states by name
    rounding: str = "nearest"  # or "stochastic"

    @property
    def type(self):
        return type_of(self.format)

    def format_of(self, name):
        """That of "theta", "gradients" or a state."""
        if name == "theta":
            return self.format
        return self.formats.get(name, self.formats.get("states", self.format))

    def type_of(self, name):
        return type_of(self.format_of(name))


class Checked:
    """Whether a step is what it was said to be: true only if it is. str() is the whole report."""

    def __init__(self, status, conclusion, text, details):
        self.status = {library.RIGHT: "right", library.WRONG: "wrong"}.get(status, "not determined")
        self.conclusion, self.text, self.details = conclusion, text, details

    def __bool__(self):
        return self.status == "right"

    def __str__(self):
        return self.text

    def __repr__(self):
        return self.conclusion

    @property
    def findings(self):
        """Each fault, and each thing noted, has these: section, kind, wrong, text, input and rerun."""
        return self.details["findings"]


class FunctionOptimizer:
    """A step function of named arguments: theta, the gradient, t, numbers and states."""

    GRADIENT = ("gradient", "g", "grad")
    NUMBERS = {"lr": "learning_rate", "eps": "epsilon"}  # beside the rule's own names

    def __init__(self, function, setup):
        self.function, self.numbers, self.states = function, {}, {}
        parameters = inspect.signature(function).parameters
        self.gradient = next(name for name in self.GRADIENT if name in parameters)
        self.counts = "t" in parameters
        for name, parameter in parameters.items():
            called = self.NUMBERS.get(name, name)
            if parameter.kind is parameter.VAR_KEYWORD:
                self.numbers = setup.numbers | self.numbers
            elif called in setup.numbers:
                self.numbers[name] = setup.numbers[called]
            elif name not in ("theta", "t", self.gradient) and parameter.default is parameter.empty:
                self.states[name] = numpy.zeros(setup.length, setup.type_of(name))

    @classmethod
    def require(cls, function):
        """Raises TypeError where the arguments cannot be called by their names."""
        parameters = inspect.signature(function).parameters
        for name, parameter in parameters.items():
            if parameter.kind in (parameter.POSITIONAL_ONLY, parameter.VAR_POSITIONAL):
                raise TypeError(f"the argument {name} of the step has no name to be called by")
        if "theta" not in parameters or not any(name in parameters for name in cls.GRADIENT):
            raise TypeError(
                f"the step has arguments ({', '.join(parameters)}); "
                "theta and gradient are needed"
            )

    def step(self, theta, gradient, t):
        given = {"theta": theta, self.gradient: gradient, **self.states, **self.numbers}
        if self.counts:
            given["t"] = t
        returned = self.function(**given)
        if returned is None:
            return
        new = returned if isinstance(returned, tuple) else (returned,)
        if len(new) not in (1, 1 + len(self.states)):
            raise ValueError(
                f"the step returns {len(new)} arrays, and has theta and {len(self.states)} states"
            )
        theta[...] = as_stored(new[0], theta)
        for name, value in zip(self.states, new[1:]):
            self.states[name][...] = as_stored(value, self.states[name])


def as_stored(value, where):
    """An array as it is stored. Another format than the setup's would be rounded once more."""
    value = numpy.asarray(value)
    if value.dtype != where.dtype:
        raise TypeError(f"the step returns {value.dtype} where it is given {where.dtype}")
    return value


class MadeOptimizer:
    """What a maker made: a step function that keeps its states, or an object that has them."""

    def __init__(self, made):
        self.step = made.step if hasattr(made, "step") else made
        self.states = getattr(made, "states", {})


def maker_of(step):
    """Makes an optimizer of one tensor by Setup."""
    if pytorch.is_optimizer_class(step):
        return lambda setup: pytorch.Optimizer(step, setup)
    if not callable(step):
        raise TypeError(f"step = {step!r} is neither a callable nor the file of a library")
    if list(inspect.signature(step).parameters) == ["setup"]:
        return lambda setup: MadeOptimizer(step(setup))
    FunctionOptimizer.require(step)
    return lambda setup: FunctionOptimizer(step, setup)


def view(address, length, kind):
    """The memory of a tensor as an array."""
    if length == 0:
        return numpy.empty(0, kind)
    size = length * numpy.dtype(kind).itemsize
    return numpy.frombuffer((ctypes.c_char * size).from_address(address), kind)


class Kernel:
    """The table of functions that the library calls, each time in a process of a run's own."""

    def __init__(self, make, name, as_bits=False):
        self.make, self.said, self.made = make, None, []
        self.types = pytorch.BITS if as_bits else {}
        guarded = self.guarded
        api = ctypes.pythonapi
        self.table = library.CKernel(
            version=library.CHECK_VERSION,
            name=name.encode(),
            create=library.CREATE(guarded(self.create, None)),
            step=library.STEP(guarded(self.step, 1)),
            destroy=library.DESTROY(guarded(lambda user, optimizer: None, None)),
            state=library.STATE(guarded(self.state, 1)),
            set_state=library.STATE(guarded(self.set_state, 1)),
            message=library.MESSAGE(lambda user: self.said and ctypes.addressof(self.said)),
            before_fork=address_of(api.PyOS_BeforeFork),
            after_fork=address_of(api.PyOS_AfterFork_Parent),
            in_child=address_of(api.PyOS_AfterFork_Child),
            interrupted=address_of(api.PyErr_CheckSignals),
        )

    def guarded(self, function, failed):
        """No exception crosses C: it is told by `message`."""

        def call(*given):
            try:
                return function(*given)
            except BaseException as error:
                said = f"{type(error).__name__}: {error}"
                self.said = ctypes.create_string_buffer(said.encode(errors="replace"))
                return failed

        return call

    def create(self, user, given):
        numpy.seterr(all="ignore")  # numbers that overflow are among the inputs
        given = given.contents
        numbers = {given.names[i].decode(): given.values[i] for i in range(given.numbers)}
        formats = {
            given.array_names[i].decode(): given.array_formats[i].decode()
            for i in range(given.arrays)
        }
        self.setups = [
            Setup(
                given.rule.decode(),
                formats["theta"],
                given.lengths[k],
                dict(numbers),
                formats,
                given.rounding.decode(),
            )
            for k in range(given.tensors)
        ]
        self.made = [self.make(setup) for setup in self.setups]
        return 1  # any address: a process has one optimizer

    def step(self, user, optimizer, t, theta, gradient):
        for k, (setup, made) in enumerate(zip(self.setups, self.made)):
            made.step(
                view(theta[k], setup.length, self.type_of(setup, "theta")),
                view(gradient[k], setup.length, self.type_of(setup, "gradients")),
                t,
            )
        return 0

    def type_of(self, setup, name):
        """What its memory is seen as."""
        format = setup.format_of(name)
        return self.types.get(format) or type_of(format)

    def of_state(self, tensor, name):
        held = self.made[tensor].states.get(name.decode())
        return None if held is None else numpy.asarray(held)

    def state(self, user, optimizer, tensor, name, out):
        held, setup = self.of_state(tensor, name), self.setups[tensor]
        kind = self.type_of(setup, name.decode())
        if held is None or held.shape != (setup.length,) or held.dtype != kind:
            return 1
        view(out, setup.length, kind)[...] = held
        return 0

    def set_state(self, user, optimizer, tensor, name, given):
        setup, states = self.setups[tensor], self.made[tensor].states
        if name.decode() not in states:
            return 1
        kind = self.type_of(setup, name.decode())
        states[name.decode()][...] = view(given, setup.length, kind)
        return 0


def address_of(function):
    return ctypes.cast(function, ctypes.c_void_p)


def check(
    step,
    rule=None,
    convention=None,
    *,
    format="float32",
    seed=1,
    trials=4,
    limit=20.0,
    strict=False,
    only=None,
    name=None,
):
    """Puts a step under test, and says whether it is `rule` as `convention` has it.

    `step` is one of:

    - a class of torch.optim, or functools.partial of one; its rule and convention are known;
    - a function of named arguments, of which `theta`, `gradient`, `t`, the rule's numbers (such as
      `learning_rate`) and the states, by any other name, are arrays or numbers of one tensor; it
      changes the arrays, or returns the new theta and the new states;
    - make(setup), which gives a step(theta, gradient, t), or an object with that and `states`;
    - the file of a shared library that exports what truestep_kernel.h declares.

    `format` is what `truestep check --format` takes. A class of torch.optim in "bfloat16" is held
    to "bfloat16,arithmetic=bfloat16", since each of its operations rounds a whole tensor.

    Every run is a fork of this process, so that a crash is a finding. What is said of `only`,
    `seed`, `trials` and `strict` in `truestep check --help` holds here. Raises ValueError for what
    makes no sense, and NotFound where the library is not installed.
    """
    if format == "bfloat16" and pytorch.is_optimizer_class(step):
        format = "bfloat16,arithmetic=bfloat16"  # it makes a step of operations on whole tensors
    options = library.COptions(
        version=library.CHECK_VERSION,
        format=format.encode(),
        seed=seed,
        trials=trials,
        limit=limit,
        strict=strict,
        only=encoded(only),
    )
    loaded = library.load()
    report = ctypes.c_void_p()
    if isinstance(step, (str, os.PathLike)):
        subject, function = os.fsencode(step), loaded.truestep_check_library
    else:
        of_pytorch = pytorch.is_optimizer_class(step)
        if of_pytorch:
            rule, convention = pytorch.declared(step, rule, convention)
        kernel = Kernel(maker_of(step), name or name_of(step), as_bits=of_pytorch)
        subject, function = kernel.table, loaded.truestep_check
    sys.stdout.flush()
    sys.stderr.flush()
    try:
        status = function(
            subject, encoded(rule), encoded(convention), ctypes.byref(options), ctypes.byref(report)
        )
        if not report:
            raise MemoryError("truestep_check")
        conclusion, text, details = (
            getattr(loaded, f"truestep_report_{part}")(report).decode()
            for part in ("conclusion", "text", "json")
        )
    finally:
        loaded.truestep_report_free(report)
    if status == library.BAD_CALL:
        raise ValueError(conclusion)
    if status == library.FAILED:
        raise RuntimeError(conclusion)
    if status == library.INTERRUPTED:
        raise KeyboardInterrupt
    return Checked(status, conclusion, text, json.loads(details))


def encoded(text):
    return None if text is None else text.encode()


def name_of(step):
    step = getattr(step, "func", step)
    return getattr(step, "__qualname__", type(step).__qualname__).split("<locals>.")[-1]
