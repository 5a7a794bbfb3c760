# SPDX-License-Identifier: Apache-2.0
"""Functions as instructions, decoded by objdump."""

import re
import subprocess
import tempfile
from typing import NamedTuple

from library import NOP


class Register(NamedTuple):
    name: str
    mask: str = ""  # the mask register, if any
    zeroing: bool = False


class Immediate(NamedTuple):
    value: int


class Memory(NamedTuple):
    displacement: int
    base: str
    index: str
    scale: int
    copies: int  # of one element in all of a vector; 0 if memory holds the vector


class Address(NamedTuple):
    offset: int  # in the function


class Unknown(NamedTuple):
    """An operand that only objdump knows to read."""

    text: str


class Instruction(NamedTuple):
    offset: int
    size: int
    mnemonic: str
    operands: tuple  # sources first
    relocation: object

    def end(self):
        return self.offset + self.size

    def __str__(self):
        return f"{self.offset:x}: {self.mnemonic} {', '.join(map(shown, self.operands))}"


def shown(operand):
    if isinstance(operand, Register):
        mask = f"{{%{operand.mask}}}" if operand.mask else ""
        return f"%{operand.name}{mask}{'{z}' if operand.zeroing else ''}"
    if isinstance(operand, Immediate):
        return f"${operand.value:#x}"
    if isinstance(operand, Address):
        return f"{operand.offset:x}"
    if isinstance(operand, Unknown):
        return operand.text
    index = f",%{operand.index},{operand.scale}" if operand.index else ""
    copies = f"{{1to{operand.copies}}}" if operand.copies else ""
    return f"{operand.displacement:#x}(%{operand.base}{index}){copies}"


MEMORY = re.compile(
    r"(?P<displacement>-?0x[0-9a-f]+)?\((?:%(?P<base>\w+))?(?:,%(?P<index>\w+),(?P<scale>\d))?\)"
    r"(?:\{1to(?P<copies>\d+)\})?$"
)
REGISTER = re.compile(r"%(\w+)(?:\{%(k\d)\})?(\{z\})?$")
LINE = re.compile(r"\s*([0-9a-f]+):\t(?:[0-9a-f]{2} )+\s*\t?([^#]*)")
LONGEST = 15  # bytes of an instruction: behind so many, none of a part is decoded into the next
known_operands = {}


def operand(text, start):
    """An operand of a function that starts at an address of the file that was decoded."""
    if re.fullmatch(r"(0x)?[0-9a-f]+", text):
        return Address(int(text, 16) - start)
    if text not in known_operands:
        known_operands[text] = operand_of(text)
    return known_operands[text]


def operand_of(text):
    if match := REGISTER.match(text):
        return Register(match[1], match[2] or "", bool(match[3]))
    if match := re.fullmatch(r"\$(-?0x[0-9a-f]+)", text):
        return Immediate(int(match[1], 16))
    if match := MEMORY.match(text):
        number = lambda name, base: int(match[name] or "0", base)  # noqa: E731
        return Memory(number("displacement", 16), match["base"] or "", match["index"] or "",
                      number("scale", 10), number("copies", 10))  # fmt: skip
    return Unknown(text)


def instruction(text, offset, size, start, relocations):
    mnemonic, _, rest = text.strip().partition(" ")
    while mnemonic in ("cs", "data16", "bnd", "notrack", "{evex}"):
        mnemonic, _, rest = rest.strip().partition(" ")
    if mnemonic.startswith("nop"):
        return Instruction(offset, size, "nop", (), None)
    texts = re.findall(r"(?:[^,(]|\([^)]*\))+", re.sub(r"\s*<.*>", "", rest.strip()))
    operands = tuple(operand(each.strip(), start) for each in texts)
    inside = [relocations[at] for at in range(offset, offset + size) if at in relocations]
    return Instruction(offset, size, mnemonic, operands, inside[0] if inside else None)


def decoded(functions):
    """The instructions of each function, by offset."""
    return decoded_parts([(function, 0, len(function.code)) for function in functions])


def decoded_again(alterations):
    """The instructions of functions of which one instruction was altered.

    alterations: (function, its instructions before, the one of these that was altered).
    What precedes that one is read as before; so is what follows, if it begins where it did.
    """
    parts = [(function, old.offset, old.offset + old.size) for function, _, old in alterations]
    read = decoded_parts(parts)
    same = [new[max(new)].end() == end for new, (_, _, end) in zip(read, parts)]
    others = iter(decoded([part[0] for part, is_same in zip(parts, same) if not is_same]))
    return [before | new if is_same else next(others)
            for (_, before, _), new, is_same in zip(alterations, read, same)]  # fmt: skip


def decoded_parts(parts):
    """The instructions that begin in each part of a function: (function, offset, end of the part)."""
    if not parts:  # objdump refuses an empty file
        return []
    starts, code = {}, bytearray()
    for i, (function, offset, end) in enumerate(parts):
        starts[len(code)] = i
        code += function.code[offset : end + LONGEST] + NOP * LONGEST
    with tempfile.NamedTemporaryFile() as file:
        file.write(code)
        file.flush()
        listing = subprocess.run(
            ["objdump", "-D", "-w", "-b", "binary", "-m", "i386:x86-64", file.name],
            capture_output=True, text=True, check=True).stdout  # fmt: skip
    result = [{} for _ in parts]
    start, function, end, found = 0, None, 0, None
    for line in listing.splitlines():
        match = LINE.match(line)
        if not match:
            continue
        at = int(match[1], 16)
        if at in starts:
            i = starts[at]
            function, offset, end = parts[i]
            start, found = at - offset, result[i]
        offset = at - start
        if offset < end:
            size = len(line.split("\t")[1].split())
            found[offset] = instruction(match[2], offset, size, start, function.relocations)
    return result
