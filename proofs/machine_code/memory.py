# SPDX-License-Identifier: Apache-2.0
"""What a kernel's loads and stores mean."""

import terms
from state import Affine, NotExecuted, Vector

FIRST, SECOND = Affine.of("first"), Affine.of("second")  # the places of an edge's two vectors


def holds(state, condition):
    """Whether a condition is known to hold (True), not to hold (False), or neither (None)."""
    return state.known.get(condition)


def is_zero(state, affine):
    return holds(state, ("zero", affine.up_to_sign()))


def at_one_place(place, state):
    """The place, told by the first where both are known to be the same."""
    if "second" in place.multiples and is_zero(state, FIRST.minus(SECOND)):
        return place.without("second").plus(FIRST, place.multiples["second"])
    return place


class Memory:
    """What an address means to a kernel: its arrays, its coefficients, or the stack.

    The contract of a kernel is taken for granted: theta_out is theta or overlaps no array, and no
    array overlaps another, the coefficients, the list of arrays or the stack.
    """

    def __init__(self, lane, size, width):
        self.lane, self.size, self.width = lane, size, width
        states = lane.states
        self.fields = {0: "theta", 8: "theta_out", 16 + 8 * max(1, len(states)): lane.gradient}
        self.fields |= {16 + 8 * i: name for i, name in enumerate(states)}

    def slot(self, address, state):
        """(symbol, offset) of a place on the stack, or None."""
        for symbol in ("stack", "frame"):
            if address.multiples == {symbol: 1}:
                if symbol == "stack" and state.floor is not None and address.constant < state.floor:
                    raise NotExecuted("the stack below the place where the frame begins")
                return symbol, address.constant
        return None

    def array(self, address, state):
        """(array, place): the array that an address lies in, and the element."""
        for symbol, factor in address.multiples.items():
            if isinstance(symbol, tuple) and symbol[0] == "array" and factor == 1:
                place = address.without(symbol).divided(self.size)
                if place is None or any(isinstance(s, tuple) for s in place.multiples):
                    raise NotExecuted(f"{address} is between elements")
                return symbol[1], at_one_place(place, state)
        raise NotExecuted(f"memory at {address}")

    def load_pointer(self, address, state):
        if slot := self.slot(address, state):
            return self.load_slot(slot, 8, state)
        if address.multiples == {"arrays": 1} and address.constant in self.fields:
            return Affine.of(("array", self.fields[address.constant]))
        index = address.constant // 8
        if address.multiples == {"others": 1} and 0 <= index < len(self.lane.states) - 1:
            return Affine.of(("array", self.lane.states[1 + index]))
        raise NotExecuted(f"a pointer at {address}")

    def load_element(self, address, size, state):
        index = address.constant // size
        if address.multiples != {"coefficient": 1} or size != self.size:
            raise NotExecuted(f"{size} bytes at {address} are no coefficient")
        if address.constant % size or not 0 <= index < len(self.lane.coefficients):
            raise NotExecuted(f"there is no coefficient at {address}")
        return terms.variable(self.lane.coefficients[index])

    def load_vector(self, address, width, state):
        if slot := self.slot(address, state):
            return self.load_slot(slot, width, state)
        array, place = self.array(address, state)
        if width != self.width:
            raise NotExecuted(f"{width} bytes of {array}, not a vector")
        for other, at in state.stores:
            apart = place.minus(at)
            elements = abs(apart.constant) if apart.is_constant() else 0
            if other != array or elements < width // self.size:
                raise NotExecuted(f"{array}[{place}] is loaded after {other}[{at}] was stored")
        return Vector(terms.variable(array, place), self.size, width)

    def load_slot(self, slot, size, state):
        found = state.slots.get(slot)
        if found is None or found[0] != size:
            raise NotExecuted(f"nothing known of {size} bytes lies at {slot}")
        return found[1]

    def store_slot(self, slot, size, value, state):
        symbol, at = slot
        for other, (extent, _) in list(state.slots.items()):
            if other[0] == symbol and other[1] < at + size and at < other[1] + extent:
                del state.slots[other]
        state.slots[slot] = (size, value)

    def store_general(self, address, value, state):
        slot = self.slot(address, state)
        if not slot:
            raise NotExecuted(f"an integer is stored at {address}")
        self.store_slot(slot, 8, value, state)

    def store_vector(self, address, vector, width, state):
        if slot := self.slot(address, state):
            return self.store_slot(slot, width, vector, state)
        array, place = self.array(address, state)
        if width != self.width:
            raise NotExecuted(f"{width} bytes of {array}, not a vector")
        if (array, place) in state.stores:
            raise NotExecuted(f"{array} is stored twice at {place}")
        state.stores[array, place] = vector.read(self.size, width)
