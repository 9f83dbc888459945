"""The resampler is the one that the published ESTOI uses, only faster."""

import numpy as np
import pytest
import scipy.signal
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from harness.ears.audibility.polyphase import to_10_khz


def octave_resample(samples: NDArray[np.float32], rate_hz: int) -> NDArray[np.float64]:
    """What Octave's `resample(x, 10000, rate)` does, by scipy's polyphase loop."""
    up, down = 10_000 // np.gcd(10_000, rate_hz), rate_hz // np.gcd(10_000, rate_hz)
    cut_off = 1 / (2 * max(up, down))
    half = int(np.ceil((60 - 8) / (28.714 * cut_off / 10)))
    taps = np.kaiser(2 * half + 1, 0.1102 * (60 - 8.7)) * np.sinc(
        2 * cut_off * np.arange(-half, half + 1)
    )
    made: NDArray[np.float64] = scipy.signal.resample_poly(
        samples.astype(np.float64), up, down, window=taps / taps.sum()
    )
    return made


@settings(max_examples=40)
@given(
    rate_hz=st.sampled_from([16_000, 48_000]), count=st.integers(0, 5000), seed=st.integers(0, 99)
)
def test_sample_for_sample(rate_hz: int, count: int, seed: int) -> None:
    noise = np.random.default_rng(seed).standard_normal(count).astype(np.float32)
    wanted = octave_resample(noise, rate_hz) if count else np.zeros(0)
    made = to_10_khz(noise, rate_hz)
    assert made.shape == wanted.shape
    assert np.allclose(made, wanted, atol=3e-6)


@pytest.mark.parametrize("rate_hz", [16_000, 48_000])
def test_long_sound_is_brought_over_in_parts_that_fit(rate_hz: int) -> None:
    noise = np.random.default_rng(5).standard_normal(5 * rate_hz).astype(np.float32)
    assert np.allclose(to_10_khz(noise, rate_hz), octave_resample(noise, rate_hz), atol=3e-6)
