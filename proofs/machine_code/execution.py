# SPDX-License-Identifier: Apache-2.0
"""Symbolic execution of a kernel: every path through its code, a term for each vector stored."""

from disassembly import Address, Immediate, Register, Unknown
from instructions import GENERAL, LOW_BYTES, WIDTHS, full, mask_in, meaning
from state import Affine, Loop, MaskBits, NotExecuted, Vector
from terms import ZERO, bits, opposite, select

LAST_LOOK = 200_000  # instructions to a kernel: more means that the execution runs in a circle


class Execution:
    """One function of the library, from its entry to every return.

    memory: what loads from and stores to the kernel's arrays mean (memory.py).
    recognise_root: takes a sum of integers and the state; the rounded root that it is, or None.
    """

    def __init__(self, function, instructions, memory, recognise_root):
        self.function, self.instructions, self.memory = function, instructions, memory
        self.recognise_root = recognise_root
        self.targets = {
            o.offset for i in instructions.values() for o in i.operands if isinstance(o, Address)
        }
        self.reached = set()
        self.steps = 0
        self.roots = set()
        self.loops = []  # the states before a first iteration, each looked at once
        self.lost = set()

    # ---- control

    def paths(self, state, at=0):
        """(how it ends, the state there) of every path from here; of a loop, any iteration."""
        work, found = [(state, at)], []
        while work:
            self.follow(*work.pop(), work, found)
        return found

    def follow(self, state, at, work, found):
        """Executes from an offset on until the path ends or parts."""
        while True:
            self.steps += 1
            if self.steps > LAST_LOOK:
                raise NotExecuted("too many instructions: a loop that was not understood")
            instruction = self.instructions.get(at)
            if instruction is None:
                raise NotExecuted(f"no instruction begins at {at:x}")
            if at in self.targets and at not in state.seen:
                state.seen[at] = state.copy()
            self.reached.add(at)
            try:
                ending, targets = self.execute(instruction, state)
            except (NotExecuted, KeyError, ValueError, IndexError) as error:
                reason = str(error) if isinstance(error, NotExecuted) else repr(error)
                raise NotExecuted(f"{instruction}: {reason}") from error
            if ending:
                found.append((ending, state))
                return
            if targets is None:
                at += instruction.size
                continue
            branches = [(self.on_branch(state, condition), to) for to, condition in targets]
            backward = [
                (s, to) for s, to in branches
                if to <= at and to in s.seen and instruction.mnemonic not in ("call", "ret")
            ]  # fmt: skip
            if backward and state.loop is None:
                found += self.any_iterations(*backward[0])
                return  # what follows the loop is among those paths
            found += [("iteration", self.iterated(*each)) for each in backward]
            work += [each for each in branches if each not in backward]
            return

    @staticmethod
    def on_branch(state, condition):
        branch = state.copy()
        if condition is not None:
            question, truth = condition
            branch.known[question] = truth
            if question[0] == "zero" and truth:
                branch.forget(question[1])
        return branch

    def any_iterations(self, second, head):
        """The paths of a loop's nth iteration and of what follows it, n being a symbol.

        second: the state at the loop's head after the first iteration.
        """
        first = second.seen[head]
        if any(first is other for other in self.loops):
            return []
        self.loops.append(first)
        lost = set()
        while True:
            self.lost = set()
            found = self.paths(any_iteration(first, second, head, lost), head)
            if not self.lost:
                return found
            lost |= self.lost

    def iterated(self, state, head):
        """Notes what an iteration did not leave as its start had it, n being one more."""
        if state.loop.head != head:
            raise NotExecuted(f"a second loop at {head:x}")
        start = state.seen[head]
        for kind in KINDS:
            for name, was in getattr(start, kind).items():
                if kind == "registers" and name in state.loop.steps:
                    was = was.plus(Affine(state.loop.steps[name]))
                if getattr(state, kind).get(name) != was:
                    self.lost.add((kind, name))
        return state

    # ---- values

    def address(self, operand, state):
        result = Affine(operand.displacement)
        if operand.base == "rip":
            raise NotExecuted("an address in the code")
        if operand.base:
            result = result.plus(self.general(Register(operand.base), state))
        if operand.index:
            result = result.plus(self.general(Register(operand.index), state), operand.scale)
        return result

    def general(self, operand, state):
        """The integer in a general register, an immediate or memory."""
        if isinstance(operand, Immediate):
            return Affine(operand.value)
        if isinstance(operand, Register):
            name = LOW_BYTES.get(operand.name) or full(operand)
            if name not in state.registers:
                raise NotExecuted(f"%{operand.name} holds nothing known")
            return state.registers[name]
        return self.memory.load_pointer(self.address(operand, state), state)

    def set_general(self, register, value, state):
        state.registers[full(register)] = value

    def constant(self, instruction, length):
        """Bytes of the object that an instruction's %rip refers to."""
        return self.function.object.content(*referred(self.function, instruction), length)

    def element(self, instruction, operand, size, state):
        """One element of memory."""
        if operand.base == "rip":
            return bits(int.from_bytes(self.constant(instruction, size), "little"), size)
        return self.memory.load_element(self.address(operand, state), size, state)

    def loaded(self, instruction, operand, size, width, state):
        """A vector of memory."""
        if operand.base == "rip":
            data = self.constant(instruction, width)
            if data != data[:size] * (width // size):
                raise NotExecuted("a constant whose elements differ")
            return Vector(bits(int.from_bytes(data[:size], "little"), size), size, width)
        return self.memory.load_vector(self.address(operand, state), width, state)

    def read(self, instruction, operand, size, width, state):
        """The term of a vector operand."""
        if isinstance(operand, Register):
            name = operand.name
            if WIDTHS.get(name[0]) != width or name[1:3] != "mm":
                raise NotExecuted(f"%{name} among vectors of {width} bytes")
            if name[3:] not in state.vectors:
                raise NotExecuted(f"%{name} holds nothing known")
            return state.vectors[name[3:]].read(size, width)
        if operand.copies:
            if operand.copies * size != width:
                raise NotExecuted("copies that do not fill a vector")
            return self.element(instruction, operand, size, state)
        return self.loaded(instruction, operand, size, width, state).read(size, width)

    def write(self, register, term, size, width, state):
        """Puts a term into a vector register, under its mask."""
        if register.mask:
            mask = mask_in(register.mask, state)
            if mask.count * size != width:
                raise NotExecuted("a mask of another number of elements")
            plain = Register(register.name)
            old = ZERO if register.zeroing else self.read(None, plain, size, width, state)
            term = select(mask.condition, term, old)
        state.vectors[register.name[3:]] = Vector(term, size, width)

    # ---- instructions

    def execute(self, instruction, state):
        """(how the path ends or "", [(target, (condition, truth) or None)] or None)"""
        mnemonic = instruction.mnemonic
        if unknown := [o.text for o in instruction.operands if isinstance(o, Unknown)]:
            raise NotExecuted(f"the operand {unknown[0]}")
        if mnemonic in ("nop", "xchg"):
            if mnemonic == "xchg" and len(set(instruction.operands)) != 1:
                raise NotExecuted("registers change places")
            return "", None
        if mnemonic == "call":
            return "", [(self.called(instruction, state), None)]
        if mnemonic == "ret":
            return self.returned(state)
        if mnemonic == "jmp":
            if instruction.relocation is not None:
                return "leave", None
            return "", [(instruction.operands[0].offset, None)]
        if mnemonic[0] == "j":
            return "", self.branch(instruction, state)
        action, match = meaning(mnemonic)
        if action is None:
            raise NotExecuted("no meaning is given to this instruction")
        action(self, instruction, state, match)
        return "", None

    def called(self, instruction, state):
        found = instruction.relocation
        if found is None or found.symbol not in self.function.callees:
            raise NotExecuted("a call of a function in another object")
        stack = state.registers["rsp"]
        state.calls += ((instruction.offset + instruction.size, stack),)
        state.registers["rsp"] = stack.plus(Affine(-8))
        return self.function.callees[found.symbol]

    @staticmethod
    def returned(state):
        if not state.calls:
            return "return", None
        *calls, (target, stack) = state.calls
        if state.registers["rsp"].plus(Affine(8)) != stack:
            raise NotExecuted("a return with the stack's pointer elsewhere")
        state.calls, state.registers["rsp"] = tuple(calls), stack
        return "", [(target, None)]

    def branch(self, instruction, state):
        target, onward = instruction.operands[0].offset, instruction.offset + instruction.size
        if state.flags is None:
            return [(target, None), (onward, None)]
        condition, truth = condition_of(instruction.mnemonic, state.flags)
        if isinstance(condition, bool):
            return [(target if condition == truth else onward, None)]
        if condition in state.known:
            return [(target if state.known[condition] == truth else onward, None)]
        return [(target, (condition, truth)), (onward, (condition, not truth))]


def referred(function, instruction):
    """(section, offset) of what an instruction's %rip refers to."""
    end = instruction.offset + instruction.size
    for at, found in function.relocations.items():
        if instruction.offset < at < end and found.section:
            # %rip is the instruction's end, and a reference is told from its own place.
            return found.section, found.offset + end - at
    raise NotExecuted("memory outside the object")


def question_of_mask(mask, compared, mnemonic):
    """Whether all of a mask is set, or none. compared: None after kortest."""
    if mnemonic in ("je", "jne") and compared == Affine((1 << mask.count) - 1):
        return ("all", mask.condition), mnemonic == "je"
    if mnemonic in ("je", "jne") and compared in (None, Affine()):
        return ("all", opposite(mask.condition)), mnemonic == "je"
    if mnemonic in ("jb", "jae") and compared is None:
        return ("all", mask.condition), mnemonic == "jb"
    raise NotExecuted("a question to a mask that is not whether all is set, or none")


KINDS = ("registers", "vectors", "masks", "slots")


def any_iteration(first, second, head, lost):
    """The state at a loop's head after n iterations: what neither stays nor counts is lost.

    first, second: the state there before and after the first iteration.
    """
    state = first.copy()
    state.stores, state.seen, state.flags, steps = {}, {}, None, {}
    for kind in KINDS:
        for name, was in getattr(first, kind).items():
            now, values = getattr(second, kind).get(name), getattr(state, kind)
            step = now.minus(was) if isinstance(was, Affine) and isinstance(now, Affine) else None
            if (kind, name) in lost:
                del values[name]
            elif now == was:
                continue
            elif step is not None and step.is_constant():
                steps[name] = step.constant
                values[name] = was.plus(Affine(0, {"n": step.constant}))
            else:
                del values[name]
    state.loop = Loop(head, steps)
    return state


def condition_of(mnemonic, flags):
    """What a branch asks, as (condition, the truth that it is taken for)."""
    kind, *values = flags
    a, b = values
    if isinstance(a, MaskBits):
        return question_of_mask(a, b, mnemonic)
    difference = a.minus(b)
    if mnemonic in ("je", "jne"):
        truth = mnemonic == "je"
        if difference.is_constant():
            return difference.constant == 0, truth
        return ("zero", difference.up_to_sign()), truth
    if kind == "compare" and mnemonic in ("jb", "jae", "ja", "jbe"):
        if mnemonic in ("ja", "jbe"):
            a, b = b, a
        return ("below", a, b), mnemonic in ("jb", "ja")
    raise NotExecuted("a branch on flags that were set otherwise")
