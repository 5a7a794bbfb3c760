#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Whether the library's kernels store, to the last instruction, what the theorems speak of.

    check.py LIBRARY KERNEL_TERMS LANES_V TARGET [KERNEL]...

LIBRARY is libtruestep_fast.a, KERNEL_TERMS the program of kernel_terms.cpp, LANES_V
proofs/generated/Lanes.v, TARGET AVX2 or AVX3 (AVX-512). Exits with 77 where the library was not
compiled for the target. A KERNEL, written "PART LANE", is one that this cannot execute: it
is printed, and a failure if it can be. README.md says what is shown, and what is trusted.
"""

import re
import sys

from disassembly import decoded
from kernels import PARTS, VECTORS, Difference, Shown, kernels, shown
from library import objects
from recorded import SIZES, Recorded
from state import NotExecuted

LEFT_OUT = 77


def functions_of(library):
    return [function for object in objects(library) for function in object.functions()]


def missing(found, recorded, target):
    """The names of the kernels that the library should have and has not."""
    names = {(k.part, k.lane.name, k.type) for k in found}
    for lane in recorded.lanes.values():
        for part in PARTS:
            for type in SIZES:
                if (part, lane.name, type) not in names:
                    yield f"{target} {part} {lane.name}, {type}: NOT FOUND in the library"


def failures(found, recorded, totals, unreadable):
    """A line for each kernel that was not shown; adds what was shown to totals, by part."""
    for kernel, instructions in zip(found, decoded([k.function for k in found])):
        name = f"{kernel.part} {kernel.lane.name}"
        excused = any(re.fullmatch(pattern, name) for pattern in unreadable)
        try:
            total = totals[kernel.part].plus(shown(kernel, instructions, recorded.roots))
            totals[kernel.part] = total
            if excused:
                yield f"{kernel}: is named as one that cannot be executed, and was"
        except Difference as difference:
            yield f"{kernel}: DIFFERS: {difference}"
        except NotExecuted as reason:
            if excused:
                print(f"Left out: {kernel}: {reason}")
            else:
                yield f"{kernel}: NOT EXECUTED: {reason}"


def others(functions):
    """By target, how many functions of targets that are left out the library has."""
    count = {}
    for function in functions:
        match = re.search(r"6?N_([A-Z0-9]+?)(9step_edge|3run)I", function.name)
        if match and match[1] not in VECTORS:
            count[match[1]] = count.get(match[1], 0) + 1
    return count


def main(library_path, kernel_terms, lanes_v, target, *unreadable):
    recorded = Recorded(kernel_terms, lanes_v)
    with open(library_path, "rb") as file:
        functions = functions_of(file.read())
    found = [k for k in kernels(functions, recorded) if k.target == target]
    if not found:
        print(f"Left out: {target}, for which the library has no kernel")
        return LEFT_OUT
    totals = {part: Shown() for part in PARTS}
    failed = [
        *missing(found, recorded, target),
        *failures(found, recorded, totals, unreadable),
        *(f"{name} of Lanes.v: no kernel's term has it for a part" for name in recorded.unused()),
    ]
    for line in failed:
        print(line)
    for part, total in totals.items():
        count = sum(k.part == part for k in found)
        print(f"{target} {part}: {count} functions of {len(recorded.lanes)} lanes, "
              f"{total.instructions} instructions, {total.terms} vectors stored, "
              f"{total.roots} roots off the divider taken for the rounded root")  # fmt: skip
    print(f"Of {len(recorded.definitions)} terms of Lanes.v {recorded.count_stored()} are stored, "
          f"or what an input decays to, and the others parts of them")  # fmt: skip
    print("Left out: the places that run_parts and step_few step")
    for name, count in others(functions).items():
        print(f"Left out: {name}, {count} functions")
    print(f"{len(failed)} failures")
    return 1 if failed else 0


if __name__ == "__main__":
    if len(sys.argv) < 5 or sys.argv[4] not in VECTORS:
        sys.exit(__doc__)
    sys.exit(main(*sys.argv[1:]))
