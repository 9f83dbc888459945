"""Intervals hold what they promise: enumerated exactly, and held against scipy's own tests."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from harness.model.series import Interval, Sides
from harness.series.statistics import (
    clopper_pearson,
    garwood,
    hourly_rate,
    plays_for_bound,
    rate,
    zero_bound,
)

# A busy machine is no failure.

SHARES = np.unique(np.concatenate([np.linspace(0, 1, 401), np.logspace(-4, -1, 60)]))
counts = st.integers(1, 2000).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))
confidences = st.sampled_from((0.8, 0.9, 0.95, 0.99))


def covers(interval: Interval, value: float) -> bool:
    return interval.low - 1e-12 <= value <= interval.high + 1e-12


@given(counts, confidences)
def test_agrees_with_the_binomial_test_of_scipy(count: tuple[int, int], confidence: float) -> None:
    events, trials = count
    found = clopper_pearson(events, trials, confidence)
    other = stats.binomtest(events, trials).proportion_ci(confidence, method="exact")
    assert (found.low, found.high) == pytest.approx((other.low, other.high), abs=1e-9)
    assert found.sides is Sides.TWO


@given(st.integers(1, 5000), confidences)
def test_the_bound_of_nothing_agrees_with_scipy_and_the_closed_form(n: int, level: float) -> None:
    found = zero_bound(n, level)
    other = stats.binomtest(0, n, alternative="less").proportion_ci(level, method="exact")
    assert found.high == pytest.approx(other.high, abs=1e-9)
    assert found.high == pytest.approx(1 - (1 - level) ** (1 / n), abs=1e-12)
    assert (found.low, found.sides) == (0.0, Sides.ONE)


@pytest.mark.parametrize("trials", [1, 2, 3, 5, 8, 13, 20, 40])
def test_covers_the_true_share_in_95_percent_of_all_series(trials: int) -> None:
    two = [clopper_pearson(k, trials) for k in range(trials + 1)]
    mixed = [rate(k, trials).interval for k in range(trials + 1)]
    for share in SHARES:
        chance = stats.binom.pmf(np.arange(trials + 1), trials, share)
        assert chance[[covers(i, share) for i in two]].sum() >= 0.95 - 1e-9, share
        assert chance[[i is not None and covers(i, share) for i in mixed]].sum() >= 0.925 - 1e-9


@pytest.mark.parametrize("mean", [0.01, 0.3, 1.0, 2.9, 3.1, 7.5, 20.0])
def test_covers_the_true_count_per_hour(mean: float) -> None:
    hours = 2.5
    counted = np.arange(200)
    chance = stats.poisson.pmf(counted, mean)
    held = [covers(garwood(int(k), hours), mean / hours) for k in counted]
    # Nothing counted is told one-sided, which moves 2.5 % of the risk to the upper side.
    assert chance[held].sum() >= (0.95 if mean < 2.9 else 0.925) - 1e-9


@given(counts, confidences)
def test_more_events_move_both_ends_up_and_the_estimate_lies_within(
    count: tuple[int, int], confidence: float
) -> None:
    events, trials = count
    found = clopper_pearson(events, trials, confidence)
    assert 0 <= found.low <= events / trials <= found.high <= 1
    if events < trials:
        more = clopper_pearson(events + 1, trials, confidence)
        assert more.low > found.low
        assert more.high > found.high or more.high == 1
    wider = clopper_pearson(events, trials, 0.995)
    assert wider.low <= found.low and wider.high >= found.high
    longer = clopper_pearson(events, trials + 1, confidence)
    assert longer.low <= found.low and longer.high <= found.high


@given(st.integers(0, 500), st.floats(0.01, 1000))
def test_per_hour_is_monotonic_and_agrees_with_the_tails(events: int, hours: float) -> None:
    found = garwood(events, hours)
    assert found.low <= events / hours <= found.high
    assert garwood(events + 1, hours).high > found.high
    tail = 0.025 if events else 0.05
    assert stats.poisson.cdf(events, found.high * hours) == pytest.approx(tail, rel=1e-6)
    if events:
        assert stats.poisson.sf(events - 1, found.low * hours) == pytest.approx(tail, rel=1e-6)


def test_the_numbers_people_know() -> None:
    three = clopper_pearson(3, 40)
    assert (round(three.low, 3), round(three.high, 3)) == (0.016, 0.204)
    assert zero_bound(299).high < 0.01 < zero_bound(298).high
    # The rule of three.
    assert garwood(0, 1.0).high == pytest.approx(2.9957, abs=1e-4)
    ten = garwood(10, 1.0)
    assert (ten.low, ten.high) == pytest.approx((4.795, 18.39), abs=1e-2)


@given(st.floats(0.001, 0.999), st.sampled_from((0.9, 0.95, 0.99)))
def test_how_many_plays_a_bound_takes(bound: float, confidence: float) -> None:
    plays = plays_for_bound(bound, confidence)
    assert zero_bound(plays, confidence).high <= bound
    assert plays == 1 or zero_bound(plays - 1, confidence).high > bound


@pytest.mark.parametrize(("bound", "plays"), [(0.5, 5), (0.1, 29), (0.05, 59), (0.01, 299)])
def test_how_many_plays_the_usual_bounds_take(bound: float, plays: int) -> None:
    assert plays_for_bound(bound) == plays


def test_without_any_trial_nothing_is_said() -> None:
    assert rate(0, 0).interval is None and hourly_rate(0, 0.0).interval is None


@settings(max_examples=20)
@given(st.sampled_from([(-1, 5), (6, 5), (0, 0), (1, -3)]))
def test_no_such_count(count: tuple[int, int]) -> None:
    with pytest.raises(ValueError, match="no such count"):
        clopper_pearson(*count)
    with pytest.raises(ValueError, match="no such count"):
        garwood(-1, 1.0)
    with pytest.raises(ValueError, match="no such count"):
        garwood(1, float("nan"))
    with pytest.raises(ValueError, match="confidence"):
        zero_bound(5, 1.0)
