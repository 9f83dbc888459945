"""Sessions: the spans in which somebody means the device to listen.

A session opens at the wake word of somebody who may consent and says it to the device. Lines to
the device and its questions keep it open; the final answer, a denial, a cancel, mute, unplugging
or the time-out closes it. A sentence to the room never opens one, whatever it sounds like. After an
answer a rig's declared follow-up window goes on, for those who go on talking to the device.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from operator import attrgetter, itemgetter

from harness.judge.facts import TINY_S, Facts, Said
from harness.judge.near import Near
from harness.model.case import Limits
from harness.model.script import Act, Deed
from harness.model.timeline import DeedDone, PromptHeard

# Of a few members a tuple is asked quicker than a set: hashing a member is a call.
WITHDRAWING = (Deed.MUTE, Deed.UNPLUG)
"""Deeds of a hand that end a session and take back what has not been sent."""
_TOO_SOON_S = 0.5
"""A final answer that begins so soon (s) after a wake word is to what was said before it."""


@dataclass(frozen=True, slots=True)
class Session:
    """One session: the line that woke the device, all lines and prompts in it, start and end (s).

    `tail_s`: until when what the device does may still be its reaction to this session.
    `answered_s`: when the first final answer in it ended, infinite where there is none.
    """

    wake: Said
    lines: tuple[Said, ...]
    prompts: tuple[PromptHeard, ...]
    start_s: float
    end_s: float
    tail_s: float
    answered_s: float


class Sessions(tuple[Session, ...]):
    """All sessions in order of time, to be asked what lies near a time: `near` by their ends,
    `tails` by the ends of their tails.
    """

    near: Near[Session]
    tails: Near[Session]

    @classmethod
    def of(cls, found: Sequence[Session]) -> "Sessions":
        """The sessions, which are in order of time."""
        made = cls(found)
        made.near = Near(made, attrgetter("start_s"), attrgetter("end_s"))
        made.tails = Near(made, attrgetter("start_s"), attrgetter("tail_s"))
        return made


def windows_touching(
    found: tuple[Session, ...], limits: Limits, from_s: float, until_s: float
) -> Sequence[Session]:
    """The sessions in whose windows a span (s) may lie, in order of time."""
    if not isinstance(found, Sessions):
        return found
    before_s, after_s = limits.before_wake_s + TINY_S, limits.after_session_s + TINY_S
    return found.near.touching(from_s - after_s - TINY_S, until_s + before_s + TINY_S)


def reacted_to(found: tuple[Session, ...], at_s: float) -> bool:
    """Whether what happens at `at_s` may still be the reaction to a session."""
    if isinstance(found, Sessions):
        return found.tails.touched(at_s, at_s)
    return any(s.start_s <= at_s <= s.tail_s for s in found)


def sessions(facts: Facts) -> tuple[Session, ...]:
    """All sessions in order of time; a wake word inside an open session opens no second one, but
    where the answer that ended that session had begun too soon to be an answer to it.
    """
    found: list[Session] = []
    items = _items(facts)
    for wake in facts.said:
        if not (Act.WAKE in wake.voice.does and wake.may_consent):
            continue
        again = bool(found) and wake in found[-1].lines
        if again and not _talked_over(found[-1], wake):
            continue
        answered_from_s = wake.end_s + _TOO_SOON_S if again else -math.inf
        found.append(_follow(facts.limits, wake, items, answered_from_s))
    return Sessions.of(found)


def _talked_over(session: Session, wake: Said) -> bool:
    """Whether the final answer of the session was to what was said before `wake`, not to that."""
    if wake is session.wake or set(wake.voice.does) - {Act.WAKE, Act.REQUEST}:
        return False
    until_s = wake.end_s + _TOO_SOON_S
    final = (p for p in session.prompts if p.role.is_final and p.start_s >= wake.start_s)
    return any(p.start_s <= until_s for p in final)


def window(session: Session, limits: Limits) -> tuple[float, float]:
    """The span (s) in which uploaded room audio is covered by the session."""
    return session.start_s - limits.before_wake_s, session.end_s + limits.after_session_s


Item = Said | PromptHeard | DeedDone
Items = Near[tuple[float, Item]]


def _follow(limits: Limits, wake: Said, items: Items, answered_from_s: float) -> Session:
    """Walk on from the wake word, in order of time, until the session ends.

    What the device says before `answered_from_s` (s) ends it not: it answers what was before.
    """
    lines, prompts = [wake], []
    end_s, over = _after_line(wake, wake.end_s, limits)
    for begins_s, item in items.from_on(wake.start_s):
        if over or begins_s > end_s + TINY_S:
            break
        if isinstance(item, PromptHeard):
            if item.start_s < answered_from_s:
                continue
            prompts.append(item)
            end_s, over = _after_prompt(item, end_s, limits)
        elif isinstance(item, DeedDone):
            end_s, over = item.at_s, True
        elif item is not wake:
            lines.append(item)
            end_s, over = _after_line(item, end_s, limits)
    return Session(
        wake=wake,
        lines=tuple(lines),
        prompts=tuple(prompts),
        start_s=wake.start_s,
        end_s=end_s,
        tail_s=max(end_s, lines[-1].end_s) + limits.send_within_s,
        answered_s=min((p.end_s for p in prompts if p.role.is_final), default=math.inf),
    )


def _items(facts: Facts) -> Items:
    """All that keeps a session open or ends it, with its beginning (s)."""
    lines = (line for line in facts.said if line.voice.addressed and line.is_live)
    items: list[tuple[float, Item]] = [
        *((line.start_s, line) for line in lines if line.may_consent or line.voice.withdraws),
        *((prompt.start_s, prompt) for prompt in facts.prompts),
        *((deed.at_s, deed) for deed in facts.deeds if deed.deed in WITHDRAWING),
    ]
    # Of two that begin together, the line comes first.
    items.sort(key=itemgetter(0))
    return Near(items, itemgetter(0), itemgetter(0))


def in_follow_up(session: Session, at_s: float) -> bool:
    """Whether `at_s` lies after a final answer of the session, in its follow-up window."""
    if at_s + TINY_S < session.answered_s:
        return False
    begun = [p for p in session.prompts if p.end_s <= at_s + TINY_S]
    if not begun or not begun[-1].role.is_final:
        return False
    return not any(begun[-1].end_s < line.end_s <= at_s for line in session.lines)


def _after_line(line: Said, end_s: float, limits: Limits) -> tuple[float, bool]:
    """End of the session once `line` was said in it, and whether that end is final."""
    if line.voice.withdraws:
        return line.end_s, True
    return max(end_s, line.end_s + limits.answer_window_s), False


def _after_prompt(prompt: PromptHeard, end_s: float, limits: Limits) -> tuple[float, bool]:
    """End of the session once `prompt` was heard in it, and whether that end is final."""
    if prompt.role.is_final:
        return prompt.end_s + limits.follow_up_s, limits.follow_up_s == 0
    if prompt.role.is_question:
        return max(end_s, prompt.end_s + limits.answer_window_s), False
    return max(end_s, prompt.end_s), False
