# SPDX-License-Identifier: Apache-2.0
"""Numbers that are rounded to a format, and what is reported of them: a second statement of what
bench/drift says, over fractions."""

import math
from fractions import Fraction


class Format:
    def __init__(self, bits, least, greatest):
        self.bits, self.least = bits, least
        self.largest = (2 - Fraction(2) ** (1 - bits)) * Fraction(2) ** greatest

    def spacing(self, exact):
        """An ulp of the format at an exact value."""
        return Fraction(2) ** (max(exponent(exact), self.least) + 1 - self.bits) if exact else \
            Fraction(2) ** (self.least + 1 - self.bits)

    def round(self, exact):
        """To nearest, ties to even; what this suite rounds stays in range."""
        ulp = self.spacing(exact)
        rounded = round(Fraction(exact) / ulp) * ulp
        assert abs(rounded) <= self.largest
        return rounded


FLOAT, DOUBLE, BFLOAT16 = Format(24, -126, 127), Format(53, -1022, 1023), Format(8, -126, 127)


def root(x, bits=400):
    """The square root to so many bits. Where there are more, another bit says so: whatever it is
    rounded to that has fewer is what the root is rounded to."""
    size = max(0, bits - exponent(x) // 2) if x else 0
    scaled = Fraction(x) * 4 ** size
    below = math.isqrt(math.floor(scaled))
    return Fraction(2 * below + (below * below != scaled), 2 ** (size + 1))


def exponent(x):
    """The greatest power of two that is at most |x|, of x that is not 0."""
    x = abs(Fraction(x))
    guess = x.numerator.bit_length() - x.denominator.bit_length()
    return guess if Fraction(2) ** guess <= x else guess - 1


class Spread:
    """What JSON has of distances."""

    def __init__(self, values):
        values = sorted(values)

        def rank(percent):
            return values[-(-percent * len(values) // 100) - 1]
        self.figures = {'largest': values[-1], 'mean': sum(values) / len(values),
                        'median': rank(50), 'quantile_90': rank(90), 'quantile_99': rank(99)}


def is_told(reported, exact):
    """Whether a double tells an exact figure: what is reported of the audit has 24 bits that are
    certain (bench/drift/comparison.cpp asks 50 digits otherwise), and rounds a few times."""
    return abs(Fraction(reported) - exact) <= Fraction(2) ** -23 * abs(exact)


class Enclosure:
    """An interval that holds what a few operations in double make of doubles, whatever their
    order of roundings."""

    UNIT = Fraction(2) ** -52  # twice what one rounding adds

    def __init__(self, low, high=None):
        self.low, self.high = Fraction(low), Fraction(low if high is None else high)

    def wider(self):
        room = max(abs(self.low), abs(self.high)) * self.UNIT
        return Enclosure(self.low - room, self.high + room)

    def __add__(self, other):
        return Enclosure(self.low + other.low, self.high + other.high).wider()

    def __sub__(self, other):
        return Enclosure(self.low - other.high, self.high - other.low).wider()

    def __mul__(self, other):
        ends = [a * b for a in (self.low, self.high) for b in (other.low, other.high)]
        return Enclosure(min(ends), max(ends)).wider()

    def __truediv__(self, other):
        assert other.low > 0
        ends = [a / b for a in (self.low, self.high) for b in (other.low, other.high)]
        return Enclosure(min(ends), max(ends)).wider()

    def log(self):
        # The library's logarithms are within an ulp; this takes two, and one of its own.
        return Enclosure(math.log(self.low), math.log(self.high)).wider().wider().wider()

    def root(self):
        # A double next to a root squares to the other side of what it is the root of.
        low = Fraction(math.sqrt(max(self.low, 0)))
        return Enclosure(low, math.sqrt(self.high)).wider().wider()

    def holds(self, x):
        return self.low <= Fraction(x) <= self.high


def growth(points):
    """Exponent and its standard error of a power of t through (t, mean error), by least squares over
    the last two decades of steps: enclosures, with how many points that are; None of fewer than 3."""
    used = [(Enclosure(t).log(), Enclosure(error).log()) for t, error in points
            if t >= points[-1][0] // 100 and error > 0]
    if len(used) < 3:
        return None
    n = Enclosure(len(used))

    def total(values):
        result = Enclosure(0)
        for value in values:
            result = result + value
        return result
    mean_x, mean_y = total(x for x, _ in used) / n, total(y for _, y in used) / n
    across = [(x - mean_x, y - mean_y) for x, y in used]
    spread = total(x * x for x, _ in across)
    slope = total(x * y for x, y in across) / spread
    rest = total((y - slope * x) * (y - slope * x) for x, y in across)
    error = (rest / Enclosure(len(used) - 2) / spread).root()
    return slope, error, len(used)


def number(x):
    """As tables have it."""
    if x is None:
        return '-'
    if abs(x) < 1e-20:
        return '0'
    return '%.0f' % x if 1e3 <= x < 1e6 else shortest(x)


def shortest(x):
    return '%.3g' % x


def percent(part, whole):
    if part in (0, whole):
        return 'all' if part else 'none'
    return '%s %%' % shortest(min(100 * part / whole, 99.9))
