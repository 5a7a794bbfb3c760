# SPDX-License-Identifier: Apache-2.0
"""What each instruction does: to integers, and to one element of its vectors.

These are the meanings that this folder gives to the mnemonics of MEANINGS, at the end; any other
mnemonic stops the execution. A masked instruction chooses element by element: it is a selection.
Operands stand in the order of objdump, sources first.
"""

import functools
import re

import terms
from disassembly import Immediate, Memory, Register
from state import Affine, MaskBits, NotExecuted, Vector
from terms import CONDITIONS, ZERO, bits

GENERAL = {
    name: full
    for full, names in {
        **{f"r{x}": (f"e{x}", x) for x in ("ax", "bx", "cx", "dx", "si", "di", "bp", "sp")},
        **{f"r{i}": (f"r{i}d", f"r{i}w") for i in range(8, 16)},
    }.items()
    for name in (full, *names)
}
LOW_BYTES = {
    **{f"{x}l": f"r{x}x" for x in "abcd"},
    **{f"{x}l": f"r{x}" for x in ("si", "di", "bp", "sp")},
    **{f"r{i}b": f"r{i}" for i in range(8, 16)},
}
WIDTHS = {"x": 16, "y": 32, "z": 64}
FLOATING, INTEGER = {"s": 4, "d": 8}, {"d": 4, "q": 8}


def full(register):
    if register.name not in GENERAL:
        raise NotExecuted(f"register %{register.name}")
    return GENERAL[register.name]


def is_half(register):
    return isinstance(register, Register) and register.name not in GENERAL.values()


def ones(size):
    return bits(-1, size)


def element_size(match):
    """The size of an element, by the mnemonic's letters."""
    groups = match.groupdict()
    return FLOATING[groups["element"]] if groups.get("element") else INTEGER[groups["integer"]]


def width_of(register):
    return WIDTHS[register.name[0]]


# One function for each kind of instruction: (execution, instruction, state, match of the mnemonic).


def move(execution, instruction, state, match):
    source, target = instruction.operands
    if isinstance(target, Memory):
        value = execution.general(source, state)
        execution.memory.store_general(execution.address(target, state), value, state)
    else:
        value = execution.general(source, state)
        if is_half(target):
            value = masked(value, Affine((1 << 32) - 1))
        execution.set_general(target, value, state)


def load_address(execution, instruction, state, match):
    source, target = instruction.operands
    execution.set_general(target, execution.address(source, state), state)


def integer(execution, instruction, state, match):
    operation, target = match[1], instruction.operands[-1]
    source = instruction.operands[0] if len(instruction.operands) > 1 else Immediate(1)
    if operation == "xor":
        if source != target:
            raise NotExecuted("an exclusive or of two integers")
        result = Affine()
    else:
        a, b = execution.general(target, state), execution.general(source, state)
        if operation == "and":
            result = masked(a, b)
        elif is_half(target):
            raise NotExecuted("half of a register")
        elif operation in ("add", "sub"):
            result = a.plus(b, 1 if operation == "add" else -1)
        elif not b.is_constant():
            raise NotExecuted("a shift by a number that is not constant")
        else:
            result = a.times(1 << b.constant)
    if result == Affine.of("frame"):
        state.floor = execution.general(target, state).constant
    execution.set_general(target, result, state)
    state.flags = ("result", result, Affine())


def masked(a, mask):
    """a & mask, which rounds the stack's pointer down or takes low bits."""
    if not mask.is_constant():
        raise NotExecuted("a mask that is not constant")
    if mask.constant < 0 and a.multiples == {"stack": 1}:
        return Affine.of("frame")
    if a.is_constant():
        return Affine(a.constant & mask.constant)
    for symbol, factor in a.multiples.items():
        if isinstance(symbol, tuple) and symbol[0] == "low bits" and a == Affine.of(symbol):
            return Affine.of(("low bits", symbol[1], symbol[2] & mask.constant))
    return Affine.of(("low bits", a, mask.constant))


def set_flag(execution, instruction, state, match):
    """A byte is 0 or 1: nothing is learnt from it."""
    name = instruction.operands[0].name
    state.registers[LOW_BYTES[name]] = Affine.of(("flag", execution.steps))


def compare(execution, instruction, state, match):
    a, b = (execution.general(o, state) for o in reversed(instruction.operands))
    if is_half(instruction.operands[1]) and not isinstance(a, MaskBits):
        raise NotExecuted("half of a register")
    state.flags = ("compare", a, b)


