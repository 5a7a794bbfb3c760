# SPDX-License-Identifier: Apache-2.0
"""The fixture of pytest, which reports what check reports."""

import importlib.util
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

has_pytest = importlib.util.find_spec("pytest") is not None

TESTS = """
def right(theta, gradient, {states}):
    pass

def test_still(truestep_check):
    truestep_check(right, "{rule}", only="map", trials=1)
"""


@unittest.skipUnless(has_pytest, "not tested: there is no pytest (python3-pytest)")
class Fixture(unittest.TestCase):
    def test_a_step_that_is_wrong_fails_with_its_report(self):
        from truestep import pytorch

        rule, its = next(iter(pytorch.rules().items()))
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder, "test_mine.py")
            file.write_text(TESTS.format(rule=rule, states=", ".join(its.STATES)))
            command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", str(file)]
            ended = subprocess.run(command, capture_output=True, text=True)
        self.assertEqual(ended.returncode, 1, ended.stdout + ended.stderr)
        self.assertIn(f"right fails as {rule} as in ", ended.stdout + ended.stderr)
        self.assertIn("Fault (not_stored): ", ended.stdout)


if __name__ == "__main__":
    unittest.main()
