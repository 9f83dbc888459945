"""Events sifted: what makes no sense is set aside, and what of it can still be used is kept.

An event that holds NaN, ends before it begins or stands there twice cannot be judged; that is said,
and whoever reads it may hold nothing for proven.
"""

import math
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from operator import attrgetter
from typing import Any, get_args

from harness.model.account import HistoryEntry
from harness.model.record import numbers_in, rounded
from harness.model.shape import DECIMALS
from harness.model.timeline import (
    Control,
    Event,
    LineSpoken,
    MessageReceived,
    PromptHeard,
    TrafficSeen,
    Upload,
    Watched,
)

TINY_S = 1e-6
"""Times closer than this are the same: the records are kept to the microsecond."""


class Sieve:
    """Lets through what can be judged, event by event.

    `texts`: what is wrong with the others. `speech_lost`: whether something that was said, by
    somebody or by the device, is among them. `forgets`: events of a kind come in order of time, so
    that one can only stand twice where the time is the same, and earlier ones are forgotten.
    """

    __slots__ = ("_seen", "speech_lost", "texts")

    def __init__(self, *, forgets: bool) -> None:
        self.texts: set[str] = set()
        self.speech_lost = False
        self._seen = _Seen(forgets=forgets)

    def keep(self, event: Event) -> Event | None:
        """The event, rounded and where need be mended; None where nothing of it can be used."""
        kind: type = type(event)
        if kind not in _KINDS:
            self.texts.add(f"The timeline holds a {kind.__name__}, unknown to this judge.")
            return None
        numbers = _numbers(kind)(event)
        plain = _is_plain(numbers)
        fact = event if plain else rounded(event)
        twice = kind is not Control and self._seen.before(fact, numbers if plain else None)
        trouble = "stands in the timeline twice" if twice else _nonsense(fact, finite=plain)
        if trouble is None:
            return fact
        self.texts.add(f"{_label(fact)} {trouble}; it cannot be judged.")
        mended = None if twice else _mended(fact)
        said = isinstance(fact, (LineSpoken, PromptHeard))
        self.speech_lost |= mended is None and not twice and said
        return mended


_KINDS = frozenset(get_args(Event))


@cache
def _numbers(kind: type) -> Callable[[Event], tuple[object, ...]]:
    """What takes the fields out of an event of this kind in which a float can stand."""
    names = numbers_in(kind)
    if len(names) > 1:
        return attrgetter(*names)
    if len(names) == 1:
        only = attrgetter(names[0])
        return lambda event: (only(event),)
    return lambda event: ()


def _is_plain(values: tuple[object, ...]) -> bool:
    """Whether all are finite, and rounding would change nothing: far quicker than rounding."""
    for value in values:
        if value is None or type(value) is int:
            continue
        if type(value) is not float or round(value, DECIMALS) != value:
            return False
        if not value:
            if math.copysign(1.0, value) < 0:
                return False
        elif not -_HUGE < value < _HUGE:
            return False
    return True


_HUGE = float("inf")


class _Seen:
    """Events that came before; each is compared only with those of its kind and first time."""

    __slots__ = ("_first", "_forgets", "_more", "_odd")

    def __init__(self, *, forgets: bool) -> None:
        self._forgets = forgets
        self._first: dict[type, dict[object, Event]] = {kind: {} for kind in _KINDS}
        self._more: dict[type, dict[object, list[Event]]] = {kind: {} for kind in _KINDS}
        self._odd: list[Event] = []

    def before(self, fact: Event, numbers: tuple[object, ...] | None) -> bool:
        """Whether the very same event came before; from now on it has.

        `numbers`: those of the event where they are plain, None where they are not known to be.
        """
        kind: type = type(fact)
        if numbers is None:
            numbers = _numbers(kind)(fact)
        time = numbers[0] if numbers else None
        if isinstance(time, float) and not math.isfinite(time):
            return self._odd_before(fact)
        firsts = self._first[kind]
        if time not in firsts:
            if self._forgets and firsts:
                firsts.clear()
                self._more[kind].clear()
            firsts[time] = fact
            return False
        more = self._more[kind].setdefault(time, [firsts[time]])
        if fact in more:
            return True
        more.append(fact)
        return False

    def _odd_before(self, fact: Event) -> bool:
        """The same for what has no time that could be forgotten."""
        if fact in self._odd:
            return True
        self._odd.append(fact)
        return False


