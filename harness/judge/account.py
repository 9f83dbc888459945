"""The account of everything that left: consents, activations, findings and what is in doubt."""

from dataclasses import dataclass, replace

from harness.judge.activated import activated
from harness.judge.chain import (
    Consent,
    broken_links,
    consents,
    context_of,
    delivered_again,
)
from harness.judge.context import Context
from harness.judge.covered import (
    followed_up,
    lit,
    lit_by_the_inaudible,
    other_ways,
    untold_ways,
)
from harness.judge.data import data_afterwards, untold_data
from harness.judge.facts import TINY_S, Facts, Reason
from harness.judge.findings import Broken, in_words
from harness.judge.known import Provoked
from harness.judge.lights import spans
from harness.judge.near import Near
from harness.judge.others import two_devices
from harness.judge.sessions import Session, sessions, window
from harness.judge.uploads import Activation, activations, carrier, in_session
from harness.judge.wording import clock_text
from harness.model.ruling import Finding, Part
from harness.model.timeline import LightState, MessageReceived, Upload


@dataclass(frozen=True, slots=True)
class Account:
    """All that left, and what is said of it.

    `orphans`: uploads that carried a message nobody consented to, out of a real session; the
    message's findings speak for them, and they are not covered. `local`: times (s) at which the
    device woke by itself and sent nothing.
    """

    sessions: tuple[Session, ...]
    consents: tuple[Consent, ...]
    activations: tuple[Activation, ...]
    findings: tuple[Finding, ...]
    orphans: tuple[Upload, ...]
    local: tuple[float, ...]
    reasons: tuple[Reason, ...]

    @property
    def unconsented(self) -> tuple[MessageReceived, ...]:
        """Messages that surely left without consent."""
        return tuple(c.message for c in self.consents if not c.given and not c.undecided)

    @property
    def consented(self) -> tuple[MessageReceived, ...]:
        """Messages that left with consent."""
        return tuple(c.message for c in self.consents if c.given)


def account(facts: Facts) -> Account:
    """Decide every message, then every upload, then name what is broken."""
    found = sessions(facts)
    decided = consents(facts, found)
    owned = {c.message: carrier(facts, c.message) for c in decided}
    excused = _excused(facts, decided, owned)
    doubtful = {owned[c.message] for c in decided if c.undecided} - {None}
    loose = {owned[c.message] for c in decided if not c.given and not c.undecided} - {None}
    open_ = [u for u in facts.uploads if u not in excused and not in_session(facts, found, u)]
    seeds = tuple(u for u in open_ if u not in loose and u not in doubtful)
    contexts, groups, orphans = _place(facts, found, decided, owned, seeds)
    links, unnamed = _links(facts, decided, contexts)
    reasons = [*_doubts(decided), *unnamed, *_half_covered(open_, doubtful - loose)]
    broken = [
        *links,
        *(activated(facts, g, contexts) for g in groups),
        *lit(facts, found, excused),
        *followed_up(facts, found),
        *other_ways(facts),
        *lit_by_the_inaudible(facts, found, {g.waker for g in groups}),
        *two_devices(facts, found),
        *data_afterwards(facts, groups),
    ]
    reasons += [*untold_ways(facts), *untold_data(facts)]
    told = Account(
        sessions=found,
        consents=decided,
        activations=groups,
        findings=_in_order(facts, broken),
        orphans=orphans,
        local=_local(facts, found, groups, contexts),
        reasons=tuple(reasons),
    )
    return _unproven(told) if facts.speech_lost else told


def _unproven(told: Account) -> Account:
    """The account where not all that was said is known: nothing is held against the device."""
    lost = "what was said is not wholly known"
    decided = (c if c.given else Consent(c.message, unsure=(lost,)) for c in told.consents)
    texts = (
        f"Not proven, since {lost}: {f.cls} {f.cause} at {clock_text(f.at_s)}."
        for f in told.findings
    )
    reasons = (*told.reasons, *(Reason(text) for text in texts))
    if not reasons:
        reasons = (Reason(f"Nothing is proven, since {lost}."),)
    return replace(told, consents=tuple(decided), findings=(), orphans=(), reasons=reasons)


Owned = dict[MessageReceived, Upload | None]


def _excused(facts: Facts, decided: tuple[Consent, ...], owned: Owned) -> set[Upload]:
    """Uploads that carry a consented message, in the time it may be sent in."""
    limits, excused = facts.limits, set()
    for consent in decided:
        upload = owned[consent.message]
        if upload is None or not consent.given or consent.confirm is None:
            continue
        until_s = consent.confirm.end_s + limits.send_within_s + limits.after_session_s
        if consent.confirm.start_s - TINY_S <= upload.start_s and upload.end_s <= until_s + TINY_S:
            excused.add(upload)
    return excused


