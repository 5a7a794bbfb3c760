# SPDX-License-Identifier: Apache-2.0
"""The record of a PyTorch loop: `with record(optimizer) as run:`"""

import functools
import types
import warnings
from pathlib import Path

import numpy

from . import pytorch
from .recording import (
    BFLOAT16,
    MOST_COORDINATES,
    Identified,
    OtherCoordinates,
    Recorder,
    Refused,
    chosen_columns,
    identified,
    require_type,
    same_bits,
)


class Tensor:
    """A parameter, and the columns of the run that are kept of it."""

    def __init__(self, parameter, group, columns, first):
        self.parameter, self.group, self.columns = parameter, group, columns
        self.places = columns - first
        self.start = self.row(parameter)
        self.last, self.steps = self.start, {}  # step -> (gradient, parameters after it)

    def row(self, tensor):
        import torch

        places = torch.from_numpy(self.places).to(tensor.device)
        kept = tensor.detach().reshape(-1)[places].cpu()
        if kept.dtype == torch.bfloat16:
            return kept.view(torch.int16).numpy().view(BFLOAT16).copy()
        return kept.numpy().copy()


class Part:
    """Tensors with the same numbers, type and steps: what one file of a record has place for."""

    def __init__(self, tensors, groups, optimizer):
        self.tensors, self.steps = tensors, sorted(tensors[0].steps)
        self.numbers = [groups[t][tensors[0].group] for t in self.steps]
        self.columns = numpy.concatenate([x.columns for x in tensors])
        self.rule = pytorch.rule_of(type(optimizer).__name__, self.numbers[0])

    def recorder(self, continues=None):
        # The columns were chosen for all parts together.
        start = numpy.concatenate([x.start for x in self.tensors])
        record = Recorder(start, coordinates=len(start))
        record.columns = self.columns
        if continues is not None:
            record.params = []
            record.take_up(continues)
            record.begin(start)
        for t, numbers in zip(self.steps, self.numbers):
            told = {"learning_rate": numbers["lr"]}
            if "weight_decay" in numbers:
                told["weight_decay"] = numbers["weight_decay"]
            gradient = numpy.concatenate([x.steps[t][0] for x in self.tensors])
            after = numpy.concatenate([x.steps[t][1] for x in self.tensors])
            record.keep(gradient, after, told)
        return record

    def require_constant(self):
        for name, value in self.numbers[0].items():
            if name not in ("lr", "weight_decay") and any(x[name] != value for x in self.numbers):
                raise Refused(
                    f"{name} changes from step to step, for which the record of a run has no place"
                )

    def arguments(self):
        """What `truestep identify` is told of the numbers that are no part of the file."""
        numbers, options = self.numbers[0], []
        for name, place in pytorch.numbers_of(self.rule).items():
            key, index = place if isinstance(place, tuple) else (place, None)
            if key in numbers and key not in ("lr", "weight_decay"):
                value = numbers[key] if index is None else numbers[key][index]
                options += ["--" + name.replace("_", "-"), repr(value)]
        for key, choice in pytorch.rules()[self.rule].CHOICES.items():
            if numbers.get(key):
                name, word = choice.split("=")
                options.append(f"--{name.replace('_', '-')}={word}")
        return options


