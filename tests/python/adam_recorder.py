# SPDX-License-Identifier: Apache-2.0
"""Recorder: runs of arrays, as the program reads them."""

import contextlib
import os
import shutil
import subprocess
import tempfile
import unittest
import unittest.mock
from pathlib import Path

import numpy
import truestep
from truestep import library

NUMBERS = ("--beta1", "0.9", "--beta2", "0.999", "--epsilon", "1e-8", "--weight-decay", "0")


class Run:
    """Somebody's loop: Adam on made gradients, and what is recorded of it."""

    def __init__(self, kind=numpy.float32, columns=60, seed=1, inside=False):
        self.draw, self.f, self.inside = numpy.random.default_rng(seed), kind, inside
        self.theta = self.draw.standard_normal(columns).astype(kind)
        self.m, self.v = numpy.zeros((2, columns), kind)
        self.t = 0

    def step(self, rate=1e-3):
        f = self.f
        size = 10.0 ** self.draw.integers(-4, 1)
        g = (self.draw.standard_normal(len(self.theta)) * size).astype(f)
        self.t += 1
        self.m = f(0.9) * self.m + f(1 - 0.9) * g
        self.v = f(0.999) * self.v + f(1 - 0.999) * g * g
        v_hat = self.v / f(1 - 0.999**self.t)
        root = numpy.sqrt(v_hat + f(1e-8)) if self.inside else numpy.sqrt(v_hat) + f(1e-8)
        self.theta = self.theta - f(rate) * (self.m / f(1 - 0.9**self.t)) / root
        return g


def recorded(run, steps=30, rate=lambda t: 1e-3, **options):
    recorder = truestep.Recorder(run.theta, **options)
    for t in range(steps):
        g = run.step(rate(t))
        recorder.step(g, run.theta, learning_rate=rate(t))
    return recorder


