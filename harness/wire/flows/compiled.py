"""Compiles the functions that see every packet, and keeps what was compiled.

numba keeps a function until its own file changes, whatever becomes of the functions it calls. So
that no stale reader is ever used, all is kept in a folder named by the content of this package.
"""

import hashlib
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar, cast

import numba

_Function = TypeVar("_Function", bound=Callable[..., Any])
_HERE = Path(__file__).parent


def compiled(function: _Function) -> _Function:
    """The function as machine code, which does not hold Python's lock.

    It is compiled when first called: some ten seconds for the whole reader, once on a machine.
    """
    options = {"nogil": True, "error_model": "numpy"}
    before = numba.config.CACHE_DIR
    numba.config.CACHE_DIR = str(_FOLDER)
    try:
        return cast(_Function, numba.njit(cache=True, **options)(function))
    except RuntimeError:  # nowhere to keep it
        return cast(_Function, numba.njit(**options)(function))
    finally:
        numba.config.CACHE_DIR = before


def _folder() -> Path:
    digest = hashlib.sha256(f"{numba.__version__} {numba.config.BOUNDSCHECK}".encode())
    for path in sorted(_HERE.glob("*.py")):
        digest.update(path.read_bytes())
    base = os.environ.get("XDG_CACHE_HOME")
    kept = Path(base) if base else _HERE.parents[2] / ".cache"
    return kept / "sayso" / "compiled" / digest.hexdigest()[:16]


_FOLDER = _folder()
