"""A long timeline cut where nothing is open, so that each stretch can be judged by itself.

What begins after a cut looks back at nothing before it: no session, no window for an answer, no
follow-up, no activation, no time in which a message may still be sent or an upload be laid to what
was said, and no listening light spans it. Talk in the room keeps nothing open by itself. What does
last (mute, power, what the account told, which messages were delivered) is carried, not cut.
"""

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping
from operator import itemgetter

from harness.judge.frame import FAR_S, Span
from harness.judge.gather import Voice
from harness.judge.order import BEGINS_S, from_s, until_s
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
    known: Mapping[str, Voice],
    uncut: Uncut,
    least: int = LEAST,
) -> Iterator[list[Event]]:
    """The events, which come in order of time, in stretches of at least `least` events.

    Whether a place was a good one to cut is known only when what follows has been seen for as long
    as anything looks back; until then it is held.
    """
    back_s, open_s = looked_back_s(limits), kept_open_s(limits)
    held: list[Event] = []
    cut = 0  # before which of the held events; 0 where there is no place yet
    open_until_s = open_before_s = float("-inf")
    light: LightChanged | None = None
    for event in events:
        begin_s = BEGINS_S[type(event)](event)
        talk = _is_talk(event, known)
        looks_to_s = begin_s if talk else from_s(event) - back_s
        if cut and looks_to_s <= open_before_s:
            cut = 0
        if cut and begin_s > open_before_s + back_s + FAR_S:
            yield held[:cut]
            held, cut = held[cut:], 0
        may_cut = not cut and len(held) >= max(1, least) and not _listens(light)
        if may_cut and looks_to_s > open_until_s and not uncut.hold(begin_s):
            cut, open_before_s = len(held), open_until_s
        held.append(event)
        if type(event) is LightChanged:
            light = _later(light, event)
        ends_s = until_s(event) if talk else until_s(event) + open_s
        open_until_s = max(open_until_s, ends_s)
    yield from (part for part in (held[:cut], held[cut:]) if part)


def light_after(events: Iterable[Event], light: LightChanged | None) -> LightChanged | None:
    """What the light shows after a stretch, where it showed `light` before."""
    for event in events:
        if type(event) is LightChanged:
            light = _later(light, event)
    return light


def _later(one: LightChanged | None, other: LightChanged) -> LightChanged:
    """Of two changes in order of time the one that lasts; at one time, as the facts order them."""
    tied = one is not None and one.at_s == other.at_s
    return max(one, other, key=repr) if one is not None and tied else other


def _listens(light: LightChanged | None) -> bool:
    return light is not None and light.state is LightState.LISTENING


def _is_talk(event: Event, known: Mapping[str, Voice]) -> bool:
    """Whether it is a line to the room, or one that is not in the script."""
    if type(event) is not LineSpoken:
        return False
    voice = known.get(event.line_id)
    return voice is None or voice.line.to is Addressee.ROOM
