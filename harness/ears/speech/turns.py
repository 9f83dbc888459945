"""From frames to events: when speech begins, pauses, goes on, and ends. One frame at a time."""

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from harness.ears.cancel.blocks import RATE_HZ
from harness.ears.speech.bands import STEP
from harness.ears.speech.edges import first_sample
from harness.ears.speech.events import Event, EventKind, Speech
from harness.ears.speech.scan import Frames, Scanner
from harness.ears.speech.segments import Segment, evidence_for, sureness

# Sound is a new segment after so many quiet frames (80 ms).
PAUSE = 5
# Sound that is not known to be speech yet is waited for, so long at most.
_WAITED = 63
_TINY = 1e-20


@dataclass(slots=True)
class _Turn:
    """Speech so far: from sample `start`; its last sound was in frame `last`."""

    start: int
    last: int
    paused: bool = False
    evidence: float = 0.0
    over: float = 0.0
    rest: float = 0.0
    frames: int = field(default=0)


class Turns:
    """Makes events of frames. `quiet_s`: after so much quiet speech has ended.

    `paused`: called with first and last sample of each segment of speech, once it has paused.
    `ended`: completes speech that has ended, given the sample at which that was known.
    """

    def __init__(
        self,
        scanner: Scanner,
        quiet_s: float,
        least_sure: float,
        paused: Callable[[int, int], None],
        ended: Callable[[Speech, int], Speech],
    ) -> None:
        self._scanner, self._paused, self._ended = scanner, paused, ended
        self._quiet = round(quiet_s * RATE_HZ / STEP)
        self._least = evidence_for(least_sure)
        self._segment: Segment | None = None
        self._turn: _Turn | None = None
        self._sums = (0.0, 0.0, 0)

    def feed(self, frames: Frames) -> list[Event]:
        """Events of the next frames, in the order in which they could be known."""
        events: list[Event] = []
        sounding = frames.sounding.tolist()
        for i in range(len(frames)) if self._busy or frames.sounding.any() else ():
            if sounding[i]:
                self._sound(frames, i, events)
            elif self._busy:
                self._silence(frames.first + i, events)
        return events

    def finish(self, frame: int) -> list[Event]:
        """What is left to say when there are no more frames; `frame` would be the next."""
        events: list[Event] = []
        if self._segment is not None:
            self._close(frame, events)
        if self._turn is not None:
            events.append(self._end(frame))
        return events

    @property
    def _busy(self) -> bool:
        return self._segment is not None or self._turn is not None

    def _sound(self, frames: Frames, i: int, events: list[Event]) -> None:
        frame = frames.first + i
        if self._segment is None:
            self._segment = Segment(frame)
            self._sums = (0.0, 0.0, 0)
        segment = self._segment
        heard = frames.heard[i]
        segment.add(frame, float(frames.voice[i]), frames.left[i], heard if heard.any() else None)
        over, rest, count = self._sums
        self._sums = (over + float(frames.over[i]), rest + float(frames.rest[i]), count + 1)
        if segment.weigh(self._least) >= self._least and not segment.confirmed:
            self._confirm(segment, frame, events)
        if segment.confirmed and self._turn is not None:
            self._turn.last = frame

    def _confirm(self, segment: Segment, frame: int, events: list[Event]) -> None:
        segment.confirmed = True
        start = first_sample(self._scanner.tape, segment.begin())
        known_at = (frame + 1) * STEP
        if self._turn is None:
            self._turn = _Turn(start, frame)
            events.append(Event(EventKind.ONSET, start, known_at))
        elif self._turn.paused:
            self._turn.paused = False
            events.append(Event(EventKind.RESUMED, start, known_at))

    def _silence(self, frame: int, events: list[Event]) -> None:
        segment, turn = self._segment, self._turn
        if segment is not None and frame - segment.last >= PAUSE:
            self._close(frame + 1, events)
        if turn is None or not turn.paused or frame - turn.last < self._quiet:
            return
        waiting = self._segment is not None and frame - turn.last < self._quiet + _WAITED
        if not waiting:
            events.append(self._end(frame + 1))

    def _close(self, known: int, events: list[Event]) -> None:
        """A segment is over; if it was speech, that may have been its end."""
        segment, turn = self._segment, self._turn
        self._segment = None
        if segment is None or turn is None or not segment.confirmed:
            return
        turn.paused = True
        turn.evidence = max(turn.evidence, segment.evidence)
        over, rest, count = self._sums
        turn.over, turn.rest, turn.frames = turn.over + over, turn.rest + rest, turn.frames + count
        self._paused(segment.start * STEP, turn.last * STEP)
        events.append(Event(EventKind.PAUSE, turn.last * STEP, known * STEP))

    def _end(self, known: int) -> Event:
        turn, self._turn = self._turn, None
        assert turn is not None
        end = turn.last * STEP
        over, rest = turn.over / turn.frames + _TINY, turn.rest / turn.frames + _TINY
        speech = Speech(
            start=turn.start,
            end=end,
            level_db=10 * float(np.log10(over)),
            over_rest_db=10 * float(np.log10(over / rest)),
            sure=sureness(turn.evidence),
        )
        return Event(EventKind.END, end, known * STEP, self._ended(speech, known * STEP))
