# SPDX-License-Identifier: Apache-2.0
"""What a statement of an optimizer class consists of: one step, its defaults, and its source.

A module of systems/ holds the classes of one system. Each class is one function, the step

    def adam(x, g, s, learning_rate=1e-3, *, amsgrad=False): ...

that takes a parameter, its gradient and the state of that coordinate and returns the new
parameter. Positional arguments after the state are numbers: their defaults are the public ones
of the class; None means that the class has none, a name that the number of that name is the
default. Keyword arguments are its
switches. A name that is never assigned reads as 0 in a state, as in a fresh optimizer. Numbers
may be Decimals or any type with arithmetic, root() and largest().
"""

import dataclasses
import inspect
from decimal import Decimal

CLASSES = {}  # name: Class, in the order of import


class State:
    """The state of one coordinate: what was assigned, and 0 for every other name."""

    def __getattr__(self, name):
        if name.startswith("__"):
            raise AttributeError(name)
        return 0

    def shown(self):
        """The states that are numbers of the update, without counters and flags."""
        return {name: x for name, x in vars(self).items() if not isinstance(x, (bool, int))}


@dataclasses.dataclass(frozen=True)
class Source:
    """A snapshot of a repository, and the day on which it was read for this table."""

    repository: str
    commit: str
    version: str
    read: str = "2026-11-28"


@dataclasses.dataclass(frozen=True)
class Class:
    """One optimizer class of one system in a range of versions."""

    name: str
    rules: dict  # rule: the switches that make it this rule
    step: object
    source: Source
    file: str
    symbol: str
    versions: str
    executed: str  # the version that was run, or ""
    notes: str
    numbers: dict  # name: public default or None
    switches: dict  # name: default
    choices: dict  # switch: its values, where they are not False and True

    @property
    def system(self):
        return self.name.split(".")[0]

    def row(self):
        """The class as classes.json has it."""
        source = dataclasses.asdict(self.source)
        return {
            "name": self.name,
            "system": self.system,
            "rules": self.rules,
            "versions": self.versions,
            "defaults": self.numbers,
            "options": {
                name: {"default": default, "values": self.values(name)}
                for name, default in self.switches.items()
            },
            "source": {
                "repository": source["repository"],
                "commit": source["commit"],
                "version": source["version"],
                "file": self.file,
                "symbol": self.symbol,
                "date_read": source["read"],
            },
            "notes": self.notes,
        }

    def values(self, switch):
        return list(self.choices.get(switch, (False, True)))

    def run(self, gradients, numbers, switches, start=Decimal(1)):
        """(theta, states) after each gradient, in the arithmetic of the arguments."""
        x, s = start, State()
        given = self.completed(numbers)
        for g in gradients:
            x = self.step(x, g, s, **given, **switches)
            yield x, s.shown()

    def completed(self, numbers):
        """All numbers of the class, as Decimals where they are not numbers of another type."""
        given = {**self.numbers, **numbers}
        for name, value in given.items():
            if isinstance(value, str):  # the default is another number
                given[name] = given[value]
        missing = [name for name, value in given.items() if value is None]
        if missing:
            raise ValueError(f"{self.name}: {missing[0]} has no default and is not given")
        return {
            name: Decimal(x) if isinstance(x, (int, float)) else x for name, x in given.items()
        }


def optimizer(name, source, file, symbol, *, versions="", executed="", choices=None, **rules):
    """The decorated step states class `name`; `rules` are the rules that it can be."""

    def register(step):
        parameters = list(inspect.signature(step).parameters.values())[3:]
        numbers = {p.name: p.default for p in parameters if p.kind != p.KEYWORD_ONLY}
        switches = {p.name: p.default for p in parameters if p.kind == p.KEYWORD_ONLY}
        notes = " ".join((step.__doc__ or "").split())
        if name in CLASSES:
            raise ValueError(f"{name} is stated twice")
        CLASSES[name] = Class(
            name,
            rules,
            step,
            source,
            file,
            symbol,
            versions or "; ".join(filter(None, (executed, source.version))),
            executed,
            notes,
            numbers,
            switches,
            choices or {},
        )
        step.__doc__ = (
            f"{notes}\n\nSource: {source.repository} @{source.commit} ({source.version}), "
            f"{file}, {symbol}; read {source.read}."
        )
        return step

    return register


def root(x):
    """The square root, not a number below zero."""
    if isinstance(x, int):
        x = Decimal(x)
    if isinstance(x, Decimal):
        return x.sqrt() if x.is_nan() or x >= 0 else Decimal("NaN")
    return x.sqrt()


def largest(a, b):
    """The larger of two numbers."""
    if isinstance(a, (int, Decimal)) and isinstance(b, (int, Decimal)):
        return max(a, b)
    return a.largest(b) if hasattr(a, "largest") else b.largest(a)
