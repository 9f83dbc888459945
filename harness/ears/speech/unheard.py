"""When nothing could be heard: stretches that subtraction doubts, and a microphone that is dead."""

from collections import deque
from collections.abc import Sequence

from harness.ears.cancel import Doubt, Stretch
from harness.ears.cancel.stretches import STRETCH
from harness.ears.speech.bands import STEP
from harness.ears.speech.events import Event, EventKind, Unheard
from harness.ears.speech.scan import Frames

# These are seen half a second or more after they began.
_SEEN_LATE = frozenset({Doubt.PATH_CHANGED, Doubt.LEVEL_CHANGED, Doubt.NOT_PLAYED, Doubt.DISTORTED})
# A dead microphone is said so after so many frames (48 ms), and again for every second of it.
_DEAD = 3
_DEAD_AT_MOST = STRETCH // STEP
_REMEMBERED = 4_096


class Listening:
    """Knows when there was anything to be heard."""

    def __init__(self) -> None:
        self._spans: deque[tuple[int, Unheard]] = deque(maxlen=_REMEMBERED)
        self._events: list[Event] = []
        self._dead_from: int | None = None

    def stretch(self, stretch: Stretch) -> None:
        """Take in the next stretch."""
        if stretch.doubts:
            late = STRETCH if _SEEN_LATE.intersection(stretch.doubts) else 0
            start = max(0, stretch.start - late)
            self._say(Unheard(start, stretch.end, stretch.doubts), stretch.end)

    def dead(self, frames: Frames) -> None:
        """Take in whether the microphone was dead, frame by frame."""
        if self._dead_from is None and not frames.dead.any():
            return
        for frame, dead in enumerate(frames.dead.tolist(), start=frames.first):
            if dead and self._dead_from is None:
                self._dead_from = frame
            elif not dead:
                self._end_dead(frame)
            if self._dead_from is not None and frame + 1 - self._dead_from >= _DEAD_AT_MOST:
                self._end_dead(frame + 1)

    def _end_dead(self, frame: int) -> None:
        start, self._dead_from = self._dead_from, None
        if start is not None and frame - start >= _DEAD:
            self._say(Unheard(start * STEP, frame * STEP, (Doubt.DEAD,)), (frame + 1) * STEP)

    def _say(self, unheard: Unheard, known_at: int) -> None:
        self._spans.append((known_at, unheard))
        self._events.append(Event(EventKind.UNHEARD, unheard.start, known_at, unheard=unheard))

    def doubts(self, start: int, end: int, known_at: int) -> tuple[Doubt, ...]:
        """What was doubted between two samples, as far as it was known at `known_at`."""
        found = {
            doubt
            for known, span in self._spans
            if known <= known_at and span.start < end and start < span.end
            for doubt in span.doubts
        }
        return tuple(sorted(found))

    def told(self) -> list[Event]:
        """What there is to say since the last call."""
        events, self._events = self._events, []
        return events

    def finish(self, frame: int) -> None:
        """There are no more frames; `frame` would be the next."""
        self._end_dead(frame)


def merged(unheard: Sequence[Unheard]) -> tuple[Unheard, ...]:
    """The same as whole spans: those that touch are one, for all their reasons."""
    found: list[Unheard] = []
    for span in sorted(unheard, key=lambda one: one.start):
        if found and span.start <= found[-1].end:
            last = found.pop()
            doubts = tuple(sorted({*last.doubts, *span.doubts}))
            span = Unheard(last.start, max(last.end, span.end), doubts)
        found.append(span)
    return tuple(found)
