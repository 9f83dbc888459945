"""Facts as the rule is applied to them: the timeline sorted, and joined with the script.

A long timeline is judged in stretches. `Frame` is what is asked of the timeline as a whole;
`Facts` is one stretch of it in its frame.
"""

from dataclasses import dataclass

from harness.judge.deliveries import Deliveries
from harness.judge.near import Near
from harness.judge.sift import TINY_S
from harness.model.account import (
    DeletionAsked,
    EntryHeard,
    ExportItem,
    ExportRead,
    ExportTried,
    HistoryEntry,
    HistoryRead,
    QueuedForReview,
    QueueRead,
    Replayed,
    SettingsRead,
)
from harness.model.case import Limits, RigFacts, Sense
from harness.model.ruling import Part
from harness.model.script import Act, Addressee, CastMember, Household, Line, Role, Script
from harness.model.timeline import (
    Control,
    DeedDone,
    Interrupted,
    LineSpoken,
    LineUnsaid,
    MessageReceived,
    OtherDeviceActed,
    PromptHeard,
    SpeechHeard,
    TrafficSeen,
    Upload,
    Watched,
)

__all__ = ["TINY_S", "AccountFacts", "Facts", "Frame", "NearFacts", "Reason", "Said", "Voice"]

FOREVER_S = 1e12


@dataclass(frozen=True, slots=True)
class Reason:
    """Why something is not proven; for one part of the ruling, or for both where None."""

    text: str
    part: Part | None = None


@dataclass(frozen=True, slots=True)
class Voice:
    """Who says a line, to whom, and what that counts for; the same for many lines.

    `addressed`: it is said to the device. `is_media`: a television, radio or the like says it.
    `is_live`: a person does, in sound that people hear. `does`: what it does, which is nothing
    unless a person says it to the device. `may_consent`: it counts for consent. `withdraws`: it is
    a denial or a cancel.
    """

    by: CastMember
    addressed: bool
    is_media: bool
    is_live: bool
    does: tuple[Act, ...]
    may_consent: bool
    withdraws: bool

    @classmethod
    def of(cls, line: Line, by: CastMember, household: Household) -> "Voice":
        """How a line is said."""
        addressed, is_media = line.to is Addressee.DEVICE, by.role is Role.MEDIA
        is_live = not is_media and not line.inaudible
        guest_ok = by.role is Role.GUEST and household.guests_may_consent
        may_consent = (by.role is Role.RESIDENT or guest_ok) and not line.inaudible
        does = line.acts if addressed and is_live else ()
        withdraws = Act.DENY in does or Act.CANCEL in does
        return cls(by, addressed, is_media, is_live, does, may_consent, withdraws)


@dataclass(frozen=True, slots=True, eq=False)
class Said:
    """A line that was really said: what, by whom, and from when to when (s), as heard at the
    listener's place.

    Of equal ones the facts hold the very same, so they are not compared by content.
    """

    line: Line
    voice: Voice
    spoken: LineSpoken
    start_s: float
    end_s: float

    @property
    def by(self) -> CastMember:
        """Who said it."""
        return self.voice.by

    @property
    def may_consent(self) -> bool:
        """Whether it counts for consent."""
        return self.voice.may_consent

    @property
    def is_media(self) -> bool:
        """Whether a television, radio or the like said it."""
        return self.voice.is_media

    @property
    def addressed(self) -> bool:
        """Whether it was said to the device."""
        return self.voice.addressed

    @property
    def is_live(self) -> bool:
        """Whether a person said it, in sound that people hear."""
        return self.voice.is_live

    def does(self, act: Act) -> bool:
        """Whether it does `act`: only what a person says to the device does anything."""
        return act in self.voice.does


@dataclass(frozen=True, slots=True)
class AccountFacts:
    """What the account told, each kind in order of time."""

    settings: tuple[SettingsRead, ...]
    histories: tuple[HistoryRead, ...]
    entries: tuple[HistoryEntry, ...]
    heard: tuple[EntryHeard, ...]
    deletions: tuple[DeletionAsked, ...]
    replays: tuple[Replayed, ...]
    exports: tuple[ExportRead, ...]
    tried: tuple[ExportTried, ...]
    items: tuple[ExportItem, ...]
    queues: tuple[QueueRead, ...]
    queued: tuple[QueuedForReview, ...]


@dataclass(frozen=True, slots=True, eq=False)
class NearFacts:
    """The facts once more, to be asked what lies near a time.

    `withdrawals`: of what was said, denials and cancels. `listening`, `muted`, `dark`: the spans
    (s) in which the light showed it; dark is idle.
    """

    said: Near[Said]
    prompts: Near[PromptHeard]
    uploads: Near[Upload]
    withdrawals: Near[Said]
    listening: Near[tuple[float, float]]
    muted: Near[tuple[float, float]]
    dark: Near[tuple[float, float]]


@dataclass(frozen=True, slots=True)
class Frame:
    """What is asked of the timeline as a whole, each kind in order of time.

    `lit`: whether any light was ever seen. `lines`: every line that was said, where a message came
    with words, which are held against all of them; else none. `waived`: the conditions that the
    rig's policy does without. `entries`: those of the history as it was before anything was
    deleted, with their numbers.
    """

    script: Script
    rig: RigFacts
    unsaid: tuple[LineUnsaid, ...]
    deeds: tuple[DeedDone, ...]
    account: AccountFacts
    traffic: tuple[TrafficSeen, ...]
    watched: tuple[Watched, ...]
    interruptions: tuple[Interrupted, ...]
    unscripted: tuple[SpeechHeard, ...]
    controls: tuple[Control, ...]
    lit: bool
    lines: tuple[Said, ...]
    waived: frozenset[int]
    entries: Near[tuple[int, HistoryEntry]]

    @property
    def limits(self) -> Limits:
        """The numbers of the rule on this rig."""
        return self.rig.limits

    def tells(self, sense: Sense) -> bool:
        """Whether the rig tells this beyond its sources."""
        return sense in self.rig.senses

    def sees(self, letters: str) -> bool:
        """Whether the rig has all these sources."""
        return all(map(self.rig.sources.__contains__, letters))


@dataclass(frozen=True, slots=True)
class Facts(Frame):
    """One stretch of the timeline in its frame, each kind in order of time.

    `delivered`: every message up to the stretch's end, to be asked whether one came before.
    """

    said: tuple[Said, ...]
    prompts: tuple[PromptHeard, ...]
    uploads: tuple[Upload, ...]
    messages: tuple[MessageReceived, ...]
    others: tuple[OtherDeviceActed, ...]
    near: NearFacts
    delivered: Deliveries
