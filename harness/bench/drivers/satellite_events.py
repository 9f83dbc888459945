"""Events of a Wyoming satellite as they come in pieces, and the light that they amount to.

A line of JSON, then data and payload of the lengths that it tells. What is no event is kept, with
the reason, and the reading goes on after it.
"""

import json
from dataclasses import dataclass

from harness.model.timeline import LightState

_LONGEST_LINE = 64 * 1024
_LONGEST_PART = 4 << 20
_MOST_TOLD = 100


class EventStream:
    """Bytes in, types of events out. `odd`: how many lines were no event; `malformed`: the first of
    them, each with the reason.
    """

    def __init__(self) -> None:
        self.malformed: list[str] = []
        self.odd = 0
        self._pending = b""
        self._skip = 0

    def take(self, data: bytes) -> list[str]:
        """The types of the events that `data` completes, in order."""
        self._pending += data
        found: list[str] = []
        while self._pending:
            skipped = min(self._skip, len(self._pending))
            self._pending, self._skip = self._pending[skipped:], self._skip - skipped
            line, end, rest = self._pending.partition(b"\n")
            if not end:
                if len(self._pending) > _LONGEST_LINE:
                    self._note(self._pending, f"a line longer than {_LONGEST_LINE} bytes")
                    self._pending = b""
                break
            self._pending = rest
            kind = self._head(line)
            if kind is not None:
                found.append(kind)
        return found

    def _head(self, line: bytes) -> str | None:
        try:
            head = json.loads(line)
            kind = head["type"]
            lengths = [head.get(name) or 0 for name in ("data_length", "payload_length")]
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
            self._note(line, f"{type(error).__name__}: {error}")
            return None
        if not isinstance(kind, str) or not all(
            type(each) is int and 0 <= each <= _LONGEST_PART for each in lengths
        ):
            self._note(line, "a type or length that is none")
            return None
        self._skip = sum(lengths)
        return kind

    def _note(self, line: bytes, why: str) -> None:
        self.odd += 1
        if len(self.malformed) < _MOST_TOLD:
            self.malformed.append(f"{line[:80]!r}: {why}")


@dataclass(slots=True)
class SatelliteLight:
    """What a light on the satellite would show, by what it says that it does."""

    streaming: bool = False
    speaking: bool = False

    def after(self, kind: str) -> LightState | None:
        """The light after an event of this type; None where such an event changes nothing."""
        if kind == "streaming-started":
            self.streaming = True
        elif kind == "streaming-stopped":
            self.streaming = False
        elif kind in ("audio-start", "audio-stop", "played"):
            self.speaking = kind == "audio-start"
        else:
            return None
        return self.now

    @property
    def now(self) -> LightState:
        """The light now: that it listens comes before that it speaks, for it says more."""
        if self.streaming:
            return LightState.LISTENING
        return LightState.SPEAKING if self.speaking else LightState.IDLE
