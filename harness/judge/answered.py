"""Whether somebody who woke the device was answered, in the time and by speech.

That it listens answers only who did nothing but call it.
"""

from collections.abc import Iterator
from itertools import takewhile

from harness.judge.answer import wake_words, words
from harness.judge.facts import TINY_S, Facts, Said
from harness.judge.lights import deaf_at
from harness.judge.sessions import Session
from harness.judge.wording import clock_text
from harness.model.ruling import Unmet
from harness.model.script import Act, PromptRole
from harness.model.timeline import WhoseVoice


def answered(facts: Facts, session: Session) -> bool:
    """Whether a prompt began within the time, counted from the last line that led up to it."""
    within_s = facts.limits.answered_within_s + TINY_S
    latest_s = max(line.end_s for line in session.lines) + within_s
    called = all(_only_calls(line) for line in session.lines)
    for start_s in _spoke_s(facts, session.start_s, latest_s, listening=called):
        before = [line.end_s for line in session.lines if line.start_s <= start_s]
        if start_s <= max(before) + within_s:
            return True
    return False


def _only_calls(line: Said) -> bool:
    return line.does(Act.WAKE) and words(line.line.says) == wake_words(line.line.says)


def _spoke_s(facts: Facts, from_s: float, until_s: float, *, listening: bool) -> Iterator[float]:
    """When (s) the device began to say something, be it what nobody could read.

    `listening`: that it listens counts too.
    """
    begun = facts.near.prompts.from_on(from_s)
    prompts = (p for p in begun if listening or p.role is not PromptRole.LISTENING)
    yield from takewhile(lambda s: s <= until_s, (p.start_s for p in prompts))
    perhaps = (s.start_s for s in facts.unscripted if s.whose is not WhoseVoice.NOT_DEVICE)
    yield from (s for s in perhaps if from_s <= s <= until_s)


def unanswered(facts: Facts, found: tuple[Session, ...]) -> list[Unmet]:
    """Sessions in which the device could hear and said nothing, where the scene expects that it
    answers.
    """
    if not facts.script.expect_answer:
        return []
    return [
        Unmet(
            f"an answer to {session.wake.by.name} at {clock_text(session.start_s)}",
            f"The device said nothing within {facts.limits.answered_within_s:g} s.",
        )
        for session in found
        if not answered(facts, session) and not deaf_at(facts, session.start_s)
    ]
