"""The time of a board's ticks: the true time is always within the stated uncertainty."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.bench.tick_clock import RATE_OFF, Exchange, TickClock
from harness.errors import RigError

DELAY_S = st.floats(0, 0.2)


@given(
    rate=st.floats(1 - RATE_OFF / 2, 1 + RATE_OFF / 2),
    delays=st.lists(st.tuples(st.floats(0.001, 5), DELAY_S, DELAY_S), min_size=1, max_size=100),
    asked=st.floats(-60, 600),
)
def test_the_true_time_is_within_its_bounds(
    rate: float, delays: list[tuple[float, float, float]], asked: float
) -> None:
    def true_s(ticks_us: int) -> float:
        return 1000.0 + ticks_us * 1e-6 * rate

    clock, ticks_us = TickClock(), 0
    for pause_s, there_s, back_s in delays:
        ticks_us += round(pause_s * 1e6)
        read_s = true_s(ticks_us)
        clock.add(Exchange(ticks_us, read_s - there_s, read_s + back_s))
    tick = ticks_us + round(asked * 1e6)
    unix_s, uncertainty_s = clock.at(tick)
    assert abs(unix_s - true_s(tick)) <= uncertainty_s + 1e-9


@given(st.lists(st.tuples(DELAY_S, DELAY_S), min_size=2, max_size=30))
def test_more_exchanges_never_make_it_worse(delays: list[tuple[float, float]]) -> None:
    clock, worst_s = TickClock(), float("inf")
    for number, (there_s, back_s) in enumerate(delays):
        read_s = 5.0 + number * 0.5
        clock.add(Exchange(number * 500_000, read_s - there_s, read_s + back_s))
        _, uncertainty_s = clock.at(1_000_000)
        assert uncertainty_s <= worst_s + 1e-12
        worst_s = uncertainty_s


def test_a_clock_that_was_set_is_told() -> None:
    clock = TickClock()
    with pytest.raises(RigError, match="no exchange"):
        clock.at(0)
    clock.add(Exchange(0, 10.0, 10.001))
    clock.add(Exchange(1_000_000, 11.0, 11.001))
    clock.at(1_000_000)
    clock.add(Exchange(2_000_000, 12.5, 12.501))
    with pytest.raises(RigError, match="clock was set"):
        clock.at(2_000_000)
