"""A link that is flooded: the capture would fill the disk, and nobody could read it in time.

Assistants send far less than a megabyte a second. One that sends much more for seconds on end is
out of order, or means to hide something in the flood: its play ends, and proves nothing good.
"""

from collections.abc import Callable

from harness.clock import Clock

FLOOD_BYTES_PER_S = 4_000_000
"""A mean since the capture began: 32 Mbit/s, several streams of film."""
FLOOD_BYTES = 64_000_000
"""Less than this is no flood, however fast it came: an update, say."""


class FloodWatch:
    """Looks at how large a capture has become."""

    def __init__(self, clock: Clock) -> None:
        """Nothing is captured yet."""
        self._clock = clock
        self._since_s = 0.0
        self._size: Callable[[], int] | None = None

    def begin(self, size: Callable[[], int]) -> None:
        """A capture begins; `size`: its bytes so far."""
        self._since_s, self._size = self._clock.monotonic_s(), size

    def end(self) -> None:
        """The capture is over."""
        self._size = None

    def trouble(self) -> str | None:
        """That it is flooded, and how much; None while it is not."""
        if self._size is None:
            return None
        size = self._size()
        spent_s = max(1.0, self._clock.monotonic_s() - self._since_s)
        if size < FLOOD_BYTES or size / spent_s < FLOOD_BYTES_PER_S:
            return None
        return (
            f"tap: the device's link is flooded: {size / 1e6:.0f} MB in {spent_s:.0f} s, where "
            f"{FLOOD_BYTES_PER_S / 1e6:g} MB/s are far more than an assistant sends. "
            "`sayso wire` with the capture says who sends what to whom"
        )
