"""Condition 12, for the device beside it: one request is acted on by one device."""

from harness.judge.facts import TINY_S, Facts
from harness.judge.findings import Broken, also, on_line
from harness.judge.sessions import Session
from harness.judge.suspected import is_suspected
from harness.judge.uploads import in_session
from harness.judge.wording import clock_text
from harness.model.timeline import Upload


def two_devices(facts: Facts, found: tuple[Session, ...]) -> list[Broken]:
    """V37: another device acted in a session in which this one acted too."""
    broken: list[Broken] = []
    for session in found:
        for other in facts.others:
            within = session.start_s - TINY_S <= other.at_s <= session.tail_s + TINY_S
            if within and _acted(facts, session):
                what = f"{other.device} {other.what} at {clock_text(other.at_s)}"
                finding = on_line(facts, "V37", session.wake, "two devices acted on it", what)
                only = _only_suspected(facts, session)
                broken.append(Broken(session.start_s, also(finding, what), suspected=only))
                break
    return broken


def _acted(facts: Facts, session: Session) -> bool:
    """Whether the device under test answered, uploaded or sent in the session."""
    return _acted_otherwise(facts, session) or bool(_uploads(facts, session))


def _only_suspected(facts: Facts, session: Session) -> bool:
    """Whether all that it did in the session is uploads that only sizes and times tell."""
    if _acted_otherwise(facts, session):
        return False
    return all(is_suspected(facts, upload) for upload in _uploads(facts, session))


def _acted_otherwise(facts: Facts, session: Session) -> bool:
    sent = any(session.start_s <= m.at_s <= session.tail_s for m in facts.messages)
    return bool(session.prompts) or sent


def _uploads(facts: Facts, session: Session) -> list[Upload]:
    return [u for u in facts.uploads if in_session(facts, (session,), u)]
