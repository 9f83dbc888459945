"""A stretch of the timeline joined with the script: events in, facts out.

Events may come in any order; those of a time stand by their content.
"""

from collections.abc import Iterable, Sequence
from dataclasses import fields
from itertools import chain, groupby
from operator import attrgetter, eq
from typing import TypeVar, cast

from harness.judge.deliveries import Deliveries
from harness.judge.facts import FOREVER_S, Facts, Frame, NearFacts, Reason, Said, Voice
from harness.judge.near import Near
from harness.model.script import Line, Script
from harness.model.timeline import (
    Event,
    LightChanged,
    LightState,
    LineSpoken,
    MessageReceived,
    OtherDeviceActed,
    PromptHeard,
    Upload,
)

E = TypeVar("E")
ByKind = dict[type, list[Event]]


class Lines:
    """The lines of a script by their ids."""

    def __init__(self, script: Script) -> None:
        self._lines = {line.id: line for line in script.lines}
        self._cast = {member.name: member for member in script.cast}
        self._household = script.household

    def get(self, line_id: str) -> Line | None:
        """A line; None where the script has none of that id."""
        return self._lines.get(line_id)

    def voice(self, line: Line) -> Voice:
        """What is to be known of a line, made when it is asked for: a script may be long."""
        return Voice.of(line, self._cast[line.who], self._household)


def join(known: Lines, spoken: Iterable[LineSpoken]) -> tuple[tuple[Said, ...], tuple[Reason, ...]]:
    """Who said what to whom; a line that is not in the script becomes a reason."""
    said, reasons = [], []
    for event in spoken:
        line = known.get(event.line_id)
        if line is None:
            reasons.append(Reason(f"A line {event.line_id!r} was played that is not in the scene."))
            continue
        said.append(Said(known.voice(line), event))
    return tuple(said), tuple(reasons)


def gather(
    frame: Frame,
    known: Lines,
    events: Iterable[Event],
    light: LightChanged | None,
    delivered: Deliveries,
) -> tuple[Facts, tuple[Reason, ...]]:
    """Sort and join a stretch. `light`: what the light showed when it began, None at the start.

    The messages of the stretch are added to `delivered`.
    """
    kinds = by_kind(events)
    said, reasons = join(known, of_kind(kinds, LineSpoken, "start_s"))
    prompts = of_kind(kinds, PromptHeard, "start_s")
    uploads = of_kind(kinds, Upload, "start_s")
    messages = of_kind(kinds, MessageReceived, "at_s")
    lights = of_kind(kinds, LightChanged, "at_s")
    for message in messages:
        delivered.add(message)
    facts = Facts(
        **{field.name: getattr(frame, field.name) for field in fields(Frame)},
        said=said,
        prompts=prompts,
        uploads=uploads,
        messages=messages,
        others=of_kind(kinds, OtherDeviceActed, "at_s"),
        near=NearFacts(
            said=Near(said, _start_s, _end_s),
            prompts=Near(prompts, _start_s, _end_s),
            uploads=Near(uploads, _start_s, _end_s),
            shown=_shown(lights if light is None else (light, *lights)),
        ),
        delivered=delivered,
    )
    return facts, reasons


_start_s, _end_s = attrgetter("start_s"), attrgetter("end_s")


def by_kind(events: Iterable[Event]) -> ByKind:
    """The events of each kind."""
    kinds: ByKind = {}
    for event in events:
        kinds.setdefault(type(event), []).append(event)
    return kinds


def of_kind(kinds: ByKind, kind: type[E], time: str) -> tuple[E, ...]:
    """All events of a kind, by the field `time`, then by content: the order of writing changes
    nothing.
    """
    when = attrgetter(time)
    mine = sorted(cast(list[E], kinds.get(kind, [])), key=when)
    times = list(map(when, mine))
    if not any(map(eq, times, times[1:])):
        return tuple(mine)
    tied = (sorted(group, key=repr) for _, group in groupby(mine, key=when))
    return tuple(chain.from_iterable(tied))


def _shown(lights: Sequence[LightChanged]) -> dict[LightState, Near[tuple[float, float]]]:
    """When the light showed what; the last span is open to the end."""
    spans: dict[LightState, list[tuple[float, float]]] = {state: [] for state in LightState}
    ends = [light.at_s for light in lights[1:]] + [FOREVER_S]
    for light, end_s in zip(lights, ends, strict=False):
        spans[light.state].append((light.at_s, end_s))
    return {state: Near(found, lambda s: s[0], lambda s: s[1]) for state, found in spans.items()}
