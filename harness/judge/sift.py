"""Events sifted: what makes no sense is set aside, and what of it can still be used is kept.

An event that holds NaN, ends before it begins or stands there twice cannot be judged; that is said,
and whoever reads it may hold nothing for proven.
"""

import math
from dataclasses import fields, replace
from typing import get_args

from harness.model.account import HistoryEntry
from harness.model.record import rounded
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
    seen: set[Event] = set()
    unreadable = False
    for event in events:
        if not isinstance(event, get_args(Event)):
            texts.add(f"The timeline holds a {type(event).__name__}, unknown to this judge.")
            continue
        fact = rounded(event)
        twice = fact in seen and not isinstance(fact, Control)
        seen.add(fact)
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
    for field in fields(event):
        value = getattr(event, field.name)
        if isinstance(value, float) and not math.isfinite(value):
            return f"has no number for {field.name}"
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
    for name in ("uncertainty_s", "audio_s", "bytes_out", "bytes_in", "packets"):
        value = getattr(event, name, None)
        if value is not None and value < 0:
            return f"has a negative {name}"
    if isinstance(event, PromptHeard) and not (
        event.start_s - TINY_S <= event.named_by_s <= event.end_s + TINY_S
    ):
        return "names its contact outside its own time"
    return None


def _whole_span(event: Upload | MessageReceived) -> bool:
    if event.holds_from_s is None or event.holds_until_s is None:
        return event.holds_from_s is event.holds_until_s
    return event.holds_from_s <= event.holds_until_s
