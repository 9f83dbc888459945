"""The cloud's time; what takes a day can be let pass."""

from collections.abc import Callable


class CloudClock:
    """`now_s()` stamps what comes in; `later_s()` is what syncs, links and deadlines go by.

    The two differ by what was let pass: nobody waits a day for a replica in a test.
    """

    def __init__(self, now_s: Callable[[], float]) -> None:
        """`now_s` tells Unix time in seconds."""
        self.now_s = now_s
        self._passed_s = 0.0

    def later_s(self) -> float:
        """Unix time (s) with all that was let pass."""
        return self.now_s() + self._passed_s

    def let_pass(self, seconds: float) -> None:
        """Run ahead; `ValueError` for a time that is not ahead."""
        if not 0.0 <= seconds < 1e9:
            raise ValueError(f"{seconds} s cannot be let pass")
        self._passed_s += seconds
