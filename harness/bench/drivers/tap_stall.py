"""A tap that runs and keeps nothing: held up, blind, or on a disk that does not take it.

It looks alive, and only what should be in the capture tells. So each canary that is sent while a
scene plays has to be in the capture soon, and the play ends where one is not: it could prove
nothing any more.
"""

from collections.abc import Callable

from harness.clock import Clock

STALL_S = 5.0
"""A canary has to be in the capture so long after it was sent; dumpcap takes about 0.3 s."""


class StallWatch:
    """Which canaries are still to come, and since when."""

    def __init__(self, clock: Clock) -> None:
        """None was sent yet."""
        self._clock = clock
        self._awaited: list[tuple[float, Callable[[], bool]]] = []

    def expect(self, is_there: Callable[[], bool]) -> None:
        """A canary is sent now; `is_there`: whether the capture holds it."""
        self._awaited.append((self._clock.monotonic_s(), is_there))

    def forget(self) -> None:
        """The capture is over."""
        self._awaited.clear()

    def trouble(self) -> str | None:
        """What is wrong where one did not come; None while all is well."""
        while self._awaited and self._awaited[0][1]():
            del self._awaited[0]
        if not self._awaited:
            return None
        late_s = self._clock.monotonic_s() - self._awaited[0][0]
        if late_s <= STALL_S:
            return None
        return (
            f"tap: stalled: it runs, but a canary sent {late_s:.0f} s ago is not in its capture. "
            "Is it stopped, its disk slow, or its interface or filter not the device's?"
        )
