# SPDX-License-Identifier: Apache-2.0
"""Terms: what a number was computed as, in one form for the machine code and for Lanes.v.

A term is built by the functions below alone, and equal terms are one object: `is` compares them.
The functions rewrite only what leaves every bit as it is, when rounding to nearest and whatever the
bits of a NaN: factors and summands commute; a - b is a + -b; a sign moves through a product and a
quotient, not through a sum, where it would change the sign of a zero; Decay w v is v - w v, rounded
once; x - (c ? y : 0) is c ? x - y : x.
"""

class Term:
    """An operation and its operands; terms, integers or names."""

    __slots__ = ("operation", "operands", "order")
    known = {}

    def __repr__(self):
        if self.operation == "Var":
            name, place = self.operands
            return name if place is None else f"{name}[{place}]"
        return f"{self.operation}({', '.join(map(str, self.operands))})"


def term(operation, *operands):
    key = (operation, operands)
    found = Term.known.get(key)
    if found is None:
        found = Term()
        found.operation, found.operands, found.order = operation, operands, len(Term.known)
        Term.known[key] = found
    return found


def variable(name, place=None):
    """A coefficient, or the element of an array at a place."""
    return term("Var", name, place)


def bits(pattern, size):
    """The number of `size` bytes that has these bits, in every element."""
    return term("Bits", pattern % (1 << 8 * size), size if pattern else 0)


ZERO = bits(0, 4)


def negate(a):
    return a.operands[0] if a.operation == "Neg" else term("Neg", a)


def unsigned(*factors):
    """Whether the factors have a minus in all, and the factors without, in order."""
    minus = sum(f.operation == "Neg" for f in factors) % 2 == 1
    return minus, [f.operands[0] if f.operation == "Neg" else f for f in factors]


def in_order(*operands):
    return sorted(operands, key=lambda t: t.order)


def add(a, b):
    for x, y in ((a, b), (b, a)):
        if y.operation == "Neg" and y.operands[0].operation == "Select":
            condition, chosen, other = y.operands[0].operands
            if other is ZERO:  # x - 0 is x
                return select(condition, subtract(x, chosen), x)
    return term("Add", *in_order(a, b))


def subtract(a, b):
    return add(a, negate(b))


def multiply(a, b):
    minus, factors = unsigned(a, b)
    product = term("Mul", *in_order(*factors))
    return negate(product) if minus else product


def divide(a, b):
    minus, factors = unsigned(a, b)
    quotient = term("Div", *factors)
    return negate(quotient) if minus else quotient


def root(a):
    return term("Sqrt", a)


def fused(a, b, c):
    minus, factors = unsigned(a, b)
    return term("MinusFma" if minus else "Fma", *in_order(*factors), c)


def decay(weight, value):
    return fused(negate(weight), value, value)


def less(a, b):
    return term("Less", a, b)


def equal(a, b):
    return term("Equal", *in_order(a, b))


def unordered(a, b):
    """Whether one of them is NaN."""
    numbers = [x for x in (a, b) if x is not ZERO]
    conditions = [opposite(equal(x, x)) for x in numbers]
    return conditions[0] if a is b or len(numbers) == 1 else either(*conditions)


def either(a, b):
    return term("Or", *in_order(a, b))


def opposite(condition):
    if condition.operation == "Not":
        return condition.operands[0]
    return term("Not", condition)


def larger(a, b):
    return select(either(less(a, b), opposite(equal(b, b))), b, a)


def at_least_zero(x):
    return select(less(x, ZERO), ZERO, x)


def if_positive(x, value):
    return select(less(ZERO, x), value, ZERO)


def select(condition, a, b):
    """a where the condition holds, else b."""
    if condition.operation == "Not":
        return select(condition.operands[0], b, a)
    return term("Select", condition, a, b)


def integer_sum(a, b, size):
    """The sum of two elements' bits, as integers of `size` bytes."""
    if a.operation == "Bits":
        a, b = b, a
    if b.operation != "Bits":
        return term("IntegerSum", *in_order(a, b))
    steps = b.operands[0]
    if a.operation == "Moved":
        a, steps = a.operands[0], steps + a.operands[1]
    steps %= 1 << 8 * size
    return term("Moved", a, steps) if steps else a


CONDITIONS = {"Less", "Equal", "Or", "Not", "IntegerLess"}


def integer_less(a, b, size):
    """Whether a's bits are less than b's, as integers; a condition that holds is all ones, or -1."""
    if a.operation in CONDITIONS and b is ZERO:
        return a
    if a.operation == "Bits" and a.operands[0] != (1 << 8 * size - 1) - 1:
        return opposite(term("IntegerLess", b, bits(a.operands[0] + 1, size)))
    return term("IntegerLess", a, b)


def shifted_right(a, count):
    return term("ShiftedRight", a, count)


def narrowed(x):
    """The double rounded to float."""
    return term("Narrowed", x)


def widened(x):
    """The float as a double."""
    return term("Widened", x)


def seed(good_bits, x):
    """The processor's approximation of 1 / sqrt(x), good to so many bits."""
    return term("Seed", good_bits, x)
