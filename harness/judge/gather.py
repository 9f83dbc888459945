"""A stretch of the timeline joined with the script: events in, facts out.

Events may come in any order; those of a time stand by their content.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import fields
from itertools import chain, groupby
from operator import attrgetter, eq, itemgetter
from typing import TypeVar, cast

from harness.judge.deliveries import Deliveries
from harness.judge.facts import FOREVER_S, Facts, Frame, NearFacts, Reason, Said, Voice
from harness.judge.near import Near
from harness.model.script import Addressee, Line, Script
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
        self._voices: dict[tuple[object, ...], Voice] = {}

    def get(self, line_id: str) -> Line | None:
        """A line; None where the script has none of that id."""
        return self._lines.get(line_id)

    def voice(self, line: Line) -> Voice:
        """How a line is said; many lines are said alike."""
        alike = (line.who, line.to is Addressee.DEVICE, line.acts, line.inaudible)
        voice = self._voices.get(alike)
        if voice is None:
            voice = Voice.of(line, self._cast[line.who], self._household)
            self._voices[alike] = voice
        return voice


def join(known: Lines, spoken: Iterable[LineSpoken]) -> tuple[tuple[Said, ...], tuple[Reason, ...]]:
    """Who said what to whom; a line that is not in the script becomes a reason."""
    said: list[Said] = []
    reasons: list[Reason] = []
    for event in spoken:
        line = known.get(event.line_id)
        if line is None:
            reasons.append(Reason(f"A line {event.line_id!r} was played that is not in the scene."))
            continue
        if said and said[-1].start_s == event.start_s and said[-1].spoken == event:
            said.append(said[-1])
            continue
        said.append(Said(line, known.voice(line), event, event.start_s, event.end_s))
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
    uploads = _as_one(of_kind(kinds, Upload, "start_s"))
    messages = of_kind(kinds, MessageReceived, "at_s")
    changed = of_kind(kinds, LightChanged, "at_s")
    for message in messages:
        delivered.add(message)
    facts = Facts(
        **{field.name: getattr(frame, field.name) for field in fields(Frame)},
        said=said,
        prompts=prompts,
        uploads=uploads,
        messages=messages,
        others=of_kind(kinds, OtherDeviceActed, "at_s"),
        near=_near(said, prompts, uploads, changed if light is None else (light, *changed)),
        delivered=delivered,
    )
    return facts, reasons


def _near(
    said: tuple[Said, ...],
    prompts: tuple[PromptHeard, ...],
    uploads: tuple[Upload, ...],
    lights: tuple[LightChanged, ...],
) -> NearFacts:
    return NearFacts(
        said=Near(said, _start_s, _end_s),
        prompts=Near(prompts, _start_s, _end_s),
        uploads=Near(uploads, _start_s, _end_s),
        withdrawals=Near([s for s in said if s.voice.withdraws], _start_s, _end_s),
        listening=_showing(lights, LightState.LISTENING),
        muted=_showing(lights, LightState.MUTED),
        dark=_showing(lights, LightState.IDLE),
    )


_start_s, _end_s = attrgetter("start_s"), attrgetter("end_s")


def by_kind(events: Iterable[Event]) -> ByKind:
    """The events of each kind."""
    kinds: ByKind = defaultdict(list)
    for event in events:
        kinds[type(event)].append(event)
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
    groups = (list(group) for _, group in groupby(mine, key=when))
    tied = (sorted(group, key=repr) if len(group) > 1 else group for group in groups)
    return tuple(chain.from_iterable(tied))


def _as_one(uploads: Iterable[Upload]) -> tuple[Upload, ...]:
    """Of equal ones, which stand beside each other, the very same each time."""
    found: list[Upload] = []
    for upload in uploads:
        again = found and found[-1].start_s == upload.start_s and found[-1] == upload
        found.append(found[-1] if again else upload)
    return tuple(found)


def _showing(lights: Sequence[LightChanged], state: LightState) -> Near[tuple[float, float]]:
    """When the light showed `state`; the last span is open to the end."""
    ends = [light.at_s for light in lights[1:]] + [FOREVER_S]
    pairs = zip(lights, ends, strict=False)
    spans = [(light.at_s, end_s) for light, end_s in pairs if light.state is state]
    return Near(spans, itemgetter(0), itemgetter(1))
