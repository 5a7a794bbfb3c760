# SPDX-License-Identifier: Apache-2.0
"""What was recorded: each lane's inputs, the terms of Lanes.v, and the root off the divider."""

import functools
import re
import subprocess
from typing import NamedTuple

import terms
from memory import holds

SIZES = {"float": 4, "double": 8}  # bytes

# Coq's constructors (theory/Expression.v), as the terms that they stand for.
CONSTRUCTORS = {
    "Neg": (1, terms.negate),
    "Add": (2, terms.add),
    "Sub": (2, terms.subtract),
    "Mul": (2, terms.multiply),
    "Div": (2, terms.divide),
    "Sqrt": (1, terms.root),
    "Fma": (3, terms.fused),
    "Decay": (2, terms.decay),
    "Max": (2, terms.larger),
    "AtLeast0": (1, terms.at_least_zero),
    "IfPositive": (2, terms.if_positive),
}


def parsed(text):
    """A term in prefix notation: a list of an operation and its operands, lists or words."""
    stack = [[]]
    for word in re.findall(r'"[^"]*"|[()]|[^\s()]+', text):
        if word == "(":
            stack.append([])
        elif word == ")":
            done = stack.pop()
            stack[-1].append(done)
        else:
            stack[-1].append(word)
    return stack[0]


def from_coq(tree, values):
    """The term of a parsed Coq expression, given the terms of its variables."""
    head, *operands = tree
    if head == "Var":
        return values[operands[0].strip('"')]
    arity, make = CONSTRUCTORS[head]
    if len(operands) != arity:
        raise ValueError(f"{head} has {len(operands)} operands")
    return make(*(from_coq(operand, values) for operand in operands))


class Lane(NamedTuple):
    """A lane: the names of its inputs in the order of a kernel's arrays, and what it stores."""

    name: str
    coefficients: list
    states: list
    gradient: str
    decayed: str  # the input that weight decay changes first, or empty
    decay: list  # parsed: what it becomes
    stored: list  # parsed: theta, then the states

    def __hash__(self):
        return hash(self.name)

    def out(self, in_place):
        """The array that theta's step goes to."""
        return "theta" if in_place and self.states else "theta_out"

    def values(self, place):
        values = {name: terms.variable(name) for name in self.coefficients}
        for name in ("theta", self.gradient, *self.states):
            values[name] = terms.variable(name, place)
        return values

    def expected(self, places, in_place):
        """(array, place) -> term of all that is stored for vectors at these places."""
        arrays = (self.out(in_place), *self.states)
        return {(array, place): term
                for place in places for array, term in zip(arrays, self.terms_stored(place))}  # fmt: skip

    @functools.cache
    def terms_stored(self, place):
        """The terms of theta and the states that are stored for a vector."""
        values = self.values(place)
        if self.decayed:
            values[self.decayed] = from_coq(self.decay, values)
        return [from_coq(tree, values) for tree in self.stored]


# The lanes with weight decay: what their names end with, the input that changes, its term.
DECAYS = {
    " with weight decay": ("gradient", "weight_decay_decayed_gradient"),
    " with decoupled weight decay": ("theta", "decoupled_weight_decay_decayed_theta"),
}


class Recorded:
    """Lanes.v, and what kernel_terms.cpp says of the lanes that are compiled now."""

    def __init__(self, kernel_terms, lanes_v):
        """kernel_terms: the program; lanes_v: the file."""
        with open(lanes_v, encoding="utf-8") as file:
            self.definitions = dict(
                re.findall(r"Definition (\w+) : expression := (.*)\.\n", file.read()))  # fmt: skip
        self.stored = set()  # the terms of Lanes.v, as they read, that lanes store
        lines = subprocess.run([kernel_terms], capture_output=True, text=True, check=True).stdout
        rows = [line.split(" ", 1) for line in lines.splitlines()]
        self.roots = RoundedRoots([rest for kind, rest in rows if kind == "root"])
        lanes = [rest.split("|") for kind, rest in rows if kind == "lane"]
        stored = {name: rest for _, name, _, _, _, *rest in lanes}
        self.lanes = {type: self.lane(row, stored) for type, *row in lanes}

    def lane(self, row, stored):
        name, coefficients, states, gradient, *whole = row
        suffix = next((s for s in DECAYS if name.endswith(s)), "")
        decayed, decay = DECAYS.get(suffix, ("", ""))
        undecayed = stored[name.removesuffix(suffix)]
        lane = Lane(name, coefficients.split(), states.split(), gradient, decayed,
                    self.term_of(self.definitions[decay], name) if decay else [],
                    [self.term_of(text, name) for text in undecayed])  # fmt: skip
        # Weight decay and then the lane without is the lane with.
        values = lane.values(None)
        for made, text in zip(lane.expected([None], False).values(), whole, strict=True):
            if made is not from_coq(parsed(text), values):
                raise ValueError(f"{name} is not the decay and the lane without, but {text}")
        return lane

    def term_of(self, text, name):
        """The parsed term of Lanes.v that reads like this."""
        if text not in self.definitions.values():
            raise ValueError(f"Lanes.v lacks a term of {name}: {text}")
        self.stored.add(text)
        return parsed(text)

    def count_stored(self):
        return sum(text in self.stored for text in self.definitions.values())

    def unused(self):
        """The names of the terms of Lanes.v that are no part of any stored one."""
        for name, text in self.definitions.items():
            if text not in self.stored and not any(f"({text})" in whole for whole in self.stored):
                yield name


