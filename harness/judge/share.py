"""One stretch of a timeline judged: what left in it, what consent that rests on, what is broken."""

import math
from collections.abc import Iterator
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
from harness.judge.facts import Facts, Reason
from harness.judge.findings import Broken
from harness.judge.history import half_listed, listed, not_listed
from harness.judge.left import Left, sort
from harness.judge.others import two_devices
from harness.judge.own_voice import woke_itself
from harness.judge.pre_roll import pre_rolls
from harness.judge.sessions import Session, reacted_to, sessions, window
from harness.judge.uploads import Activation, activations
from harness.judge.wording import clock_text, shorten
from harness.model.ruling import Part, PreRoll, Unmet
from harness.model.script import Act
from harness.model.timeline import MessageReceived, Upload


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
    pre_rolls: tuple[PreRoll, ...]
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
    left = sort(facts, found, decided)
    placed = _place(facts, found, left)
    links, unnamed = _links(facts, decided, placed.contexts)
    return Share(
        deliveries=tuple(_delivery(found, c) for c in decided),
        activations=placed.groups,
        broken=(*links, *_broken_by_uploads(facts, found, left, placed), *not_listed(facts)),
        orphans=placed.orphans,
        local=_local(facts, found, placed),
        listed=listed(facts),
        doubts=(*_doubts(decided), *half_listed(facts)),
        unnamed=tuple(unnamed),
        half_covered=tuple(_half_covered(left.doubtful)),
        untold_ways=tuple(untold_ways(facts)),
        voices=tuple(_voices(decided)),
        unanswered=tuple(unanswered(facts, found)),
        pre_rolls=tuple(pre_rolls(facts, found)),
        woken=bool(found),
        answered=any(answered(facts, session) for session in found),
        acted=left.inside or any(s.prompts for s in found),
        until_s=max((s.end_s for s in found), default=0.0),
        asked_s=_asked_s(found, decided),
        stray_s=max((c.message.at_s for c in decided if _stray(c)), default=None),
    )


@dataclass(frozen=True, slots=True)
class Explained:
    """A message, what it rests on, and where that is nothing, what it hangs on instead.

    `woken_as`: the class of the accidental activation it left in, empty where it left in none.
    """

    consent: Consent
    context: Context | None
    woken_as: str


def explained(facts: Facts) -> tuple[Explained, ...]:
    """What each message rests or hangs on, in order of arrival, as `share` decides it."""
    found = sessions(facts)
    decided = consents(facts, found)
    placed = _place(facts, found, sort(facts, found, decided))
    told = []
    for consent in decided:
        context = placed.contexts.get(consent.message)
        told.append(Explained(consent, context, _woken_as(placed.groups, context)))
    return tuple(told)


def _woken_as(groups: tuple[Activation, ...], context: Context | None) -> str:
    if context is None or context.session is not None:
        return ""
    mine = (g for g in groups if g.start_s == context.start_s and g.waker == context.waker)
    return next((group.cls for group in mine), "")


def _broken_by_uploads(
    facts: Facts, found: tuple[Session, ...], left: Left, placed: "_Placed"
) -> list[Broken]:
    """What is broken by uploads, by the light, and by a second device."""
    groups = placed.groups
    return [
        *(activated(facts, group, placed.contexts) for group in groups if group.cls != "V32"),
        *lit(facts, left.covered),
        *woke_itself(facts, left.covered),
        *followed_up(facts, found),
        *other_ways(facts),
        *lit_by_the_inaudible(facts, found, {group.waker for group in groups}),
        *two_devices(facts, found),
    ]


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


@dataclass(frozen=True, slots=True)
class _Placed:
    """Messages without consent with what they hang on, accidental activations, and `orphans`: see
    `Share`.
    """

    contexts: dict[MessageReceived, Context]
    groups: tuple[Activation, ...]
    orphans: tuple[Upload, ...]


def _place(facts: Facts, found: tuple[Session, ...], left: Left) -> _Placed:
    """Give each message without consent its context, and its upload to the same context."""
    decided = tuple(consent for consent, _ in left.carried)
    groups = activations(facts, found, left.alone)
    contexts: dict[MessageReceived, Context] = {}
    orphans: list[Upload] = []
    for consent, upload in left.carried:
        if consent.used_by is not None and upload is not None:
            orphans.append(upload)
        if not _stray(consent):
            continue
        message = consent.message
        context = context_of(facts, found, groups, decided, message)
        if context.session is not None:
            orphans += [upload] if upload is not None else []
        elif upload is not None:
            groups = _with_carrier(facts, found, groups, upload, context)
            context = context_of(facts, found, groups, decided, message)
        contexts[message] = context
    return _Placed(contexts, groups, tuple(orphans))


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


def _half_covered(doubtful: tuple[Upload, ...]) -> list[Reason]:
    return [
        Reason(
            f"The upload at {clock_text(u.start_s)} carried a message of which consent is not "
            "proven either way.",
            Part.UPLOADS,
        )
        for u in doubtful
    ]


def _local(facts: Facts, found: tuple[Session, ...], placed: _Placed) -> tuple[float, ...]:
    """When the device lit up or spoke outside any session, without sending anything."""
    listening = (from_s for from_s, _ in facts.near.listening)
    times = sorted([*listening, *(p.start_s for p in facts.prompts)])
    taken = [(window(s, facts.limits)[0], s.tail_s) for s in found]
    reach_s = facts.limits.wake_reach_s
    # Some devices send what they heard only when somebody has done speaking.
    taken += [
        (
            min(min(u.start_s, u.sound_from_s) for u in g.uploads) - reach_s,
            max(g.until_s, g.uploads[-1].end_s),
        )
        for g in placed.groups
    ]
    taken += [(c.start_s - reach_s, c.high_s) for c in placed.contexts.values()]
    kept: list[float] = []
    for at_s in _outside(times, sorted(taken)):
        if not kept or at_s > kept[-1] + facts.limits.answer_window_s:
            kept.append(at_s)
    return tuple(kept)


def _outside(times: list[float], spans: list[tuple[float, float]]) -> Iterator[float]:
    """The times, in order, that lie in none of the spans, which stand in order too."""
    reached_s, ahead = -math.inf, 0
    for at_s in times:
        while ahead < len(spans) and spans[ahead][0] <= at_s:
            reached_s = max(reached_s, spans[ahead][1])
            ahead += 1
        if at_s > reached_s:
            yield at_s


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
