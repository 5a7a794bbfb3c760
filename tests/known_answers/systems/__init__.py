# SPDX-License-Identifier: Apache-2.0
"""The classes of each system, a module a system or a few small ones; see statement.py."""

from importlib import import_module
from pathlib import Path

for module in sorted(Path(__file__).parent.glob("[a-z]*.py")):
    import_module(f"systems.{module.stem}")
