"""How much sound from before a wake word was in what was sent after it."""

import math

from harness.judge.facts import TINY_S, Facts
from harness.judge.sessions import Session
from harness.model.ruling import PreRoll


def pre_rolls(facts: Facts, found: tuple[Session, ...]) -> list[PreRoll]:
    """Of each session the first upload whose payload was read, if there is one.

    It is the session's where its sound begins after the session before that had ended, and before
    this one's own end. An accidental activation has no wake word to count from.
    """
    measured, since_s = list[PreRoll](), -math.inf
    for session in found:
        begun = (
            upload.holds_from_s
            for upload in facts.uploads
            if upload.holds_from_s is not None and upload.sound_until_s > session.start_s
        )
        from_s = min(
            (s for s in begun if since_s - TINY_S <= s <= session.end_s + TINY_S), default=None
        )
        if from_s is not None:
            measured.append(PreRoll(session.start_s, from_s))
        since_s = session.end_s
    return measured
