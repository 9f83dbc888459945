"""Spectra hold what was there: all of it, where it was, and only while the device spoke."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harness.ears.audibility.spectrum import spectrum_while
from tests.ears.audibility.sounds import Samples, noise

RATE_HZ = 16_000


def always(samples: Samples, rate_hz: int = RATE_HZ) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    return np.ones(len(samples) * 1000 // rate_hz, dtype=np.bool_)


@settings(max_examples=40)
@given(rate_hz=st.sampled_from([16_000, 48_000]), frames=st.integers(1, 120))
def test_nothing_is_lost(rate_hz: int, frames: int) -> None:
    heard = noise(frames * rate_hz // 25, 1, -20)  # whole steps of 40 ms, so that no end is cut off
    power = spectrum_while(heard, rate_hz, always(heard, rate_hz)).power
    assert np.sum(power) == pytest.approx(np.var(heard, dtype=np.float64), rel=1e-4)


@pytest.mark.parametrize("at", range(0, 16_000, 997))
def test_a_click_counts_the_same_wherever_it_is(at: int) -> None:
    click = np.zeros(RATE_HZ, dtype=np.float32)
    click[at] = 1.0
    assert np.sum(spectrum_while(click, RATE_HZ, always(click)).power) == pytest.approx(
        1 / RATE_HZ, rel=1e-3
    )


@pytest.mark.parametrize("hz", [125.0, 440.0, 1000.0, 7000.0])
def test_a_tone_is_where_it_sounds(hz: float) -> None:
    tone = np.sin(2 * np.pi * hz * np.arange(RATE_HZ) / RATE_HZ).astype(np.float32)
    spectrum = spectrum_while(tone, RATE_HZ, always(tone))
    around, beside = spectrum.in_bands((hz / 1.2, hz * 1.2), (hz * 1.2, 8000.0))
    assert around == pytest.approx(0.5, rel=0.03)
    assert beside < 0.01


def test_bands_side_by_side_share_everything() -> None:
    spectrum = spectrum_while(
        noise(RATE_HZ, 2, -20), RATE_HZ, always(np.zeros(RATE_HZ, np.float32))
    )
    edges = (-10.0, 31.0, 200.0, 205.0, 3333.0, 9000.0)
    assert np.sum(spectrum.in_bands(edges[:-1], edges[1:])) == pytest.approx(np.sum(spectrum.power))


def test_only_what_sounds_while_the_device_speaks_counts() -> None:
    heard = np.concatenate((noise(RATE_HZ, 1, -20), noise(RATE_HZ, 2, -60)))
    when = np.arange(2000)
    early, late = when < 950, when > 1100
    assert np.sum(spectrum_while(heard, RATE_HZ, early).power) == pytest.approx(1e-2, rel=0.05)
    assert np.sum(spectrum_while(heard, RATE_HZ, late).power) < 2e-6


@pytest.mark.parametrize("rate_hz", [16_000, 48_000])
def test_an_offset_and_rumble_are_in_no_band_of_speech(rate_hz: int) -> None:
    rumble = 0.1 * np.sin(2 * np.pi * 8 * np.arange(2 * rate_hz) / rate_hz) + 0.3
    spectrum = spectrum_while(rumble.astype(np.float32), rate_hz, always(rumble, rate_hz))
    (inside,) = spectrum.in_bands((89.0,), (8000.0,))
    assert inside < 1e-5
