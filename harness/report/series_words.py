"""What a series comes to, as sentences: "Leaks in 3 of 40 plays, 1.6-20.4 % (95 %)."."""

import math

from harness.model.ruling import KnownOutcome, Verdict
from harness.model.series import (
    Decision,
    HourlyRate,
    Interval,
    PlayKind,
    Rate,
    SeriesPlan,
    SeriesRuling,
    Sides,
    StopReason,
)
from harness.report.phrases import count, listing, span


def headline(series: SeriesRuling) -> str:
    """What a person must know of a series; `series.headline` itself is not read."""
    parts = (_main(series), _stopped(series), _others(series), _settled(series))
    return " ".join(part for part in parts if part)


def percent(share: float, *, up: bool = False) -> str:
    """A share (0..1) in per cent without the sign: one decimal, below 1 % two digits.

    `up`: rounded up, for a bound that must hold as printed.
    """
    return _digits(100 * share, up=up)


def _digits(value: float, *, up: bool = False) -> str:
    """A number with one decimal, below 1 with two digits."""
    digits = 1 if value >= 1 or value == 0 else 1 - math.floor(math.log10(value))
    scale = 10**digits
    rounded = math.ceil(value * scale - 1e-9) / scale if up else round(value, digits)
    return f"{rounded:.{digits}f}".rstrip("0").rstrip(".")


def interval_words(interval: Interval | None) -> str:
    """`1.6-20.4 % (95 %)`, `below 1 % (95 %, one-sided)`, or that nothing is known."""
    if interval is None:
        return "share not known"
    confidence = f"{percent(interval.confidence)} %"
    if interval.sides is Sides.ONE:
        return f"below {percent(interval.high, up=True)} % ({confidence}, one-sided)"
    return f"{percent(interval.low)}-{percent(interval.high)} % ({confidence})"


def rate_words(rate: Rate) -> str:
    """`in 3 of 40 plays, 1.6-20.4 % (95 %)`, or `in 0 of 299 plays: below 1 % ...`."""
    share = f"in {rate.events} of {count(rate.trials, 'play') if rate.trials else 'no plays'}"
    if rate.interval is None:
        return share
    joint = ": " if rate.events == 0 else ", "
    return f"{share}{joint}{interval_words(rate.interval)}"


def hourly_words(rate: HourlyRate) -> str:
    """`3 in 24 min: 7.5 per hour, 1.5-21.9 (95 %)`, or the bound where there was none."""
    heard = f"{rate.hours:.1f} h" if rate.hours >= 2 else span(rate.hours * 3600)
    shown = f"{rate.events} in {heard}"
    if rate.interval is None:
        return shown
    confidence = f"{percent(rate.interval.confidence)} %"
    if rate.interval.sides is Sides.ONE:
        high = _digits(rate.interval.high, up=True)
        return f"{shown}: below {high} per hour ({confidence}, one-sided)"
    low, high = _digits(rate.interval.low), _digits(rate.interval.high)
    return f"{shown}: {_digits(rate.events / rate.hours)} per hour, {low}-{high} ({confidence})"


def plays_asked(plan: SeriesPlan) -> str:
    """`40`, or `at most 40`."""
    return f"at most {plan.plays}" if plan.question is not None else str(plan.plays)


def _main(series: SeriesRuling) -> str:
    """How often it failed, or how rarely it can."""
    if series.failures.events:
        return f"{_verb(series)} {rate_words(series.failures)}."
    if series.verdict is Verdict.PASS:
        return f"Fails {rate_words(series.failures)}."
    if series.listed:
        return _main_listed(series)
    if series.conclusive == 0:
        return "Nothing is proven: no play was conclusive."
    return f"Nothing is proven: {_why_open(series)}. It failed {rate_words(series.failures)}."


def _verb(series: SeriesRuling) -> str:
    """What the failing plays did: let something out, refuse, or both."""
    failed = [play for play in series.plays if play.kind is PlayKind.FAIL]
    otherwise = " otherwise than listed" if series.listed else ""
    if all(play.classes for play in failed):
        return f"Leaks{otherwise}"
    if not any(play.classes for play in failed):
        return f"Wrongly refuses{otherwise}"
    return f"Fails{otherwise}"


def _main_listed(series: SeriesRuling) -> str:
    shown = series.shown or Rate(0, 0, None)
    found = f"Fails as listed {rate_words(shown)}; otherwise {rate_words(series.failures)}."
    gone = _gone(series)
    if series.known is KnownOutcome.EXACTLY:
        return found
    if series.known is KnownOutcome.VANISHED:
        return f"{gone} did not happen in any play. Fixed? Remove it from the list. {found}"
    if series.known is KnownOutcome.NOT_PROVOKED:
        return f"Not provoked: nothing is known of {gone}. {found}"
    return f"Nothing is proven: {_why_open(series)}. {found}"


def _gone(series: SeriesRuling) -> str:
    found = {cls for play in series.plays for cls in play.classes}
    return listing([cls for cls in series.listed if cls not in found])


def _why_open(series: SeriesRuling) -> str:
    """Why a series without a failure is no pass."""
    if series.stop is StopReason.INTERRUPTED:
        return "the series was interrupted"
    if series.stop not in (StopReason.PLAYED, StopReason.SETTLED):
        return f"the series did not come to its end, {series.stop}"
    if series.decision is Decision.OPEN:
        return f"{count(series.conclusive, 'conclusive play')} did not settle the question"
    needed = series.plan.enough or "all"
    return f"only {series.conclusive} of {len(series.plays)} plays were conclusive, not {needed}"


def _stopped(series: SeriesRuling) -> str:
    """That it ended early, and why."""
    if series.stop in (StopReason.PLAYED, StopReason.SETTLED):
        return ""
    told = len(series.plays)
    why = f" ({series.stopped_by.rstrip('.')})" if series.stopped_by else ""
    asked = count(series.plan.plays, "play")
    return f"Ended after {count(told, 'play')}, {asked} asked for: {series.stop}{why}."


def _others(series: SeriesRuling) -> str:
    """The plays that showed nothing, and those that lacked a listed violation."""
    counts = dict(series.counts)
    told = [
        f"{counts[kind]} {kind}"
        for kind in (PlayKind.INCONCLUSIVE, PlayKind.NOT_PROVOKED)
        if kind in counts
    ]
    missing = counts.get(PlayKind.MISSING, 0)
    if missing and series.known is KnownOutcome.EXACTLY:
        told.append(f"{missing} without all that is listed")
    return f"Besides: {listing(told)}." if told else ""


def _settled(series: SeriesRuling) -> str:
    """What the sequential test says, with the real risk that this is wrong."""
    question, errors = series.plan.question, series.error_rates
    if question is None or errors is None:
        return ""
    settled = f"Settled after {count(series.conclusive, 'play')}"
    if series.decision is Decision.RARER:
        p1 = percent(question.p1)
        return (
            f"{settled}: rarer than in {p1} % of all plays (said of a device at {p1} % in "
            f"{percent(errors.beta, up=True)} % of such series)."
        )
    if series.decision is Decision.OFTENER:
        p0 = percent(question.p0)
        return (
            f"{settled}: more often than in {p0} % of all plays (said of a device at {p0} % in "
            f"{percent(errors.alpha, up=True)} % of such series)."
        )
    return "The question is not settled."
