"""Messages: find the chain of consent each rests on, or name every link that is broken.

One chain covers one delivery, and so does one dictation for a contact, however often somebody says
yes. Every session before a message is tried, with every yes in it; the first whole chain of which
no earlier message has used anything is its consent.
"""

from bisect import bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from operator import attrgetter

from harness.judge.attempt import Attempt
from harness.judge.conditions import broken
from harness.judge.context import Context, bare, of_activation, of_session
from harness.judge.facts import Facts, Said
from harness.judge.findings import Broken, on_line, on_nothing
from harness.judge.sessions import Session
from harness.judge.uploads import Activation
from harness.judge.wording import clock_text
from harness.model.ruling import Finding
from harness.model.script import Act, PromptRole
from harness.model.timeline import MessageReceived, PromptHeard


@dataclass(frozen=True, slots=True)
class Consent:
    """What a message rests on.

    Consented: `confirm` is the yes (where a policy needs none, the last line that counts) and
    `session` its session. Twice: the same, but an earlier
    message has used it (`used_by`). Undecided: `unsure` says what cannot be told. `attempt`: the
    chain that was found whole, in the first two cases.
    """

    message: MessageReceived
    session: Session | None = None
    confirm: Said | None = None
    used_by: MessageReceived | None = None
    unsure: tuple[str, ...] = ()
    attempt: Attempt | None = None

    @property
    def given(self) -> bool:
        """Whether the message is consented."""
        return self.confirm is not None and self.used_by is None

    @property
    def undecided(self) -> bool:
        """Whether consent is not proven either way."""
        return bool(self.unsure)


Used = dict[object, MessageReceived]
"""What covers one delivery only, with the message that had it."""


def consents(facts: Facts, found: tuple[Session, ...]) -> tuple[Consent, ...]:
    """What each message rests on, in order of arrival."""
    used: Used = {}
    decided: list[Consent] = []
    for message in facts.messages:
        consent = _consent(facts, found, message, used)
        if consent.given and consent.attempt is not None:
            used.update(dict.fromkeys(_uses(consent.attempt), message))
        decided.append(consent)
    return tuple(decided)


def _consent(
    facts: Facts,
    found: tuple[Session, ...],
    message: MessageReceived,
    used: Used,
) -> Consent:
    whole: list[Consent] = []
    half: list[Attempt] = []
    for context in _session_contexts(facts, found, message):
        for sure in attempts(context, sure=True):
            if facts.sees("AI") and context.session is not None and not broken(sure):
                earlier = next((used[key] for key in _uses(sure) if key in used), None)
                one = Consent(message, context.session, sure.settled_by, earlier, attempt=sure)
                if one.given:
                    return one
                whole.append(one)
        half += [a for a in attempts(context, sure=False) if not broken(a)]
    if whole and whole[0].confirm is not None:
        return whole[0]
    return Consent(message, unsure=_doubts(facts, half))


def _uses(attempt: Attempt) -> Iterator[object]:
    """What of a chain covers one delivery: the yes, the read-back that it answers, and what was
    dictated for one contact.
    """
    yield attempt.settled_by
    if attempt.read_back is not None:
        yield attempt.read_back
    if attempt.dictated:
        yield attempt.dictated[-1], attempt.context.message.recipient


def _doubts(facts: Facts, half: list[Attempt]) -> tuple[str, ...]:
    """What might be broken in attempts of which nothing surely is."""
    if half and not facts.sees("AI"):
        lacking = ", ".join(s for s in "AI" if not facts.sees(s))
        return (f"the rig lacks the sources that would prove consent ({lacking})",)
    for attempt in half:
        sure = Attempt(attempt.context, attempt.read_back, attempt.confirm, sure=True)
        doubts = tuple(f"{finding.cls}, {finding.cause}" for finding in broken(sure))
        return doubts or ("which prompt the yes answers",)
    return ()


