"""When a fault begins: so many seconds after the capture did."""

from collections.abc import Callable
from contextlib import ExitStack

from harness.clock import Clock


class Onset:
    """Known once the play has begun.

    `at_once`: what is done at that instant, once. What it must take back it puts on the stack that
    it gets: this is done when the next play begins, and at `lift`.
    """

    def __init__(
        self, clock: Clock, after_s: float, at_once: Callable[[ExitStack], None] = lambda _: None
    ) -> None:
        self._clock, self._after_s, self._at_once = clock, after_s, at_once
        self._at_unix_s: float | None = None
        self._done = False
        self._lasting = ExitStack()

    def begin(self) -> None:
        """The capture begins now."""
        self.lift()
        self._at_unix_s, self._done = self._clock.now_s() + self._after_s, False

    def lift(self) -> None:
        """Take back what was done; safe to call twice."""
        self._lasting.close()

    @property
    def unix_s(self) -> float:
        """When it begins; never, as long as no play has begun."""
        return float("inf") if self._at_unix_s is None else self._at_unix_s

    def passed(self) -> bool:
        """Whether it has begun; does what is to be done then."""
        if self._clock.now_s() < self.unix_s:
            return False
        if not self._done:
            self._done = True
            self._at_once(self._lasting)
        return True
