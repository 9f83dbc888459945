"""One stretch of a timeline judged: what left in it, what consent that rests on, what is broken."""

from dataclasses import dataclass

from harness.judge.activated import activated
from harness.judge.answered import answered, unanswered
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
from harness.judge.facts import TINY_S, Facts, Reason
from harness.judge.findings import Broken
from harness.judge.history import listed, not_listed
from harness.judge.lights import spans
from harness.judge.near import Near
from harness.judge.others import two_devices
from harness.judge.sessions import Session, reacted_to, sessions, window
from harness.judge.uploads import Activation, activations, carrier, in_session
from harness.judge.wording import clock_text, shorten
from harness.model.ruling import Part, Unmet
from harness.model.script import Act
from harness.model.timeline import LightState, MessageReceived, Upload


@dataclass(frozen=True, slots=True)
class Delivery:
    """What became of one message.

    `given`: consented. `undecided`: not proven either way. `repeated`: an earlier message has used
    its consent. `near_session`: it arrived while somebody meant the device to listen.
    """

    message: MessageReceived
    given: bool
    undecided: bool
    repeated: bool
    near_session: bool


@dataclass(frozen=True, slots=True)
class Share:
    """What one stretch adds to the account of everything that left.

    `orphans`: uploads that carried a message nobody consented to, out of a real session; the
    message's findings speak for them, and they are not covered. `local`: times (s) at which the
    device woke by itself and sent nothing. `listed`: which entries of the history something in the
    stretch made. `voices`: advisory notes on who said the yes. `until_s`: when its last session
    ended. `acted`: the device did something in a session. `asked_s`: when the first session began
    that asked for a message which never came; `stray_s`: when the last message arrived without
    consent, which such a session before it may explain. None where there is none.
    """

    deliveries: tuple[Delivery, ...]
    activations: tuple[Activation, ...]
    broken: tuple[Broken, ...]
    orphans: tuple[Upload, ...]
    local: tuple[float, ...]
    listed: frozenset[int]
    doubts: tuple[Reason, ...]
    unnamed: tuple[Reason, ...]
    half_covered: tuple[Reason, ...]
    untold_ways: tuple[Reason, ...]
    voices: tuple[str, ...]
    unanswered: tuple[Unmet, ...]
    woken: bool
    answered: bool
    acted: bool
    until_s: float
    asked_s: float | None
    stray_s: float | None


def share(facts: Facts) -> Share:
    """Decide every message, then every upload, then name what is broken."""
    found = sessions(facts)
    decided = consents(facts, found)
    owned = {c.message: carrier(facts, c.message) for c in decided}
    excused = _excused(facts, decided, owned)
    doubtful = {owned[c.message] for c in decided if c.undecided} - {None}
    loose = {owned[c.message] for c in decided if not c.given and not c.undecided} - {None}
    covered = {u for u in facts.uploads if in_session(facts, found, u)}
    open_ = [u for u in facts.uploads if u not in covered and u not in excused]
    seeds = tuple(u for u in open_ if u not in loose and u not in doubtful)
    contexts, groups, orphans = _place(facts, found, decided, owned, seeds)
    links, unnamed = _links(facts, decided, contexts)
    broken = [
        *links,
        *(activated(facts, g, contexts) for g in groups),
        *lit(facts, covered, excused),
        *followed_up(facts, found),
        *other_ways(facts),
        *lit_by_the_inaudible(facts, found, {g.waker for g in groups}),
        *two_devices(facts, found),
        *not_listed(facts),
    ]
    return Share(
        deliveries=tuple(_delivery(found, c) for c in decided),
        activations=groups,
        broken=tuple(broken),
        orphans=orphans,
        local=_local(facts, found, groups, contexts),
        listed=listed(facts),
        doubts=tuple(_doubts(decided)),
        unnamed=tuple(unnamed),
        half_covered=tuple(_half_covered(open_, doubtful - loose)),
        untold_ways=tuple(untold_ways(facts)),
        voices=tuple(_voices(decided)),
        unanswered=tuple(unanswered(facts, found)),
        woken=bool(found),
        answered=any(answered(facts, session) for session in found),
        acted=bool(covered) or any(s.prompts for s in found),
        until_s=max((s.end_s for s in found), default=0.0),
        asked_s=_asked_s(found, decided),
        stray_s=max((c.message.at_s for c in decided if _stray(c)), default=None),
    )


def _delivery(found: tuple[Session, ...], consent: Consent) -> Delivery:
    message = consent.message
    near = reacted_to(found, message.at_s)
    return Delivery(message, consent.given, consent.undecided, consent.used_by is not None, near)


def _stray(consent: Consent) -> bool:
    """Whether a message is to be explained by what nobody consented to."""
    return not consent.given and not consent.undecided and consent.used_by is None


def _asked_s(found: tuple[Session, ...], decided: tuple[Consent, ...]) -> float | None:
    """When the first session began that asked for a message which was not delivered by it."""
    served = {id(c.session) for c in decided if c.given}
    asked = (s for s in found if id(s) not in served)
    return next((s.start_s for s in asked if any(x.does(Act.REQUEST) for x in s.lines)), None)


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


def _voices(decided: tuple[Consent, ...]) -> list[str]:
    """Advisory: that it is the same person is held against no device that knows no voices."""
    found = []
    for consent in decided:
        if consent.session is None or consent.confirm is None:
            continue
        woke, said_yes = consent.session.wake.by.name, consent.confirm.by.name
        if woke != said_yes:
            quote = shorten(consent.confirm.line.says)
            found.append(f"Advisory: {woke} woke the device, but {said_yes} confirmed ({quote!r}).")
    return found
