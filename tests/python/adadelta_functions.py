# SPDX-License-Identifier: Apache-2.0
"""check on a rule of which a convention has no learning rate: no law of one is asked of it."""

import unittest

import numpy
import truestep


def zeilers(theta, gradient, s, u, rho, epsilon):
    f = theta.dtype.type
    s[...] = f(rho) * s + f(1 - rho) * gradient * gradient
    move = numpy.sqrt(u + f(epsilon)) / numpy.sqrt(s + f(epsilon)) * gradient
    u[...] = f(rho) * u + f(1 - rho) * move * move
    theta -= move


class WithoutARate(unittest.TestCase):
    def test_is_what_it_is_and_nothing_is_noted_of_a_rate(self):
        for convention in ("lecture_note", "convnetjs.adadelta"):
            result = truestep.check(zeilers, "adadelta", convention, trials=2)
            self.assertTrue(result, str(result))
            self.assertNotIn("power_of_two", [x["kind"] for x in result.findings], str(result))


if __name__ == "__main__":
    unittest.main()
