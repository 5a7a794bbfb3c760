# SPDX-License-Identifier: Apache-2.0
"""Is my optimizer's step right, and whose is it?

check(step, rule, convention) puts a step under test, record(optimizer) and Recorder bring a run in.
"""

from .checking import Checked, Setup, check
from .library import NotFound
from .recording import Identified, Recorder, Refused
from .training import TrainingRun, record

__version__ = "0.1.0"
__all__ = [
    "Checked",
    "Identified",
    "NotFound",
    "Recorder",
    "Refused",
    "Setup",
    "TrainingRun",
    "check",
    "record",
]