class TrainingRun:
    """What `record` gives: the steps of an optimizer while the block runs."""

    def __init__(self, optimizer, coordinates, seed, continues, only):
        self.optimizer, self.continues = optimizer, continues
        self.groups, self.stopped, self.active = [], None, False
        parameters = [
            (p, k)
            for k, group in enumerate(optimizer.param_groups)
            for p in group["params"]
            if p.requires_grad and only(p)
        ]
        if not parameters:
            raise Refused("the optimizer has no parameter to record")
        for p, _ in parameters:
            require_type(str(p.dtype).replace("torch.", ""))
        if continues is None and any(has_stepped(optimizer, p) for p, _ in parameters):
            raise Refused(
                "the optimizer has made steps before, and the record of a run begins before the "
                'first: give continues="FILE", the record of those steps'
            )
        self.count = sum(p.numel() for p, _ in parameters)
        columns = chosen_columns(self.count, coordinates, seed)
        first, self.tensors = 0, []
        for p, group in parameters:
            its = columns[(columns >= first) & (columns < first + p.numel())]
            self.tensors.append(Tensor(p, group, its, first))
            first += p.numel()
        self.coordinates = len(columns)
        self.known = [len(group["params"]) for group in optimizer.param_groups]

    def __enter__(self):
        self.original, recorded = self.optimizer.step, self
        self.own = self.optimizer.__dict__.get("step")

        # Schedulers mark the step that they know, and want a method of the optimizer.
        @functools.wraps(self.original)
        def step(optimizer, *given, **named):
            return recorded.step(given, named)

        self.wrapped = types.MethodType(step, self.optimizer)
        self.optimizer.step = self.wrapped
        self.active = True
        return self

    def __exit__(self, *error):
        self.active = False
        if self.optimizer.__dict__.get("step") is self.wrapped:
            if self.own is None:
                del self.optimizer.step
            else:
                self.optimizer.step = self.own

    def step(self, given, named):
        if not self.active:
            return self.original(*given, **named)
        gradients = {}
        self.before()
        closure = named.get("closure", given[0] if given else None)
        if closure is None:
            gradients.update(self.gradients())
        else:

            def closure_and_gradients():
                loss = closure()
                gradients.update(self.gradients())
                return loss

            given, named = (closure_and_gradients,), {}
        result = self.original(*given, **named)
        self.after(gradients)
        return result

    def gradients(self):
        having = [x for x in self.tensors if x.parameter.grad is not None]
        if any(x.parameter.grad.is_sparse for x in having):
            self.stop("a gradient is sparse")
            return {}
        return {x: x.row(x.parameter.grad) for x in having}

    def stop(self, why):
        """A loop is not to fail for its record. What was recorded until then is kept."""
        if self.active:
            self.active, self.stopped = False, f"recorded to step {len(self.groups)} alone: {why}"
            warnings.warn(f"truestep.record: {self.stopped}", stacklevel=5)

    def before(self):
        if [len(group["params"]) for group in self.optimizer.param_groups] != self.known:
            self.stop("the optimizer was given other parameters")
        elif getattr(self.optimizer, "grad_scale", None) is not None:
            self.stop("the optimizer unscales the gradients itself")
        elif not all(same_bits(x.last, x.row(x.parameter)) for x in self.tensors):
            self.stop("the parameters were changed between two steps, but not by a step")

    def after(self, gradients):
        if not self.active:
            return
        for x in self.tensors:
            now = x.row(x.parameter)
            if x in gradients:
                x.steps[len(self.groups)] = (gradients[x], now)
            elif not same_bits(x.last, now):
                return self.stop("a step moved a parameter that has no gradient")
            x.last = now
        self.groups.append([numbers_of_group(group) for group in self.optimizer.param_groups])

    @property
    def steps(self):
        return len(self.groups)

    @property
    def parts(self):
        """The run by what one file has place for; most runs are one part."""
        if not self.groups:
            raise Refused("no step was recorded")
        parts = {}
        for x in self.tensors:
            if not x.steps or not len(x.columns):
                continue
            numbers = [sorted(self.groups[t][x.group].items()) for t in x.steps]
            key = (x.start.dtype.str, tuple(x.steps), repr(numbers))
            parts.setdefault(key, []).append(x)
        found = [Part(tensors, self.groups, self.optimizer) for tensors in parts.values()]
        for part in found:
            part.require_constant()
        return found

    def said(self):
        """What the record leaves out or tells apart, in sentences."""
        said = [] if self.stopped is None else [self.stopped]
        idle = sum(not x.steps for x in self.tensors)
        if self.coordinates < self.count:
            said.append(f"{self.coordinates} of {self.count} coordinates are a sample")
        if idle:
            all_tensors = len(self.tensors)
            said.append(f"{idle} of {all_tensors} tensors never had a gradient and are left out")
        count = len(self.parts)
        if count > 1:
            said.append(f"{count} parts differ in numbers, type or steps: a file for each")
        return said

    def save(self, file):
        """Writes a file for each part, and prints what it leaves out. Returns the files' names."""
        parts, files = self.parts, []
        earlier = self.earlier()
        for place, part in enumerate(parts, 1):
            recorder = part.recorder(continued(part, earlier))
            name = Path(file)
            if len(parts) > 1:
                name = name.with_name(f"{name.stem}-{place}{name.suffix}")
            about = {"optimizer": type(self.optimizer).__name__, "numbers": part.numbers[0]}
            files.append(recorder.save(name, about))
        for sentence in self.said():
            print(sentence)
        return files

    def earlier(self):
        if self.continues is None:
            return None
        file = Path(self.continues)
        whole = [file] if file.exists() else []
        return whole + sorted(file.parent.glob(f"{file.stem}-*{file.suffix}"))

    def identify(self, *arguments):
        """Whose convention the run follows: the class and its numbers are told."""
        found = []
        for part in self.parts:
            if part.rule is None:
                raise Refused(
                    f"{type(self.optimizer).__name__} is no class of torch.optim that is known: "
                    "save the run, and type truestep identify RULE --run FILE"
                )
            recorder = part.recorder(continued(part, self.earlier()))
            found.append(identified(recorder.arrays(), part.rule, [*part.arguments(), *arguments]))
        return found[0] if len(found) == 1 else joined(found)


def continued(part, files):
    """The file among the earlier run's that has the part's columns."""
    if files is None:
        return None
    for file in files:
        try:
            part.recorder(file)
        except OtherCoordinates:
            continue
        return file
    raise Refused("no file of the earlier run has the coordinates that are recorded now")


def joined(found):
    statuses = {word: number for number, word in Identified.STATUS.items()}
    worst = max(found, key=lambda x: (x.status == "excluded", x.status != "consistent"))
    text = "\n".join(f"Part {k}: {x.text}" for k, x in enumerate(found, 1))
    common = [name for name in found[0].consistent if all(name in x.consistent for x in found)]
    return Identified(statuses[worst.status], text, common)


def has_stepped(optimizer, parameter):
    """A class may have states before its first step, with a count of 0."""
    state = optimizer.state.get(parameter, {})
    return bool(state.get("step", any(x is not None for x in state.values())))


def numbers_of_group(group):
    """The numbers and switches of a parameter group."""

    def plain(value):
        return value.item() if hasattr(value, "item") else value

    numbers = {}
    for name, value in group.items():
        if isinstance(value, (tuple, list)) and name != "params":
            numbers[name] = tuple(plain(x) for x in value)
        elif isinstance(plain(value), (bool, int, float)):
            numbers[name] = plain(value)
    return numbers


def record(optimizer, *, coordinates=MOST_COORDINATES, seed=1, continues=None, only=lambda p: True):
    """Records the steps that a torch.optim optimizer makes within `with record(...) as run:`.

    Kept are `coordinates` of all parameters' numbers, a sample by the seed: the parameters before
    and after each step, the gradients that it used, and the numbers of its group. A step that a
    loop skips leaves no row. `continues` is the file of the run that a checkpoint of this optimizer
    was taken at the end of, and `only` says of a parameter whether it is recorded.
    """
    return TrainingRun(optimizer, coordinates, seed, continues, only)
