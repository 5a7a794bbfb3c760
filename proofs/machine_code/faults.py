#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Whether check.py would see a miscompilation: faults planted in the kernels' instructions.

    faults.py LIBRARY KERNEL_TERMS LANES_V TARGET

First each of the faults below, an instruction or a constant altered in a copy of a kernel: of each
plain lane that has the instruction, or where none has it, of every lane. A lane is plain if no other
lane's name begins its own. Then every arithmetic instruction in turn, made another operation: of the
plain lanes, and of those that make the most of them, with weight decay and with it decoupled.
"""

import copy
import re
import sys
from typing import NamedTuple

from check import LEFT_OUT, functions_of
from disassembly import decoded, decoded_again
from execution import referred
from kernels import VECTORS, Difference, kernels, shown
from recorded import DECAYS, Recorded
from state import NotExecuted


def opcode_at(code):
    """Where the opcode is, after a prefix of AVX or AVX-512."""
    return {0xC5: 2, 0xC4: 3, 0x62: 4}.get(code[0])


def with_byte(at, change):
    """Alters one byte; at: its index, or what finds it."""

    def altered(code):
        index = at(code) if callable(at) else at % len(code)
        return code[:index] + bytes([change(code[index]) & 0xFF]) + code[index + 1 :]

    return altered


def becomes(old, new):
    """Another opcode."""

    def altered(code):
        at = opcode_at(code)
        return code[:at] + bytes([new]) + code[at + 1 :] if code[at] == old else None

    return altered


def product_of_other_sign(code):
    """fma(a, b, c) for fma(-a, b, c), or the reverse."""
    at = opcode_at(code)
    return code[:at] + bytes([code[at] ^ 4]) + code[at + 1 :]


def left_out(code):
    return b"\x90" * len(code)


# The bits of a register's number, the lowest first, as (byte, bit, whether it is inverted); the
# bytes are counted from the start, or below 0 from the opcode's successor, the modrm.
SOURCES = {
    0xC5: ([(-1, 0, 0), (-1, 1, 0), (-1, 2, 0)], [(1, 3, 1), (1, 4, 1), (1, 5, 1)]),
    0xC4: ([(-1, 0, 0), (-1, 1, 0), (-1, 2, 0), (1, 5, 1)],
           [(2, 3, 1), (2, 4, 1), (2, 5, 1), (2, 6, 1)]),
    0x62: ([(-1, 0, 0), (-1, 1, 0), (-1, 2, 0), (1, 5, 1), (1, 6, 1)],
           [(2, 3, 1), (2, 4, 1), (2, 5, 1), (2, 6, 1), (3, 3, 1)]),
}  # fmt: skip


def sources_swapped(code):
    """The two sources change places, where both are registers that the prefix can name."""
    code, modrm = bytearray(code), opcode_at(code) + 1
    if code[modrm] >> 6 != 3 or (code[0] == 0xC5 and not code[1] >> 6 & 1):
        return None
    places = [[(modrm if byte < 0 else byte, bit, inverted) for byte, bit, inverted in source]
              for source in SOURCES[code[0]]]  # fmt: skip
    bits = [[code[byte] >> bit & 1 ^ inverted for byte, bit, inverted in each] for each in places]
    for place, values in zip(places, reversed(bits)):
        for (byte, bit, inverted), value in zip(place, values):
            code[byte] = code[byte] & ~(1 << bit) | (value ^ inverted) << bit
    return bytes(code) if bits[0] != bits[1] else None


def half_as_wide(code):
    """ymm to xmm, zmm to ymm."""
    byte, flip = {0xC5: (1, 0x04), 0xC4: (2, 0x04), 0x62: (3, 0x60)}[code[0]]
    return with_byte(byte, lambda b: b ^ flip)(code)


def other_precision(code):
    """ps for pd, or the reverse, of an instruction without a third byte of opcode."""
    byte, flip = {0xC5: (1, 1), 0xC4: (2, 1), 0x62: (2, 0x81)}[code[0]]
    return with_byte(byte, lambda b: b ^ flip)(code)


def opposite(code):
    """The branch's opposite."""
    return with_byte(1 if code[0] == 0x0F else 0, lambda b: b ^ 1)(code)


def one_too_many(code):
    """jbe for jb."""
    return with_byte(1 if code[0] == 0x0F else 0, lambda b: b ^ 4)(code)


def turned_round(code):
    """ja for jb."""
    return with_byte(1 if code[0] == 0x0F else 0, lambda b: b ^ 5)(code)


