"""A calibrator's tone is measured; anything else is refused by name."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.sound.calibrator import CalibratorError, full_scale
from harness.sound.sweep import Samples
from harness.sound.weighting import a_weight_db, a_weighted

RATE = 16_000
TIMES_S = np.arange(4 * RATE) / RATE


def tone(rms: float, hz: float = 1000.0) -> Samples:
    sound: Samples = (rms * np.sqrt(2) * np.sin(2 * np.pi * hz * TIMES_S)).astype(np.float32)
    return sound


@given(st.floats(-70, -4), st.floats(990, 1010), st.sampled_from((94.0, 114.0)))
def test_full_scale_is_so_loud(level_db: float, hz: float, tone_db_spl: float) -> None:
    found = full_scale(tone(10 ** (level_db / 20), hz), RATE, tone_db_spl)
    assert found.db_spl == pytest.approx(tone_db_spl - level_db, abs=0.02)
    assert found.pitch_hz == pytest.approx(hz, abs=0.5)


NOISE = np.random.default_rng(1).standard_normal(len(TIMES_S))


@pytest.mark.parametrize(
    ("sound", "why"),
    [
        (np.zeros(4 * RATE), "digital silence"),
        (tone(0.1)[:RATE], "were recorded"),
        (tone(0.1, 50.0), "at 50 Hz"),
        (tone(0.05) + 0.02 * NOISE, "below the tone"),
        (tone(0.1) * np.linspace(1, 1.05, len(TIMES_S)), "moves by"),
        (np.clip(tone(0.9), -1, 1), "clipped"),
    ],
)
def test_what_is_no_calibrator_is_refused(sound: Samples, why: str) -> None:
    with pytest.raises(CalibratorError, match=why):
        full_scale(sound.astype(np.float32), RATE)


def test_a_weighting_is_that_of_the_standard() -> None:
    """IEC 61672-1, table 3: nominal frequencies, so a tenth of a dB is all that can be asked."""
    hz = np.array([31.62, 63.10, 125.9, 251.2, 501.2, 1000.0, 1995.0, 3981.0, 7943.0, 15850.0])
    table = [-39.4, -26.2, -16.1, -8.6, -3.2, 0.0, 1.2, 1.0, -1.1, -6.6]
    assert a_weight_db(hz) == pytest.approx(table, abs=0.06)


def test_a_tone_is_weighted_by_its_frequency() -> None:
    weighted = a_weighted(tone(0.1, 250.0), RATE)[RATE:-RATE]
    wanted = float(a_weight_db(np.array([250.0]))[0])
    assert 20 * np.log10(np.std(weighted) / 0.1) == pytest.approx(wanted, abs=0.05)
