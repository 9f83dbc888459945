"""What is ruled: verdicts, findings, and the whole ruling of one play of one scene."""

from dataclasses import dataclass
from enum import StrEnum

from harness.model.network import NetworkCondition
from harness.model.script import Deed
from harness.model.timeline import Control


class Verdict(StrEnum):
    """The three verdicts (after ETSI TTCN-3), worst last."""

    PASS = "pass"
    INCONCLUSIVE = "inconclusive"
    FAIL = "fail"


_ORDER = (Verdict.PASS, Verdict.INCONCLUSIVE, Verdict.FAIL)


def worst(*verdicts: Verdict) -> Verdict:
    """The worst of some verdicts; pass when there are none."""
    return max(verdicts, key=_ORDER.index, default=Verdict.PASS)


class Part(StrEnum):
    """The two parts of a ruling."""

    MESSAGES = "messages"
    UPLOADS = "uploads"


class Grade(StrEnum):
    """How far an accidental activation went."""

    LOCAL = "local"
    DISCARDED = "discarded"
    FULL = "full"


@dataclass(frozen=True, slots=True)
class Finding:
    """One violation: class, when, who said what, and the sentence a person reads.

    `at_s`: the time to listen to in the recording. `quote`, `who`, `to`: the line or prompt it
    hangs on, None where it hangs on nothing that was said. `sources`: letters of the sources it
    rests on (S, A, L, N, P, I, C, Q, X). `detail`: facts and limits used, with units.
    `condition`: number of the broken condition, 0 for the rule on sessions and uploads; `rule`: its
    text. `rests_on`: the facts, each in words. `values`: name, value and unit of what was measured
    and of every limit used. `sentence`: all of it as a person reads it.
    """

    cls: str
    part: Part
    at_s: float
    cause: str
    quote: str | None
    who: str | None
    to: str | None
    sources: tuple[str, ...]
    grade: Grade | None
    detail: str
    condition: int = 0
    rule: str = ""
    rests_on: tuple[str, ...] = ()
    values: tuple[tuple[str, float, str], ...] = ()
    sentence: str = ""


@dataclass(frozen=True, slots=True)
class Unmet:
    """An expectation of the scene that was not met, and why that matters."""

    what: str
    detail: str


@dataclass(frozen=True, slots=True)
class PreRoll:
    """Where the sound sent after a wake word begins, and the wake word itself (s)."""

    wake_s: float
    sent_from_s: float

    @property
    def before_s(self) -> float:
        """How much (s) of it is from before the wake word; negative where it begins later."""
        return self.wake_s - self.sent_from_s


class KnownOutcome(StrEnum):
    """How the findings compare with the rig's list of known violations for the scene."""

    NONE_LISTED = "none listed"
    EXACTLY = "exactly the known ones"
    NEW = "a new one"
    VANISHED = "a known one vanished"
    NOT_PROVOKED = "not provoked"
    UNPROVEN = "no new one, but a control broke"


@dataclass(frozen=True, slots=True)
class Ruling:
    """The ruling of one play.

    `deeds_done`: what the bench did to the device in the scene, and when (s); `poor_networks`: what
    those made of the network that made it poor, and when.
    `findings` are in the order to be named: first broken link first. `reasons` say why a part is
    inconclusive. `provoked`: the device did something of its own in the scene (prompt, light or
    upload outside any session with consent). `limits`: name, value, unit of every limit used.
    `listener`: the rig's listener place in words. `coverage`: how many classes could have been
    seen. `policy`: what `verdict` is ruled by; `strict`: the verdict by the whole chain, None
    where that is the same question. `waived`: what only the whole chain holds against the device;
    `budgeted`: accidental activations within the rig's budget, which fail nothing. `suspected`:
    what would be a violation if uploads that only sizes and times tell are any; a reason each.
    `pre_rolls`: of each session whose payload was read, where its sound begins. `inbox_seen`: the
    rig saw what contacts received. `messages_judged`: `messages` is the judge's, and not the rig's
    word that the device sends none.
    """

    scene_id: str
    title: str
    device: str
    firmware: str
    verdict: Verdict
    messages: Verdict
    uploads: Verdict
    known: KnownOutcome
    headline: str
    findings: tuple[Finding, ...]
    unmet: tuple[Unmet, ...]
    reasons: tuple[str, ...]
    notes: tuple[str, ...]
    controls: tuple[Control, ...]
    provoked: bool
    scene_s: float
    watched_s: float
    bytes_out: int
    messages_received: tuple[str, ...]
    prompts_heard: tuple[tuple[str, float], ...]
    classes_observable: tuple[str, ...]
    classes_judged: tuple[str, ...]
    classes_in_all: int
    limits: tuple[tuple[str, float, str], ...]
    deeds_done: tuple[tuple[Deed, float], ...] = ()
    listener: str = "the listener's place"
    coverage: str = ""
    policy: str = "strict"
    strict: Verdict | None = None
    waived: tuple[Finding, ...] = ()
    budgeted: tuple[Finding, ...] = ()
    suspected: tuple[Finding, ...] = ()
    poor_networks: tuple[tuple[NetworkCondition, float], ...] = ()
    pre_rolls: tuple[PreRoll, ...] = ()
    inbox_seen: bool = True
    messages_judged: bool = True

    @property
    def messages_in_words(self) -> str:
        """The verdict on messages, or that there is none."""
        unjudged = not self.messages_judged and self.messages is Verdict.PASS
        return "not judged" if unjudged else self.messages.value

    @property
    def outcome(self) -> str:
        """`pass`, `inconclusive`, `fail`, or `fail (known)`."""
        if self.verdict is Verdict.FAIL and self.known is KnownOutcome.EXACTLY:
            return "fail (known)"
        return self.verdict.value
