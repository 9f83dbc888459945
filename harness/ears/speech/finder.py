"""Finds speech that was not played, as it comes.

listener's residual ─▶ frames ─▶ turns ─▶ onset, pause, resumed, end ─▶ doubted? whose? ─▶ events
stretches ───────────────────────────────────────────▶ could not listen ─┘    ▲
residual beside the device ───────────────────────────────────────────────────┘
"""

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, replace

from harness.ears.cancel import Cancelled, Doubt, Stretch
from harness.ears.speech.bands import STEP, Tape
from harness.ears.speech.events import Event, Speech, Unheard
from harness.ears.speech.scan import KEPT, Scanner
from harness.ears.speech.turns import Turns
from harness.ears.speech.unheard import Listening, merged
from harness.ears.speech.whose import LONGEST, Comparison, Placement
from harness.model.timeline import WhoseVoice


class Finder:
    """A stream of what subtraction left in, a stream of events out.

    `quiet_s`: speech has ended after so much quiet. `least_sure`: what is less sure is no speech;
    lower finds more, and more that is none. `placement`: where the device is, by the two
    microphones; without it nothing is attributed.

    Events do not depend on how the pieces were cut. Memory is bounded.
    """

    def __init__(
        self, *, quiet_s: float = 0.7, least_sure: float = 0.5, placement: Placement | None = None
    ) -> None:
        if not 0.1 <= quiet_s <= 10.0:
            raise ValueError(f"quiet_s is {quiet_s}; it must be from 0.1 to 10 seconds")
        if not 0.0 < least_sure < 1.0:
            raise ValueError(f"least_sure is {least_sure}; it must be between 0 and 1")
        self._placement = placement
        self._scanner = Scanner()
        self._turns = Turns(self._scanner, quiet_s, least_sure, self._compare, self._complete)
        self._listening = Listening()
        self._residual, self._stimulus, self._beside = Tape(0), Tape(0), Tape(KEPT)
        self._stretches: deque[Stretch] = deque()
        self._two: bool | None = None
        self._comparison = Comparison()
        self._at = 0

    def push(self, piece: Cancelled, beside: Cancelled | None = None) -> tuple[Event, ...]:
        """The next piece of the listener's microphone, and of the one beside the device.

        The two need not be of one length: what one has and the other has not is waited for.
        Returns what can be said now. Raises `ValueError` for a piece that does not follow on the
        last one of its microphone, and for a second microphone that was not there from the start.
        """
        _check(piece, self._residual.end)
        if self._two is None:
            self._two = beside is not None
        if beside is not None:
            if not self._two:
                raise ValueError("the microphone beside the device was not there from the start")
            _check(beside, self._beside.end)
            self._beside.push(beside.residual)
        self._residual.push(piece.residual)
        self._stimulus.push(piece.stimulus)
        self._stretches.extend(piece.stretches)
        return self._heard(min(self._residual.end, self._beside.end if self._two else 1 << 62))

    def finish(self) -> tuple[Event, ...]:
        """What is left to say, after the last piece: that of `Canceller.finish`."""
        events = self._heard(self._residual.end)
        self._listening.finish(self._at // STEP)
        return (*events, *self._in_order(self._turns.finish(self._at // STEP)))

    def _heard(self, until: int) -> tuple[Event, ...]:
        """Go on until a sample that is there from both microphones."""
        at, self._at = self._at, until
        frames = self._scanner.push(self._residual.read(at, until), self._stimulus.read(at, until))
        self._listening.dead(frames)
        while self._stretches and self._stretches[0].end <= until:
            self._listening.stretch(self._stretches.popleft())
        events = self._turns.feed(frames)
        self._residual.forget(until)
        self._stimulus.forget(until)
        self._beside.forget(until - KEPT)
        return self._in_order(events)

    def _compare(self, start: int, end: int) -> None:
        if self._two:
            start = max(start, end - LONGEST)
            self._comparison.add(self._scanner.tape.read(start, end), self._beside.read(start, end))

    def _complete(self, speech: Speech, known_at: int) -> Speech:
        """Speech that has ended, with whose it is and what is doubted of it."""
        compared, self._comparison = self._comparison.result(), Comparison()
        doubts = self._listening.doubts(speech.start, speech.end, known_at)
        if compared is None:
            return replace(speech, doubts=doubts)
        lead_s, louder_db = compared
        placed = self._placement
        whose = WhoseVoice.UNATTRIBUTED if placed is None else placed.whose(lead_s, louder_db)
        return replace(speech, doubts=doubts, whose=whose, lead_s=lead_s, louder_db=louder_db)

    def _in_order(self, events: list[Event]) -> tuple[Event, ...]:
        """With what could not be heard; in the order in which it could be known."""
        return tuple(sorted([*self._listening.told(), *events], key=lambda one: one.known_at))


def _check(piece: Cancelled, at: int) -> None:
    if piece.start != at:
        raise ValueError(
            f"a piece that starts at sample {piece.start} does not follow on {at}; hand over every "
            "piece of one canceller, in order"
        )


@dataclass(frozen=True, slots=True)
class Found:
    """Speech in a whole recording, what could not be heard of it, and the events as they came.

    `Speech.doubts` here also hold what was only known after its end.
    """

    speech: tuple[Speech, ...]
    unheard: tuple[Unheard, ...]
    events: tuple[Event, ...]


def find(
    piece: Cancelled,
    beside: Cancelled | None = None,
    *,
    quiet_s: float = 0.7,
    least_sure: float = 0.5,
    placement: Placement | None = None,
) -> Found:
    """The same for a recording whose residual is there as a whole, in memory."""
    finder = Finder(quiet_s=quiet_s, least_sure=least_sure, placement=placement)
    return gathered((*finder.push(piece, beside), *finder.finish()))


def gathered(events: Sequence[Event]) -> Found:
    """What all events of a recording come to."""
    unheard = merged([event.unheard for event in events if event.unheard is not None])
    speech = tuple(
        replace(said, doubts=_doubts(said, unheard))
        for said in (event.speech for event in events)
        if said is not None
    )
    return Found(speech, unheard, tuple(events))


def _doubts(speech: Speech, unheard: Sequence[Unheard]) -> tuple[Doubt, ...]:
    there = (u for u in unheard if u.start < speech.end and speech.start < u.end)
    return tuple(sorted({doubt for span in there for doubt in span.doubts}))
