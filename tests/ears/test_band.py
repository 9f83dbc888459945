"""The telephone band: no delay, no level of its own, the same whole or in pieces."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harness.ears.band import RATE_HZ, REACH, band

SOUND = np.random.default_rng(1).standard_normal(30 * 48_000).astype(np.float32)


@pytest.mark.parametrize("rate_hz", [8_000, 16_000, 48_000])
def test_a_sample_stays_where_it_is(rate_hz: int) -> None:
    click = np.zeros(rate_hz, dtype=np.float32)
    click[rate_hz // 2] = 1.0
    low = np.abs(band(click, rate_hz))
    assert len(low) == RATE_HZ and np.argmax(low) == RATE_HZ // 2
    far = np.abs(np.arange(RATE_HZ) - RATE_HZ // 2) > REACH
    assert low[far].max() < 1e-3 * low.max()


@settings(max_examples=20)
@given(st.integers(0, 3 * 48_000), st.integers(1, 12 * 48_000), st.sampled_from((2, 6)))
def test_pieces_are_as_the_whole(start: int, count: int, step: int) -> None:
    start -= start % step
    whole = band(SOUND[: 16 * 48_000], RATE_HZ * step)
    part = band(SOUND[start : start + count], RATE_HZ * step)
    assert len(part) == -(-count // step)
    inside = part[REACH:-REACH]
    wanted = whole[start // step + REACH :][: len(inside)]
    assert inside == pytest.approx(wanted, abs=2e-4)


@pytest.mark.parametrize(
    ("hz", "least", "most"), [(60, -200, -40), (1000, -3, 0), (4500, -200, -50)]
)
def test_only_the_band_is_left(hz: int, least: float, most: float) -> None:
    tone = np.sin(2 * np.pi * hz * np.arange(48_000) / 48_000).astype(np.float32)
    low = band(tone, 48_000)[REACH:-REACH]
    # At 1 kHz the difference between one sample and the next at 8 kHz is 0.77 of the tone.
    gain_db = 10 * np.log10(np.mean(low**2) / np.mean(tone**2) + 1e-12)
    assert least <= gain_db <= most


def test_silence_is_silence_and_nothing_is_nothing() -> None:
    assert not band(np.zeros(1000, np.float32), 48_000).any()
    assert len(band(np.zeros(0, np.float32), 48_000)) == 0


def test_a_rate_that_is_no_multiple_is_refused() -> None:
    with pytest.raises(ValueError, match="44100 Hz"):
        band(SOUND[:100], 44_100)
