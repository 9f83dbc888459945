"""Bytes of which each is known to have left by a time."""

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate


@dataclass(frozen=True, slots=True)
class Timed:
    """Some bytes, and when they had left.

    `marks`: (count, Unix time in s): the first so many bytes had left by then; counts go up to the
    length of `data`, and none is there twice.
    """

    data: bytes = b""
    marks: tuple[tuple[int, float], ...] = ()

    @classmethod
    def of(cls, pieces: Sequence[tuple[bytes, float]]) -> "Timed":
        """Pieces one after the other, each with its Unix time (s)."""
        full = [piece for piece in pieces if piece[0]]
        ends = accumulate(len(data) for data, _ in full)
        marks = tuple((end, at_s) for end, (_, at_s) in zip(ends, full, strict=True))
        return cls(b"".join(data for data, _ in full), marks)

    @classmethod
    def joined(cls, parts: Sequence["Timed"]) -> "Timed":
        """Parts one after the other."""
        marks, begins = list[tuple[int, float]](), 0
        for part in parts:
            marks += [(begins + count, at_s) for count, at_s in part.marks]
            begins += len(part.data)
        return cls(b"".join(part.data for part in parts), tuple(marks))

    def __len__(self) -> int:
        return len(self.data)

    def cut(self, start: int, end: int) -> "Timed":
        """The bytes from `start` up to `end`, both brought into range."""
        start, end = max(0, start), min(len(self.data), end)
        if start >= end:
            return Timed()
        first = bisect_right(self.marks, start, key=_count)
        last = bisect_left(self.marks, end, key=_count)
        some = self.marks[first : last + 1]
        marks = tuple((min(count, end) - start, at_s) for count, at_s in some)
        return Timed(self.data[start:end], marks)

    def left_in(self, from_unix_s: float, until_unix_s: float) -> tuple[int, int]:
        """From which byte to which it left in a span of Unix time (s); the same where none did."""
        inside = [
            n for n, (_, at_s) in enumerate(self.marks) if from_unix_s <= at_s <= until_unix_s
        ]
        if not inside:
            return 0, 0
        start = self.marks[inside[0] - 1][0] if inside[0] else 0
        return start, self.marks[inside[-1]][0]

    @property
    def from_unix_s(self) -> float:
        """When the first of it had left; it must hold some."""
        return self.marks[0][1]

    @property
    def until_unix_s(self) -> float:
        """When all of it had left; it must hold some."""
        return max(at_s for _, at_s in self.marks)


def _count(mark: tuple[int, float]) -> int:
    return mark[0]
