"""What hours of background came to, for programs and for people."""

from collections.abc import Sequence
from typing import Any

from harness.model.ruling import Grade
from harness.model.series import HourlyRate, Interval, Sides
from harness.report.phrases import count
from harness.series.background.block import clock
from harness.series.background.totals import DAY_H, Totals, length
from harness.series.background.woken import Activation

_MOST_SHOWN = 200


def as_json(totals: Totals, about: Sequence[str] = ()) -> dict[str, Any]:
    """As a program reads it. `about`: what was played, and how loud, in words."""
    return {
        "about": list(about),
        "verdict": str(totals.verdict),
        "reason": totals.reason,
        "budget_per_24_h": totals.budget,
        "hours_counted": totals.per_hour.hours,
        "hours_not_counted": totals.uncounted_h,
        "hours_left": totals.left_h,
        "hours_needed": totals.needed_h,
        "activations_counted": totals.per_hour.events,
        "activations": totals.all_proven,
        "grades": {str(grade): totals.grades.get(grade, 0) for grade in Grade},
        "per_hour_95": _bounds(totals.per_hour.interval, 1.0),
        "per_24_h_95": _bounds(totals.per_hour.interval, DAY_H),
        "words": round(totals.per_words.hours * 10_000),
        "per_10000_words_95": _bounds(totals.per_words.interval, 1.0),
        "messages": totals.messages,
        "violations": list(totals.violations),
        "why_not_counted": totals.why_not,
        "woken": [{"block": n, **a.model_dump(mode="json")} for n, a in totals.activations],
    }


def as_markdown(totals: Totals, about: Sequence[str] = ()) -> str:
    """For people, a merge request, a mail. `about` as in `as_json`."""
    lines = [f"**{str(totals.verdict).upper()}**: {totals.reason}", ""]
    lines += [f"- {text}" for text in about]
    lines.append(f"- {length(totals.per_hour.hours)} of audio counted, {_lost(totals)}")
    by_grade = ", ".join(f"{totals.grades.get(grade, 0)} {grade}" for grade in Grade)
    lines.append(f"- activations: {totals.all_proven} ({by_grade}){_unseen(totals)}")
    lines.append(f"- an hour: {_rate(totals.per_hour, 1.0)}")
    lines.append(f"- in 24 h: {_rate(totals.per_hour, DAY_H)}; the budget is {totals.budget:g}")
    lines.append(f"- in 10,000 words: {_of_words(totals.per_words)}")
    lines += [f"- not counted, {count(n, 'block')}: {text}" for text, n in totals.why_not.items()]
    lines += [f"- **{text}**" for text in totals.violations]
    lines += _table(totals)
    return "\n".join(lines) + "\n"


def _table(totals: Totals) -> list[str]:
    if not totals.activations:
        return []
    lines = ["", "| block | grade | class | file | at | being said | sound |"]
    lines.append("|---|---|---|---|---|---|---|")
    lines += [_row(number, each) for number, each in totals.activations[:_MOST_SHOWN]]
    if len(totals.activations) > _MOST_SHOWN:
        lines += ["", f"and {len(totals.activations) - _MOST_SHOWN} more, in the JSON"]
    return lines


def _row(number: int, woke: Activation) -> str:
    at = "" if woke.offset_s is None else clock(woke.offset_s)
    saying = " ".join(woke.saying.replace("|", "/").split())
    said = f"“{saying}”" + (", the wake word itself" if woke.wake_word else "") if saying else "?"
    file = woke.file or "nothing was playing"
    return f"| {number} | {woke.grade} | {woke.cls} | {file} | {at} | {said} | {woke.clips} |"


def _lost(totals: Totals) -> str:
    return f"{length(totals.uncounted_h)} tried and not counted, {length(totals.left_h)} not played"


def _unseen(totals: Totals) -> str:
    if totals.sees_local or totals.per_hour.hours <= 0:
        return ""
    return "; this rig sees neither light nor prompts, so local ones could not be seen"


def _rate(rate: HourlyRate, hours: float) -> str:
    """So many in so many hours, with the exact interval."""
    if rate.interval is None:
        return "not known, since nothing counted"
    return f"{_digits(rate.events / rate.hours * hours)}, {_interval(rate.interval, hours)}"


def _of_words(rate: HourlyRate) -> str:
    if rate.interval is None:
        return "not known, since nothing that counted has a transcript"
    each = f"{_digits(rate.events / rate.hours)}, {_interval(rate.interval, 1.0)}"
    return f"{each}; {rate.hours * 10_000:.0f} words in files with a transcript"


def _interval(interval: Interval, factor: float) -> str:
    percent = f"{100 * interval.confidence:g} %"
    if interval.sides is Sides.ONE:
        return f"below {_digits(interval.high * factor)} ({percent}, one-sided)"
    low, high = _digits(interval.low * factor), _digits(interval.high * factor)
    return f"{low} to {high} ({percent})"


def _digits(value: float) -> str:
    """Three digits, or a whole number."""
    return f"{value:.3g}" if value < 1000 else f"{value:,.0f}"


def _bounds(interval: Interval | None, factor: float) -> list[float] | None:
    return None if interval is None else [interval.low * factor, interval.high * factor]
