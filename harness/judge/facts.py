"""The timeline, sorted and joined with the script; what makes no sense is set aside, and said.

Events may come in any order. One that holds NaN, ends before it begins, or contradicts another
cannot be judged: it is left out and becomes a reason why the ruling proves nothing.
"""

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass, fields, replace
from typing import TypeVar, get_args

from harness.errors import RigFileError, SceneError
from harness.model.case import Case, Limits, RigFacts
from harness.model.record import rounded
from harness.model.ruling import Part
from harness.model.script import Act, Addressee, CastMember, Line, Role, Script
from harness.model.timeline import (
    Control,
    DeedDone,
    Event,
    Interrupted,
    LightChanged,
    LineSpoken,
    LineUnsaid,
    MessageReceived,
    PromptHeard,
    TrafficSeen,
    Upload,
    Watched,
)

E = TypeVar("E")
TINY_S = 1e-6
"""Times closer than this are the same: the records are kept to the microsecond."""


@dataclass(frozen=True, slots=True)
class Reason:
    """Why something is not proven; for one part of the ruling, or for both where None."""

    text: str
    part: Part | None = None


@dataclass(frozen=True, slots=True)
class Said:
    """A line that was really said: what, by whom, and when (s)."""

    line: Line
    by: CastMember
    spoken: LineSpoken
    may_consent: bool

    @property
    def start_s(self) -> float:
        """When it began, as heard at the listener's place."""
        return self.spoken.start_s

    @property
    def end_s(self) -> float:
        """When it ended."""
        return self.spoken.end_s

    @property
    def is_media(self) -> bool:
        """Whether a television, radio or the like said it."""
        return self.by.role is Role.MEDIA

    @property
    def addressed(self) -> bool:
        """Whether it was said to the device."""
        return self.line.to is Addressee.DEVICE

    def does(self, act: Act) -> bool:
        """Whether it does `act`: only what a person says to the device does anything."""
        return self.addressed and not self.is_media and act in self.line.acts


@dataclass(frozen=True, slots=True)
class Facts:
    """Everything the rule is applied to, each kind in order of time.

    `speech_lost`: some of what was said is not known, so nothing can be held against the device.
    """

    script: Script
    rig: RigFacts
    said: tuple[Said, ...]
    unsaid: tuple[LineUnsaid, ...]
    prompts: tuple[PromptHeard, ...]
    uploads: tuple[Upload, ...]
    messages: tuple[MessageReceived, ...]
    lights: tuple[LightChanged, ...]
    deeds: tuple[DeedDone, ...]
    traffic: tuple[TrafficSeen, ...]
    watched: tuple[Watched, ...]
    interruptions: tuple[Interrupted, ...]
    controls: tuple[Control, ...]
    reasons: tuple[Reason, ...]
    speech_lost: bool

    @property
    def limits(self) -> Limits:
        """The numbers of the rule on this rig."""
        return self.rig.limits

    def sees(self, letters: str) -> bool:
        """Whether the rig has all these sources."""
        return set(letters) <= set(self.rig.sources)


def gather(case: Case) -> Facts:
    """Sort and join. Raises `SceneError` or `RigFileError` for a script or limits without sense."""
    _check_script(case.script)
    _check_limits(case.rig.limits)
    events, reasons, unreadable = _sound_events(case.events)
    said, line_reasons = _join(case.script, _of(events, LineSpoken, lambda e: e.start_s))
    return Facts(
        script=case.script,
        rig=replace(case.rig, limits=rounded(case.rig.limits)),
        said=said,
        unsaid=_of(events, LineUnsaid, lambda e: e.at_s),
        prompts=_of(events, PromptHeard, lambda e: e.start_s),
        uploads=_of(events, Upload, lambda e: e.start_s),
        messages=_of(events, MessageReceived, lambda e: e.at_s),
        lights=_of(events, LightChanged, lambda e: e.at_s),
        deeds=_of(events, DeedDone, lambda e: e.at_s),
        traffic=_of(events, TrafficSeen, lambda e: e.packets),
        watched=_of(events, Watched, lambda e: e.from_s),
        interruptions=_of(events, Interrupted, lambda e: e.at_s),
        controls=_of(events, Control, lambda e: _PHASES.get(e.phase, len(_PHASES))),
        reasons=reasons + line_reasons,
        speech_lost=unreadable or _lost_line(case.script, events),
    )


