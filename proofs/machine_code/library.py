# SPDX-License-Identifier: Apache-2.0
"""The static library: its objects' functions, their relocations and constants (ELF, x86-64)."""

import struct
from typing import NamedTuple


class Relocation(NamedTuple):
    symbol: str  # empty for a section's
    section: int  # that the symbol lies in; 0 if in another object
    offset: int  # from that section's start


class Function(NamedTuple):
    """A function's code, and what its bytes refer to."""

    object: "Object"
    name: str
    code: bytes
    relocations: dict  # by the offset in the function
    callees: dict = {}  # by name, where the code of a function that is called begins


class Object:
    """One object file of the library."""

    def __init__(self, library, name, start):
        self.library, self.name, self.start = library, name, start
        if library[start : start + 6] != b"\x7fELF\x02\x01" or self.read("<H", 18)[0] != 62:
            raise ValueError(f"{name} is no 64-bit x86 object")
        at, (size, count) = self.read("<Q", 40)[0], self.read("<HH", 58)
        self.sections = [self.read("<IIQQQQIIQQ", at + i * size) for i in range(count)]
        self.symbols = self.read_symbols()

    def read(self, form, at):
        return struct.unpack_from(form, self.library, self.start + at)

    def read_symbols(self):
        """(name, type, section, value, size) of each symbol."""
        symbols = []
        for _, kind, _, _, at, size, link, _, _, _ in self.sections:
            if kind != 2:
                continue
            names = self.start + self.sections[link][4]
            for i in range(size // 24):
                name, info, _, section, value, extent = self.read("<IBBHQQ", at + 24 * i)
                end = self.library.index(0, names + name)
                text = self.library[names + name : end].decode()
                symbols.append((text, info & 15, section, value, extent))
        return symbols

    def relocations(self):
        """By section, the offset of each reference and what it refers to, as seen from its end."""
        found = {}
        for _, kind, _, _, at, size, _, target, _, _ in self.sections:
            if kind != 4:
                continue
            here = found.setdefault(target, {})
            for i in range(size // 24):
                offset, info, addend = self.read("<QQq", at + 24 * i)
                name, _, section, value, _ = self.symbols[info >> 32]
                here[offset] = Relocation(name, section, value + addend)
        return found

    def functions(self):
        relocations = self.relocations()
        for name, kind, section, value, size in self.symbols:
            if kind != 2 or section == 0 or size == 0:
                continue
            own = {
                offset - value: relocation
                for offset, relocation in relocations.get(section, {}).items()
                if value <= offset < value + size
            }
            yield Function(self, name, self.content(section, value, size), own)

    def content(self, section, offset, size):
        at = self.position(section, offset)
        return self.library[at : at + size]

    def position(self, section, offset):
        """Where a byte of a section lies in the library."""
        return self.start + self.sections[section][4] + offset


CALL, NOP, ROOM = 0xE8, b"\x90", 64  # room, so that no code is decoded into the next


def with_callees(function, functions):
    """The function, with the code of those behind its own that it calls; functions: by name."""
    code, relocations, callees = bytearray(function.code), dict(function.relocations), {}
    for at, found in function.relocations.items():
        callee = functions.get(found.symbol)
        if code[at - 1] != CALL or callee is None or found.symbol in callees:
            continue
        code += NOP * ROOM
        callees[found.symbol] = start = len(code)
        code += callee.code
        relocations |= {start + offset: each for offset, each in callee.relocations.items()}
    return function._replace(code=bytes(code), relocations=relocations, callees=callees)


def objects(library):
    """The objects in an archive of `ar`, given as its bytes."""
    if library[:8] != b"!<arch>\n":
        raise ValueError("the library is no archive")
    at = 8
    while at + 60 <= len(library):
        name, size = library[at : at + 16].decode().strip(), int(library[at + 48 : at + 58])
        if name not in ("/", "//", "/SYM64/"):
            yield Object(library, name.rstrip("/"), at + 60)
        at += 60 + size + size % 2
