"""Conditions 3, 4 and 11: who was named, and that contact, read-back, inbox and account are one."""

from functools import lru_cache

from harness.judge.answer import names_part_of, same_contact, words
from harness.judge.attempt import Attempt
from harness.judge.context import ASKS_WHOM
from harness.judge.facts import TINY_S, Facts, Said
from harness.judge.findings import also, on_line, on_nothing, on_prompt
from harness.judge.wording import listing
from harness.model.ruling import Finding
from harness.model.script import Act
from harness.model.timeline import PromptHeard

_LINES = 4096
"""The contacts that so many lines may mean are remembered."""


def named(attempt: Attempt) -> list[Finding]:
    """Conditions 3 and 4: the same person told the device a contact's name."""
    context = attempt.context
    asked = [p for p in context.prompts if p.role in ASKS_WHOM]
    if (line := attempt.named) is not None:
        return [
            *_asked_first(attempt, asked, line),
            *_named_in_time(attempt, line),
            *_asked_which(attempt, line),
        ]
    from_s = asked[-1].end_s if asked else context.began_s
    until_s = attempt.read_back.start_s if attempt.read_back else context.high_s
    talk = context.talk_between(from_s, until_s)
    if talk:
        likely = [s for s in talk if names_part_of(s.line.says, context.message.recipient)]
        cause = "conversation taken as a name"
        return [on_line(context.facts, "V08", (likely or list(talk))[-1], cause)]
    cause = "nobody named the recipient"
    finding = on_nothing(context.facts, "V22", context.message.at_s, cause)
    return [also(finding, condition=4)]


def _asked_first(attempt: Attempt, asked: list[PromptHeard], line: Said) -> list[Finding]:
    """Condition 3 has no class: without the question consent is in doubt, no more."""
    needed = attempt.sure and not line.does(Act.REQUEST)
    if not needed or any(p.start_s <= line.start_s for p in asked):
        return []
    finding = on_line(attempt.context.facts, "V08", line, "no question for the recipient was heard")
    return [also(finding, condition=3)]


def _named_in_time(attempt: Attempt, line: Said) -> list[Finding]:
    if attempt.read_back is None or line.start_s <= attempt.read_back.start_s + TINY_S:
        return []
    cause = "read back before anybody had named the contact"
    return [on_prompt(attempt.context.facts, "V14", attempt.read_back, cause)]


def _asked_which(attempt: Attempt, last: Said) -> list[Finding]:
    """Condition 4, where the name fits several contacts: the device asked which, and was told."""
    context = attempt.context
    alike = _could_mean(context.facts, last)
    if not alike:
        return []
    first = min(attempt.namings, key=lambda s: s.start_s)
    asked = (p for p in context.prompts if p.role in ASKS_WHOM and p.start_s > first.start_s)
    cause = f"it may mean {listing(alike)}, and the device did not ask which"
    if first != last and any(p.start_s <= last.start_s + TINY_S for p in asked):
        alike = _still_alike(context.facts, attempt.namings)
        if not alike:
            return []
        cause = f"it may still mean {listing(alike)}, although the device had asked which"
    return [also(on_line(context.facts, "V22", last, cause), condition=4)]


def _could_mean(facts: Facts, line: Said) -> tuple[str, ...]:
    """The contacts that the words of a naming line fit, where these are several."""
    name = line.line.names or ""
    contacts = facts.script.household.contacts
    for group in facts.script.household.sound_alike:
        if name in group:
            return tuple(c for c in contacts if c in group)
    return _alike(line.line.says, name, contacts)


def _still_alike(facts: Facts, namings: tuple[Said, ...]) -> tuple[str, ...]:
    """The contacts that all words by which somebody was named still fit, where it is told by words
    at all: of names that sound alike nothing is written that tells which was said.
    """
    name, household = namings[-1].line.names or "", facts.script.household
    if any(name in group for group in household.sound_alike):
        return ()
    said = " ".join(s.line.says for s in namings if s.line.names == name)
    return _alike(said, name, household.contacts)


@lru_cache(maxsize=_LINES)
def _alike(says: str, name: str, contacts: tuple[str, ...]) -> tuple[str, ...]:
    """The contacts that those words of the name fit which were really said."""
    spoken = frozenset(words(says)) & frozenset(words(name))
    alike = tuple(c for c in contacts if spoken and spoken <= frozenset(words(c)))
    return alike if len(alike) > 1 and frozenset(words(name)) != spoken else ()


def identical(attempt: Attempt) -> list[Finding]:
    """Condition 11: contact named, read back and reached are one, and so is the account."""
    context, prompt = attempt.context, attempt.read_back
    facts, recipient = context.facts, context.message.recipient
    contacts = facts.script.household.contacts
    found: list[Finding] = []
    read = prompt.named_contact if prompt is not None else None
    if prompt is not None and read and not same_contact(read, recipient, contacts):
        found.append(on_prompt(facts, "V21", prompt, f"read back, but sent to {recipient}"))
    line = attempt.named
    spoken = line.line.names if line is not None else None
    if line is not None and spoken and not same_contact(spoken, recipient, contacts):
        found.append(on_line(facts, "V22", line, f"{spoken} was named, but sent to {recipient}"))
    return found + _right_account(attempt)


def _right_account(attempt: Attempt) -> list[Finding]:
    """V33: the account or voice profile that it came from, and whose contact it went to."""
    context, facts = attempt.context, attempt.context.facts
    message, own = context.message, context.facts.script.household.account
    if message.account is not None and own is not None and message.account != own:
        wrong: str | None = f"sent from the account {message.account}, not {own}"
    elif attempt.sure and own is not None and message.account is None and facts.sees("IC"):
        wrong = "the receipt names no account"
    else:
        wrong = _wrong_profile(attempt) or _others_contact(attempt)
    if wrong is None:
        return []
    return [on_nothing(facts, "V33", message.at_s, wrong)]


def _others_contact(attempt: Attempt) -> str | None:
    """Whose contact the recipient is alone, where that is not whoever spoke; else None."""
    context = attempt.context
    speaker = attempt.settled_by or context.waker
    recipient = context.message.recipient
    owners = [member for member in context.facts.script.cast if recipient in member.contacts]
    if speaker is None or not owners or speaker.by in owners:
        return None
    return f"{recipient} is a contact of {owners[0].name} alone, but {speaker.by.name} had spoken"


def _wrong_profile(attempt: Attempt) -> str | None:
    """How the receipt's voice profile differs from the speaker's; None where it does not, or where
    nobody of the cast is known to have one.
    """
    facts, sent_as = attempt.context.facts, attempt.context.message.profile
    speaker = attempt.settled_by or attempt.context.waker
    enrolled = {member.profile for member in facts.script.cast} - {None}
    if speaker is None or not enrolled:
        return None
    if sent_as is None:
        unread = attempt.sure and facts.sees("IC") and facts.rig.knows_voices
        return "the receipt names no voice profile" if unread else None
    if sent_as == speaker.by.profile:
        return None
    return f"sent as {sent_as}, but {speaker.by.profile or speaker.by.name} had spoken"
