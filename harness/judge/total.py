"""A whole timeline judged stretch by stretch, and the shares of the stretches added up.

A timeline is read at least twice: once for what is asked of it as a whole, then to be judged. What
is held meanwhile is the script, one stretch, and what the ruling names.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import TypeVar

from harness.errors import UserError
from harness.judge.account import Sum
from harness.judge.deliveries import Deliveries
from harness.judge.facts import Frame
from harness.judge.frame import FirstReading, Read, first_reading
from harness.judge.gather import Lines, gather
from harness.judge.networks import poor_spans
from harness.judge.order import BEGINS_S, in_order
from harness.judge.seen import Seen
from harness.judge.share import share
from harness.judge.sift import Sieve
from harness.judge.stretches import Uncut, light_after, stretches
from harness.model.case import Policy, RigFacts
from harness.model.script import Script
from harness.model.timeline import Event, LightChanged

_BINDING = frozenset({7, 8})
"""Conditions that bind a message to a session in time: without them any session may explain it."""
_ALWAYS = (float("-inf"), float("inf"))


@dataclass(slots=True)
class Total:
    """All stretches: what was seen, and what left by the rig's policy and by the whole chain.

    `speech_lost`: something that was said cannot be judged. `count`: of events that were read.
    """

    frame: Frame
    seen: Seen = field(default_factory=Seen)
    by_policy: Sum = field(default_factory=Sum)
    strictly: Sum = field(default_factory=Sum)
    speech_lost: bool = False
    count: int = 0


def total(script: Script, rig: RigFacts, read: Read, least: int) -> Total:
    """Judge every stretch of what `read` gives; see `judge_stream`."""
    known = Lines(script)
    first = first_reading(script, rig, known, read)
    if not first.ordered:
        read, before = _held(in_order(read())), first
        first = first_reading(script, rig, known, read)
        _check_same(before.count, first.count)
    always = [_ALWAYS] if _any_session_explains(first) else []
    uncut = (*first.uncut, *poor_spans(first.frame), *always)
    while True:
        found = _by_stretches(first, known, read, Uncut(uncut, rig.limits), least)
        unexplained = (*found.by_policy.unexplained, *found.strictly.unexplained)
        if not unexplained:
            return found
        uncut = (*uncut, *unexplained)


F = TypeVar("F", bound=Frame)


def strictly(frame: F) -> F:
    """The same by the whole chain, whatever the rig's policy waives."""
    policy = Policy()
    return replace(frame, rig=replace(frame.rig, policy=policy), waived=policy.waived)


def _held(events: tuple[Event, ...]) -> Read:
    return lambda: events


def _check_same(first: int, count: int) -> None:
    """Refuse what gives other events when it is read again: what is not there proves nothing."""
    if count != first:
        raise UserError(
            f"timeline: {first} events when it was first read, {count} when it was read again; "
            "give the same ones each time"
        )


def _any_session_explains(first: FirstReading) -> bool:
    """Whether a message may be laid to any session before it, however long ago.

    With the yes and the read-back heard, and a send bound to follow the yes, a message is explained
    by a session of its own time; or by a request that was never delivered, which is looked for.
    """
    frame = first.frame
    return first.arrived and (not frame.sees("AI") or bool(frame.waived & _BINDING))


def _by_stretches(first: FirstReading, known: Lines, read: Read, uncut: Uncut, least: int) -> Total:
    found, sieve = Total(first.frame), Sieve(forgets=True)
    light: LightChanged | None = None
    delivered = Deliveries()
    kept = _kept(found, sieve, read)
    for events in stretches(kept, first.frame.limits, known, uncut, least):
        facts, line_reasons = gather(first.frame, known, events, light, delivered)
        light = light_after(events, light)
        found.seen.add(facts, line_reasons)
        found.by_policy.add(share(facts))
        if facts.waived:
            found.strictly.add(share(strictly(facts)))
    _check_same(first.count, found.count)
    found.seen.texts = first.texts | sieve.texts
    found.speech_lost = sieve.speech_lost or _lost_line(first.frame, found.seen)
    return found


def _kept(found: Total, sieve: Sieve, read: Read) -> Iterator[Event]:
    """The events that go on with the time and can be judged, as they are read."""
    for event in read():
        if type(event) in BEGINS_S:
            found.count += 1
            fact = sieve.keep(event)
            if fact is not None:
                yield fact


def _lost_line(frame: Frame, seen: Seen) -> bool:
    """Whether a line that does something is neither said nor known to be left unsaid."""
    if frame.interruptions:
        return False  # what had not been said by then was not said
    unsaid = {event.line_id for event in frame.unsaid}
    lines = (line for line in frame.script.lines if line.acts)
    return any(line.id not in unsaid and line.id not in seen.said for line in lines)
