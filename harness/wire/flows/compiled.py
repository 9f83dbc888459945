"""Compiles the functions that see every packet, and keeps what was compiled.

numba keeps a function until its own file changes, whatever becomes of the functions it calls. So
that no stale reader is ever used, all is kept in a folder named by the content of these files; by
processor and version of Python numba tells apart what it keeps there.
"""

import hashlib
import os
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryFile
from typing import Any, TypeVar, cast

import numba

from harness.forms.shipped import HOME, in_checkout

_Function = TypeVar("_Function", bound=Callable[..., Any])
_HERE = Path(__file__).parent
_SOURCES = (
    "compiled.py", "decode.py", "hellos.py", "kernel.py", "loads.py", "passes.py", "room.py",
    "segments.py", "table.py",
)  # fmt: skip
_SETTINGS: Any = numba.config
_OPTIONS: Any = {"nogil": True, "error_model": "numpy"}
# What Python calls a function through, and C: half of the work of compiling it.
_INSIDE: Any = {**_OPTIONS, "no_cpython_wrapper": True, "no_cfunc_wrapper": True}


def compiled(function: _Function) -> _Function:
    """The function as machine code, to be called from Python; it does not hold Python's lock.

    It is compiled when first called, and kept: `python -m harness.wire.flows` does it beforehand.
    """
    if FOLDER is None:
        return cast(_Function, numba.njit(**_OPTIONS)(function))
    before = _SETTINGS.CACHE_DIR
    _SETTINGS.CACHE_DIR = str(FOLDER)
    try:
        return cast(_Function, numba.njit(cache=True, **_OPTIONS)(function))
    finally:
        _SETTINGS.CACHE_DIR = before


def inside(function: _Function) -> _Function:
    """A function that only compiled ones call: what few packets go through."""
    return cast(_Function, numba.njit(**_INSIDE)(function))


def part(function: _Function) -> _Function:
    """A function that becomes part of the compiled ones that call it: what every packet does."""
    return cast(_Function, numba.njit(forceinline=True, **_INSIDE)(function))


def first_writable(folders: Sequence[Path]) -> Path | None:
    """The first in which something can be kept, made if need be; None where there is none."""
    for folder in folders:
        try:
            folder.mkdir(parents=True, exist_ok=True)
            with TemporaryFile(dir=folder):  # as numba tries it: else it would keep it elsewhere
                return folder
        except OSError:
            continue
    return None


def _places() -> list[Path]:
    """With the project's other caches; for whoever may not write there, with their own."""
    digest = hashlib.sha256(f"{numba.__version__} {_SETTINGS.BOUNDSCHECK}".encode())
    for name in _SOURCES:
        digest.update((_HERE / name).read_bytes())
    below = Path("sayso") / "compiled" / digest.hexdigest()[:16]
    base = os.environ.get("XDG_CACHE_HOME")
    caches = [Path(base)] if base else []
    if not base and in_checkout():
        caches.append(HOME / ".cache")
    with suppress(RuntimeError):  # nobody's home
        caches.append(Path("~/.cache").expanduser())
    return [cache / below for cache in caches]


FOLDER = first_writable(_places())