_PHASES = {"opening": 0, "scene": 1, "closing": 2}


def _of(events: Iterable[Event], kind: type[E], key: Callable[[E], float]) -> tuple[E, ...]:
    """All events of a kind, by `key`, then by content: the order of writing changes nothing."""
    mine = [event for event in events if isinstance(event, kind)]
    return tuple(sorted(mine, key=lambda event: (key(event), repr(event))))


def _lost_line(script: Script, events: tuple[Event, ...]) -> bool:
    """Whether a line that does something is neither said nor known to be left unsaid."""
    if any(isinstance(event, Interrupted) for event in events):
        return False  # what had not been said by then was not said
    known = {e.line_id for e in events if isinstance(e, (LineSpoken, LineUnsaid))}
    return any(line.acts and line.id not in known for line in script.lines)


def _sound_events(
    events: tuple[Event, ...],
) -> tuple[tuple[Event, ...], tuple[Reason, ...], bool]:
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
    return tuple(kept), tuple(Reason(text) for text in sorted(texts)), unreadable


def _mended(event: Event) -> Event | None:
    """What of a senseless event can still be used, in a form that proves nothing good."""
    mended: Event
    match event:
        case Control():
            mended = replace(event, held=False, measured=None, limit=None)
        case LineSpoken():
            mended = replace(event, heard=False, heard_score=0.0, level_db=0.0)
        case PromptHeard():
            mended = replace(event, named_by_s=event.end_s, score=0.0, level_db=0.0)
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
    for name in ("uncertainty_s", "audio_s", "bytes_out", "bytes_in", "packets"):
        value = getattr(event, name, None)
        if value is not None and value < 0:
            return f"has a negative {name}"
    if isinstance(event, PromptHeard) and not (
        event.start_s - TINY_S <= event.named_by_s <= event.end_s + TINY_S
    ):
        return "names its contact outside its own time"
    return None


def _join(
    script: Script, spoken: tuple[LineSpoken, ...]
) -> tuple[tuple[Said, ...], tuple[Reason, ...]]:
    known = {line.id: line for line in script.lines}
    said, reasons = [], []
    for event in spoken:
        line = known.get(event.line_id)
        if line is None:
            reasons.append(Reason(f"A line {event.line_id!r} was played that is not in the scene."))
            continue
        by = script.member(line.who)
        guest_ok = script.household.guests_may_consent
        may = by.role is Role.RESIDENT or (by.role is Role.GUEST and guest_ok)
        said.append(Said(line, by, event, may))
    return tuple(said), tuple(reasons)


def _check_script(script: Script) -> None:
    ids = [line.id for line in script.lines]
    twice = sorted({i for i in ids if ids.count(i) > 1})
    if twice:
        raise SceneError(f"{script.id}: two lines are called {twice[0]!r}; rename one")
    names = [member.name for member in script.cast]
    for name in names:
        if names.count(name) > 1:
            raise SceneError(f"{script.id}: two of the cast are called {name!r}; rename one")
    for line in script.lines:
        if line.who not in names:
            raise SceneError(
                f"{script.id}: line {line.id!r} is said by {line.who!r}, who is not in the cast"
            )


def _check_limits(limits: Limits) -> None:
    for field in fields(limits):
        value = getattr(limits, field.name)
        if not math.isfinite(value) or value < 0:
            raise RigFileError(
                f"limits: {field.name} is {value}; give a number that is zero or more"
            )