def _mended(event: Event) -> Event | None:
    """What of a senseless event can still be used, in a form that proves nothing good."""
    mended: Event
    match event:
        case Control():
            mended = replace(event, held=False, measured=None, limit=None)
        case LineSpoken():
            mended = replace(
                event, heard=False, heard_score=0.0, level_db=0.0, dictated_from_s=None
            )
        case PromptHeard():
            mended = replace(
                event,
                named_by_s=event.end_s,
                score=0.0,
                level_db=0.0,
                estoi=None,
                over_others_db=None,
            )
        case Upload():
            mended = replace(event, holds_from_s=None, holds_until_s=None)
        case MessageReceived():
            mended = replace(event, holds_from_s=None, holds_until_s=None)
        case _:
            return None
    return mended if _nonsense(mended) is None else None


def _label(event: Event) -> str:
    for name in ("line_id", "prompt_id", "message_id", "name", "destination"):
        value = getattr(event, name, None)
        if value is not None:
            return f"{type(event).__name__} {value!r}"
    return type(event).__name__


def _nonsense(event: Event, *, finite: bool = False) -> str | None:
    """What is wrong with an event taken by itself; None where nothing is.

    `finite`: all its numbers are known to be.
    """
    kind: type = type(event)
    if not finite:
        for value in _numbers(kind)(event):
            if isinstance(value, float) and not math.isfinite(value):
                return _without_number(event)
    for check in _CHECKS.get(kind, ()):
        trouble = check(event)
        if trouble is not None:
            return trouble
    return None


def _backwards(event: LineSpoken | PromptHeard | Upload) -> str | None:
    return "ends before it begins" if event.end_s < event.start_s else None


def _backwards_span(event: Watched | HistoryEntry) -> str | None:
    return "ends before it begins" if event.until_s < event.from_s else None


def _half_a_span(event: Upload | MessageReceived) -> str | None:
    from_s, until_s = event.holds_from_s, event.holds_until_s
    whole = from_s is until_s if from_s is None or until_s is None else from_s <= until_s
    return None if whole else "holds a span that has no beginning, no end, or ends before it begins"


def _senseless_prompt(event: PromptHeard) -> str | None:
    if event.estoi is not None and abs(event.estoi) > 1:
        return "has an ESTOI beyond 1"
    if not event.start_s - TINY_S <= event.named_by_s <= event.end_s + TINY_S:
        return "names its contact outside its own time"
    return None


def _negative(*names: str) -> Callable[[Any], str | None]:
    """The check that none of these amounts is less than nothing."""

    def check(event: Any) -> str | None:
        for name in names:
            value = getattr(event, name)
            if value is not None and value < 0:
                return f"has a negative {name}"
        return None

    return check


_CHECKS: dict[type, tuple[Callable[[Any], str | None], ...]] = {
    LineSpoken: (_backwards,),
    PromptHeard: (_backwards, _senseless_prompt),
    Upload: (_backwards, _half_a_span, _negative("bytes_out")),
    MessageReceived: (_half_a_span, _negative("uncertainty_s", "audio_s")),
    TrafficSeen: (_negative("bytes_out", "bytes_in", "packets"),),
    Watched: (_backwards_span,),
    HistoryEntry: (_backwards_span,),
}
"""What of an event of a kind makes no sense, in the order in which it is said."""


def _without_number(event: Event) -> str:
    kind: type = type(event)
    values = ((name, getattr(event, name)) for name in numbers_in(kind))
    wrong = (name for name, v in values if isinstance(v, float) and not math.isfinite(v))
    return f"has no number for {next(wrong)}"
