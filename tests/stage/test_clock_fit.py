"""A straight line through instants that two clocks saw: what it says of their drift is true."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.stage.clock_fit import Instant, fit_clock

NOISE = st.lists(st.floats(-1e-3, 1e-3), min_size=2, max_size=40)


@given(st.floats(-0.05, 0.05), st.floats(-200e-6, 200e-6), NOISE, st.floats(61, 40_000))
def test_the_truth_lies_within_the_uncertainty(
    offset_s: float, drift: float, noise: list[float], span_s: float
) -> None:
    """Whatever the clocks do, if they run straight: at each instant, so everywhere between."""
    at = [span_s * n / (len(noise) - 1) for n in range(len(noise))]
    truth = [offset_s + drift * t for t in at]
    fit = fit_clock([Instant(t, d + e, abs(e)) for t, d, e in zip(at, truth, noise, strict=True)])
    for t, d in zip(at, truth, strict=True):
        assert abs(fit.at_ms(t) - d * 1e3) <= fit.uncertainty_ms + 1e-6
        assert abs(d) * 1e3 <= fit.worst_ms + 1e-6


def test_a_drift_is_measured_and_a_scatter_is_none() -> None:
    hours = fit_clock([Instant(600.0 * n, 0.002 + 1e-6 * 600 * n) for n in range(13)])
    assert hours.drift_ms_an_hour == pytest.approx(3.6) and hours.uncertainty_ms < 1e-6
    assert hours.offset_ms == pytest.approx(2 + 3.6)
    short = fit_clock([Instant(0.0, 1e-3), Instant(1.0, -1e-3), Instant(2.0, 0.0)])
    assert (short.drift_ms_an_hour, short.offset_ms) == (0.0, 0.0)
    assert short.uncertainty_ms == pytest.approx(1.0)


def test_one_outlier_is_uncertainty_and_not_left_out() -> None:
    instants = [Instant(60.0 * n, 0.01 if n == 5 else 0.0) for n in range(20)]
    assert fit_clock(instants).uncertainty_ms > 9.0
    with pytest.raises(ValueError, match="no instant"):
        fit_clock([])