def attempts(context: Context, *, sure: bool) -> tuple[Attempt, ...]:
    """Every yes with the read-back it answers; without any yes, the last read-back.

    What only names a contact, such as that somebody rings, may be none: whether the yes answers
    what had been read back before it is not known.
    """
    backs = context.read_backs
    pairs: list[tuple[PromptHeard | None, Said | None]] = []
    for confirm in context.confirms:
        before = [p for p in backs if p.start_s <= confirm.start_s]
        pairs.append((before[-1] if before else (backs[0] if backs else None), confirm))
        meant = [p for p in before if p.states_act or p.role is PromptRole.READ_BACK]
        if not sure and meant and meant[-1] is not before[-1]:
            pairs.append((meant[-1], confirm))
    if not pairs or 7 in context.facts.waived:
        pairs.append((backs[-1] if backs else None, None))
    return tuple(Attempt(context, prompt, confirm, sure) for prompt, confirm in pairs)


def _session_contexts(
    facts: Facts, found: tuple[Session, ...], message: MessageReceived
) -> Iterable[Context]:
    """The message as one of each session that had begun, latest session first."""
    begun = bisect_right(found, message.at_s + message.uncertainty_s, key=attrgetter("start_s"))
    for index in range(begun - 1, -1, -1):
        until_s = found[index + 1].start_s if index + 1 < len(found) else float("inf")
        yield of_session(facts, message, found[index], until_s)


def context_of(
    facts: Facts,
    found: tuple[Session, ...],
    groups: tuple[Activation, ...],
    given: tuple[Consent, ...],
    message: MessageReceived,
) -> Context:
    """What a message that nobody consented to hangs on: the latest accidental activation that can
    explain it, or the session that leaves the least broken, whichever began later.
    """
    low_s = message.at_s - message.uncertainty_s
    high_s = message.at_s + message.uncertainty_s
    # A stream that outlasts its session is still that session's.
    accidents = [g for g in groups if g.cls != "V30"]
    near = [g for g in accidents if g.start_s <= high_s and low_s <= g.until_s]
    # A burst that only sizes and times tell explains a message where the device spoke in between.
    prompts = facts.near.prompts
    near = [g for g in near if not g.suspected or prompts.beginning(g.start_s, high_s)]
    contexts = list(_session_contexts(facts, found, message))
    likely = [c for c in contexts if _explains(c, given, low_s)]
    session = min(likely, key=lambda c: len(_least_broken(c)), default=None)
    if near and (session is None or near[-1].start_s > session.start_s):
        return of_activation(facts, message, near[-1])
    return session or bare(facts, message, max((c.start_s for c in contexts), default=-1e12))


def _explains(context: Context, given: tuple[Consent, ...], low_s: float) -> bool:
    """Whether a session can be what the message came from: it is recent, or had asked for one
    that has not been delivered yet.
    """
    session = context.session
    if session is None:
        return False
    if low_s <= session.tail_s:
        return True
    delivered = any(c.given and c.session == session for c in given)
    return not delivered and any(line.does(Act.REQUEST) for line in session.lines)


def broken_links(context: Context) -> tuple[Broken, ...]:
    """Everything that is surely broken for a message that nobody consented to.

    Of several read-backs and answers, those that leave the least broken.
    """
    least = _least_broken(context)
    if not least:
        return ()
    found = (*least, *_again(context))
    anchor_s = context.start_s
    if context.waker is not None:
        anchor_s = min(anchor_s, context.waker.start_s)
    return tuple(Broken(anchor_s, finding) for finding in found)


def _least_broken(context: Context) -> tuple[Finding, ...]:
    return broken(likeliest(context))


def likeliest(context: Context) -> Attempt:
    """The read-back and the answer that leave the least broken."""
    return min(attempts(context, sure=False), key=lambda attempt: len(broken(attempt)))


def delivered_again(facts: Facts, consent: Consent) -> Broken:
    """The finding for a delivery whose consent an earlier delivery has used."""
    assert consent.confirm is not None and consent.used_by is not None
    earlier = clock_text(consent.used_by.at_s)
    finding = on_line(
        facts,
        "V26",
        consent.confirm,
        "one consent, delivered again",
        f"to {consent.message.recipient} at {clock_text(consent.message.at_s)}, "
        f"after {consent.used_by.recipient} at {earlier}",
    )
    return Broken(consent.confirm.start_s, finding)


def _again(context: Context) -> tuple[Finding, ...]:
    """V26 where the very same message, or the same sound, had been delivered before."""
    message = context.message
    other = context.facts.delivered.before(message)
    if other is None:
        return ()
    detail = f"to {other.recipient} at {clock_text(other.at_s)} before"
    cause = "the same message, delivered again"
    return (on_nothing(context.facts, "V26", message.at_s, cause, detail),)
