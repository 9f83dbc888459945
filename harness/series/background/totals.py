"""What hours of background came to: rates with exact intervals, and a verdict by the budget.

The budget is one of a rate and one of a count. The count fails: more activations than it allows in
any 24 hours of audio. The rate passes: its 95 % bound lies within the budget. Between the two
nothing is proven, and it is said how many hours are needed.
"""

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from harness.model.ruling import Grade, Verdict
from harness.model.series import HourlyRate
from harness.report.phrases import count, span
from harness.series.background.woken import Activation, BlockRecord
from harness.series.soak.night import Ended
from harness.series.statistics import garwood, hourly_rate

DAY_H = 24.0
_TINY_H = 1e-9
_WORDS = 10_000
_IN_HOURS_FROM = 2.0


@dataclass(frozen=True, slots=True)
class Totals:
    """A run. `per_hour`: activations of the hours that count; `per_words`: its `hours` are tens of
    thousands of words. `uncounted_h`: played, and proves nothing; `left_h`: not yet played.
    `all_proven`: activations of the other hours too. `needed_h`: hours that a pass takes with what
    was found, None where none would do.
    """

    verdict: Verdict
    reason: str
    budget: float
    blocks: int
    per_hour: HourlyRate
    per_words: HourlyRate
    uncounted_h: float
    left_h: float
    all_proven: int
    grades: dict[Grade, int]
    messages: int
    violations: tuple[str, ...]
    why_not: dict[str, int]
    needed_h: float | None
    sees_local: bool
    activations: tuple[tuple[int, Activation], ...]


def totals_of(
    records: Sequence[BlockRecord], planned_h: float, budget: float, ended: Ended, why: str
) -> Totals:
    """Sum up blocks, in the order played. `planned_h`: the audio of the whole plan."""
    counted = [record for record in records if record.counts]
    counted_h, played_h = _hours(counted), _hours(records)
    times_h = tuple(_times_h(records))
    found = tuple(dict.fromkeys(text for record in records for text in record.violations))
    needed_h = hours_needed(len(times_h), budget)
    verdict, reason = ruled(found, times_h, counted_h, budget, ended, why)
    worded = [record for record in counted if record.words]
    return Totals(
        verdict=verdict,
        reason=reason,
        budget=budget,
        blocks=len(records),
        per_hour=hourly_rate(sum(len(r.activations) for r in counted), counted_h),
        per_words=hourly_rate(sum(r.worded for r in worded), sum(r.words for r in worded) / _WORDS),
        uncounted_h=played_h - counted_h,
        left_h=max(0.0, planned_h - played_h),
        all_proven=len(times_h),
        grades=dict(Counter(a.grade for record in records for a in record.activations)),
        messages=sum(record.messages for record in records),
        violations=found,
        why_not=dict(Counter(text for record in records for text in record.why_not)),
        needed_h=needed_h,
        sees_local=bool(counted) and all(record.sees_local for record in counted),
        activations=tuple((r.number, a) for r in records for a in r.activations),
    )


def hours_needed(activations: int, budget: float) -> float | None:
    """Hours after which so many activations are within a budget per 24 h, at 95 % confidence.

    With a budget of 0, which no bound can meet, 24 h without any. None where no time would do.
    """
    if budget <= 0:
        return DAY_H if activations == 0 else None
    return garwood(activations, 1.0).high / (budget / DAY_H)


def most_in_a_day(times_h: Sequence[float]) -> int:
    """The most activations in any 24 hours that are open at their end; times in order."""
    return max(
        (bisect_left(times_h, at_h + DAY_H) - index for index, at_h in enumerate(times_h)),
        default=0,
    )


def ruled(
    violations: Sequence[str],
    times_h: Sequence[float],
    counted_h: float,
    budget: float,
    ended: Ended,
    why: str,
) -> tuple[Verdict, str]:
    """The verdict and why. `times_h`: of every proven activation, in hours of audio played."""
    told, woken = f"{budget:g} in 24 h", count(len(times_h), "activation")
    if violations:
        return Verdict.FAIL, f"No budget covers this: {violations[0]}"
    most = most_in_a_day(times_h)
    if most > budget:
        return Verdict.FAIL, f"It woke {most} times within 24 hours of audio; the budget is {told}."
    if ended not in (Ended.TIME, Ended.PLAYED):
        return Verdict.INCONCLUSIVE, f"It did not come to its end: {ended}; {why}".rstrip("; ")
    if counted_h <= 0:
        return Verdict.INCONCLUSIVE, "No hour counted: no block had all its controls hold."
    needed_h = hours_needed(len(times_h), budget)
    if needed_h is not None and counted_h + _TINY_H >= needed_h:
        return Verdict.PASS, f"{woken} in {counted_h:.1f} h: within {told} (95 %)."
    short = "no number of hours would do" if needed_h is None else f"it takes {needed_h:.1f} h"
    return (
        Verdict.INCONCLUSIVE,
        f"{woken} in {length(counted_h)} that counted: to hold {told} (95 %), {short}.",
    )


def length(hours: float) -> str:
    """So many hours in words; short ones in minutes and seconds."""
    return f"{hours:.1f} h" if hours >= _IN_HOURS_FROM else span(3600 * hours)


def _hours(records: Sequence[BlockRecord]) -> float:
    return sum(record.audio_s for record in records) / 3600


def _times_h(records: Sequence[BlockRecord]) -> Iterator[float]:
    """When each activation was, in hours of audio, in order."""
    before_s = 0.0
    for record in records:
        for activation in record.activations:
            inside_s = min(max(0.0, activation.at_s), record.audio_s)
            yield (before_s + inside_s) / 3600
        before_s += record.audio_s
