"""What of a timeline goes on with its time, and what is asked of it as a whole.

Lines, prompts, uploads, messages, lights and other devices come as long as somebody listens. The
rest (deeds of the bench, controls, totals, what the account told) is little, and looked at whole.
"""

import math
from collections.abc import Callable, Iterable
from operator import attrgetter
from typing import Any

from harness.model.timeline import (
    Event,
    LightChanged,
    LineSpoken,
    MessageReceived,
    OtherDeviceActed,
    PromptHeard,
    Upload,
)

Span = tuple[float, float]

_START, _AT = attrgetter("start_s"), attrgetter("at_s")
BEGINS_S: dict[type, Callable[[Event], float]] = {
    LineSpoken: _START,
    PromptHeard: _START,
    Upload: _START,
    MessageReceived: _AT,
    LightChanged: _AT,
    OtherDeviceActed: _AT,
}
"""When an event begins that goes on with the time, by its kind; other kinds are no key here."""


def in_order(events: Iterable[Event]) -> tuple[Event, ...]:
    """The events by their beginnings; those without one that could be judged come first."""
    return tuple(sorted(events, key=_begins_s))


def told_of_s(event: Event) -> Span:
    """The span (s) of which a moving event tells: an upload may hold sound from before it began,
    and when a message arrived is known with some uncertainty.
    """
    return _TOLD_OF_S[type(event)](event)


def _span_of_sound(upload: Upload) -> Span:
    if upload.holds_from_s is None and upload.holds_until_s is None:
        return upload.start_s, upload.end_s
    return min(upload.start_s, upload.sound_from_s), max(upload.end_s, upload.sound_until_s)


def _span_of_arrival(message: MessageReceived) -> Span:
    return message.at_s - message.uncertainty_s, message.at_s + message.uncertainty_s


_TOLD_OF_S: dict[type, Callable[[Any], Span]] = {
    LineSpoken: attrgetter("start_s", "end_s"),
    PromptHeard: attrgetter("start_s", "end_s"),
    Upload: _span_of_sound,
    MessageReceived: _span_of_arrival,
    LightChanged: attrgetter("at_s", "at_s"),
    OtherDeviceActed: attrgetter("at_s", "at_s"),
}


def _begins_s(event: Event) -> float:
    begins = BEGINS_S.get(type(event))
    at_s = -math.inf if begins is None else begins(event)
    return at_s if math.isfinite(at_s) else -math.inf
