"""A soak's budget for accidental activations; it never covers a message."""

from dataclasses import replace

from harness.judge.account import Account
from harness.judge.classes import ACCIDENTAL
from harness.judge.facts import TINY_S, Frame
from harness.model.ruling import Finding, Part

_DAY_S = 86_400.0


def within_budget(frame: Frame, told: Account) -> tuple[Account, tuple[Finding, ...]]:
    """The account without the activations that the budget covers, and their findings.

    It covers all of them or none: in any 24 h no more than the budget, and in all no more than
    its share for the time watched, so that a scene of a minute has none to spend. An activation
    that carried a message is never covered.
    """
    accidents = _accidents(told)
    if not accidents or not _affordable(frame, [f.at_s for f in accidents]):
        return told, ()
    covered = set(accidents)
    left = tuple(f for f in told.findings if f not in covered)
    groups = tuple(g for g in told.activations if g.cls not in ACCIDENTAL)
    return replace(told, findings=left, activations=groups), accidents


def _accidents(told: Account) -> tuple[Finding, ...]:
    """Findings of accidental activations, none where one of them carried a message."""
    if told.unconsented or any(d.undecided for d in told.deliveries):
        return ()
    return tuple(f for f in told.findings if f.cls in ACCIDENTAL and f.part is Part.UPLOADS)


def _affordable(frame: Frame, times_s: list[float]) -> bool:
    budget = frame.limits.accidental_per_day
    from_s = min((w.from_s for w in frame.watched), default=0.0)
    until_s = max((w.until_s for w in frame.watched), default=0.0)
    share = int(budget * (until_s - max(0.0, from_s)) / _DAY_S + TINY_S)
    if len(times_s) > share:
        return False
    return all(sum(a <= b < a + _DAY_S for b in times_s) <= budget for a in times_s)
