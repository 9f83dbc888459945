"""What lies near a time: found by halving, not by looking through a whole day of events.

Every question gives what may matter, in order of time; whoever asks still applies a condition of
its own. So none can change what is ruled, only how long it takes. `touched` alone is exact.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator, Sequence
from itertools import accumulate
from typing import Generic, TypeVar

T = TypeVar("T")


class Near(Generic[T]):
    """Things with a beginning and an end (s), in order of their beginnings."""

    __slots__ = ("_items", "_reached_s", "_starts_s")

    def __init__(
        self, items: Sequence[T], start_s: Callable[[T], float], end_s: Callable[[T], float]
    ) -> None:
        self._items = items
        self._starts_s = list(map(start_s, items))
        self._reached_s = list(accumulate(map(end_s, items), max))

    def __len__(self) -> int:
        return len(self._items)

    def __iter__(self) -> Iterator[T]:
        return iter(self._items)

    def touching(self, from_s: float, until_s: float) -> Sequence[T]:
        """All that begin by `until_s` and end at `from_s` or later; some that end before may be
        among them, where something before them is longer.
        """
        low = bisect_left(self._reached_s, from_s)
        return self._items[low : bisect_right(self._starts_s, until_s)]

    def touched(self, from_s: float, until_s: float) -> bool:
        """Whether anything begins by `until_s` and ends at `from_s` or later."""
        # The first by which that end is reached ends there itself.
        low = bisect_left(self._reached_s, from_s)
        return low < len(self._items) and self._starts_s[low] <= until_s

    def beginning(self, from_s: float, until_s: float) -> Sequence[T]:
        """All that begin in a span, both ends included."""
        low = bisect_left(self._starts_s, from_s)
        return self._items[low : bisect_right(self._starts_s, until_s)]

    def from_on(self, from_s: float) -> Iterator[T]:
        """All that begin at `from_s` or later, one by one."""
        rest = range(bisect_left(self._starts_s, from_s), len(self._items))
        return map(self._items.__getitem__, rest)
