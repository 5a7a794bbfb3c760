# SPDX-License-Identifier: Apache-2.0
"""Where the compiled parts are: libtruestep_check.so, and the program."""

import ctypes
import os
import shutil
from pathlib import Path

LIBRARY = "libtruestep_check.so.0.1"
CHECK_VERSION = 1  # TRUESTEP_CHECK_VERSION of truestep_check.h

RIGHT, WRONG, BAD_CALL, UNDETERMINED, FAILED, INTERRUPTED = 0, 1, 2, 3, 4, 130


class NotFound(ImportError):
    """A compiled part is not installed."""


class CSetup(ctypes.Structure):
    _fields_ = [
        ("version", ctypes.c_uint32),
        ("rule", ctypes.c_char_p),
        ("format", ctypes.c_char_p),
        ("tensors", ctypes.c_size_t),
        ("lengths", ctypes.POINTER(ctypes.c_size_t)),
        ("numbers", ctypes.c_size_t),
        ("names", ctypes.POINTER(ctypes.c_char_p)),
        ("values", ctypes.POINTER(ctypes.c_double)),
        ("arrays", ctypes.c_size_t),
        ("array_names", ctypes.POINTER(ctypes.c_char_p)),
        ("array_formats", ctypes.POINTER(ctypes.c_char_p)),
        ("rounding", ctypes.c_char_p),
    ]


ADDRESSES = ctypes.POINTER(ctypes.c_void_p)
CREATE = ctypes.CFUNCTYPE(ctypes.c_void_p, ctypes.c_void_p, ctypes.POINTER(CSetup))
STEP = ctypes.CFUNCTYPE(
    ctypes.c_int, ctypes.c_void_p, ctypes.c_void_p, ctypes.c_uint64, ADDRESSES, ADDRESSES
)
DESTROY = ctypes.CFUNCTYPE(None, ctypes.c_void_p, ctypes.c_void_p)
STATE = ctypes.CFUNCTYPE(
    ctypes.c_int,
    ctypes.c_void_p,
    ctypes.c_void_p,
    ctypes.c_size_t,
    ctypes.c_char_p,
    ctypes.c_void_p,
)
MESSAGE = ctypes.CFUNCTYPE(ctypes.c_void_p, ctypes.c_void_p)


class CKernel(ctypes.Structure):
    _fields_ = [
        ("version", ctypes.c_uint32),
        ("name", ctypes.c_char_p),
        ("user", ctypes.c_void_p),
        ("create", CREATE),
        ("step", STEP),
        ("destroy", DESTROY),
        ("state", STATE),
        ("set_state", STATE),
        ("message", MESSAGE),
        ("before_fork", ctypes.c_void_p),
        ("after_fork", ctypes.c_void_p),
        ("in_child", ctypes.c_void_p),
        ("interrupted", ctypes.c_void_p),
    ]


class COptions(ctypes.Structure):
    _fields_ = [
        ("version", ctypes.c_uint32),
        ("format", ctypes.c_char_p),
        ("seed", ctypes.c_uint64),
        ("trials", ctypes.c_size_t),
        ("limit", ctypes.c_double),
        ("strict", ctypes.c_int),
        ("only", ctypes.c_char_p),
    ]


def of_clone(*path):
    """A file in the build folder of the clone that the package was installed from, or nothing."""
    try:
        from .clone import FOLDER
    except ImportError:
        return []
    file = Path(FOLDER, "build", *path)
    return [str(file)] if file.exists() else []


def libraries():
    """The files to try, the likeliest first."""
    if "TRUESTEP_CHECK_LIBRARY" in os.environ:
        return [os.environ["TRUESTEP_CHECK_LIBRARY"]]
    files = of_clone("lib", LIBRARY) + [LIBRARY]
    if program := shutil.which("truestep"):
        prefix = Path(program).resolve().parent.parent
        found = [*prefix.glob(f"lib/{LIBRARY}"), *prefix.glob(f"lib/*/{LIBRARY}")]
        files += map(str, found)
    return files


def load():
    """The library, which keeps the interpreter's lock: each run is a fork of this process.

    Raises NotFound.
    """
    tried = []
    for file in libraries():
        try:
            library = ctypes.PyDLL(file)
            break
        except OSError as error:
            tried.append(str(error))
    else:
        raise NotFound(
            f"{LIBRARY} is not found ({'; '.join(tried)}). In a clone of truestep, "
            "`cmake -S . -B build && cmake --build build --target truestep_check_c` makes "
            "build/lib/libtruestep_check.so, and `cmake --install build` installs it. Anywhere "
            "else, name it in the environment as TRUESTEP_CHECK_LIBRARY."
        )
    for name in ("truestep_check", "truestep_check_library"):
        first = ctypes.c_char_p if name.endswith("library") else ctypes.POINTER(CKernel)
        text, options = ctypes.c_char_p, ctypes.POINTER(COptions)
        getattr(library, name).argtypes = [first, text, text, options, ADDRESSES]
    for name in ("conclusion", "text", "json", "free"):
        function = getattr(library, f"truestep_report_{name}")
        function.argtypes = [ctypes.c_void_p]
        function.restype = None if name == "free" else ctypes.c_char_p
    return library


def program():
    """The program `truestep`. Raises NotFound."""
    if "TRUESTEP_PROGRAM" in os.environ:
        return os.environ["TRUESTEP_PROGRAM"]
    for file in of_clone("bin", "truestep") + [shutil.which("truestep")]:
        if file:
            return file
    raise NotFound(
        "the program truestep is neither in the PATH nor named in the environment as "
        "TRUESTEP_PROGRAM. In a clone of truestep, `cmake -S . -B build && cmake --build build "
        "--target truestep` makes build/bin/truestep."
    )
