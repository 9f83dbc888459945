"""What a connection carried as it was sent, by TCP's own count of bytes."""

from dataclasses import dataclass, field

from harness.wire.payload.tshark import Segment

_COUNT = 1 << 32


@dataclass(slots=True)
class PlainContent:
    """One direction's bytes, each once, in order; of no more than `most` bytes."""

    most: int
    _first: int | None = None
    _size: int = 0
    _segments: list[tuple[int, bytes, float]] = field(default_factory=list)

    def add(self, segment: Segment) -> None:
        """Take the next segment that the tap saw, sent again or out of order perhaps."""
        if not segment.raw or self._size > self.most:
            return
        if self._first is None:
            self._first = segment.at
        # The count goes round; what lies before the first is far behind, not far ahead.
        offset = (segment.at - self._first + _COUNT // 2) % _COUNT - _COUNT // 2
        self._segments.append((offset, segment.raw, segment.unix_s))
        self._size += len(segment.raw)

    def joined(self) -> tuple[list[tuple[bytes, float]], bool]:
        """The bytes with the Unix time (s) at which they had first left, and whether some were
        other ones when they came again. (A single byte only asks who is still there.)
        """
        found, changed = list[tuple[bytes, float]](), False
        there, there_at = b"", 0
        for offset, raw, unix_s in sorted(self._segments, key=lambda each: (each[0], each[2])):
            # Up to the furthest byte nothing is missing from where the piece before began.
            there, there_at = there[offset - there_at :], offset
            known = min(len(there), len(raw))
            changed |= len(raw) > 1 and raw[:known] != there[:known]
            if known < len(raw):
                found.append((raw[known:], unix_s))
                there += raw[known:]
        return found, changed
