"""A long timeline cut where nothing is open, so that each stretch can be judged by itself.

What begins after a cut looks back at nothing before it: no session, no window for an answer, no
follow-up, no activation, no time in which a message may still be sent or an upload be laid to what
was said, and no listening light spans it. Talk in the room keeps nothing open by itself, nor does a
light that does not listen. What does last (mute, power, what the account told, which messages were
delivered) is carried, not cut.
"""

from bisect import bisect_right
from collections.abc import Iterable, Iterator
from itertools import islice, takewhile
from operator import itemgetter

from harness.judge.frame import FAR_S
from harness.judge.gather import Lines
from harness.judge.order import BEGINS_S, Span, told_of_s
from harness.model.case import Limits
from harness.model.script import Addressee
from harness.model.timeline import Event, LightChanged, LightState, LineSpoken

LEAST = 4096
"""No stretch but the last has fewer events: of each some things are made that take their time."""
_CARRIER_S = 3.0
"""More than the time between a message and the upload that carried it, or the device's own voice
and what it woke (s)."""


class Uncut:
    """Spans (s) of which the events belong together, with all they look back at."""

    def __init__(self, spans: Iterable[Span], limits: Limits) -> None:
        self._spans: list[Span] = []
        back_s = looked_back_s(limits)
        for begin_s, end_s in sorted((a - back_s, b) for a, b in spans):
            if self._spans and begin_s <= self._spans[-1][1]:
                end_s = max(end_s, self._spans[-1][1])
                begin_s = self._spans.pop()[0]
            self._spans.append((begin_s, end_s))

    def hold(self, at_s: float) -> bool:
        """Whether what begins at `at_s` belongs to something before it."""
        index = bisect_right(self._spans, at_s, key=itemgetter(0)) - 1
        return index >= 0 and at_s <= self._spans[index][1]


def looked_back_s(limits: Limits) -> float:
    """How far (s) before its own beginning anything is looked for."""
    return (
        limits.wake_reach_s
        + limits.before_wake_s
        + limits.after_session_s
        + limits.light_s
        + _CARRIER_S
    )


def kept_open_s(limits: Limits) -> float:
    """How long (s) after its end anything but talk may matter to what follows."""
    return (
        limits.answer_window_s
        + limits.follow_up_s
        + limits.send_within_s
        + limits.answered_within_s
        + looked_back_s(limits)
    )


def stretches(
    events: Iterable[Event],
    limits: Limits,
    known: Lines,
    uncut: Uncut,
    least: int = LEAST,
) -> Iterator[list[Event]]:
    """The events, which come in order of time, in stretches of at least `least` events.

    `known`: the lines of the script by their ids.
    """
    cutter, coming = _Cutter(limits, known, uncut, least), iter(events)
    cutter.fill(coming)
    for event in coming:
        over = cutter.take(event)
        if over:
            yield over
            cutter.fill(coming)
    yield from cutter.rest()


class _Cutter:
    """Holds events until it is known where to cut.

    Whether a place is a good one is known only when what follows has been seen for as long as
    anything looks back.
    """

    def __init__(self, limits: Limits, known: Lines, uncut: Uncut, least: int) -> None:
        self._back_s, self._open_s = looked_back_s(limits), kept_open_s(limits)
        self._known, self._uncut, self._least = known, uncut, max(1, least)
        self._held: list[Event] = []
        self._cut = 0  # before which of the held events; 0 where there is no place yet
        self._cut_open_s = self._open_until_s = float("-inf")
        self._light: LightChanged | None = None

    def fill(self, coming: Iterator[Event]) -> None:
        """Take in the next events as long as they are too few for a stretch."""
        if not self._cut:
            self._hold(list(islice(coming, max(0, self._least - len(self._held)))))

    def take(self, event: Event) -> list[Event]:
        """Take in the next event; a stretch that is now known to be over, else nothing."""
        begin_s = BEGINS_S[type(event)](event)
        opens = _opens(event, self._known)
        over = self._look(begin_s, told_of_s(event)[0] - self._back_s if opens else begin_s)
        self._hold([event])
        return over

    def _hold(self, events: list[Event]) -> None:
        self._held += events
        self._light = light_after(events, self._light)
        # The last first: what ended long before them need not be looked at closely.
        for event in reversed(events):
            until_s = told_of_s(event)[1]
            if until_s + self._open_s > self._open_until_s:
                until_s += self._open_s if _opens(event, self._known) else 0.0
                self._open_until_s = max(self._open_until_s, until_s)

    def _look(self, begin_s: float, looks_to_s: float) -> list[Event]:
        """What the next event, which looks back as far as `looks_to_s`, tells of the place."""
        over: list[Event] = []
        if self._cut and looks_to_s <= self._cut_open_s:
            self._cut = 0
        if self._cut and begin_s > self._cut_open_s + self._back_s + FAR_S:
            over, self._held, self._cut = self._held[: self._cut], self._held[self._cut :], 0
        closed = looks_to_s > self._open_until_s and not _listens(self._light)
        enough = len(self._held) >= self._least
        if closed and enough and not self._cut and not self._uncut.hold(begin_s):
            self._cut, self._cut_open_s = len(self._held), self._open_until_s
        return over

    def rest(self) -> Iterator[list[Event]]:
        """What is left once all events were taken in: nothing more can look back."""
        yield from (part for part in (self._held[: self._cut], self._held[self._cut :]) if part)


def light_after(events: Iterable[Event], light: LightChanged | None) -> LightChanged | None:
    """What the light shows after a stretch, where it showed `light` before."""
    before = [] if light is None else [light]
    lights = [*before, *(event for event in events if isinstance(event, LightChanged))]
    # Of several at one time that lasts which the facts put last.
    last = takewhile(lambda other: other.at_s == lights[-1].at_s, reversed(lights))
    return max(last, key=repr, default=None)


def _listens(light: LightChanged | None) -> bool:
    return light is not None and light.state is LightState.LISTENING


def _opens(event: Event, known: Lines) -> bool:
    """Whether it is more than talk in the room, or a light that does not listen: these look back at
    nothing, and once they are over, only what looks back finds them.
    """
    if isinstance(event, LineSpoken):
        line = known.get(event.line_id)
        return line is not None and line.to is not Addressee.ROOM
    return not isinstance(event, LightChanged) or event.state is LightState.LISTENING
