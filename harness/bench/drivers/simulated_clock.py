"""A simulated clock with an agenda, so that simulated parts act while somebody else waits."""

import heapq
from collections.abc import Callable

from harness.clock import SimulatedClock


class AgendaClock(SimulatedClock):
    """Moves only when somebody waits; on the way it does what is due, each at its own time."""

    def __init__(self, start_s: float = 0.0) -> None:
        super().__init__(start_s)
        self._agenda: list[tuple[float, int, Callable[[], None]]] = []
        self._count = 0

    def do_at(self, unix_s: float, deed: Callable[[], None]) -> None:
        """Do `deed` when the clock passes `unix_s` (s); what is past already, at the next wait.

        A deed must not wait itself. Deeds of one time are done in the order in which they came.
        """
        self._count += 1
        heapq.heappush(self._agenda, (unix_s, self._count, deed))

    def forget(self) -> None:
        """Let go of all that was to be done."""
        self._agenda.clear()

    def wait_s(self, seconds: float) -> None:
        """Move the clock forward past all that is due until then."""
        until_s = self._now_s + max(0.0, seconds)
        while self._agenda and self._agenda[0][0] <= until_s:
            due_s, _, deed = heapq.heappop(self._agenda)
            # Set, not added to: the same deed is to be done at the same time, however one waits.
            self._now_s = max(self._now_s, due_s)
            deed()
        self._now_s = until_s
