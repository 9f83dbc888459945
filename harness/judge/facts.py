"""The timeline, sorted and joined with the script; what makes no sense is set aside, and said.

Events may come in any order. One that holds NaN, ends before it begins, or contradicts another
cannot be judged: it is left out and becomes a reason why the ruling proves nothing.
"""

import math
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields, replace
from itertools import chain, groupby
from operator import attrgetter, eq
from typing import TypeVar, cast

from harness.errors import RigFileError, SceneError
from harness.judge.near import Near
from harness.judge.sift import TINY_S, sift
from harness.model.account import (
    DeletionAsked,
    ExportItem,
    ExportRead,
    HistoryEntry,
    HistoryRead,
    QueuedForReview,
    QueueRead,
    Replayed,
    SettingsRead,
)
from harness.model.case import WAIVABLE, Case, Limits, Policy, RigFacts, Sense
from harness.model.record import rounded
from harness.model.ruling import Part
from harness.model.script import Act, Addressee, CastMember, Line, Role, Script
from harness.model.timeline import (
    Control,
    DeedDone,
    Event,
    Interrupted,
    LightChanged,
    LightState,
    LineSpoken,
    LineUnsaid,
    MessageReceived,
    OtherDeviceActed,
    PromptHeard,
    TrafficSeen,
    Upload,
    Watched,
)

__all__ = ["TINY_S", "AccountFacts", "Facts", "Reason", "Said", "gather"]

E = TypeVar("E")
ByKind = dict[type, list[Event]]
FOREVER_S = 1e12


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

    @property
    def is_live(self) -> bool:
        """Whether a person said it, in sound that people hear."""
        return not self.is_media and not self.line.inaudible

    def does(self, act: Act) -> bool:
        """Whether it does `act`: only what a person says to the device does anything."""
        return self.addressed and self.is_live and act in self.line.acts


@dataclass(frozen=True, slots=True)
class AccountFacts:
    """What the account told, each kind in order of time."""

    settings: tuple[SettingsRead, ...]
    histories: tuple[HistoryRead, ...]
    entries: tuple[HistoryEntry, ...]
    deletions: tuple[DeletionAsked, ...]
    replays: tuple[Replayed, ...]
    exports: tuple[ExportRead, ...]
    items: tuple[ExportItem, ...]
    queues: tuple[QueueRead, ...]
    queued: tuple[QueuedForReview, ...]


@dataclass(frozen=True, slots=True, eq=False)
class NearFacts:
    """The facts once more, to be asked what lies near a time.

    `shown`: the spans (s) in which the light showed each state.
    """

    said: Near[Said]
    prompts: Near[PromptHeard]
    uploads: Near[Upload]
    shown: Mapping[LightState, Near[tuple[float, float]]]


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
    others: tuple[OtherDeviceActed, ...]
    account: AccountFacts
    traffic: tuple[TrafficSeen, ...]
    watched: tuple[Watched, ...]
    interruptions: tuple[Interrupted, ...]
    controls: tuple[Control, ...]
    reasons: tuple[Reason, ...]
    speech_lost: bool
    near: NearFacts

    @property
    def limits(self) -> Limits:
        """The numbers of the rule on this rig."""
        return self.rig.limits

    @property
    def waived(self) -> frozenset[int]:
        """The conditions that the rig's policy does without."""
        return self.rig.policy.waived

    def tells(self, sense: Sense) -> bool:
        """Whether the rig tells this beyond its sources."""
        return sense in self.rig.senses

    def sees(self, letters: str) -> bool:
        """Whether the rig has all these sources."""
        return set(letters) <= set(self.rig.sources)


def gather(case: Case) -> Facts:
    """Sort and join. Raises `SceneError` or `RigFileError` for a script or limits without sense."""
    _check_script(case.script)
    _check_limits(case.rig.limits)
    _check_policy(case.rig.policy)
    events, texts, unreadable = sift(case.events)
    kinds = _by_kind(events)
    reasons = tuple(Reason(text) for text in texts)
    said, line_reasons = _join(case.script, _of(kinds, LineSpoken, "start_s"))
    prompts = _of(kinds, PromptHeard, "start_s")
    uploads = _of(kinds, Upload, "start_s")
    lights = _of(kinds, LightChanged, "at_s")
    return Facts(
        script=case.script,
        rig=replace(case.rig, limits=rounded(case.rig.limits)),
        said=said,
        unsaid=_of(kinds, LineUnsaid, "at_s"),
        prompts=prompts,
        uploads=uploads,
        messages=_of(kinds, MessageReceived, "at_s"),
        lights=lights,
        deeds=_of(kinds, DeedDone, "at_s"),
        others=_of(kinds, OtherDeviceActed, "at_s"),
        account=_account(kinds),
        traffic=_of(kinds, TrafficSeen, "packets"),
        watched=_of(kinds, Watched, "from_s"),
        interruptions=_of(kinds, Interrupted, "at_s"),
        controls=_controls(kinds),
        reasons=reasons + line_reasons,
        speech_lost=unreadable or _lost_line(case.script, events),
        near=_near(said, prompts, uploads, lights),
    )