class Records(unittest.TestCase):
    def setUp(self):
        self.folder = Path(self.enterContext(tempfile.TemporaryDirectory()))

    def program(self, *arguments):
        command = [library.program(), *map(str, arguments)]
        return subprocess.run(command, capture_output=True, text=True)

    def test_both_kinds_of_file_are_read(self):
        for kind in (numpy.float32, numpy.float64):
            recorder = recorded(Run(kind), rate=lambda t: 1e-3 / (1 + t))
            for name in ("run.npz", "run.safetensors"):
                file = recorder.save(self.folder / name)
                ended = self.program("identify", "adam", "--run", file, *NUMBERS)
                self.assertEqual(ended.returncode, 0, ended.stdout + ended.stderr)
                self.assertTrue(ended.stdout.startswith("adam as in "), ended.stdout)

    def test_a_file_that_numpy_itself_wrote_is_read(self):
        run = Run()
        rows, grads = [run.theta], []
        for _ in range(20):
            grads.append(run.step())
            rows.append(run.theta)
        for save in (numpy.savez, numpy.savez_compressed):
            save(self.folder / "run.npz", params=rows, grads=grads, learning_rate=[1e-3] * 20)
            ended = self.program("identify", "adam", "--run", self.folder / "run.npz", *NUMBERS)
            self.assertEqual(ended.returncode, 0, ended.stderr)

    def test_it_is_told_whose_it_is_and_whose_not(self):
        found = recorded(Run()).identify("adam", *NUMBERS)
        self.assertTrue(found, str(found))
        self.assertIn("pytorch", found.consistent)
        self.assertNotIn("tf_keras", found.consistent)
        other = recorded(Run(inside=True)).identify("adam", "pytorch", *NUMBERS)
        self.assertFalse(other, str(other))
        self.assertEqual(other.consistent, [])

    def test_skipped_steps_are_told_from_others(self):
        run = Run()
        recorder = truestep.Recorder(run.theta)
        for t in range(20):
            if t % 4 == 1:
                broken = numpy.full(len(run.theta), numpy.inf, numpy.float32)
                recorder.step(broken, run.theta, learning_rate=1e-3, skipped=True)
            g = run.step()
            recorder.step(g, run.theta, learning_rate=1e-3)
        self.assertEqual(recorder.steps, 25)
        found = recorder.identify("adam", *NUMBERS)
        self.assertTrue(found, str(found))

    def test_a_sample_is_the_same_columns_by_the_seed(self):
        first, second = (recorded(Run(columns=500), 5, coordinates=40, seed=7) for _ in range(2))
        self.assertEqual(first.arrays()["params"].shape, (6, 40))
        self.assertTrue(numpy.array_equal(first.columns, second.columns))
        self.assertFalse(
            numpy.array_equal(first.columns, recorded(Run(columns=500), 5, coordinates=40).columns)
        )

    def test_a_run_goes_on(self):
        for name in ("run.npz", "run.safetensors"):
            run = Run()
            file = recorded(run, 10).save(self.folder / name)
            both = recorded(run, 10, continues=file)
            self.assertEqual(both.steps, 20)
            found = both.identify("adam", *NUMBERS)
            self.assertTrue(found, str(found))
            with self.assertRaisesRegex(truestep.Refused, "are not those with which"):
                truestep.Recorder(run.theta + 1, continues=file)
            with self.assertRaisesRegex(truestep.Refused, "other coordinates"):
                truestep.Recorder(run.theta[:-1], continues=file)

    def test_lists_and_dicts_lie_side_by_side(self):
        a, b = numpy.ones((2, 3), numpy.float32), numpy.zeros(4, numpy.float32)
        recorder = truestep.Recorder({"b": b, "a": a})
        recorder.step({"a": 2 * a, "b": b}, {"a": 3 * a, "b": b})
        self.assertEqual(recorder.arrays()["grads"].tolist(), [[2.0] * 6 + [0.0] * 4])
        self.assertEqual(truestep.Recorder([a, b]).count, 10)

    def test_arrays_are_copied(self):
        theta = numpy.ones(3, numpy.float32)
        recorder = truestep.Recorder(theta)
        theta += 1
        recorder.step(theta, theta)
        theta += 1
        self.assertEqual(recorder.arrays()["params"].tolist(), [[1.0] * 3, [2.0] * 3])

    def test_what_the_record_has_no_place_for_is_refused(self):
        theta = numpy.ones(3, numpy.float32)

        def stepped(*given, **told):
            recorder = truestep.Recorder(theta)
            recorder.step(*given, **told)
            return recorder

        half, double = theta.astype(numpy.float16), theta.astype(numpy.float64)
        mixed = [theta, double]
        for message, call in (
            ("the parameters are float16; .*master weights", lambda: truestep.Recorder(half)),
            ("the arrays are float32 and float64", lambda: truestep.Recorder(mixed)),
            ("were float32 and are float64", lambda: stepped(theta, double)),
            ("2 gradients at step 1, 3 before", lambda: stepped(theta[:2], theta)),
            ("gradients are float64 where", lambda: stepped(double / 3, theta)),
            ("gradients are int64", lambda: stepped(theta.astype(int), theta)),
            (r"numbers \[\] at step 2", lambda: stepped(theta, theta, t=1).step(theta, theta)),
            ("no step was recorded", lambda: truestep.Recorder(theta).save(self.folder / "a.npz")),
            ("ends neither", lambda: stepped(theta, theta).save("run.pt")),
            ("to be skipped", lambda: stepped(theta, 2 * theta, skipped=True).identify("adam")),
        ):
            with self.subTest(message=message), self.assertRaisesRegex(ValueError, message):
                call()

    def test_what_is_not_installed_is_said_with_how_to_get_it(self):
        with with_environment(TRUESTEP_CHECK_LIBRARY="/none.so"):
            with self.assertRaisesRegex(truestep.NotFound, "cmake --build build --target"):
                truestep.check(lambda theta, gradient: None, "adam")

    def test_an_installed_library_is_found_beside_the_program(self):
        for folder in ("bin", "lib"):
            (self.folder / folder).mkdir()
        shutil.copy(library.of_clone("lib", library.LIBRARY)[0], self.folder / "lib")
        program = self.folder / "bin" / "truestep"
        program.write_text("#!/bin/sh\n")
        program.chmod(0o755)
        with with_environment(PATH=f"{program.parent}:{os.environ['PATH']}"):
            with unittest.mock.patch.object(library, "of_clone", lambda *path: []):
                self.assertIn(str(self.folder / "lib" / library.LIBRARY), library.libraries())
                self.assertEqual(library.program(), str(program))
                library.load()
        with with_environment(PATH="/none"):
            with unittest.mock.patch.object(library, "of_clone", lambda *path: []):
                with self.assertRaisesRegex(truestep.NotFound, "neither in the PATH"):
                    library.program()

    def test_the_versions_are_one(self):
        self.assertEqual(
            self.program("--version").stdout, f"truestep {truestep.__version__}\n"
        )
        self.assertTrue(library.LIBRARY.endswith("." + truestep.__version__.rsplit(".", 1)[0]))


@contextlib.contextmanager
def with_environment(**given):
    before = dict(os.environ)
    os.environ.update(given)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)


if __name__ == "__main__":
    unittest.main()
