"""Whether somebody who woke the device was answered, in the time and by a prompt."""

from harness.judge.facts import TINY_S, Facts
from harness.judge.lights import deaf_at
from harness.judge.sessions import Session
from harness.judge.wording import clock_text
from harness.model.ruling import Unmet


def answered(facts: Facts, session: Session) -> bool:
    """Whether a prompt began within the time, counted from the last line that led up to it."""
    within_s = facts.limits.answered_within_s + TINY_S
    latest_s = max(line.end_s for line in session.lines) + within_s
    for prompt in facts.near.prompts.from_on(session.start_s):
        if prompt.start_s > latest_s:
            return False
        before = [line.end_s for line in session.lines if line.start_s <= prompt.start_s]
        if prompt.start_s <= max(before) + within_s:
            return True
    return False


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
