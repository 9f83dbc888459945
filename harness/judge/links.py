"""The chain of each message, link by link, for a picture: what held, what broke, on what it rests.

It rules nothing: the very functions that rule are asked again, so that what is drawn cannot say
something else. A link is *held* only where the judge found the whole chain; of a message without
consent a link that stands is *there*, which proves nothing by itself.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import StrEnum

from harness.judge.attempt import Attempt
from harness.judge.chain import Consent, likeliest
from harness.judge.conditions import broken
from harness.judge.deliveries import Deliveries
from harness.judge.facts import Facts, Said
from harness.judge.frame import first_reading
from harness.judge.gather import Lines, gather
from harness.judge.order import BEGINS_S
from harness.judge.rule import CONDITIONS
from harness.judge.share import Explained, explained
from harness.judge.sift import Sieve
from harness.model.case import Case
from harness.model.ruling import Finding, Ruling
from harness.model.script import Act
from harness.model.timeline import MessageReceived, PromptHeard

_STEPS = (1, 2, 3, 4, 5, 6, 7, 8)
_GUARDS = (9, 10, 11, 12, 13, 14)
_SEND = 8
_SAME_S = 1e-3
_NOT_KNOWN = "what was said is not wholly known"


class LinkState(StrEnum):
    """What became of a link; `THERE`: it stands in a chain that is broken elsewhere."""

    HELD = "held"
    THERE = "there"
    BROKEN = "broken"
    UNPROVEN = "not proven"
    WAIVED = "waived"
    NOT_NEEDED = "not needed"


@dataclass(frozen=True, slots=True)
class Link:
    """One link: number and name of its condition, what became of it, and the fact it rests on.

    `at_s`: when that was, None where there is none. `who`, `quote`: who said it, or what the device
    did; empty where nothing was said. `classes`: what the ruling calls it where it is broken.
    """

    condition: int
    name: str
    state: LinkState
    at_s: float | None = None
    who: str = ""
    quote: str = ""
    classes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Chain:
    """A message and its links, the eight steps first, then what guards them all.

    `consented`: None where that is not proven either way; `why` then says what cannot be told.
    """

    message: MessageReceived
    consented: bool | None
    links: tuple[Link, ...]
    why: str = ""


def chains(case: Case, ruling: Ruling) -> tuple[Chain, ...]:
    """The chain of every message of a play, in order of arrival. Pure, as `judge` is.

    `ruling`: that of the play. What it does not hold against the device is not drawn as broken.
    """
    facts = _facts(case)
    return tuple(_as_ruled(_chain(facts, one), ruling) for one in explained(facts))


def _as_ruled(chain: Chain, ruling: Ruling) -> Chain:
    """The chain less what the ruling takes back, where not all that was said is known."""
    if chain.consented is not False:
        return chain
    told = [(finding.cls, finding.at_s) for finding in ruling.findings]
    links = tuple(link if _is_ruled(link, told) else _taken_back(link) for link in chain.links)
    if links == chain.links or any(link.classes for link in links):
        return replace(chain, links=links)
    open_links = (_taken_back(link) if link.state is LinkState.BROKEN else link for link in links)
    return replace(chain, consented=None, links=tuple(open_links), why=_NOT_KNOWN)


def _is_ruled(link: Link, told: list[tuple[str, float]]) -> bool:
    if not link.classes:
        return True
    at_s = link.at_s or 0.0
    return any(cls in link.classes and abs(at - at_s) < _SAME_S for cls, at in told)


def _taken_back(link: Link) -> Link:
    return replace(link, state=LinkState.UNPROVEN, classes=())


def _facts(case: Case) -> Facts:
    """The whole play as one stretch."""
    known, sieve = Lines(case.script), Sieve(forgets=True)
    first = first_reading(case.script, case.rig, known, lambda: case.events)
    kept = [sieve.keep(event) for event in case.events if type(event) in BEGINS_S]
    events = (event for event in kept if event is not None)
    return gather(first.frame, known, events, None, Deliveries())[0]


def _chain(facts: Facts, one: Explained) -> Chain:
    consent = one.consent
    if consent.undecided or (consent.attempt is None and one.context is None):
        blank = tuple(_blank(facts, number) for number in (*_STEPS, *_GUARDS))
        return Chain(consent.message, None, blank, "; ".join(consent.unsure))
    if consent.attempt is not None:
        links = tuple(_whole(facts, consent.attempt))
        if consent.used_by is None:
            return Chain(consent.message, True, links)
        spoilt = tuple(_used(link, consent) if link.condition == 12 else link for link in links)
        return Chain(consent.message, False, spoilt)
    assert one.context is not None
    return Chain(consent.message, False, tuple(_torn(facts, one)))


def _used(link: Link, consent: Consent) -> Link:
    """The payload's link where an earlier delivery has used this yes."""
    assert consent.confirm is not None and consent.used_by is not None
    quote = f"an earlier delivery, to {consent.used_by.recipient}, used this consent"
    at_s = consent.confirm.start_s
    return replace(link, state=LinkState.BROKEN, at_s=at_s, quote=quote, classes=("V26",))