def test(execution, instruction, state, match):
    a, b = instruction.operands
    if a == b and isinstance(state.registers.get(GENERAL.get(a.name)), MaskBits):
        state.flags = ("result", execution.general(a, state), Affine())
    elif isinstance(a, Register) and (a != b or is_half(a)):
        state.flags = None
    elif a == b:
        state.flags = ("result", execution.general(a, state), Affine())
    else:
        state.flags = ("result", masked(execution.general(b, state), execution.general(a, state)),
                       Affine())  # fmt: skip


def push(execution, instruction, state, match):
    name = full(instruction.operands[0])
    value = state.registers.get(name, Affine.of(("unknown", name)))
    state.registers["rsp"] = state.registers["rsp"].plus(Affine(-8))
    execution.memory.store_general(state.registers["rsp"], value, state)


def pop(execution, instruction, state, match):
    name = "rbp" if match[0] == "leave" else full(instruction.operands[0])
    if match[0] == "leave":
        state.registers["rsp"] = state.registers["rbp"]
    value = execution.memory.load_pointer(state.registers["rsp"], state)
    state.registers["rsp"] = state.registers["rsp"].plus(Affine(8))
    state.registers[name] = value


def vector_move(execution, instruction, state, match):
    source, target = instruction.operands
    if isinstance(target, Memory):
        if source.name[3:] not in state.vectors:
            raise NotExecuted(f"%{source.name} holds nothing known")
        vector = state.vectors[source.name[3:]]
        if isinstance(target, Memory) and target.copies == 0:
            address = execution.address(target, state)
            execution.memory.store_vector(address, vector, width_of(source), state)
        return
    width, size = width_of(target), execution.memory.size
    if target.mask:
        size = element_size(match)  # of vmovaps and vmovapd alone
        execution.write(target, execution.read(instruction, source, size, width, state), size,
                        width, state)  # fmt: skip
    elif isinstance(source, Memory):
        state.vectors[target.name[3:]] = execution.loaded(instruction, source, size, width, state)
    else:
        vector = state.vectors[source.name[3:]]
        if width_of(source) != width or vector.width < width and vector.term is not ZERO:
            raise NotExecuted("a move of less than was written")
        state.vectors[target.name[3:]] = vector._replace(width=width)


def scalar_move(execution, instruction, state, match):
    """One element of memory, or a general register, into the lowest of a vector."""
    source, target = instruction.operands
    size = element_size(match)
    if isinstance(source, Memory):
        term = execution.element(instruction, source, size, state)
    else:
        value = execution.general(source, state)
        if not value.is_constant():
            raise NotExecuted("an integer that is not constant among vectors")
        term = bits(value.constant, size)
    state.vectors[target.name[3:]] = Vector(term, size, 16, scalar=True)


def broadcast(execution, instruction, state, match):
    source, target = instruction.operands
    size = element_size(match)
    if isinstance(source, Memory):
        term = execution.element(instruction, source, size, state)
    elif source.name[1:3] == "mm":
        vector = state.vectors[source.name[3:]]
        if vector.size != size or not vector.scalar:
            raise NotExecuted("the first element of a vector everywhere")
        term = vector.term
    else:
        value = execution.general(source, state)
        if not value.is_constant():
            raise NotExecuted("an integer that is not constant among vectors")
        term = bits(value.constant, size)
    execution.write(target, term, size, width_of(target), state)


def elementwise(make):
    """An instruction that makes each element of the last operand from those of the others."""

    def action(execution, instruction, state, match):
        *sources, target = instruction.operands
        size, width = element_size(match), width_of(target)
        values = [execution.read(instruction, s, size, width, state) for s in sources]
        execution.write(target, make(*reversed(values)), size, width, state)

    return action


def fused(execution, instruction, state, match):
    third, second, target = instruction.operands
    size, width = element_size(match), width_of(target)
    first = Register(target.name)
    c, b, a = (execution.read(instruction, o, size, width, state) for o in (third, second, first))
    x, y, z = {"132": (a, c, b), "213": (b, a, c), "231": (b, c, a)}[match["order"]]
    if match["minus"]:
        x = terms.negate(x)
    if match["sign"] == "sub":
        z = terms.negate(z)
    execution.write(target, terms.fused(x, y, z), size, width, state)


def integer_sum(execution, instruction, state, match):
    b, a, target = instruction.operands
    size, width = element_size(match), width_of(target)
    x, y = (execution.read(instruction, o, size, width, state) for o in (a, b))
    if match["operation"] == "sub":
        if y.operation != "Bits":
            raise NotExecuted("a difference of two integers that are not constant")
        y = bits(-y.operands[0], size)
    made = terms.integer_sum(x, y, size)
    root = execution.recognise_root(made, state)
    if root is not None:
        execution.roots.add(instruction.offset)
        made = root
    execution.write(target, made, size, width, state)


