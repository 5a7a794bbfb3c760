# SPDX-License-Identifier: Apache-2.0
"""bench/survey/run: what was executed becomes a row, what is not there is named."""

import contextlib
import importlib.machinery
import importlib.util
import io
import sys
import tempfile
import unittest
import unittest.mock
from pathlib import Path

from support import classes, needs_torch

RUN = Path(__file__).resolve().parents[2] / "bench" / "survey" / "run"

ADAPTER = """
from torch.optim import {name}

version = "1.2.3"


class Still({name}):
    def step(self):
        pass


subjects = [
    ("right", None, None, {name}),
    ("still", "{rule}", "pytorch.{name}", Still),
]
"""


def survey():
    loader = importlib.machinery.SourceFileLoader("survey_run", str(RUN))
    module = importlib.util.module_from_spec(importlib.util.spec_from_loader("survey_run", loader))
    with unittest.mock.patch.object(sys, "dont_write_bytecode", True):
        loader.exec_module(module)
    return module


@needs_torch
class Survey(unittest.TestCase):
    def setUp(self):
        self.folder = Path(self.enterContext(tempfile.TemporaryDirectory()))
        rule, name = next(x[:2] for x in classes() if not x[2])
        (self.folder / "mine_adapter.py").write_text(ADAPTER.format(rule=rule, name=name))
        self.enterContext(unittest.mock.patch.object(sys, "path", [str(self.folder), *sys.path]))
        self.name, self.run = name, survey()
        self.run.SYSTEMS = [("Mine", "mine_adapter"), ("Gone", "no_such_adapter")]
        self.run.SYSTEMS.append(("Uncompiled", "no_such", "none", [], [("x", rule, None)]))

    def said(self, *arguments):
        line = ["run", *arguments, "--work", str(self.folder)]
        with contextlib.ExitStack() as stack:
            stack.enter_context(unittest.mock.patch.object(sys, "argv", line))
            out = stack.enter_context(contextlib.redirect_stdout(io.StringIO()))
            stack.enter_context(contextlib.redirect_stderr(io.StringIO()))
            return self.run.main(), out.getvalue()

    def test_a_page_has_a_row_for_each_and_names_what_is_left_out(self):
        page = self.folder / "page.md"
        self.assertEqual(self.said("--page", str(page))[0], 0)
        text = page.read_text()
        fits = rf"\| Mine 1.2.3 \| right \| yes \| pytorch.{self.name} fits .* u: step "
        self.assertRegex(text, fits)
        self.assertRegex(text, r"\| Mine 1.2.3 \| still \| (\*\*no\*\*|not determined) \| ")
        self.assertIn('`bench/survey/run --only "Mine/still"`', text)
        self.assertIn("Not there, and not executed: Gone (No module named 'no_such_adapter')", text)
        self.assertIn("Uncompiled (", text)
        self.assertNotIn(str(self.folder), text)

    def test_one_row_is_its_report(self):
        status, text = self.said("--only", "Mine/still")
        self.assertEqual(status, 0)
        self.assertIn("Fault (not_stored): ", text)
        self.assertEqual(self.said("--only", "Gone")[0], 2)

    def test_only_what_is_missing_is_installed(self):
        there = "".join(f"{x} installed\n" for x in self.run.DEBIAN[1:]) + "npm not-installed\n"
        asked = unittest.mock.Mock(stdout=there)
        cases = [({"node", "npm"}, []), ({"node"}, ["npm"]), (set(), ["nodejs", "npm"])]
        for programs, more in cases:
            with unittest.mock.patch.object(self.run.subprocess, "run", return_value=asked):
                with unittest.mock.patch.object(
                    self.run.shutil, "which", lambda name: name if name in programs else None
                ):
                    self.assertEqual(self.run.missing(), [self.run.DEBIAN[0], *more])


if __name__ == "__main__":
    unittest.main()
