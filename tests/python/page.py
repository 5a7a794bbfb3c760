# SPDX-License-Identifier: Apache-2.0
"""bench/python/README.md: its programs run, and what it says that they print is printed."""

import contextlib
import io
import os
import re
import tempfile
import textwrap
import unittest
from pathlib import Path

from support import needs_torch, torch

PAGE = Path(__file__).resolve().parents[2] / "bench" / "python" / "README.md"


def blocks():
    """Programs, each with the block of text that follows it."""
    pattern = r"```python\n([^`]*?)```\n\n```text\n([^`]*?)```\n"
    return re.findall(pattern, PAGE.read_text())


def program_of(code):
    """A session's lines are a program whose last value is printed."""
    if not code.startswith(">>> "):
        return code
    *lines, last = [line[4:] for line in code.splitlines()]
    return "\n".join([*lines, f"print(repr({last}))"])


def printed(code):
    with contextlib.redirect_stdout(io.StringIO()) as said:
        exec(compile(program_of(code), str(PAGE), "exec"), {"__name__": "page"})
    return said.getvalue()


def wrapped(text):
    """Long lines as the page has them."""
    lines = ["\n".join(textwrap.wrap(line, 80)) for line in text.strip().splitlines()]
    return "\n".join(lines) + "\n"


def of_any_machine(text):
    """Without how near the bound the vectors of one processor come to it."""
    return re.sub(r"at most [0-9.e-]+ of", "at most ... of", text)


@needs_torch
class Page(unittest.TestCase):
    def test_says_what_is_printed(self):
        torch.manual_seed(1)
        self.assertGreaterEqual(len(blocks()), 3)
        os.chdir(self.enterContext(tempfile.TemporaryDirectory()))
        page = PAGE.read_text()
        for code, text in blocks():
            now = wrapped(printed(code))
            if os.environ.get("UPDATE"):
                lead = f"{code}```\n\n```text\n"
                page = page.replace(f"{lead}{text}```", f"{lead}{now}```")
                continue
            with self.subTest(code=code):
                self.assertEqual(of_any_machine(text), of_any_machine(now))
        if os.environ.get("UPDATE"):
            PAGE.write_text(page)


if __name__ == "__main__":
    unittest.main()
