"""Runs the compiled reader: one function per job, on the tables of a `Room`.

numba is imported only where it is told to compile nothing (`NUMBA_DISABLE_JIT`) or to check every
place (`NUMBA_BOUNDSCHECK`); else the machine code is loaded that `code.py` keeps.
"""

import os
from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np

from harness.wire.flows import words as w
from harness.wire.flows.code import entry
from harness.wire.flows.room import Bytes, Flags, Int, Room, new_room

_NOTHING = np.zeros(0, np.uint8)
_NO_ROOM = new_room(1, 1, 1, 0, 1)
_ASKED = ("NUMBA_DISABLE_JIT", "NUMBA_BOUNDSCHECK")
_Work = Callable[[Any, Bytes, Bytes, Room], None]


def pcapng_pass(data: Bytes, at: Int, end: Int, big: bool, room: Room) -> tuple[int, int]:
    """Read blocks from `at`; where it stopped, and why (`MORE`: the next is not all there)."""
    words = _done(w.PCAPNG_PASS, room, data, at=at, end=end, big=big)
    return words[w.AT], words[w.WHY]


def pcap_pass(data: Bytes, at: Int, end: Int, big: bool, room: Room) -> tuple[int, int]:
    """Read records of a pcap file from `at`; where it stopped, and why."""
    words = _done(w.PCAP_PASS, room, data, at=at, end=end, big=big)
    return words[w.AT], words[w.WHY]


def next_block(data: Bytes, at: Int, end: Int, big: bool) -> int:
    """Where the next sound block of a damaged pcapng file begins; `end` - 11 when none is here."""
    return _done(w.NEXT_BLOCK, _NO_ROOM, data, at=at, end=end, big=big)[w.AT]


def release(room: Room, keep: Flags) -> None:
    """Give back what flows hold that are not kept; their last slices are handed out before."""
    _done(w.RELEASE, room, keep=keep)


def end_slices(room: Room, keep: Flags, slot: Int) -> int:
    """Hand out the open slices of flows not kept, from `slot` on; where it stopped for space."""
    return _done(w.END_SLICES, room, keep=keep, at=slot)[w.AT]


def merge_all(room: Room) -> None:
    """Where holes fill the memory meant for them: each stream keeps one, from first to last."""
    _done(w.MERGE_ALL, room)


def index_again(room: Room) -> None:
    """Fill the index from the flows there are; those replaced by a later one are left out."""
    _done(w.INDEX_AGAIN, room)


def client_hello(data: Bytes, at: Int, end: Int) -> tuple[bool, int, int, int, int, bool]:
    """The body of a ClientHello: is it sound, server name (place, size), ALPN list, whether ECH."""
    sound, name, size, alpn, alpn_size, hidden = _done(
        w.CLIENT_HELLO, _NO_ROOM, data, at=at, end=end
    )[w.SOUND : w.HIDDEN + 1]
    return bool(sound), name, size, alpn, alpn_size, bool(hidden)


def make_ready() -> None:
    """Load what was compiled; compile it first where it was not kept."""
    _work()


def _done(
    job: int, room: Room, data: Bytes = _NOTHING, keep: Flags | None = None,
    at: Int = 0, end: Int = 0, big: bool = False,
) -> list[int]:  # fmt: skip
    """Do a job; what became of its words."""
    kept = _NOTHING if keep is None else keep.view(np.uint8)
    words = np.zeros(w.WORDS, np.int64)
    words[: w.BIG + 1] = job, at, end, big
    words[w.N_DATA :] = len(data), len(kept), *(len(table) for table in room)
    _work()(words, data, kept, room)
    told: list[int] = words.tolist()
    return told


@cache
def _work() -> _Work:
    if any(os.environ.get(name, "0") not in ("", "0") for name in _ASKED):
        from harness.wire.flows.kernel.jobs import work

        as_asked: _Work = work
        return as_asked
    compiled = entry(3 + len(Room._fields))

    def run(words: Any, data: Bytes, kept: Bytes, room: Room) -> None:
        compiled(*(table.ctypes.data for table in (words, data, kept, *room)))

    return run