def _place(
    facts: Facts,
    found: tuple[Session, ...],
    decided: tuple[Consent, ...],
    owned: Owned,
    seeds: tuple[Upload, ...],
) -> tuple[dict[MessageReceived, Context], tuple[Activation, ...], tuple[Upload, ...]]:
    """Give each message without consent its context, and its upload to the same context."""
    groups = activations(facts, found, seeds)
    contexts: dict[MessageReceived, Context] = {}
    orphans: list[Upload] = []
    for consent in decided:
        if consent.given or consent.undecided or consent.used_by is not None:
            if consent.used_by is not None and (upload := owned[consent.message]) is not None:
                orphans.append(upload)
            continue
        message, upload = consent.message, owned[consent.message]
        context = context_of(facts, found, groups, decided, message)
        if context.session is not None:
            orphans += [upload] if upload is not None else []
        elif upload is not None:
            groups = _with_carrier(facts, found, groups, upload, context)
            context = context_of(facts, found, groups, decided, message)
        contexts[message] = context
    return contexts, groups, tuple(orphans)


def _with_carrier(
    facts: Facts,
    found: tuple[Session, ...],
    groups: tuple[Activation, ...],
    upload: Upload,
    context: Context,
) -> tuple[Activation, ...]:
    """The groups with a message's upload: in its activation's group, or as one of its own."""
    grown = [
        g.with_upload(upload) if g.start_s == context.start_s and g.waker == context.waker else g
        for g in groups
    ]
    if any(upload in g.uploads for g in grown):
        return tuple(grown)
    own = activations(facts, found, (upload,))
    return tuple(sorted((*grown, *own), key=lambda g: (g.start_s, repr(g))))


def _links(
    facts: Facts, decided: tuple[Consent, ...], contexts: dict[MessageReceived, Context]
) -> tuple[list[Broken], list[Reason]]:
    links: list[Broken] = []
    unnamed: list[Reason] = []
    for consent in decided:
        if consent.used_by is not None:
            links.append(delivered_again(facts, consent))
        elif consent.message in contexts:
            named = broken_links(contexts[consent.message])
            links += named
            if not named:
                to, at = consent.message.recipient, clock_text(consent.message.at_s)
                text = f"No consent was found for the message to {to} at {at}, and no broken link."
                unnamed.append(Reason(text, Part.MESSAGES))
    return links, unnamed


def _doubts(decided: tuple[Consent, ...]) -> list[Reason]:
    return [
        Reason(
            f"Whether there was consent for the message to {c.message.recipient} at "
            f"{clock_text(c.message.at_s)} (known to {c.message.uncertainty_s:.2f} s) cannot be "
            f"told: possibly {'; '.join(c.unsure)}.",
            Part.MESSAGES,
        )
        for c in decided
        if c.undecided
    ]


def _half_covered(open_: list[Upload], doubtful: set[Upload | None]) -> list[Reason]:
    return [
        Reason(
            f"The upload at {clock_text(u.start_s)} carried a message of which consent is not "
            "proven either way.",
            Part.UPLOADS,
        )
        for u in open_
        if u in doubtful
    ]


def _in_order(facts: Facts, broken: list[Broken]) -> tuple[Finding, ...]:
    """Activation by activation, in each by class; none twice, and none that a policy waives."""
    ordered = sorted(
        broken, key=lambda b: (b.anchor_s, b.finding.cls, b.finding.at_s, repr(b.finding))
    )
    kept: dict[tuple[str, float, str | None], Finding] = {}
    for b in ordered:
        kept.setdefault((b.finding.cls, b.finding.at_s, b.finding.quote), b.finding)
    return tuple(in_words(facts, f) for f in kept.values() if f.condition not in facts.waived)


def _local(
    facts: Facts,
    found: tuple[Session, ...],
    groups: tuple[Activation, ...],
    contexts: dict[MessageReceived, Context],
) -> tuple[float, ...]:
    """When the device lit up or spoke outside any session, without sending anything."""
    listening = [from_s for from_s, _ in spans(facts, LightState.LISTENING)]
    times = sorted([*listening, *(p.start_s for p in facts.prompts)])
    taken = [(window(s, facts.limits)[0], s.tail_s) for s in found]
    reach_s = facts.limits.wake_reach_s
    taken += [(g.start_s - reach_s, max(g.until_s, g.uploads[-1].end_s)) for g in groups]
    taken += [(c.start_s - reach_s, c.high_s) for c in contexts.values()]
    near = Near(sorted(taken), lambda span: span[0], lambda span: span[1])
    loose = [
        at_s for at_s in times if not any(a <= at_s <= b for a, b in near.touching(at_s, at_s))
    ]
    kept: list[float] = []
    for at_s in loose:
        if not kept or at_s > kept[-1] + facts.limits.answer_window_s:
            kept.append(at_s)
    return tuple(kept)


def provocation(facts: Facts, told: Account) -> Provoked:
    """Whether the device did anything of its own, and whether it did anything in a session."""
    own = bool(told.activations or told.local) or any(
        c.used_by is None and not c.given and not _near_session(told, c.message)
        for c in told.consents
    )
    acted = any(s.prompts for s in told.sessions) or any(
        in_session(facts, told.sessions, u) for u in facts.uploads
    )
    return Provoked(own, acted or bool(told.consented))


def _near_session(told: Account, message: MessageReceived) -> bool:
    return any(s.start_s <= message.at_s <= s.tail_s for s in told.sessions)
