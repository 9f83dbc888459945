"""Sweeps through paths that are known, and through loudspeakers that distort by a known share."""

import numpy as np
import pytest
import scipy.signal
from hypothesis import given
from hypothesis import strategies as st

from harness.sound.sweep import Samples, exponential_sweep, response

RATE = 16_000
PEAK = 0.3
SWEEP = exponential_sweep(2.0, RATE, PEAK)


def heard(path: Samples, noise: float = 0.0, seed: int = 0) -> Samples:
    padded = np.concatenate((SWEEP.samples, np.zeros(RATE, np.float32)))
    sound = scipy.signal.oaconvolve(padded, path)[: len(padded)].astype(np.float64)
    sound += noise * np.random.default_rng(seed).standard_normal(len(sound))
    told: Samples = sound.astype(np.float32)
    return told


@given(st.integers(0, 8000), st.floats(0.01, 1.0), st.sampled_from((-1, 1)))
def test_latency_level_and_polarity_come_back(late: int, gain: float, sign: int) -> None:
    path = np.zeros(late + 1, np.float32)
    path[late] = sign * gain
    found = response(SWEEP, heard(path), 1.0)
    assert int(np.abs(found.path).argmax()) == late
    assert np.sign(found.path[late]) == sign
    # A path that holds all frequencies is as high as the share of them that a sweep goes through.
    band = (SWEEP.high_hz - SWEEP.low_hz) / (RATE / 2)
    assert abs(found.path[late]) == pytest.approx(gain * band, rel=0.05)


@pytest.mark.parametrize(("square", "cube"), [(0.0, 0.0), (0.1, 0.0), (0.0, 0.3), (0.05, 0.1)])
def test_distortion_is_that_of_the_loudspeaker(square: float, cube: float) -> None:
    x = SWEEP.samples
    bent = x + square * x**2 + cube * x**3
    late = np.zeros(300, np.float32)
    sound = np.concatenate((late, bent, np.zeros(RATE, np.float32)))
    found = response(SWEEP, sound, 1.0)
    fundamental = 1 + 0.75 * cube * PEAK**2
    wanted = np.hypot(square * PEAK / 2, cube * PEAK**2 / 4) / fundamental
    assert found.distortion == pytest.approx(wanted, rel=0.05, abs=1e-4)


def test_a_room_does_not_count_as_distortion() -> None:
    rng = np.random.default_rng(1)
    path = (rng.standard_normal(4000) * 10 ** (-3 * np.arange(4000) / 4000)).astype(np.float32)
    found = response(SWEEP, heard(0.05 * path), 1.0)
    assert found.distortion is not None and found.distortion < 0.002
    assert found.path[:4000] == pytest.approx(0.05 * path, abs=0.03)


@given(st.floats(1e-5, 1e-2))
def test_noise_is_told(noise: float) -> None:
    path = np.zeros(100, np.float32)
    path[50] = 0.5
    quiet, loud = (response(SWEEP, heard(path, n), 1.0).noise_db for n in (noise, 4 * noise))
    assert 8 < loud - quiet < 16


def test_silence_and_too_little_are_refused() -> None:
    nothing = np.zeros(3 * RATE, np.float32)
    with pytest.raises(ValueError, match="digital silence"):
        response(SWEEP, nothing, 1.0)
    with pytest.raises(ValueError, match="are needed"):
        response(SWEEP, heard(np.ones(1, np.float32))[:-RATE], 1.0)
