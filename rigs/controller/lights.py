"""Two light sensors, sampled once a millisecond, into edges with the time of a single sample.

A device dims its light by switching it on and off hundreds of times a second. So a light is lit
from its first bright sample on, and dark only when `hold_us` have passed without one; the time of
that edge is the first sample after the last bright one.
"""

from array import array

RING = 256
"""Samples kept between the timer and the loop; a power of two."""
MASK = 0x3FFFFFFF
"""The board's microseconds begin again at 0 after this: the greatest int that needs no memory."""
_COUNTED = 0xFFFF
BROKEN_AFTER = 50
"""Samples in a row outside what a sensor can read, until its cable is called broken."""


class Samples:
    """A ring that a timer's interrupt fills and the loop empties.

    An interrupt may allocate no memory, so `take` makes no new object, and no int beyond `MASK`.
    """

    def __init__(self) -> None:
        self._stamps = array("I", [0] * RING)
        self._first = array("H", [0] * RING)
        self._second = array("H", [0] * RING)
        self._put = 0
        self._got = 0

    def take(self, stamp_us: int, first: int, second: int) -> None:
        """Keep one sample of each sensor; called by the timer."""
        at = self._put & (RING - 1)
        self._stamps[at] = stamp_us
        self._first[at] = first
        self._second[at] = second
        self._put = (self._put + 1) & _COUNTED

    def lost(self) -> int:
        """How many samples were overwritten before they were read; they are skipped."""
        waiting = (self._put - self._got) & _COUNTED
        # The slot that the timer may be writing just now is not read either.
        if waiting < RING:
            return 0
        gone = waiting - RING // 2
        self._got = (self._got + gone) & _COUNTED
        return gone

    def next(self) -> tuple[int, int, int] | None:
        """The oldest sample not read yet: its time in microseconds, and the two readings."""
        if self._got == self._put:
            return None
        at = self._got & (RING - 1)
        found = self._stamps[at], self._first[at], self._second[at]
        self._got = (self._got + 1) & _COUNTED
        return found


class Light:
    """One light as its sensor sees it. `lit`: None until it was told what is bright."""

    def __init__(self, floor: int, ceiling: int) -> None:
        self._floor, self._ceiling = floor, ceiling
        self._low = self._high = self._hold_us = 0
        self._after_us: int | None = None
        self._strange = 0
        self.watched = False
        self.lit: bool | None = None
        self.broken = False
        self._begin_again()

    def watch(self, low: int, high: int, hold_us: int) -> None:
        """Call it lit from `high` on, and dark once below `low` for `hold_us`."""
        self._low, self._high, self._hold_us = low, high, hold_us
        self.watched, self.lit, self._after_us = True, None, None

    def take(self, stamp_us: int, level: int) -> int | None:
        """Look at a sample. The time (us) of an edge, where it shows one; `lit` is then new."""
        self._count(level)
        if not self.watched:
            return None
        if self.lit is None:
            self.lit = level >= self._high
            return stamp_us
        if not self.lit:
            if level < self._high:
                return None
            self.lit, self._after_us = True, None
            return stamp_us
        if level >= self._low:
            self._after_us = None
            return None
        if self._after_us is None:
            self._after_us = stamp_us
        if (stamp_us - self._after_us) & MASK < self._hold_us:
            return None
        self.lit = False
        return self._after_us

    def figures(self) -> tuple[int, int, int, int]:
        """Samples since it was asked last; their least, mean and greatest reading."""
        told = self._samples, self._least, self._sum // max(1, self._samples), self._most
        self._begin_again()
        return told

    def _begin_again(self) -> None:
        self._samples = self._sum = self._most = 0
        self._least = 65535

    def _count(self, level: int) -> None:
        self._samples += 1
        self._sum += level
        self._least, self._most = min(self._least, level), max(self._most, level)
        inside = self._floor <= level <= self._ceiling
        self._strange = 0 if inside else min(self._strange + 1, BROKEN_AFTER)
        self.broken = self._strange == BROKEN_AFTER
