"""The device's own clock, handed in, so that a simulated one can stand in for it."""

import time
from typing import Protocol


class Clock(Protocol):
    """Tells Unix time in seconds."""

    def now_s(self) -> float:
        """Unix time in seconds."""
        ...


class WallClock:
    """The machine's clock."""

    def now_s(self) -> float:
        """Unix time in seconds."""
        return time.time()


class SteppedClock:
    """A clock that moves only when told to; for tests and simulations."""

    def __init__(self, start_s: float = 0.0) -> None:
        self._now_s = start_s

    def now_s(self) -> float:
        """Simulated Unix time in seconds."""
        return self._now_s

    def advance_s(self, by_s: float) -> None:
        """Move the clock forward by that many seconds."""
        self._now_s += by_s
