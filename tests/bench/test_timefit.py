"""Sample indices to Unix time, whatever PortAudio's stamps do."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from harness.bench.timefit import TimeLine, fit_upper_line, parallel_line

RATE_HZ, BLOCK = 48_000, 480
START_S = 1_700_000_000.0


def stamps(
    blocks: int, ppm: float, late_share: float, jitter_s: float, seed: int
) -> tuple[NDArray[np.float64], float]:
    """Stamps as the sound system gives them, and the true seconds a sample takes.

    Woken late, it stamps the blocks that were waiting all alike: each lies one or two whole
    blocks (10 ms) too early.
    """
    chance = np.random.default_rng(seed)
    slope = (1 + ppm * 1e-6) / RATE_HZ
    index = np.arange(blocks, dtype=np.float64) * BLOCK
    early = (chance.random(blocks) < late_share) * chance.integers(1, 3, blocks)
    times = START_S + index * slope - early * BLOCK * slope
    times += chance.normal(0, jitter_s, blocks)
    return np.column_stack((index, times)), slope


@settings(max_examples=60)
@given(
    st.integers(300, 6000),
    st.floats(-300, 300),
    st.floats(0, 0.6),
    st.floats(0, 2e-4),
    st.integers(0, 2**20),
)
def test_the_error_stays_below_a_third_of_a_millisecond(
    blocks: int, ppm: float, late_share: float, jitter_s: float, seed: int
) -> None:
    rows, slope = stamps(blocks, ppm, late_share, jitter_s, seed)
    line = fit_upper_line(rows)
    for index in (0.0, rows[len(rows) // 2, 0], rows[-1, 0]):
        assert abs(line.at(index) - (START_S + index * slope)) < 3e-4
    assert line.kept > 0.9 * (1 - late_share) - 0.1


def test_index_and_time_are_each_others_inverse() -> None:
    line = TimeLine(100.0, START_S, 1 / RATE_HZ, 0.0, 1.0)
    assert line.at(100.0) == START_S
    # Unix time as a float is good to a quarter of a microsecond.
    assert line.index(line.at(123_456.0)) == pytest.approx(123_456.0, abs=0.02)


def test_too_little_or_nonsense_gives_no_clock() -> None:
    rows, _ = stamps(100, 0.0, 0.0, 0.0, 1)
    for bad in (rows[:19], np.where(rows == rows[50, 1], np.nan, rows), rows[:0]):
        with pytest.raises(ValueError, match="no clock"):
            fit_upper_line(bad)


def test_a_wandering_line_takes_its_rate_from_a_steady_one() -> None:
    index = np.arange(0, 48_000 * 30, 480, dtype=np.float64)
    truth_s = 1_000.0 + index / 48_000 * (1 + 30e-6)
    wander_s = 1e-3 * np.sin(2 * np.pi * index / (48_000 * 25))
    late = np.where(np.arange(len(index)) % 7 == 0, -0.010, 0.0)
    line = parallel_line(
        np.column_stack((index, truth_s + wander_s)), np.column_stack((index, truth_s + late))
    )
    assert abs(line.at(index[-1]) - truth_s[-1]) < 0.5e-3
    assert abs(line.slope_s * 48_000 - (1 + 30e-6)) < 2e-6
