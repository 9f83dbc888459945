"""Intervals for what was counted: exact ones, from scipy's distributions.

Rates carry the interval of Clopper and Pearson (Biometrika 26, 1934), counts per hour that of
Garwood (Biometrika 28, 1936). Either covers the true rate in at least 95 % of all series, whatever
it is and for any number of plays fixed beforehand. Where nothing was counted, all 5 % go to the
upper side: the one-sided bound, labelled so. Whoever takes the one or the other by what was
counted, as `rate` does, covers it in at least 92.5 %.
"""

import math

import scipy

from harness.model.series import HourlyRate, Interval, Rate, Sides

CONFIDENCE = 0.95
CLOPPER_PEARSON = "Clopper-Pearson"
GARWOOD = "Garwood"


def clopper_pearson(events: int, trials: int, confidence: float = CONFIDENCE) -> Interval:
    """The two-sided interval of a share of independent plays. `ValueError` for no such count."""
    _check(events, trials, confidence)
    tail = (1 - confidence) / 2
    low = float(scipy.stats.beta.ppf(tail, events, trials - events + 1)) if events else 0.0
    high = (
        float(scipy.stats.beta.isf(tail, events + 1, trials - events)) if events < trials else 1.0
    )
    return Interval(low, high, confidence, Sides.TWO, CLOPPER_PEARSON)


def zero_bound(trials: int, confidence: float = CONFIDENCE) -> Interval:
    """The one-sided bound of a share of which nothing was seen in `trials` plays."""
    _check(0, trials, confidence)
    high = float(scipy.stats.beta.isf(1 - confidence, 1, trials))
    return Interval(0.0, high, confidence, Sides.ONE, CLOPPER_PEARSON)


def rate(events: int, trials: int, confidence: float = CONFIDENCE) -> Rate:
    """A share with its interval: one-sided where nothing was counted, None without any trial."""
    if trials == 0:
        return Rate(events, trials, None)
    bound = clopper_pearson(events, trials, confidence) if events else None
    return Rate(events, trials, bound or zero_bound(trials, confidence))


def garwood(events: int, hours: float, confidence: float = CONFIDENCE) -> Interval:
    """The interval of a number of events per hour; one-sided where nothing was counted."""
    if events < 0 or not (hours > 0 and math.isfinite(hours)):
        raise ValueError(f"{events} events in {hours} hours: no such count")
    _check_confidence(confidence)
    if events == 0:
        high = float(scipy.stats.chi2.isf(1 - confidence, 2)) / 2 / hours
        return Interval(0.0, high, confidence, Sides.ONE, GARWOOD)
    tail = (1 - confidence) / 2
    low = float(scipy.stats.chi2.ppf(tail, 2 * events)) / 2 / hours
    high = float(scipy.stats.chi2.isf(tail, 2 * events + 2)) / 2 / hours
    return Interval(low, high, confidence, Sides.TWO, GARWOOD)


def hourly_rate(events: int, hours: float, confidence: float = CONFIDENCE) -> HourlyRate:
    """Events per hour with their interval; None where no time passed."""
    return HourlyRate(events, hours, garwood(events, hours, confidence) if hours > 0 else None)


def plays_for_bound(bound: float, confidence: float = CONFIDENCE) -> int:
    """How many plays without an event it takes to say "below `bound`" (0..1, both excluded)."""
    if not 0 < bound < 1:
        raise ValueError(f"a bound lies between 0 and 1, not at {bound}")
    _check_confidence(confidence)
    plays = max(1, math.ceil(math.log(1 - confidence) / math.log1p(-bound)))
    # A logarithm may round either way where the bound is met to the last digit.
    while plays > 1 and zero_bound(plays - 1, confidence).high <= bound:
        plays -= 1
    while zero_bound(plays, confidence).high > bound:
        plays += 1
    return plays


def _check(events: int, trials: int, confidence: float) -> None:
    if trials < 1 or not 0 <= events <= trials:
        raise ValueError(f"{events} of {trials}: no such count")
    _check_confidence(confidence)


def _check_confidence(confidence: float) -> None:
    if not 0 < confidence < 1:
        raise ValueError(f"a confidence lies between 0 and 1, not at {confidence}")
