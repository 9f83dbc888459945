"""One stretch of a timeline judged: what left in it, what consent that rests on, what is broken."""

from collections.abc import Iterator
from dataclasses import dataclass

from harness.judge.activated import activated
from harness.judge.answered import answered, unanswered
from harness.judge.chain import Consent, consents
from harness.judge.context import Context
from harness.judge.covered import (
    followed_up,
    lit,
    lit_by_the_inaudible,
    other_ways,
    untold_ways,
)
from harness.judge.facts import Facts, Reason, Said
from harness.judge.findings import Broken
from harness.judge.history import half_listed, listed, not_listed
from harness.judge.left import Left, sort
from harness.judge.others import two_devices
from harness.judge.own_voice import woke_itself
from harness.judge.placed import Placed, is_stray, links, local, place
from harness.judge.pre_roll import pre_rolls
from harness.judge.sessions import Session, reacted_to, sessions
from harness.judge.unseen import past_the_tap
from harness.judge.uploads import Activation
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

    `orphans`: see `Placed`. `local`: times (s) at which the device woke by itself and sent nothing.
    `listed`: which entries of the history something in the stretch made. `voices`: advisory notes
    on who said the yes. `until_s`: when its last session ended. `acted`: the device did something
    in a session. `asked_s`: when the first session began that asked for a message which never
    came; `stray_s`: when the last message arrived without consent, which such a session before it
    may explain. None where there is none.
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
    placed = place(facts, found, left)
    broken, unnamed = links(facts, decided, placed.contexts)
    return Share(
        deliveries=tuple(_delivery(found, c) for c in decided),
        activations=placed.groups,
        broken=(*broken, *_broken_by_uploads(facts, found, left, placed), *not_listed(facts)),
        orphans=placed.orphans,
        local=local(facts, found, placed),
        listed=listed(facts),
        doubts=(*_doubts(decided), *half_listed(facts), *past_the_tap(facts, decided)),
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
        stray_s=max((c.message.at_s for c in decided if is_stray(c)), default=None),
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
    placed = place(facts, found, sort(facts, found, decided))
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
    facts: Facts, found: tuple[Session, ...], left: Left, placed: Placed
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


def _asked_s(found: tuple[Session, ...], decided: tuple[Consent, ...]) -> float | None:
    """When the first session began that asked for a message which was not delivered by it."""
    served = {id(c.session) for c in decided if c.given}
    asked = (s for s in found if id(s) not in served)
    return next((s.start_s for s in asked if any(x.does(Act.REQUEST) for x in s.lines)), None)


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


def _voices(decided: tuple[Consent, ...]) -> list[str]:
    """Advisory: that it is the same person is held against no device that knows no voices."""
    found = []
    for consent in decided:
        if consent.session is None or consent.confirm is None:
            continue
        woke = consent.session.wake.by.name
        for what, line in _said_by(consent):
            if line.by.name != woke:
                quote = shorten(line.line.says)
                found.append(
                    f"Advisory: {woke} woke the device, but {line.by.name} {what} ({quote!r})."
                )
    return found


def _said_by(consent: Consent) -> Iterator[tuple[str, Said]]:
    """What a chain rests on that one and the same person should have said."""
    attempt = consent.attempt
    if attempt is not None and attempt.named is not None:
        yield "named the contact", attempt.named
    yield from (("dictated", line) for line in (attempt.dictated[:1] if attempt else ()))
    if consent.confirm is not None:
        yield "confirmed", consent.confirm
