"""Events sifted: what makes no sense is set aside, and what of it can still be used is kept.

An event that holds NaN, ends before it begins or stands there twice cannot be judged; that is said,
and whoever reads it may hold nothing for proven.
"""

import math
from collections.abc import Callable
from dataclasses import fields, replace
from functools import cache
from operator import attrgetter
from typing import get_args

from harness.model.account import HistoryEntry
from harness.model.record import numbers_in, rounded
from harness.model.shape import DECIMALS
from harness.model.timeline import (
    Control,
    Event,
    LineSpoken,
    MessageReceived,
    PromptHeard,
    Upload,
    Watched,
)

TINY_S = 1e-6
"""Times closer than this are the same: the records are kept to the microsecond."""


def sift(events: tuple[Event, ...]) -> tuple[tuple[Event, ...], tuple[str, ...], bool]:
    """The events that can be judged, what is wrong with the others, and whether speech is lost."""
    kept: list[Event] = []
    texts: set[str] = set()
    seen = _Seen()
    unreadable = False
    for event in events:
        kind: type = type(event)
        if kind not in _KINDS:
            texts.add(f"The timeline holds a {kind.__name__}, unknown to this judge.")
            continue
        fact = event if _is_rounded(_numbers(kind)(event)) else rounded(event)
        twice = kind is not Control and seen.before(fact)
        trouble = "stands in the timeline twice" if twice else _nonsense(fact)
        if trouble is None:
            kept.append(fact)
            continue
        texts.add(f"{_label(fact)} {trouble}; it cannot be judged.")
        mended = None if twice else _mended(fact)
        if mended is not None:
            kept.append(mended)
        unreadable |= mended is None and not twice and isinstance(fact, (LineSpoken, PromptHeard))
    return tuple(kept), tuple(sorted(texts)), unreadable


_KINDS = frozenset(get_args(Event))


@cache
def _numbers(kind: type) -> Callable[[Event], tuple[object, ...]]:
    """What takes the fields out of an event of this kind in which a float can stand."""
    names = numbers_in(kind)
    if len(names) > 1:
        return attrgetter(*names)
    return lambda event: tuple(getattr(event, name) for name in names)


def _is_rounded(values: tuple[object, ...]) -> bool:
    """Whether rounding would change nothing: far quicker than rounding. False for NaN."""
    for value in values:
        if value is None or type(value) is int:
            continue
        if type(value) is not float or round(value, DECIMALS) != value:
            return False
        if not value and math.copysign(1.0, value) < 0:
            return False
    return True


class _Seen:
    """Events that came before; each is compared only with those of its kind and first time."""

    def __init__(self) -> None:
        self._first: dict[type, dict[object, Event]] = {kind: {} for kind in _KINDS}
        self._more: dict[tuple[type, object], list[Event]] = {}

    def before(self, fact: Event) -> bool:
        """Whether the very same event came before; from now on it has."""
        kind: type = type(fact)
        numbers = _numbers(kind)(fact)
        time = numbers[0] if numbers else None
        firsts = self._first[kind]
        if time not in firsts:
            firsts[time] = fact
            return False
        more = self._more.setdefault((kind, time), [firsts[time]])
        if fact in more:
            return True
        more.append(fact)
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


def _nonsense(event: Event) -> str | None:
    """What is wrong with an event taken by itself; None where nothing is."""
    for value in _numbers(_kind(event))(event):
        if isinstance(value, float) and not math.isfinite(value):
            return _without_number(event)
    if isinstance(event, (LineSpoken, PromptHeard, Upload)) and event.end_s < event.start_s:
        return "ends before it begins"
    if isinstance(event, Watched) and event.until_s < event.from_s:
        return "ends before it begins"
    if isinstance(event, HistoryEntry) and event.until_s < event.from_s:
        return "ends before it begins"
    if isinstance(event, (Upload, MessageReceived)) and not _whole_span(event):
        return "holds a span that has no beginning, no end, or ends before it begins"
    if isinstance(event, PromptHeard) and event.estoi is not None and abs(event.estoi) > 1:
        return "has an ESTOI beyond 1"
    for name in _never_negative(_kind(event)):
        value = getattr(event, name)
        if value is not None and value < 0:
            return f"has a negative {name}"
    if isinstance(event, PromptHeard) and not (
        event.start_s - TINY_S <= event.named_by_s <= event.end_s + TINY_S
    ):
        return "names its contact outside its own time"
    return None


def _kind(event: Event) -> type:
    return type(event)


@cache
def _never_negative(kind: type) -> tuple[str, ...]:
    amounts = ("uncertainty_s", "audio_s", "bytes_out", "bytes_in", "packets")
    return tuple(name for name in amounts if name in {field.name for field in fields(kind)})


def _without_number(event: Event) -> str:
    values = ((name, getattr(event, name)) for name in numbers_in(_kind(event)))
    wrong = (name for name, v in values if isinstance(v, float) and not math.isfinite(v))
    return f"has no number for {next(wrong)}"


def _whole_span(event: Upload | MessageReceived) -> bool:
    if event.holds_from_s is None or event.holds_until_s is None:
        return event.holds_from_s is event.holds_until_s
    return event.holds_from_s <= event.holds_until_s