def next_element(code):
    """The element of memory after the one that a displacement of a byte names."""
    at = opcode_at(code)
    if code[at + 1] >> 6 != 1:
        return None
    # AVX-512 counts in elements. 0x19 is vbroadcastsd; the prefix with 3 makes vmovss vmovsd.
    of_double = code[at] == 0x19 or (code[0] == 0xC5 and code[1] & 3 == 3)
    return with_byte(-1, lambda b: b + (1 if code[0] == 0x62 else 8 if of_double else 4))(code)


def other_constant(code):
    """The constant of a mov; one that lies in memory is altered there."""
    return with_byte(-4, lambda b: b ^ 1)(code)


class Fault(NamedTuple):
    """What is altered: in a lane's kernel, the first instruction that matches and can be."""

    name: str
    part: str
    type: str
    instruction: str  # a pattern
    alter: object  # from the instruction's bytes to others, or None where they do not allow it
    after: str = ""  # a pattern: only behind the first instruction that matches it


STORE, LOAD = r"vmovup. %[yz].*, .*\(", r"vmovup. .*\).*, %[yz]"
CONSTANT = r"mov \$0x\w{5,}, %|v.*broadcast.*\(%rip"
FAULTS = (
    Fault("a product's sign", "step_edge", "float", "vf", product_of_other_sign),
    Fault("a product's sign", "run", "double", "vf", product_of_other_sign),
    Fault("a sum for a difference", "step_edge", "float", "vsub", becomes(0x5C, 0x58)),
    Fault("a difference turned round", "step_edge", "double", "vsub", sources_swapped),
    Fault("a quotient turned round", "run", "float", "vdiv", sources_swapped),
    Fault("a fused operation's order", "step_edge", "double", "vf.*(132|213)",
          sources_swapped),
    Fault("a root left out", "step_edge", "float", "vsqrt", left_out),
    Fault("another coefficient", "step_edge", "float", r"vbroadcast.*\(%rdi", next_element),
    Fault("another coefficient", "run", "double", r"v(mov|broadcast)sd .*\(%r",
          next_element),
    Fault("a store left out", "step_edge", "float", STORE, left_out),
    Fault("a store left out", "run", "float", STORE, left_out),
    Fault("a store elsewhere", "run", "float", STORE,
          with_byte(-1, lambda b: b ^ 0x40)),
    Fault("a load left out", "step_edge", "float", LOAD, left_out),
    Fault("half a vector", "step_edge", "float", "vmul", half_as_wide),
    Fault("half a vector stored", "run", "double", STORE, half_as_wide),
    Fault("another precision", "step_edge", "float", "vmul", other_precision),
    Fault("a loop that steps too far", "run", "float", r"add \$", 
          with_byte(-1, lambda b: 2 * b)),
    Fault("a loop that goes on too long", "run", "float", "jb ", one_too_many),
    Fault("a loop's end turned round", "run", "float", "jb ", turned_round),
    Fault("a loop that ends at once", "run", "float", "jb ", opposite),
    Fault("a count of half a pair", "run", "float", r"(test|and) .*, %(cl|e)",
          with_byte(-1, lambda b: b >> 1)),
    Fault("a comparison turned round", "step_edge", "float", "vcmp[gl]t",
          with_byte(-1, lambda b: b ^ 0x0F)),
    Fault("a choice left out", "step_edge", "double", "vcmp[gl]t",
          left_out),
    Fault("a root's range turned round", "run", "double", "j", opposite,
          after="kortest|vmovmsk"),
    Fault("a root's correction left out", "run", "float", "vpadd", left_out,
          after="vpsrl"),
    Fault("a root's sign bit", "run", "float", "vpsrld", with_byte(-1, lambda b: b - 1)),
    Fault("another constant", "run", "float", CONSTANT, other_constant),
    Fault("another constant", "run", "double", CONSTANT, other_constant),
)  # fmt: skip


def plant(fault, kernel, instructions):
    """(kernel with the fault, its instructions before, the altered one), or None if none can be."""
    behind = not fault.after
    for at, instruction in sorted(instructions.items()):
        behind = behind or re.match(fault.after, instruction.mnemonic)
        if not behind or not re.match(fault.instruction, str(instruction).partition(": ")[2]):
            continue
        if fault.alter is other_constant and instruction.relocation:
            other = with_other_constant(kernel.function, instruction)
            return kernel._replace(function=other), instructions, instruction
        if (planted := altered(kernel, at, instruction.size, fault.alter)) is not None:
            return planted, instructions, instruction
    return None


