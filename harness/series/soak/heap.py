"""The process's memory over a night: what plays have freed goes back to the system.

Plays make and free arrays of many sizes. The C library keeps freed ones for later and cuts them up,
so that a night would hold more and more although no play leaves anything behind: some 100 MB an
hour, measured on simulated time. Under another C library than glibc nothing is done.
"""

import ctypes

_MMAP_THRESHOLD, _ARENA_MAX = -3, -8
_LARGE_BYTES, _ARENAS = 256 * 1024, 2


def keep_heap_small() -> None:
    """From now on large arrays are mapped each for itself, and given back as they are freed."""
    set_option = _found("mallopt")
    if set_option is not None:
        # Once set, glibc no longer raises the threshold by itself, which is what it does else.
        set_option(_MMAP_THRESHOLD, _LARGE_BYTES)
        set_option(_ARENA_MAX, _ARENAS)


def give_back_freed() -> None:
    """Give back what was freed and still is kept; takes some milliseconds."""
    trim = _found("malloc_trim")
    if trim is not None:
        trim(0)


def _found(name: str) -> "ctypes._NamedFuncPointer | None":
    try:
        return getattr(ctypes.CDLL(None), name)  # type: ignore[no-any-return]
    except (AttributeError, OSError):
        return None
