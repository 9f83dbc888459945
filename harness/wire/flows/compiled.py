"""Compiles the functions that see every packet, and keeps what was compiled.

numba keeps a function until its own file changes, whatever becomes of the functions it calls. So
that no stale reader is ever used, all is kept in a folder named by the content of these files.
"""

import hashlib
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar, cast

import numba

_Function = TypeVar("_Function", bound=Callable[..., Any])
_HERE = Path(__file__).parent
_SOURCES = (
    "compiled.py", "decode.py", "hellos.py", "kernel.py", "loads.py", "passes.py", "room.py",
    "segments.py", "table.py",
)  # fmt: skip
_SETTINGS: Any = numba.config


def compiled(function: _Function) -> _Function:
    """The function as machine code, which does not hold Python's lock.

    It is compiled when first called: up to a minute for the whole reader, once on a machine.
    """
    return _compiled(function, is_part=False)


def part(function: _Function) -> _Function:
    """A function that becomes part of those that call it: what every packet goes through."""
    return _compiled(function, is_part=True)


def _compiled(function: _Function, is_part: bool) -> _Function:
    options: Any = {"nogil": True, "error_model": "numpy", "forceinline": is_part}
    before = _SETTINGS.CACHE_DIR
    _SETTINGS.CACHE_DIR = str(_FOLDER)
    try:
        return cast(_Function, numba.njit(cache=True, **options)(function))
    except RuntimeError:  # nowhere to keep it
        return cast(_Function, numba.njit(**options)(function))
    finally:
        _SETTINGS.CACHE_DIR = before


def _folder() -> Path:
    digest = hashlib.sha256(f"{numba.__version__} {_SETTINGS.BOUNDSCHECK}".encode())
    for name in _SOURCES:
        digest.update((_HERE / name).read_bytes())
    base = os.environ.get("XDG_CACHE_HOME")
    kept = Path(base) if base else _HERE.parents[2] / ".cache"
    return kept / "sayso" / "compiled" / digest.hexdigest()[:16]


_FOLDER = _folder()
