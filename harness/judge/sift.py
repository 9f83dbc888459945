"""Events sifted: what makes no sense is set aside, and what of it can still be used is kept.

An event that holds NaN, ends before it begins or stands there twice cannot be judged; that is said,
and whoever reads it may hold nothing for proven.
"""

import math
from collections.abc import Callable
from dataclasses import replace
from operator import attrgetter
from typing import Any, get_args

from harness.model.account import HistoryEntry
from harness.model.record import are_plain, numbers_in, rounded
from harness.model.timeline import (
    Control,
    Event,
    LineSpoken,
    MessageReceived,
    PromptHeard,
    SpeechHeard,
    TrafficSeen,
    Upload,
    Watched,
)

TINY_S = 1e-6
"""Times closer than this are the same: the records are kept to the microsecond."""


class Sieve:
    """Lets through what can be judged, event by event.

    `texts`: what is wrong with the others. `speech_lost`: whether something that was said, by
    somebody or by the device, is among them. `forgets`: events come in order of time, so that one
    can only stand twice where the time is the same, and earlier ones are forgotten.
    """

    __slots__ = ("_seen", "speech_lost", "texts")

    def __init__(self, *, forgets: bool) -> None:
        self.texts: set[str] = set()
        self.speech_lost = False
        self._seen = _Seen(forgets=forgets)

    def keep(self, event: Event) -> Event | None:
        """The event, rounded and where need be mended; None where nothing of it can be used."""
        kind: type = type(event)
        numbers_of = _NUMBERS.get(kind)
        if numbers_of is None:
            self.texts.add(f"The timeline holds a {kind.__name__}, unknown to this judge.")
            return None
        fact, numbers, finite = event, numbers_of(event), True
        if not are_plain(numbers):
            fact = rounded(event)
            numbers = numbers_of(fact)
            finite = _all_finite(numbers)
        first = numbers[0] if finite and numbers else None
        if kind is not Control and self._seen.before(fact, first):
            self.texts.add(f"{_label(fact)} stands in the timeline twice; it cannot be judged.")
            return None
        trouble = _TROUBLES[kind](fact) if finite else _without_number(fact)
        return fact if trouble is None else self._set_aside(fact, trouble)

    def _set_aside(self, fact: Event, trouble: str) -> Event | None:
        """Say what is wrong with an event; what of it can still be used."""
        self.texts.add(f"{_label(fact)} {trouble}; it cannot be judged.")
        mended = _mended(fact)
        self.speech_lost |= mended is None and isinstance(fact, _SPEECH)
        return mended


def _numbers(kind: type) -> Callable[[Event], tuple[object, ...]]:
    """What takes the fields out of an event of this kind in which a float can stand."""
    names = numbers_in(kind)
    if len(names) > 1:
        return attrgetter(*names)
    if len(names) == 1:
        only = attrgetter(names[0])
        return lambda event: (only(event),)
    return lambda event: ()


_NUMBERS = {kind: _numbers(kind) for kind in get_args(Event)}


def _all_finite(numbers: tuple[object, ...]) -> bool:
    return all(math.isfinite(n) for n in numbers if isinstance(n, float))


class _Seen:
    """Events that came before."""

    __slots__ = ("_all", "_first", "_forgets", "_late")

    def __init__(self, *, forgets: bool) -> None:
        self._forgets = forgets
        self._all: set[Event] = set()
        self._first: object = None
        self._late: list[Event] = []

    def before(self, fact: Event, first: object) -> bool:
        """Whether the very same event came before; from now on it has.

        `first`: its first number, a time where events are to be forgotten; None where it cannot be
        judged by it.
        """
        if not self._forgets or first is None:
            known = fact in self._all
            self._all.add(fact)
            return known
        if first != self._first:
            self._first, self._late = first, [fact]
            return False
        if fact in self._late:
            return True
        self._late.append(fact)
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
    kind: type = type(mended)
    finite = _all_finite(_NUMBERS[kind](mended))
    return mended if finite and _TROUBLES[kind](mended) is None else None


def _label(event: Event) -> str:
    for name in ("line_id", "prompt_id", "message_id", "name", "destination"):
        value = getattr(event, name, None)
        if value is not None:
            return f"{type(event).__name__} {value!r}"
    return type(event).__name__


_SPEECH = (LineSpoken, PromptHeard, SpeechHeard)
_BACKWARDS = "ends before it begins"


def _backwards(event: LineSpoken | SpeechHeard) -> str | None:
    return _BACKWARDS if event.end_s < event.start_s else None


def _senseless_line(event: LineSpoken) -> str | None:
    from_s = event.dictated_from_s
    if from_s is not None and not event.start_s - TINY_S <= from_s <= event.end_s + TINY_S:
        return "begins its message outside its own time"
    return _backwards(event)


def _backwards_span(event: Watched | HistoryEntry) -> str | None:
    return _BACKWARDS if event.until_s < event.from_s else None


def _half_a_span(event: Upload | MessageReceived) -> str | None:
    from_s, until_s = event.holds_from_s, event.holds_until_s
    whole = from_s is until_s if from_s is None or until_s is None else from_s <= until_s
    return None if whole else "holds a span that has no beginning, no end, or ends before it begins"


def _senseless_upload(event: Upload) -> str | None:
    if event.end_s < event.start_s:
        return _BACKWARDS
    return _half_a_span(event) or _negative(event, "bytes_out")


def _senseless_message(event: MessageReceived) -> str | None:
    return _half_a_span(event) or _negative(event, "uncertainty_s", "audio_s")


def _senseless_total(event: TrafficSeen) -> str | None:
    return _negative(event, "bytes_out", "bytes_in", "packets")


def _senseless_prompt(event: PromptHeard) -> str | None:
    if event.end_s < event.start_s:
        return _BACKWARDS
    if event.estoi is not None and abs(event.estoi) > 1:
        return "has an ESTOI beyond 1"
    if not event.start_s - TINY_S <= event.named_by_s <= event.end_s + TINY_S:
        return "names its contact outside its own time"
    return None


def _negative(event: Event, *names: str) -> str | None:
    for name in names:
        value = getattr(event, name)
        if value is not None and value < 0:
            return f"has a negative {name}"
    return None


def _sensible(_: Event) -> str | None:
    return None


_TROUBLES: dict[type, Callable[[Any], str | None]] = {
    **dict.fromkeys(get_args(Event), _sensible),
    LineSpoken: _senseless_line,
    SpeechHeard: _backwards,
    PromptHeard: _senseless_prompt,
    Upload: _senseless_upload,
    MessageReceived: _senseless_message,
    TrafficSeen: _senseless_total,
    Watched: _backwards_span,
    HistoryEntry: lambda e: _backwards_span(e) or _negative(e, "uncertainty_s"),
}
"""What is wrong with an event of finite numbers taken by itself, None where nothing is, by kind."""


def _without_number(event: Event) -> str:
    kind: type = type(event)
    values = ((name, getattr(event, name)) for name in numbers_in(kind))
    wrong = (name for name, v in values if isinstance(v, float) and not math.isfinite(v))
    return f"has no number for {next(wrong)}"