def _near(
    said: tuple[Said, ...],
    prompts: tuple[PromptHeard, ...],
    uploads: tuple[Upload, ...],
    lights: tuple[LightChanged, ...],
) -> NearFacts:
    return NearFacts(
        said=Near(said, lambda s: s.start_s, lambda s: s.end_s),
        prompts=Near(prompts, lambda p: p.start_s, lambda p: p.end_s),
        uploads=Near(uploads, lambda u: u.start_s, lambda u: u.end_s),
        shown=_shown(lights),
    )


def _shown(lights: tuple[LightChanged, ...]) -> dict[LightState, Near[tuple[float, float]]]:
    """When the light showed what; the last span is open to the end."""
    spans: dict[LightState, list[tuple[float, float]]] = {state: [] for state in LightState}
    ends = [light.at_s for light in lights[1:]] + [FOREVER_S]
    for light, end_s in zip(lights, ends, strict=False):
        spans[light.state].append((light.at_s, end_s))
    return {state: Near(found, lambda s: s[0], lambda s: s[1]) for state, found in spans.items()}


def _account(kinds: ByKind) -> AccountFacts:
    return AccountFacts(
        settings=_of(kinds, SettingsRead, "at_s"),
        histories=_of(kinds, HistoryRead, "at_s"),
        entries=_of(kinds, HistoryEntry, "from_s"),
        deletions=_of(kinds, DeletionAsked, "at_s"),
        replays=_of(kinds, Replayed, "at_s"),
        exports=_of(kinds, ExportRead, "at_s"),
        items=_of(kinds, ExportItem, "read_at_s"),
        queues=_of(kinds, QueueRead, "at_s"),
        queued=_of(kinds, QueuedForReview, "read_at_s"),
    )


_PHASES = {"opening": 0, "scene": 1, "closing": 2}


def _by_kind(events: Iterable[Event]) -> ByKind:
    kinds: ByKind = {}
    for event in events:
        kinds.setdefault(type(event), []).append(event)
    return kinds


def _of(kinds: ByKind, kind: type[E], time: str) -> tuple[E, ...]:
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


def _controls(kinds: ByKind) -> tuple[Control, ...]:
    mine = cast(list[Control], kinds.get(Control, []))
    return tuple(sorted(mine, key=lambda c: (_PHASES.get(c.phase, len(_PHASES)), repr(c))))


def _lost_line(script: Script, events: tuple[Event, ...]) -> bool:
    """Whether a line that does something is neither said nor known to be left unsaid."""
    if any(isinstance(event, Interrupted) for event in events):
        return False  # what had not been said by then was not said
    known = {e.line_id for e in events if isinstance(e, (LineSpoken, LineUnsaid))}
    return any(line.acts and line.id not in known for line in script.lines)


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
        may = may and not line.inaudible
        said.append(Said(line, by, event, may))
    return tuple(said), tuple(reasons)


def _check_script(script: Script) -> None:
    counts = Counter(line.id for line in script.lines)
    twice = sorted(line_id for line_id, count in counts.items() if count > 1)
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
        level = field.name.endswith("_db")
        if not math.isfinite(value) or (value < 0 and not level):
            raise RigFileError(
                f"limits: {field.name} is {value}; give a number that is zero or more"
            )


def _check_policy(policy: Policy) -> None:
    wrong = sorted(set(policy.waive) - WAIVABLE)
    if wrong:
        raise RigFileError(
            f"policy {policy.name!r}: condition {wrong[0]} cannot be waived; these can: "
            f"{', '.join(str(number) for number in sorted(WAIVABLE))}"
        )
    if policy.waived and (not policy.reason.strip() or policy.name == "strict"):
        raise RigFileError(
            f"policy {policy.name!r} waives conditions; give it a name of its own and a reason"
        )
