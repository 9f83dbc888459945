"""Finds speech that was not played, as it comes.

listener's residual ─▶ frames ─▶ turns ─▶ onset, pause, resumed, end ─▶ doubted? whose? ─▶ events
stretches ───────────────────────────────────────────▶ could not listen ─┘    ▲
residual beside the device ───────────────────────────────────────────────────┘
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from harness.ears.cancel import Cancelled, Doubt
from harness.ears.speech.bands import STEP, Tape
from harness.ears.speech.events import Event, Speech, Unheard, Whose
from harness.ears.speech.scan import KEPT, Scanner
from harness.ears.speech.turns import Turns
from harness.ears.speech.unheard import Listening, merged
from harness.ears.speech.whose import Comparison, Placement


class Finder:
    """A stream of what subtraction left in, a stream of events out.

    `quiet_s`: speech has ended after so much quiet. `least_sure`: what is less sure is no speech; at
    0.5 false alarms are rare, and lower finds more. `placement`: where the device is, by the two
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
        self._beside = Tape(KEPT)
        self._two = False
        self._comparison = Comparison()
        self._at = 0

    def push(self, piece: Cancelled, beside: Cancelled | None = None) -> tuple[Event, ...]:
        """The next piece of the listener's microphone, and the same of the one beside the device.

        Returns what can be said now. Raises `ValueError` for a piece that does not follow on the
        last one, and for pieces of the two microphones that are not of the same samples.
        """
        self._check(piece, beside)
        self._at += len(piece.residual)
        if beside is not None:
            self._beside.forget(self._at - len(piece.residual) - KEPT)
            self._beside.push(beside.residual)
        frames = self._scanner.push(piece.residual, piece.stimulus)
        self._listening.dead(frames)
        self._listening.stretches(piece.stretches)
        return self._in_order(self._turns.feed(frames))

    def finish(self) -> tuple[Event, ...]:
        """What is left to say, after the last piece: that of `Canceller.finish`."""
        self._listening.finish(self._at // STEP)
        return self._in_order(self._turns.finish(self._at // STEP))

    def _check(self, piece: Cancelled, beside: Cancelled | None) -> None:
        if piece.start != self._at:
            raise ValueError(
                f"a piece that starts at sample {piece.start} does not follow on {self._at}; hand "
                "over every piece of one canceller, in order"
            )
        if beside is None and not self._two:
            return
        same = beside is not None and (beside.start, len(beside.residual)) == (
            piece.start,
            len(piece.residual),
        )
        if not same or (self._at and not self._two):
            raise ValueError(
                "pieces of the two microphones are not of the same samples; hand over both from "
                "the beginning, piece by piece"
            )
        self._two = True

    def _compare(self, start: int, end: int) -> None:
        if self._two:
            listener = self._scanner.tape.read(start, end)
            self._comparison.add(listener, self._beside.read(start, end)[-len(listener) :])

    def _complete(self, speech: Speech, known_at: int) -> Speech:
        """Speech that has ended, with whose it is and what is doubted of it."""
        compared, self._comparison = self._comparison.result(), Comparison()
        doubts = self._listening.doubts(speech.start, speech.end, known_at)
        if compared is None:
            return replace(speech, doubts=doubts)
        lead_s, louder_db = compared
        placed = self._placement
        whose = Whose.UNATTRIBUTED if placed is None else placed.whose(lead_s, louder_db)
        return replace(speech, doubts=doubts, whose=whose, lead_s=lead_s, louder_db=louder_db)

    def _in_order(self, events: list[Event]) -> tuple[Event, ...]:
        """With what could not be heard; in the order in which it could be known."""
        return tuple(sorted([*self._listening.told(), *events], key=lambda one: one.known_at))


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
