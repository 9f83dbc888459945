"""How functions are compiled. None of them makes an array, so nothing is counted for collection."""

from collections.abc import Callable
from typing import Any, TypeVar, cast

import numba

_Function = TypeVar("_Function", bound=Callable[..., Any])
_OPTIONS: Any = {"nogil": True, "error_model": "numpy", "_nrt": False}
# What Python calls a function through, and C: half of the work of compiling it.
_INSIDE: Any = {**_OPTIONS, "no_cpython_wrapper": True, "no_cfunc_wrapper": True}


def compiled(function: _Function) -> _Function:
    """A function that Python calls where numba checks every place."""
    return cast(_Function, numba.njit(**_OPTIONS)(function))


def inside(function: _Function) -> _Function:
    """A function that only compiled ones call: what few packets go through."""
    return cast(_Function, numba.njit(**_INSIDE)(function))


def part(function: _Function) -> _Function:
    """A function that becomes part of the compiled ones that call it: what every packet does."""
    return cast(_Function, numba.njit(forceinline=True, **_INSIDE)(function))