def shift(execution, instruction, state, match):
    count, source, target = instruction.operands
    size, width = element_size(match), width_of(target)
    value = execution.read(instruction, source, size, width, state)
    execution.write(target, terms.shifted_right(value, count.value), size, width, state)




def bitwise(execution, instruction, state, match):
    """and, andn, or, xor of masks, signs and whole numbers; whatever element the name speaks of."""
    b, a, target = instruction.operands
    size, width = execution.memory.size, width_of(target)
    if a == b and match["operation"] == "xor":
        state.vectors[target.name[3:]] = Vector(ZERO, size, width)
        return
    x, y = (execution.read(instruction, o, size, width, state) for o in (a, b))
    execution.write(target, combined(match["operation"], x, y, size), size, width, state)


def combined(operation, x, y, size):
    """x operation y; of andn, x is the operand that is inverted."""
    masks = [t.operation in CONDITIONS for t in (x, y)]
    if operation == "or" and all(masks):
        return terms.either(x, y)
    if operation == "andn" and masks[0]:
        return terms.select(x, ZERO, y)
    if operation == "and" and any(masks):
        mask, value = (x, y) if masks[0] else (y, x)
        return terms.select(mask, value, ZERO)
    if operation == "xor" and any(t.operation == "Bits" for t in (x, y)):
        constant, value = (x, y) if x.operation == "Bits" else (y, x)
        if constant is bits(1 << 8 * size - 1, size):
            return terms.negate(value)
        if constant is ones(size) and value.operation in CONDITIONS:
            return terms.opposite(value)
    raise NotExecuted(f"{operation} of {x} and {y}")


def all_ones(execution, instruction, state, match):
    """A register compared with itself, or any three by the table that is always 1."""
    first, second, target = instruction.operands[:3]
    if first != second and first != Immediate(0xFF) or target.name[0] == "k":
        raise NotExecuted("integers compared for equality, or a table of their bits")
    target, size = instruction.operands[-1], execution.memory.size
    state.vectors[target.name[3:]] = Vector(ones(size), size, width_of(target))


# By the relation's name: of a, b and the size of an element.
COMPARISONS = {
    "gt_oq": lambda a, b, size: terms.less(b, a),
    "gt": lambda a, b, size: terms.less(b, a),
    "lt_oq": lambda a, b, size: terms.less(a, b),
    "lt": lambda a, b, size: terms.less(a, b),
    "eq": lambda a, b, size: terms.equal(a, b),
    "neq": lambda a, b, size: terms.opposite(terms.equal(a, b)),
    "unord": lambda a, b, size: terms.unordered(a, b),
}
INTEGER_COMPARISONS = {
    "gt": lambda a, b, size: terms.integer_less(b, a, size),
    "nle": lambda a, b, size: terms.integer_less(b, a, size),
    "lt": terms.integer_less,
}


