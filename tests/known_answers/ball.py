# SPDX-License-Identifier: Apache-2.0
"""Numbers that carry a bound on what a computation in float or double can have made of them.

A Ball is the exact value of an expression and a radius. The running error analysis of each
operation keeps the promise: any evaluation of the same expression, in the same operations, each
rounded to nearest in the type, lies within the radius. Underflow is counted, contraction only
lowers the error, and a power counts a rounding for each factor. A coefficient is formed in its
own type and rounded once to that of the states it meets. Where no promise can be made, beside a
divisor that may be 0, a radicand that may be negative or an overflow, the radius is infinite.
"""

import math
from decimal import Decimal

ONE = Decimal(1)
SLACK = 1 + 1e-12  # above the rounding of the radius itself, a few operations of double


class Type:
    def __init__(self, digits, lowest, highest):
        self.u = 2.0**-digits
        self.tiny = lowest
        self.highest = highest


FLOAT = Type(24, 2.0**-150, 2.0**128)
DOUBLE = Type(53, 5e-324, float("inf"))


class Ball:
    __slots__ = ("value", "radius", "near", "size", "type", "coefficient", "positive",
                 "signed_as")  # fmt: skip

    def __init__(self, value, radius, type_, coefficient=False, positive=False, near=None):
        """near: float(value) from who has it, because that conversion is most of what a Ball costs."""
        self.value = value
        self.radius = radius
        self.type = type_
        self.coefficient = coefficient
        self.signed_as = None  # the operand whose sign a product has
        self.near = near = float(value) if near is None else near
        self.size = abs(near)
        self.positive = positive or near - radius >= 0
        if not self.size + radius < type_.highest and not math.isnan(near):
            self.radius = math.inf

    def cast(self, type_):
        """The coefficient as the states see it."""
        if self.type.u >= type_.u:
            return self
        radius = (self.radius + type_.u * (self.size + self.radius) + type_.tiny) * SLACK
        return Ball(self.value, radius, type_, True, self.positive, self.near)

    def met(self, other):
        """Both operands, the type of the result, and whether that is a coefficient."""
        if not isinstance(other, Ball):
            exact = other if isinstance(other, Decimal) else Decimal(other)
            return self, Ball(exact, 0.0, self.type, self.coefficient), self.type, self.coefficient
        if self.coefficient == other.coefficient:
            type_ = self.type if self.type.u >= other.type.u else other.type
            return self, other, type_, self.coefficient
        type_ = other.type if self.coefficient else self.type
        one = self.cast(type_) if self.coefficient else self
        two = other.cast(type_) if other.coefficient else other
        return one, two, type_, False

    def __bool__(self):
        return bool(self.value)

    def __neg__(self):
        return Ball(-self.value, self.radius, self.type, self.coefficient, near=-self.near)

    def __add__(self, other):
        a, b, type_, coefficient = self.met(other)
        # A sum with 0 is exact, the Decimal too, however many digits it has.
        value = a.value + b.value if a.value and b.value else a.value if a.value else b.value
        spread = a.radius + b.radius
        exact = not a.value and not a.radius or not b.value and not b.radius
        near = float(value)
        rounding = 0.0 if exact else type_.u * (abs(near) + spread)
        both = a.positive and b.positive
        return Ball(value, (spread + rounding) * SLACK, type_, coefficient, both, near)

    __radd__ = __add__

    def __sub__(self, other):
        return self + -other

    def __rsub__(self, other):
        return -self + other

    def __mul__(self, other):
        a, b, type_, coefficient = self.met(other)
        value = a.value * b.value
        both = (a.positive and b.positive) or self is other
        both = both or a.signed_as is b or b.signed_as is a
        if value.is_nan() or not value and not a.radius and not b.radius:
            return Ball(value, 0.0, type_, coefficient, both)
        spread = a.radius * b.size + b.radius * a.size + a.radius * b.radius
        if math.isnan(spread):
            spread = math.inf
        exact = not a.radius and abs(a.value) == ONE or not b.radius and abs(b.value) == ONE
        near = float(value)
        rounding = 0.0 if exact else type_.u * (abs(near) + spread) + type_.tiny
        product = Ball(value, (spread + rounding) * SLACK, type_, coefficient, both, near)
        product.signed_as = b if a.positive else a if b.positive else None
        return product

    __rmul__ = __mul__

    def __truediv__(self, other):
        a, b, type_, coefficient = self.met(other)
        value = a.value / b.value
        if value.is_nan() or value.is_infinite() and not b.radius:
            return Ball(Decimal("NaN"), 0.0 if value.is_nan() else math.inf, type_, coefficient)
        if not b.radius < b.size:
            return Ball(Decimal(0), math.inf, type_, coefficient)
        near = float(value)
        size = abs(near)
        spread = (a.radius + size * b.radius) / (b.size - b.radius)
        rounding = type_.u * (size + spread) + type_.tiny
        both = a.positive and b.positive
        return Ball(value, (spread + rounding) * SLACK, type_, coefficient, both, near)

    def __rtruediv__(self, other):
        return Ball(Decimal(other), 0.0, self.type, self.coefficient) / self

    def __pow__(self, n):
        value = self.value**n
        relative = self.radius / self.size + self.type.u if self.size else 0.0
        radius = abs(float(value)) * math.expm1(n * relative) * SLACK
        return Ball(value, radius, self.type, self.coefficient, self.positive)

    def sqrt(self):
        if self.value.is_nan() or float(self.value) + self.radius < 0:
            return Ball(Decimal("NaN"), 0.0, self.type, self.coefficient)
        if not self.positive:
            return Ball(Decimal(0), math.inf, self.type, self.coefficient)
        value = max(self.value, Decimal(0)).sqrt()
        size, low = float(value), max(float(self.value) - self.radius, 0.0)
        spread = 0.0
        if self.radius:
            spread = max(
                self.radius / (size + math.sqrt(low)) if size + low else 0.0,
                math.sqrt(max(float(self.value), 0.0) + self.radius) - size,
            )
        rounding = self.type.u * (size + spread)
        return Ball(value, (spread + rounding) * SLACK, self.type, self.coefficient, True)

    def largest(self, other):
        a, b, type_, coefficient = self.met(other)
        if a.value.is_nan() or b.value.is_nan():
            return Ball(Decimal(0), math.inf, type_, coefficient)
        radius = max(a.radius, b.radius)
        positive = a.positive or b.positive
        return Ball(max(a.value, b.value), radius, type_, coefficient, positive)

    def __gt__(self, other):
        return self.value > other

    def admits(self, seen):
        """True, False, or None where nothing is promised."""
        if self.radius == math.inf:
            return None
        if self.value.is_nan():
            return math.isnan(seen)
        if not math.isfinite(seen):
            return False
        return abs(float(Decimal(seen) - self.value)) <= self.radius
