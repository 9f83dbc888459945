"""What of a timeline goes on with its time, and what is asked of it as a whole.

Lines, prompts, uploads, messages, lights and other devices come as long as somebody listens. The
rest (deeds of the bench, controls, totals, what the account told) is little, and looked at whole.
"""

import math
from collections.abc import Callable, Iterable
from operator import attrgetter

from harness.model.timeline import (
    Event,
    LightChanged,
    LineSpoken,
    MessageReceived,
    OtherDeviceActed,
    PromptHeard,
    Upload,
)

Moving = LineSpoken | PromptHeard | Upload | MessageReceived | LightChanged | OtherDeviceActed

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


def told_of_s(event: Event) -> tuple[float, float]:
    """The span (s) of which a moving event tells: an upload may hold sound from before it began,
    and when a message arrived is known with some uncertainty.
    """
    if isinstance(event, Upload):
        return min(event.start_s, event.sound_from_s), max(event.end_s, event.sound_until_s)
    if isinstance(event, MessageReceived):
        return event.at_s - event.uncertainty_s, event.at_s + event.uncertainty_s
    if isinstance(event, (LineSpoken, PromptHeard)):
        return event.start_s, event.end_s
    at_s = BEGINS_S[type(event)](event)
    return at_s, at_s


def _begins_s(event: Event) -> float:
    begins = BEGINS_S.get(type(event))
    at_s = -math.inf if begins is None else begins(event)
    return at_s if math.isfinite(at_s) else -math.inf
