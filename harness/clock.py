"""The run's one clock, real or simulated.

Everything that waits is handed a `Clock`, so that the same code runs against wall time on a
bench and against simulated time in a test, where waiting costs nothing.
"""

import time
from abc import ABC, abstractmethod
from dataclasses import dataclass


class Clock(ABC):
    """Tells the time in Unix seconds and waits."""

    @abstractmethod
    def now_s(self) -> float:
        """Unix time in seconds (the base that the kernel stamps packets with)."""

    @abstractmethod
    def monotonic_s(self) -> float:
        """Seconds that never go back, for deadlines only."""

    @abstractmethod
    def wait_s(self, seconds: float) -> None:
        """Return after `seconds`; zero or less returns at once."""


class RealClock(Clock):
    """The machine's own clock."""

    def now_s(self) -> float:
        """Unix time in seconds."""
        return time.time()

    def monotonic_s(self) -> float:
        """Seconds that never go back."""
        return time.monotonic()

    def wait_s(self, seconds: float) -> None:
        """Sleep; zero or less returns at once."""
        if seconds > 0:
            time.sleep(seconds)


class SimulatedClock(Clock):
    """A clock that moves only when somebody waits, or when it is told to."""

    def __init__(self, start_s: float = 0.0) -> None:
        self._now_s = start_s

    def now_s(self) -> float:
        """Simulated Unix time in seconds."""
        return self._now_s

    def monotonic_s(self) -> float:
        """Simulated seconds."""
        return self._now_s

    def wait_s(self, seconds: float) -> None:
        """Move the clock forward; zero or less changes nothing."""
        self._now_s += max(0.0, seconds)


@dataclass(frozen=True, slots=True)
class Deadline:
    """A point on a clock by which something must have happened; handed down, never recomputed."""

    clock: Clock
    at_monotonic_s: float

    @classmethod
    def after(cls, clock: Clock, seconds: float) -> "Deadline":
        """The deadline `seconds` from now."""
        return cls(clock, clock.monotonic_s() + seconds)

    def remaining_s(self) -> float:
        """Seconds left, never below zero."""
        return max(0.0, self.at_monotonic_s - self.clock.monotonic_s())

    def passed(self) -> bool:
        """Whether it is over."""
        return self.clock.monotonic_s() >= self.at_monotonic_s
