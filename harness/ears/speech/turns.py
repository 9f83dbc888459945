"""From frames to events: when speech begins, pauses, goes on, and ends. One frame at a time."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from harness.ears.cancel.blocks import RATE_HZ
from harness.ears.speech.bands import STEP
from harness.ears.speech.clatter import Clatter
from harness.ears.speech.edges import first_sample
from harness.ears.speech.events import Event, EventKind, Speech
from harness.ears.speech.scan import Frames, Scanner
from harness.ears.speech.segments import Segment, evidence_for, sureness

# An end is told, provisionally, after so many quiet frames (80 ms); the same run of sound goes on
# for so many (0.4 s): what is voiced of the words of one sentence counts together.
PAUSE = 5
_GAP = 25
# Sound that is not known to be speech yet is waited for, so long at most.
_WAITED = 63
# A word that stands alone is no longer than this (0.8 s).
_WORD = 50
# What is so much softer than the speech so far does not prolong it.
_SOFTEST = 1e-3
_TINY = 1e-20


@dataclass(slots=True)
class _Turn:
    """Speech so far: from sample `start`; its last sound was in frame `last`.

    `paused`: a provisional end was told. `begun`: where it last went on. `over`, `rest`: sums of
    mean squares over its `frames`.
    """

    start: int
    last: int
    begun: int
    paused: bool = False
    evidence: float = 0.0
    over: float = 0.0
    rest: float = 0.0
    frames: int = 0

    def holds(self, over: float) -> bool:
        """Whether sound of that mean square belongs to it."""
        return over * self.frames >= _SOFTEST * self.over

    def is_beneath(self, over: float) -> bool:
        """Whether all so far is so much softer than that that it was none of it, but the room."""
        return self.over < _SOFTEST * over * self.frames

    def begin_anew(self, start: int) -> None:
        """What is heard from sample `start` on is the speech."""
        self.start, self.begun = start, max(self.begun, start)
        self.over = self.rest = 0.0
        self.frames = 0


class Turns:
    """Makes events of frames. `quiet_s`: after so much quiet speech has ended.

    `paused`: called with first and last sample of speech without a pause, once it has paused.
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
        self._clatter = Clatter()

    def feed(self, frames: Frames) -> list[Event]:
        """Events of the next frames, in the order in which they could be known."""
        events: list[Event] = []
        sounding = frames.sounding.tolist()
        for i in range(len(frames)) if self._busy or frames.sounding.any() else ():
            if sounding[i]:
                self._sound(frames, i, events)
            if self._busy:
                self._pass(frames.first + i, events)
        return events

    def finish(self, frame: int) -> list[Event]:
        """What is left to say when there are no more frames; `frame` would be the next."""
        events: list[Event] = []
        if self._turn is not None:
            self._pause(self._turn, frame, events)
            events.append(self._end(self._turn, frame))
        return events

    @property
    def _busy(self) -> bool:
        return self._segment is not None or self._turn is not None

    def _sound(self, frames: Frames, i: int, events: list[Event]) -> None:
        frame, segment = frames.first + i, self._segment
        if segment is None:
            segment = self._segment = Segment(frame)
        segment.add(frames, i)
        times = self._clatter.times(frame)
        least = self._least * times
        sure = segment.weigh(least) >= least
        turn = self._turn
        if sure and not segment.confirmed:
            self._confirm(segment, frame, events)
        elif segment.confirmed and turn is not None and turn.holds(float(frames.over[i])):
            if turn.is_beneath(float(frames.over[i])):
                turn.begin_anew(first_sample(self._scanner.tape, frame - 1))
            turn.last = frame
            turn.over += float(frames.over[i])
            turn.rest += float(frames.rest[i])
            turn.frames += 1
            self._resume(turn, frame * STEP, frame, events)
            turn.evidence = max(turn.evidence, segment.evidence / times)

    def _confirm(self, segment: Segment, frame: int, events: list[Event]) -> None:
        segment.confirmed = True
        start = first_sample(self._scanner.tape, segment.begin())
        turn = self._turn
        if turn is None:
            turn = self._turn = _Turn(start, segment.last, start)
            events.append(Event(EventKind.ONSET, start, (frame + 1) * STEP))
        else:
            self._resume(turn, start, frame, events)
        evidence = segment.evidence / self._clatter.times(frame)
        turn.last, turn.evidence = segment.last, max(turn.evidence, evidence)
        turn.over, turn.rest = turn.over + segment.over, turn.rest + segment.rest
        turn.frames += segment.frames

    def _resume(self, turn: _Turn, start: int, frame: int, events: list[Event]) -> None:
        if turn.paused:
            turn.paused, turn.begun = False, start
            events.append(Event(EventKind.RESUMED, start, (frame + 1) * STEP))

    def _pause(self, turn: _Turn, known: int, events: list[Event]) -> None:
        if not turn.paused:
            turn.paused = True
            self._paused(turn.begun, turn.last * STEP)
            events.append(Event(EventKind.PAUSE, turn.last * STEP, known * STEP))

    def _pass(self, frame: int, events: list[Event]) -> None:
        """A frame has gone by: what has been quiet for long enough?"""
        segment = self._segment
        if segment is not None and frame - segment.last == PAUSE and not segment.confirmed:
            short = segment.last - segment.start <= _WORD
            least = self._least * self._clatter.times(frame)
            if short and segment.weigh(least, whole=True) >= least:
                self._confirm(segment, frame, events)
        turn = self._turn
        if turn is not None and frame - turn.last >= PAUSE:
            self._pause(turn, frame + 1, events)
        if segment is not None and frame - segment.last >= _GAP:
            if not segment.confirmed:
                self._clatter.add(segment.last, segment.frames)
            segment = self._segment = None
        if turn is None or frame - turn.last < self._quiet:
            return
        open_ = segment is not None and not segment.confirmed
        if not open_ or frame - turn.last >= self._quiet + _WAITED:
            events.append(self._end(turn, frame + 1))

    def _end(self, turn: _Turn, known: int) -> Event:
        self._turn = None
        if self._segment is not None and self._segment.confirmed:
            self._segment = None
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
