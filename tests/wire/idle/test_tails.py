"""Thresholds: never below what was seen, and idle traffic goes beyond them as seldom as asked."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.wire.idle.profile import Peak, Tail
from harness.wire.idle.tails import most_often, pooled, threshold_of

DAY_S = 86_400.0
SIZES = st.lists(st.integers(1, 50_000), max_size=150)


def tail(sizes: list[int]) -> Tail:
    """A tail of these peaks, in a window of 1 s."""
    largest = [Peak(at_s=float(n), bytes=size) for n, size in enumerate(sorted(sizes)[::-1])]
    return Tail(window_s=1.0, clusters=len(sizes), largest=tuple(largest[:200]))


@given(SIZES, st.floats(0.001, 10.0), st.integers(1, 2000))
def test_what_was_seen_is_no_upload(sizes: list[int], per_day: float, least: int) -> None:
    limit = threshold_of(tail(sizes), 36_000.0, per_day, least)
    assert limit.bytes >= max([least, *sizes])
    assert limit.false_per_day >= 0.0


@given(SIZES)
def test_fewer_false_alarms_need_more_bytes(sizes: list[int]) -> None:
    limits = [threshold_of(tail(sizes), 36_000.0, rate, 1).bytes for rate in (10.0, 1.0, 0.01)]
    assert limits == sorted(limits)


@pytest.mark.parametrize("law", ["exponential", "uniform", "lognormal"])
def test_idle_traffic_goes_beyond_as_seldom_as_asked(law: str) -> None:
    """A night of 300 bursts each; what the law itself says of a day, on average over devices."""
    dice = np.random.default_rng(5)
    rates = []
    for _ in range(60):
        sizes = {
            "exponential": 300 + dice.exponential(200, 300),
            "uniform": dice.uniform(100, 900, 300),
            "lognormal": dice.lognormal(6.0, 0.4, 300),
        }[law].astype(int)
        limit = threshold_of(tail(sizes.tolist()), 10 * 3600.0, 0.05, 1).bytes
        beyond = {
            "exponential": np.exp(-(limit - 300) / 200),
            "uniform": max(0.0, (900 - limit) / 800),
            "lognormal": float((dice.lognormal(6.0, 0.4, 200_000) > limit).mean()),
        }[law]
        rates.append(beyond * 720)
    assert np.mean(rates) <= 0.05


def test_of_few_bursts_the_others_of_the_device_tell() -> None:
    few, usual = tail([500, 500, 520]), 1500
    assert threshold_of(few, 3600.0, 0.01, 900, usual).bytes == 1500
    assert threshold_of(few, 3600.0, 0.01, 900, 90_000).bytes == 6 * 520
    assert threshold_of(few, 3600.0, 0.01, 900, 100).bytes == 2 * 520


def test_pooled_tails_hold_the_largest_of_all() -> None:
    both = pooled([tail([1, 9]), tail([5])])
    assert [peak.bytes for peak in both.largest] == [9, 5, 1]
    assert both.clusters == 3


def test_how_many_hours_support_one_in_a_day() -> None:
    assert most_often(0, 71.0 / 24) > 1.0 > most_often(0, 72.0 / 24)
