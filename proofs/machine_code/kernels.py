# SPDX-License-Identifier: Apache-2.0
"""The kernels of the library, and whether each stores what was recorded."""

import re
import subprocess
from typing import NamedTuple

import terms
from execution import Execution
from library import with_callees
from memory import FIRST, SECOND, Memory, holds, is_zero
from recorded import SIZES, Lane
from state import Affine, NotExecuted, State, Vector

VECTORS = {"AVX2": 32, "AVX3": 64}  # bytes, by Highway's names of the targets
PARTS = ("step_edge", "run")
COUNT = Affine.of("count")


class Difference(Exception):
    """The code stores something else than what was recorded, or elsewhere."""


class Kernel(NamedTuple):
    """A function of loop.inl.hpp, compiled for a lane, a type and a target.

    step_edge steps a pair of vectors at any two places, or one; run steps whole pairs in a loop, or
    leaves its arrays to run_with_edges.
    """

    target: str
    part: str
    lane: Lane
    type: str
    function: object

    def __str__(self):
        return f"{self.target} {self.part} {self.lane.name}, {self.type}"

    def elements(self):
        return VECTORS[self.target] // SIZES[self.type]

    def entry(self):
        """The state at the call (System V's calling convention)."""
        state, lane = State(), self.lane
        state.registers["rsp"] = Affine.of("stack")
        if self.part == "run":
            first = lane.states[0] if lane.states else lane.out(in_place=True)
            arguments = ["coefficient", ("array", "theta"), ("array", lane.gradient), "count",
                         ("array", first), "others"]  # fmt: skip
        else:
            arguments = ["coefficient", "arrays", "first", "second"]
            if ".isra." in self.function.name:
                # A clone that is given its only coefficient by value.
                (only,) = lane.coefficients
                state.vectors["0"] = Vector(terms.variable(only), SIZES[self.type], 16, scalar=True)
                del arguments[0]
        for register, symbol in zip(("rdi", "rsi", "rdx", "rcx", "r8", "r9"), arguments):
            state.registers[register] = Affine.of(symbol)
        return state


class Shown(NamedTuple):
    """What the execution of kernels showed."""

    terms: int = 0  # stored, each the recorded one
    instructions: int = 0
    roots: int = 0  # that were made off the divider

    def plus(self, other):
        return Shown(*map(sum, zip(self, other)))


def shown(kernel, instructions, roots):
    """What a kernel's execution shows; raises NotExecuted or Difference."""
    memory = Memory(kernel.lane, SIZES[kernel.type], VECTORS[kernel.target])

    def recognised(made, state):
        return roots.recognised(kernel.target, kernel.type, made, state)

    execution = Execution(kernel.function, instructions, memory, recognised)
    paths = execution.paths(kernel.entry())
    places = places_in_loop(kernel, paths) if kernel.part == "run" else places_at_edge(paths)
    stored = set()
    for state, at in places:
        compare(state, kernel.lane.expected(at, in_place=kernel.part == "run"))
        stored |= state.stores.keys()
    for at, instruction in instructions.items():
        if at not in execution.reached and instruction.mnemonic not in ("nop", "xchg"):
            raise NotExecuted(f"no path leads to {instruction}")
    return Shown(len(stored), len(execution.reached), len(execution.roots))


def compare(state, expected):
    """Raises Difference unless exactly the expected was stored."""
    for (array, place), term in expected.items():
        stored = state.stores.get((array, place))
        if stored is None:
            raise Difference(f"{array}[{place}] is not stored")
        if stored is not term:
            raise Difference(f"{array}[{place}] is another term\n"
                             f"    stored:   {stored}\n    recorded: {term}")  # fmt: skip
    for array, place in state.stores.keys() - expected.keys():
        raise Difference(f"something is stored at {array}[{place}]")


def places_at_edge(paths):
    """The places that each path has to step: of two vectors, or of one where they are the same."""
    if not paths:
        raise Difference("no path returns")
    for ending, state in paths:
        if ending != "return":
            raise Difference("a path goes on in another function")
        yield state, [FIRST] if is_zero(state, FIRST.minus(SECOND)) else [FIRST, SECOND]


def places_in_loop(kernel, paths):
    """The places that each path has to step: a pair in any iteration, n of them being done.

    The iterations are those with 2 n < count in vectors, and count is a whole number of pairs;
    where it may not be, nothing may be stored.
    """
    size = kernel.elements()
    here = Affine(0, {"n": 2 * size})
    pairs = ("zero", Affine.of(("low bits", COUNT, 2 * size - 1)))
    endings = set()
    for ending, state in paths:
        if ending == "leave" or state.loop is None:
            if ending == "return" and not is_zero(state, COUNT):
                raise Difference("the loop is left out where count may not be 0")
            yield state, []
            continue
        if not holds(state, pairs):
            raise Difference("the loop runs where count may not be a whole number of pairs")
        if goes_on(state, here.plus(Affine(2 * size))) != (ending == "iteration"):
            raise Difference(f"the loop may end elsewhere than at count ({ending})")
        endings.add(ending)
        yield state, [here, here.plus(Affine(size))]
    if endings != {"iteration", "return"}:
        raise Difference("there is no loop, or it does not end")


def goes_on(state, done):
    """Whether done < count, as far as the path knows: True, False or None."""
    left = done.minus(COUNT)
    for condition, truth in state.known.items():
        if condition == ("zero", left.up_to_sign()):
            return not truth
        if condition[0] == "below":
            difference = condition[1].minus(condition[2])
            times = -difference.multiples.get("count", 0)
            if times > 0 and difference == left.times(times):
                return truth
    return None


NAME = re.compile(r"void truestep::fast::N_(\w+)::(step_edge|run)<(.*), (float|double)>\(")


def demangled(names, *options):
    """The names as c++filt writes them."""
    return subprocess.run(["c++filt", *options], input="\n".join(names), capture_output=True,
                          text=True, check=True).stdout.splitlines()  # fmt: skip


def kernels(functions, recorded):
    """Those of the functions that are kernels."""
    by_object = {}
    for function in functions:
        by_object.setdefault(id(function.object), {})[function.name] = function
    lanes = dict(zip(demangled(recorded.lanes, "-t"), recorded.lanes.values()))
    functions = [f for f in functions if re.search(r"\d(step_edge|run)I", f.name)]
    for function, name in zip(functions, demangled([f.name for f in functions])):
        match = NAME.match(name)
        if match and match[1] in VECTORS:
            type = match[3].replace(f"N_{match[1]}::", "lane::")
            if type not in lanes:
                raise ValueError(f"nothing is recorded of the lane {type}")
            whole = with_callees(function, by_object[id(function.object)])
            yield Kernel(match[1], match[2], lanes[type], match[4], whole)
