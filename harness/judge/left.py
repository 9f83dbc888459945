"""What left in a stretch, sorted by the sessions that cover it and the messages that it carries."""

from dataclasses import dataclass

from harness.judge.chain import Consent
from harness.judge.facts import TINY_S, Facts
from harness.judge.sessions import Session
from harness.judge.suspected import carrier
from harness.judge.uploads import in_session
from harness.model.timeline import Upload


@dataclass(frozen=True, slots=True)
class Left:
    """The uploads of a stretch.

    `carried`: what each message rests on, and the upload that brought it, None where none is near.
    `inside`: whether a session covers any upload. `covered`: those it covers, but for those that
    carry a consented message in the time it may be sent in. Of the others `doubtful` carry a
    message of which consent is not proven either way, and `alone` carry none.
    """

    carried: tuple[tuple[Consent, Upload | None], ...]
    inside: bool
    covered: tuple[Upload, ...]
    doubtful: tuple[Upload, ...]
    alone: tuple[Upload, ...]


def sort(facts: Facts, found: tuple[Session, ...], decided: tuple[Consent, ...]) -> Left:
    """Sort them. `found`: the sessions of the stretch; `decided`: what its messages rest on."""
    carried = tuple((c, carrier(facts, c.message)) for c in decided)
    # By identity: to hash an upload is to hash all it holds, and equal ones are the same.
    excused = {id(u) for c, u in carried if u is not None and _in_its_time(facts, c, u)}
    unsure = {id(u) for c, u in carried if c.undecided}
    loose = {id(u) for c, u in carried if not c.given and not c.undecided}
    inside: list[Upload] = []
    outside: list[Upload] = []
    for upload in facts.uploads:
        (inside if in_session(facts, found, upload) else outside).append(upload)
    open_ = [u for u in outside if id(u) not in excused]
    return Left(
        carried=carried,
        inside=bool(inside),
        covered=tuple(u for u in inside if id(u) not in excused),
        doubtful=tuple(u for u in open_ if id(u) in unsure and id(u) not in loose),
        alone=tuple(u for u in open_ if id(u) not in loose and id(u) not in unsure),
    )


def _in_its_time(facts: Facts, consent: Consent, upload: Upload) -> bool:
    """Whether an upload carries a consented message in the time that this may be sent in.

    Not what goes on once the message has arrived, nor sound of which it was read that it is from
    after the yes: that is no part of the message.
    """
    if not consent.given or consent.confirm is None:
        return False
    limits, confirm, message = facts.limits, consent.confirm, consent.message
    arrived_s = message.at_s + message.uncertainty_s
    until_s = min(confirm.end_s + limits.send_within_s, arrived_s) + limits.after_session_s
    if upload.holds_until_s is not None:
        said_s = confirm.end_s + limits.after_session_s
        if upload.holds_until_s > said_s + TINY_S:
            return False
    return confirm.start_s - TINY_S <= upload.start_s and upload.end_s <= until_s + TINY_S
