# SPDX-License-Identifier: Apache-2.0
"""What the processor holds while a kernel is executed: symbols and terms in place of numbers."""

from typing import NamedTuple

from terms import ZERO, Term, bits


class NotExecuted(Exception):
    """Something that the execution has no meaning for; the kernel counts as not shown."""


class Affine:
    """An integer of 64 bits: a constant and multiples of symbols."""

    __slots__ = ("constant", "known_key", "multiples")

    def __init__(self, constant=0, multiples=()):
        self.constant = (constant + (1 << 63)) % (1 << 64) - (1 << 63)
        self.multiples = dict(multiples)
        self.known_key = None

    @staticmethod
    def of(symbol):
        return Affine(0, {symbol: 1})

    def plus(self, other, times=1):
        multiples = dict(self.multiples)
        for symbol, factor in other.multiples.items():
            multiples[symbol] = multiples.get(symbol, 0) + times * factor
            if multiples[symbol] == 0:
                del multiples[symbol]
        return Affine(self.constant + times * other.constant, multiples)

    def minus(self, other):
        return self.plus(other, -1)

    def times(self, factor):
        return Affine().plus(self, factor)

    def is_constant(self):
        return not self.multiples

    def divided(self, divisor):
        """The quotient, or None where it is no integer."""
        if any(number % divisor for number in (self.constant, *self.multiples.values())):
            return None
        quotients = {symbol: factor // divisor for symbol, factor in self.multiples.items()}
        return Affine(self.constant // divisor, quotients)

    def without(self, symbol):
        return Affine(self.constant, {s: f for s, f in self.multiples.items() if s != symbol})

    def up_to_sign(self):
        """The same for a number and its negative."""
        return max(self, self.times(-1), key=lambda a: [f for _, f in a.key()[1:]])

    def key(self):
        if self.known_key is None:
            self.known_key = (self.constant, *sorted(self.multiples.items(), key=repr))
        return self.known_key

    def __eq__(self, other):
        return isinstance(other, Affine) and self.key() == other.key()

    def __hash__(self):
        return hash(self.key())

    def __repr__(self):
        parts = [f"{f} {s}" if f != 1 else str(s) for s, f in self.multiples.items()]
        return " + ".join([*parts, *([str(self.constant)] if self.constant or not parts else [])])


class MaskBits(NamedTuple):
    """A bit for each element: whether the condition holds there."""

    condition: Term
    count: int


class Vector(NamedTuple):
    """A vector whose elements are all made by one term, each from its own element of the inputs.

    Above its width the register holds zeros. A scalar's first element alone is known.
    """

    term: Term
    size: int  # of an element, in bytes
    width: int
    scalar: bool = False

    def read(self, size, width):
        """The term, read as elements of this size from a register of this width."""
        if self.term is ZERO and not self.scalar:
            return ZERO
        if self.scalar or self.width < width:
            raise NotExecuted(f"{width} bytes are read where {self.width} were written")
        if size == self.size:
            return self.term
        if self.term.operation != "Bits":
            raise NotExecuted(f"elements of {self.size} bytes are read as {size}")
        return resized(self.term.operands[0], self.size, size)


def resized(pattern, size, wanted):
    """A constant of all elements, told in elements of another size."""
    if size < wanted:
        return bits(pattern | pattern << 8 * size, wanted)
    if pattern & 0xFFFFFFFF != pattern >> 32:
        raise NotExecuted("halves of a constant differ")
    return bits(pattern, wanted)


class Loop(NamedTuple):
    """The loop that is being executed, after n iterations."""

    head: int
    steps: dict  # by how much registers count in each


class State:
    """Registers, stack, and what is known of the path that leads here."""

    def __init__(self):
        self.registers = {}  # Affine or MaskBits
        self.vectors = {}
        self.masks = {}
        self.slots = {}  # (symbol, offset) -> (size, value)
        self.flags = None
        self.known = {}  # condition -> whether it holds
        self.stores = {}  # (array, place) -> term
        self.seen = {}  # offset of a branch's target -> the state there
        self.loop = None
        self.calls = ()  # of each call, where it returns to, and the stack's pointer there
        self.floor = None  # the stack's pointer before it was rounded down to the frame's

    def copy(self):
        other = State.__new__(State)
        for name in ("registers", "vectors", "masks", "slots", "known", "stores", "seen"):
            setattr(other, name, dict(getattr(self, name)))
        for name in ("flags", "loop", "calls", "floor"):
            setattr(other, name, getattr(self, name))
        return other

    def forget(self, zero):
        """Puts 0 for a symbol that is known to be 0."""
        for name, value in self.registers.items():
            if value == zero:
                self.registers[name] = Affine()