def planted_in(found, lanes, fault):
    """What plant gives, for each of the lanes that has an instruction to alter."""
    names = {lane.name for lane in lanes}
    made = [plant(fault, kernel, instructions) for kernel, instructions in found
            if (kernel.part, kernel.type) == (fault.part, fault.type) and kernel.lane.name in names]  # fmt: skip
    return [each for each in made if each is not None]


def altered(kernel, at, size, alter):
    """The kernel with an instruction altered, or None."""
    function = kernel.function
    code = bytes(function.code)
    new = alter(code[at : at + size])
    if new is None or new == code[at : at + size]:
        return None
    return kernel._replace(function=function._replace(code=code[:at] + new + code[at + size :]))


def with_other_constant(function, instruction):
    """The function in an object whose constant, that the instruction refers to, is altered."""
    where = function.object.position(*referred(function, instruction))
    object = copy.copy(function.object)
    object.library = bytearray(object.library)
    object.library[where] ^= 1
    return function._replace(object=object)


# What each arithmetic instruction is made, or left out where there is no such instruction.
OTHERS = (
    (r"vadd", becomes(0x58, 0x5C)),
    (r"vsub", becomes(0x5C, 0x58)),
    (r"vmul", becomes(0x59, 0x58)),
    (r"vdiv", becomes(0x5E, 0x59)),
    (r"vf", product_of_other_sign),
    (r"vsqrt|vrsqrt|vcvt|vpsrl|vpadd|vcmp|vblend|vand|vor|vxor|kor|knot", left_out),
)


def plain(lanes):
    """The lanes whose name no other lane's begins."""
    return [lane for lane in lanes
            if not any(lane.name.startswith(other.name) for other in lanes if other != lane)]  # fmt: skip


def swept(lanes):
    """The plain ones, and of each with a kind of weight decay the one that takes the most."""

    def most(first, suffix):
        made = [lane for lane in lanes
                if lane.name.startswith(first.name) and lane.name.endswith(suffix)]  # fmt: skip
        return max(made, key=lambda lane: (len(lane.coefficients) + len(lane.states), lane.name),
                   default=first)  # fmt: skip

    chosen = plain(lanes)
    return {lane.name for lane in [*chosen, *(most(lane, d) for lane in chosen for d in DECAYS)]}


def sweep(found, names):
    """(kernel, its instructions before, the altered one), for each arithmetic instruction."""
    for kernel, instructions in found:
        if kernel.lane.name in names:
            for at, instruction in instructions.items():
                for pattern, alter in OTHERS:
                    if re.match(pattern, instruction.mnemonic):
                        planted = altered(kernel, at, instruction.size, alter)
                        yield planted, instructions, instruction


def verdict(kernel, instructions, recorded):
    """What check.py says of a kernel, in one line; empty if it finds nothing."""
    try:
        shown(kernel, instructions, recorded.roots)
    except Difference as difference:
        return "DIFFERS: " + str(difference).splitlines()[0]
    except NotExecuted as reason:
        return "NOT EXECUTED: " + str(reason)
    return ""


def main(library_path, kernel_terms, lanes_v, target):
    recorded = Recorded(kernel_terms, lanes_v)
    with open(library_path, "rb") as file:
        functions = functions_of(file.read())
    found = [k for k in kernels(functions, recorded) if k.target == target]
    if not found:
        print(f"Left out: {target}, for which the library has no kernel")
        return LEFT_OUT
    found = list(zip(found, decoded([k.function for k in found])))
    lanes = list(recorded.lanes.values())
    names = swept(lanes)
    failures, plantings = 0, []
    for fault in FAULTS:
        planted = planted_in(found, plain(lanes), fault) or planted_in(found, lanes, fault)
        plantings += [(fault.name, *each) for each in planted]
        if not planted:
            print(f"{fault.name}: NOT PLANTED: no {fault.part}, {fault.type} has its instruction")
            failures += 1
    by_turns = list(sweep(found, names))
    plantings += [("another operation", *each) for each in by_turns]
    made = decoded_again([(kernel.function, *each) for _, kernel, *each in plantings])
    for (name, kernel, _, instruction), altered_instructions in zip(plantings, made):
        said = verdict(kernel, altered_instructions, recorded)
        failures += not said
        if not said or name != "another operation":
            print(f"{name}: {kernel}, {instruction}\n    {said or 'NOT SEEN'}")
    print(f"{len(plantings)} faults planted, {len(by_turns)} of them by turns in each arithmetic "
          f"instruction of {len(names)} lanes; {failures} not seen or not planted")  # fmt: skip
    return 1 if failures else 0


if __name__ == "__main__":
    if len(sys.argv) != 5 or sys.argv[4] not in VECTORS:
        sys.exit(__doc__)
    sys.exit(main(*sys.argv[1:]))