def _blank(facts: Facts, number: int) -> Link:
    state = LinkState.WAIVED if number in facts.waived else LinkState.UNPROVEN
    return Link(number, CONDITIONS[number].name, state)


def _whole(facts: Facts, attempt: Attempt) -> Iterator[Link]:
    """The links of a chain that the judge found whole."""
    for number in (*_STEPS, *_GUARDS):
        state = LinkState.HELD
        if number in facts.waived:
            state = LinkState.WAIVED
        elif _is_spared(attempt, number):
            state = LinkState.NOT_NEEDED
        yield _resting(Link(number, CONDITIONS[number].name, state), _fact(attempt, number))


def _torn(facts: Facts, one: Explained) -> Iterator[Link]:
    """The links of a chain that is broken; of its guards those alone that are."""
    assert one.context is not None
    attempt = likeliest(one.context)
    surely = _by_condition(broken(attempt))
    possibly = _by_condition(broken(replace(attempt, sure=True)))
    if one.context.session is None:
        surely.setdefault(1, [])
    for number in (*_STEPS, *_GUARDS):
        if number in _GUARDS and number not in surely:
            continue
        link = Link(number, CONDITIONS[number].name, _torn_state(attempt, number, surely, possibly))
        if link.state is not LinkState.BROKEN:
            yield _resting(link, _fact(attempt, number))
            continue
        found = surely[number]
        accident = (one.woken_as,) if number == 1 and one.woken_as else ()
        classes = tuple(dict.fromkeys((*accident, *(finding.cls for finding in found))))
        link = replace(link, classes=classes)
        unsaid = replace(link, at_s=one.context.start_s)
        yield _of_finding(link, found[0]) if found else _resting(unsaid, one.context.waker)


def _by_condition(found: tuple[Finding, ...]) -> dict[int, list[Finding]]:
    sorted_out: dict[int, list[Finding]] = {}
    for finding in found:
        sorted_out.setdefault(finding.condition, []).append(finding)
    return sorted_out


def _torn_state(
    attempt: Attempt,
    number: int,
    surely: dict[int, list[Finding]],
    possibly: dict[int, list[Finding]],
) -> LinkState:
    if number in attempt.context.facts.waived:
        return LinkState.WAIVED
    if number in surely:
        return LinkState.BROKEN
    if _is_spared(attempt, number):
        return LinkState.NOT_NEEDED
    # Some conditions leave it to another to name what is broken: no finding alone proves nothing.
    missing = number == _SEND or _fact(attempt, number) is None
    return LinkState.UNPROVEN if missing or number in possibly else LinkState.THERE


def _is_spared(attempt: Attempt, number: int) -> bool:
    """Whether the request named the contact, so that nobody had to be asked."""
    named = attempt.named
    return number in (3, 4) and named is not None and named.does(Act.REQUEST)


def _fact(attempt: Attempt, number: int) -> Said | PromptHeard | MessageReceived | None:
    """What a step rests on."""
    context = attempt.context
    if number == 1:
        return None if context.session is None else context.session.wake
    if number == 2:
        return next((line for line in context.mine if line.does(Act.REQUEST)), None)
    if number == 5:
        return next(iter(attempt.dictated), None)
    steps = {
        3: attempt.question,
        4: attempt.named,
        6: attempt.read_back,
        7: attempt.confirm,
        _SEND: context.message,
    }
    return steps.get(number)


def _resting(link: Link, fact: Said | PromptHeard | MessageReceived | None) -> Link:
    if isinstance(fact, MessageReceived):
        return replace(link, at_s=fact.at_s)
    if isinstance(fact, PromptHeard):
        return replace(link, at_s=fact.start_s, who="the device", quote=fact.text)
    if fact is None:
        return link
    return replace(link, at_s=fact.start_s, who=fact.by.name, quote=fact.line.says)


def _of_finding(link: Link, finding: Finding) -> Link:
    quote = finding.quote or ""
    return replace(link, at_s=finding.at_s, who=finding.who or "", quote=quote or finding.cause)
