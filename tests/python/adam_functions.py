# SPDX-License-Identifier: Apache-2.0
"""check on functions of arrays, as people write them."""

import os
import signal
import threading
import time
import unittest

import numpy
import truestep


def in_place(theta, gradient, m, v, t, learning_rate, beta1, beta2, epsilon):
    f = theta.dtype.type
    m += f(1 - beta1) * (gradient - m)
    v += f(1 - beta2) * (gradient * gradient - v)
    root = numpy.sqrt(v / f(1 - beta2**t)) + f(epsilon)
    theta -= f(learning_rate) * (m / f(1 - beta1**t)) / root


def returning(theta, g, m, v, *, t, lr, beta1, beta2, eps):
    f = theta.dtype.type
    m = f(beta1) * m + f(1 - beta1) * g
    v = f(beta2) * v + f(1 - beta2) * g * g
    root = numpy.sqrt(v / f(1 - beta2**t)) + f(eps)
    return theta - f(lr) * (m / f(1 - beta1**t)) / root, m, v


def epsilon_inside(theta, g, m, v, *, t, lr, beta1, beta2, eps):
    f = theta.dtype.type
    m = f(beta1) * m + f(1 - beta1) * g
    v = f(beta2) * v + f(1 - beta2) * g * g
    root = numpy.sqrt(v / f(1 - beta2**t) + f(eps))
    return theta - f(lr) * (m / f(1 - beta1**t)) / root, m, v


def promoting(theta, g, m, v, *, t, lr, beta1, beta2, eps):
    return theta - numpy.float64(lr) * g.astype(numpy.float64), m, v


def made(setup):
    """One that keeps its states to itself."""
    m, v = numpy.zeros((2, setup.length), setup.type)

    def step(theta, gradient, t):
        in_place(theta, gradient, m, v, t, **{k: setup.numbers[k] for k in NUMBERS})

    return step


NUMBERS = ("learning_rate", "beta1", "beta2", "epsilon")


class Functions(unittest.TestCase):
    def setUp(self):
        numpy.seterr(all="ignore")

    def test_are_what_they_are(self):
        for step in (in_place, returning):
            for kind in ("float32", "float64"):
                result = truestep.check(step, "adam", "pytorch.Adam", format=kind)
                self.assertTrue(result, str(result))
                self.assertTrue(
                    repr(result).startswith(f"{step.__name__} is adam as in pytorch.Adam: ")
                )
                self.assertIn(repr(result), str(result))
                self.assertEqual(result.details["status"], "right")

    def test_may_keep_their_states(self):
        result = truestep.check(made, "adam", "pytorch.Adam", trials=1)
        self.assertTrue(result, str(result))
        self.assertIn("it lets no state be set", str(result.details))

    def test_epsilon_inside_the_root_is_named(self):
        result = truestep.check(epsilon_inside, "adam", "pytorch.Adam", trials=1)
        self.assertFalse(result)
        self.assertIn("it is that with epsilon inside the root", repr(result))
        again = result.findings[0]["rerun"]
        only = again.split('"')[1]
        self.assertFalse(
            truestep.check(epsilon_inside, "adam", "pytorch.Adam", trials=1, only=only)
        )

    def test_what_is_rounded_by_a_wider_type_is_said(self):
        result = truestep.check(promoting, "adam", "pytorch.Adam", trials=1, only="map")
        self.assertIn("TypeError: the step returns float64 where it is given float32", str(result))

    def test_a_thread_that_goes_on_is_no_matter(self):
        going = threading.Event()
        thread = threading.Thread(target=lambda: going.wait(60))
        thread.start()
        try:
            self.assertTrue(truestep.check(in_place, "adam", "pytorch.Adam", trials=1, only="map"))
        finally:
            going.set()
            thread.join()

    def test_ctrl_c_is_heard(self):
        def hanging(theta, gradient):
            time.sleep(60)

        # A child kills: a thread of this process would wait for the interpreter's lock.
        if os.fork() == 0:
            time.sleep(0.3)
            os.kill(os.getppid(), signal.SIGINT)
            os._exit(0)
        with self.assertRaises(KeyboardInterrupt):
            truestep.check(hanging, "adam", "pytorch.Adam", limit=30)
        os.wait()

    def test_what_makes_no_sense_is_refused(self):
        for message, call in (
            ("rule = none", lambda: truestep.check(in_place, "none")),
            ("limit = -1 is outside", lambda: truestep.check(in_place, "adam", limit=-1)),
            ("format = float8", lambda: truestep.check(in_place, "adam", format="float8")),
            ("library = ./none.so", lambda: truestep.check("./none.so", "adam")),
        ):
            with self.subTest(message=message), self.assertRaisesRegex(ValueError, message):
                call()
        with self.assertRaisesRegex(TypeError, "theta and gradient are needed"):
            truestep.check(lambda x: x, "adam")
        with self.assertRaisesRegex(TypeError, "neither a callable"):
            truestep.check(1, "adam")


if __name__ == "__main__":
    unittest.main()
