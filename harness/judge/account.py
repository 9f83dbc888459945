"""The account of everything that left: the shares of all stretches, and what is said of them."""

import math
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from itertools import chain, groupby

from harness.judge.data import data_afterwards, untold_data
from harness.judge.facts import Frame, Reason
from harness.judge.findings import Broken, in_words
from harness.judge.known import Provoked
from harness.judge.share import Delivery, Share
from harness.judge.suspected import why_suspected
from harness.judge.unscripted import WHATEVER_IS_SAID, unknown_speech, unknown_speech_from_s
from harness.judge.uploads import Activation
from harness.judge.wording import clock_text
from harness.model.ruling import Finding, PreRoll, Unmet
from harness.model.timeline import MessageReceived, Upload


@dataclass(frozen=True, slots=True)
class Account:
    """All that left, and what is said of it; the fields are those of `Share`, for the whole.

    `sessions_end_s`: when the last session ended, 0 where there was none. `suspected`: what would
    be findings if the uploads that they rest on were known by more than sizes and times;
    `activations` are without theirs.
    """

    deliveries: tuple[Delivery, ...]
    activations: tuple[Activation, ...]
    findings: tuple[Finding, ...]
    orphans: tuple[Upload, ...]
    local: tuple[float, ...]
    reasons: tuple[Reason, ...]
    voices: tuple[str, ...]
    unanswered: tuple[Unmet, ...]
    woken: bool
    answered: bool
    acted: bool
    sessions_end_s: float
    suspected: tuple[Finding, ...] = ()

    @property
    def unconsented(self) -> tuple[MessageReceived, ...]:
        """Messages that surely left without consent."""
        return tuple(d.message for d in self.deliveries if not d.given and not d.undecided)

    @property
    def consented(self) -> tuple[MessageReceived, ...]:
        """Messages that left with consent."""
        return tuple(d.message for d in self.deliveries if d.given)


@dataclass(slots=True)
class Sum:
    """Shares added up, in order of time; it grows with what the ruling names, not with the rest."""

    deliveries: list[Delivery] = field(default_factory=list)
    activations: list[Activation] = field(default_factory=list)
    broken: list[Broken] = field(default_factory=list)
    orphans: list[Upload] = field(default_factory=list)
    local: list[float] = field(default_factory=list)
    listed: set[int] = field(default_factory=set)
    doubts: list[Reason] = field(default_factory=list)
    unnamed: list[Reason] = field(default_factory=list)
    half_covered: list[Reason] = field(default_factory=list)
    untold_ways: list[Reason] = field(default_factory=list)
    voices: list[str] = field(default_factory=list)
    unanswered: list[Unmet] = field(default_factory=list)
    pre_rolls: list[PreRoll] = field(default_factory=list)
    woken: bool = False
    answered: bool = False
    acted: bool = False
    until_s: float = 0.0
    asked_s: float | None = None
    unexplained: list[tuple[float, float]] = field(default_factory=list)

    def add(self, share: Share) -> None:
        """Add the share of the next stretch.

        A message without consent is held against every earlier session that had asked for one in
        vain. Where there is such a session in an earlier stretch, `unexplained` gets the span (s)
        from there to the message: what lies between must be judged as one.
        """
        if share.stray_s is not None and self.asked_s is not None:
            self.unexplained.append((self.asked_s, share.stray_s))
        if self.asked_s is None:
            self.asked_s = share.asked_s
        for name in _LISTS:
            getattr(self, name).extend(getattr(share, name))
        self.listed |= share.listed
        self.woken |= share.woken
        self.answered |= share.answered
        self.acted |= share.acted
        self.until_s = max(self.until_s, share.until_s)


_LISTS = (
    "deliveries",
    "activations",
    "broken",
    "orphans",
    "local",
    "doubts",
    "unnamed",
    "half_covered",
    "untold_ways",
    "voices",
    "unanswered",
    "pre_rolls",
)


def account(frame: Frame, total: Sum, *, speech_lost: bool) -> Account:
    """What is said of the whole. `speech_lost`: some of what was said is not known, so that
    nothing can be held against the device.
    """
    unknown_from_s = -math.inf if speech_lost else unknown_speech_from_s(frame)
    groups = tuple(total.activations)
    broken = [*total.broken, *data_afterwards(frame, groups, total.listed)]
    suspected = _in_order(frame, [b for b in broken if b.suspected])
    told = Account(
        deliveries=tuple(total.deliveries),
        activations=tuple(group for group in groups if not group.suspected),
        findings=_in_order(frame, [b for b in broken if not b.suspected]),
        suspected=suspected,
        orphans=tuple(total.orphans),
        local=tuple(total.local),
        reasons=(
            *total.doubts,
            *total.unnamed,
            *total.half_covered,
            *why_suspected(suspected),
            *total.untold_ways,
            *untold_data(frame),
            *unknown_speech(frame, tuple(total.deliveries)),
        ),
        voices=tuple(total.voices),
        unanswered=tuple(total.unanswered),
        woken=total.woken,
        answered=total.answered,
        acted=total.acted,
        sessions_end_s=total.until_s,
    )
    return told if unknown_from_s == math.inf else _unproven(told, unknown_from_s)


def _unproven(told: Account, from_s: float) -> Account:
    """The account where not all that was said from `from_s` on is known: of what came then, nothing
    is held against the device but what nobody's words can excuse.
    """
    lost = "what was said is not wholly known"
    stand, fall = list[Finding](), list[Finding]()
    for finding in told.findings:
        stands = finding.at_s < from_s or (finding.cls in WHATEVER_IS_SAID and from_s > -math.inf)
        (stand if stands else fall).append(finding)
    texts = (f"Not proven, since {lost}: {f.cls} {f.cause} at {clock_text(f.at_s)}." for f in fall)
    reasons = (*told.reasons, *(Reason(text) for text in texts))
    if not reasons and from_s == -math.inf:
        reasons = (Reason(f"Nothing is proven, since {lost}."),)
    return replace(
        told,
        deliveries=tuple(_undecided(d, from_s) for d in told.deliveries),
        findings=tuple(stand),
        orphans=tuple(upload for upload in told.orphans if upload.end_s < from_s),
        reasons=reasons,
    )


def _undecided(delivery: Delivery, from_s: float) -> Delivery:
    arrived_s = delivery.message.at_s + delivery.message.uncertainty_s
    if delivery.given or arrived_s < from_s:
        return delivery
    return replace(delivery, undecided=True, repeated=False)


def _in_order(frame: Frame, broken: list[Broken]) -> tuple[Finding, ...]:
    """Activation by activation, in each by class; none twice, and none that a policy waives."""
    kept: dict[tuple[str, float, str | None], Finding] = {}
    for b in _ordered(broken):
        kept.setdefault((b.finding.cls, b.finding.at_s, b.finding.quote), b.finding)
    return tuple(in_words(frame, f) for f in kept.values() if f.condition not in frame.waived)


def _ordered(broken: list[Broken]) -> Iterable[Broken]:
    def place(b: Broken) -> tuple[float, str, float]:
        return b.anchor_s, b.finding.cls, b.finding.at_s

    tied = (list(group) for _, group in groupby(sorted(broken, key=place), key=place))
    return chain.from_iterable(
        sorted(group, key=lambda b: repr(b.finding)) if len(group) > 1 else group for group in tied
    )


def provocation(told: Account) -> Provoked:
    """Whether the device did anything of its own, and whether it did anything in a session."""
    own = bool(told.activations or told.local or told.suspected) or any(
        not d.repeated and not d.given and not d.near_session for d in told.deliveries
    )
    return Provoked(own, told.acted or bool(told.consented))
