"""When a fault begins: so many seconds after the capture did."""

from collections.abc import Callable

from harness.clock import Clock


class Onset:
    """Known once the play has begun. `at_once`: what is done at that instant, once."""

    def __init__(
        self, clock: Clock, after_s: float, at_once: Callable[[], None] = lambda: None
    ) -> None:
        self._clock, self._after_s, self._at_once = clock, after_s, at_once
        self._at_unix_s: float | None = None
        self._done = False

    def begin(self) -> None:
        """The capture begins now."""
        self._at_unix_s, self._done = self._clock.now_s() + self._after_s, False

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
            self._at_once()
        return True