def comparison(execution, instruction, state, match):
    b, a, target = instruction.operands
    size = element_size(match)
    table = INTEGER_COMPARISONS if match[0].startswith("vp") else COMPARISONS
    if match["relation"] not in table:
        raise NotExecuted("no meaning is given to this comparison")
    if target.mask:
        raise NotExecuted("a comparison under a mask")
    width = width_of(target if target.name[0] != "k" else a)
    x, y = (execution.read(instruction, o, size, width, state) for o in (a, b))
    condition = table[match["relation"]](x, y, size)
    if target.name[0] == "k":
        state.masks[target.name] = MaskBits(condition, width // size)
    else:
        execution.write(target, condition, size, width, state)


def blend(execution, instruction, state, match):
    size, target = element_size(match), instruction.operands[-1]
    width = width_of(target)
    if match["by"] == "v":
        mask, chosen, other = instruction.operands[:3]
        condition = execution.read(instruction, mask, size, width, state)
        if condition.operation not in CONDITIONS:
            raise NotExecuted("a choice by signs")
    else:
        chosen, other = instruction.operands[:2]
        mask = mask_in(target.mask, state)
        if mask.count * size != width or target.zeroing:
            raise NotExecuted("a mask of another number of elements")
        condition = mask.condition
    a, b = (execution.read(instruction, o, size, width, state) for o in (chosen, other))
    execution.write(Register(target.name), terms.select(condition, a, b), size, width, state)


def sign_bits(execution, instruction, state, match):
    source, target = instruction.operands
    size, width = element_size(match), width_of(source)
    condition = execution.read(instruction, source, size, width, state)
    if condition.operation not in CONDITIONS:
        raise NotExecuted("the signs of numbers")
    state.registers[full(target)] = MaskBits(condition, width // size)


def mask_in(name, state):
    if name not in state.masks:
        raise NotExecuted(f"%{name} holds nothing known")
    return state.masks[name]


MASK_BITS = {"b": 8, "w": 16}


def mask_logic(execution, instruction, state, match):
    *sources, target = instruction.operands
    masks = [mask_in(source.name, state) for source in sources]
    count = masks[0].count
    if any(m.count != count for m in masks) or count > MASK_BITS[match["bits"]]:
        raise NotExecuted("masks of other numbers of elements")
    conditions = [m.condition for m in masks]
    made = terms.either(*conditions) if match["operation"] == "or" else terms.opposite(*conditions)
    state.masks[target.name] = MaskBits(made, count)


def mask_test(execution, instruction, state, match):
    a, b = instruction.operands
    mask = mask_in(a.name, state)
    if a != b or mask.count != MASK_BITS[match["bits"]]:
        raise NotExecuted("two masks, or one of fewer elements")
    state.flags = ("kortest", mask, None)


def narrow(execution, instruction, state, match):
    source, target = instruction.operands
    value = execution.read(instruction, source, 8, 2 * width_of(target), state)
    state.vectors[target.name[3:]] = Vector(terms.narrowed(value), 4, width_of(target))


def widen(execution, instruction, state, match):
    source, target = instruction.operands
    value = execution.read(instruction, source, 4, width_of(target) // 2, state)
    state.vectors[target.name[3:]] = Vector(terms.widened(value), 8, width_of(target))


def zero_upper(execution, instruction, state, match):
    for name, vector in state.vectors.items():
        if int(name) < 16:
            state.vectors[name] = vector._replace(width=min(vector.width, 16))


MEANINGS = [
    (re.compile(pattern), action)
    for pattern, action in (
        (r"mov(?:q|abs)?", move),
        (r"lea", load_address),
        (r"(add|sub|and|xor|shl)q?", integer),
        (r"cmpq?", compare),
        (r"test[bq]?", test),
        (r"set\w+", set_flag),
        (r"push", push),
        (r"pop|leave", pop),
        (r"vmov[ua]p(?P<element>[sd])|vmovdq[ua](?:32|64)?", vector_move),
        (r"vmovs(?P<element>[sd])|vmov(?P<integer>[dq])", scalar_move),
        (r"vbroadcasts(?P<element>[sd])|vpbroadcast(?P<integer>[dq])", broadcast),
        (r"vaddp(?P<element>[sd])", elementwise(terms.add)),
        (r"vsubp(?P<element>[sd])", elementwise(terms.subtract)),
        (r"vmulp(?P<element>[sd])", elementwise(terms.multiply)),
        (r"vdivp(?P<element>[sd])", elementwise(terms.divide)),
        (r"vmaxp(?P<element>[sd])", elementwise(lambda a, b: terms.select(terms.less(b, a), a, b))),
        (r"vsqrtp(?P<element>[sd])", elementwise(terms.root)),
        (r"vrsqrtp(?P<element>[sd])", elementwise(lambda x: terms.seed(11, x))),
        (r"vrsqrt14p(?P<element>[sd])", elementwise(lambda x: terms.seed(14, x))),
        (r"vf(?P<minus>n?)m(?P<sign>add|sub)(?P<order>132|213|231)p(?P<element>[sd])", fused),
        (r"vp(?P<operation>add|sub)(?P<integer>[dq])", integer_sum),
        (r"vpsrl(?P<integer>[dq])", shift),
        (r"v(?:p?)(?P<operation>andn|and|or|xor)(?:p[sd]|[dq])?", bitwise),
        (r"vpcmpeq[bdq]|vpternlog[dq]", all_ones),
        (r"vcmp(?P<relation>\w+?)p(?P<element>[sd])", comparison),
        (r"vpcmp(?P<relation>gt|nle|lt)(?P<integer>[dq])", comparison),
        (r"vblend(?P<by>[vm])p(?P<element>[sd])", blend),
        (r"vmovmskp(?P<element>[sd])", sign_bits),
        (r"k(?P<operation>or|not)(?P<bits>[bw])", mask_logic),
        (r"kortest(?P<bits>[bw])", mask_test),
        (r"vcvtpd2ps", narrow),
        (r"vcvtps2pd", widen),
        (r"vzeroupper", zero_upper),
    )
]


@functools.cache
def meaning(mnemonic):
    """(the function above, the match of the mnemonic), or None for both."""
    for pattern, action in MEANINGS:
        if match := pattern.fullmatch(mnemonic):
            return action, match
    return None, None
