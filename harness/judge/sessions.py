"""Sessions: the spans in which somebody means the device to listen.

A session opens at the wake word of somebody who may consent and says it to the device. Lines to
the device and its questions keep it open; the final answer, a denial, a cancel, mute, unplugging
or the time-out closes it. A sentence to the room never opens one, whatever it sounds like. After an
answer a rig's declared follow-up window goes on, for those who go on talking to the device.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from heapq import merge

from harness.judge.facts import TINY_S, Facts, Said
from harness.judge.near import Near
from harness.model.case import Limits
from harness.model.script import Act, Deed, PromptRole
from harness.model.timeline import DeedDone, PromptHeard

WITHDRAWING = frozenset({Deed.MUTE, Deed.UNPLUG})
"""Deeds of a hand that end a session and take back what has not been sent."""
_FINAL = frozenset({PromptRole.SENT, PromptRole.CANCELLED, PromptRole.ANSWER})


@dataclass(frozen=True, slots=True)
class Session:
    """One session: the line that woke the device, all lines and prompts in it, start and end (s).

    `tail_s`: until when what the device does may still be its reaction to this session.
    """

    wake: Said
    lines: tuple[Said, ...]
    prompts: tuple[PromptHeard, ...]
    start_s: float
    end_s: float
    tail_s: float


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
        made.near = Near(made, lambda s: s.start_s, lambda s: s.end_s)
        made.tails = Near(made, lambda s: s.start_s, lambda s: s.tail_s)
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
    near = found.tails.touching(at_s, at_s) if isinstance(found, Sessions) else found
    return any(s.start_s <= at_s <= s.tail_s for s in near)


def sessions(facts: Facts) -> tuple[Session, ...]:
    """All sessions in order of time; a wake word inside an open session opens no second one."""
    found: list[Session] = []
    for wake in facts.said:
        if not (wake.may_consent and wake.does(Act.WAKE)):
            continue
        if found and wake in found[-1].lines:
            continue
        found.append(_follow(facts, wake))
    return Sessions.of(found)


def window(session: Session, limits: Limits) -> tuple[float, float]:
    """The span (s) in which uploaded room audio is covered by the session."""
    return session.start_s - limits.before_wake_s, session.end_s + limits.after_session_s


def _follow(facts: Facts, wake: Said) -> Session:
    """Walk on from the wake word, in order of time, until the session ends."""
    limits = facts.limits
    lines, prompts = [wake], []
    end_s, over = _after_line(wake, wake.end_s, limits)
    for item in _items(facts, wake):
        if over or _begins_s(item) > end_s + TINY_S:
            break
        if isinstance(item, Said):
            lines.append(item)
            end_s, over = _after_line(item, end_s, limits)
        elif isinstance(item, DeedDone):
            end_s, over = item.at_s, True
        else:
            prompts.append(item)
            end_s, over = _after_prompt(item, end_s, limits)
    tail_s = max(end_s, lines[-1].end_s) + limits.send_within_s
    return Session(wake, tuple(lines), tuple(prompts), wake.start_s, end_s, tail_s)


Item = Said | PromptHeard | DeedDone


def _begins_s(item: Item) -> float:
    return item.at_s if isinstance(item, DeedDone) else item.start_s


def _items(facts: Facts, wake: Said) -> Iterator[Item]:
    lines = (
        line
        for line in facts.near.said.from_on(wake.start_s)
        if line.addressed and line.is_live and line != wake
        if line.may_consent or _withdraws(line)
    )
    prompts = facts.near.prompts.from_on(wake.start_s)
    deeds = (d for d in facts.deeds if d.deed in WITHDRAWING and d.at_s >= wake.start_s)
    # Of two that begin together, the line comes first.
    return merge(lines, prompts, deeds, key=_begins_s)


def in_follow_up(session: Session, at_s: float) -> bool:
    """Whether `at_s` lies after a final answer of the session, in its follow-up window."""
    begun = [p for p in session.prompts if p.end_s <= at_s + TINY_S]
    if not begun or begun[-1].role not in _FINAL:
        return False
    return not any(begun[-1].end_s < line.end_s <= at_s for line in session.lines)


def _withdraws(line: Said) -> bool:
    return line.does(Act.DENY) or line.does(Act.CANCEL)


def _after_line(line: Said, end_s: float, limits: Limits) -> tuple[float, bool]:
    """End of the session once `line` was said in it, and whether that end is final."""
    if _withdraws(line):
        return line.end_s, True
    return max(end_s, line.end_s + limits.answer_window_s), False


def _after_prompt(prompt: PromptHeard, end_s: float, limits: Limits) -> tuple[float, bool]:
    """End of the session once `prompt` was heard in it, and whether that end is final."""
    if prompt.role in _FINAL:
        return prompt.end_s + limits.follow_up_s, limits.follow_up_s == 0
    if prompt.role.is_question:
        return max(end_s, prompt.end_s + limits.answer_window_s), False
    return max(end_s, prompt.end_s), False