class RootOffDivider(NamedTuple):
    """The sequence of square_root.inl.hpp for one number type, from a seed of so many bits."""

    tree: list
    size: int

    def term(self, x, seed):
        """What it makes of x."""

        def made(tree):
            if isinstance(tree, str):
                return {"X": x, "Seed": seed}[tree]
            head, *rest = tree
            if head == "Bits":
                return terms.bits(int(rest[0]), self.size)
            if head == "Moved":
                return self.moved(made(rest[0]), int(rest[1]))
            return getattr(self, head)(*(made(operand) for operand in rest))

        return made(self.tree)

    # What off_divider.inl.hpp makes of the names that square_root.inl.hpp takes for granted.

    def moved(self, a, steps):
        return terms.integer_sum(a, terms.bits(steps, self.size), self.size)

    def Halved(self, a):
        return self.moved(a, -(1 << (23 if self.size == 4 else 52)))

    def RaisedIfNegative(self, q, x):
        return terms.integer_sum(q, terms.shifted_right(x, 8 * self.size - 1), self.size)

    def MinusProduct(self, c, a, b):
        return terms.fused(terms.negate(a), b, c)

    def ProductMinus(self, a, b, c):
        return terms.fused(a, b, terms.negate(c))

    Mul = staticmethod(terms.multiply)
    Fma = staticmethod(terms.fused)


class RoundedRoots:
    """The root off the divider, taken for the rounded root of a number that was found in its range.

    That it is the rounded root is not shown here.
    """

    # By target and type: the bits of the seed, and the x that the root is made of off the divider,
    # [least, beyond), as bits (off_divider.inl.hpp).
    RANGES = {
        ("AVX2", "float"): (11, 0x0D800000, 0x71800000),  # 2^-100, 2^100
        ("AVX2", "double"): (11, 0x39B0000000000000, 0x4630000000000000),  # 2^-100, 2^100
        ("AVX3", "float"): (14, 0x0D800000, 0x7F800000),  # 2^-100, infinity
        ("AVX3", "double"): (14, 0x07B0000000000000, 0x7FF0000000000000),  # 2^-900, infinity
    }

    def __init__(self, lines):
        """lines: "BITS TYPE|TERM", as kernel_terms.cpp writes them."""
        self.sequences = {}
        for line in lines:
            name, text = line.split("|")
            good_bits, type = name.split()
            (tree,) = parsed(text)
            self.sequences[int(good_bits), type] = RootOffDivider(tree, SIZES[type])

    def recognised(self, target, type, made, state):
        """The rounded root that a sum of integers completes, or None."""
        x = argument(made)
        if x is None:
            return None
        sequence, in_range = self.sequence(target, type, x)
        return terms.root(x) if made is sequence and holds(state, ("all", in_range)) else None

    @functools.cache
    def sequence(self, target, type, x):
        """(what the sequence makes of x, the condition that x is in its range)"""
        good_bits, least, beyond = self.RANGES[target, type]
        size = SIZES[type]
        if (target, type) == ("AVX2", "double"):
            seed = terms.widened(terms.seed(good_bits, terms.narrowed(x)))
        else:
            seed = terms.seed(good_bits, x)
        shift = (1 << 8 * size - 1) - least
        shifted = terms.integer_sum(x, terms.bits(shift, size), size)
        in_range = terms.integer_less(shifted, terms.bits(beyond + shift, size), size)
        return self.sequences[good_bits, type].term(x, seed), in_range


def argument(made):
    """The x of the sum of q and the sign of q (q + 1) - x, or None."""
    if made.operation == "IntegerSum":
        for part in made.operands:
            if part.operation == "ShiftedRight" and part.operands[0].operation == "Fma":
                return terms.negate(part.operands[0].operands[2])
    return None
