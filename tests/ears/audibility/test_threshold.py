"""The threshold of hearing, for tones where the standard gives it."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.ears.audibility.spectrum import spectrum_while
from harness.ears.audibility.threshold import over_threshold_db
from tests.ears.audibility.sounds import noise

RATE_HZ = 48_000
FULL_SCALE_DB_SPL = 100.0
ALWAYS = np.ones(1000, dtype=np.bool_)


def over_db(samples: np.ndarray[tuple[int], np.dtype[np.float32]]) -> float:
    return over_threshold_db(spectrum_while(samples, RATE_HZ, ALWAYS), FULL_SCALE_DB_SPL)


# ISO 226:2003, table 1, T_f.
@pytest.mark.parametrize(
    ("hz", "threshold_db_spl"),
    [(125, 22.1), (250, 11.4), (500, 4.4), (1000, 2.4), (2000, -1.3), (4000, -5.4), (8000, 12.6)],
)
@pytest.mark.parametrize("over", [-3.0, 0.0, 20.0])
def test_a_tone_is_so_far_over_its_threshold(hz: int, threshold_db_spl: float, over: float) -> None:
    rms = 10 ** ((threshold_db_spl + over - FULL_SCALE_DB_SPL) / 20)
    tone = rms * np.sqrt(2) * np.sin(2 * np.pi * hz * np.arange(RATE_HZ) / RATE_HZ)
    assert over_db(tone.astype(np.float32)) == pytest.approx(over, abs=0.5)


@given(gain_db=st.floats(-60, 40))
def test_louder_by_so_much_is_over_it_by_so_much_more(gain_db: float) -> None:
    plain, louder = over_db(noise(RATE_HZ, 1, -40)), over_db(noise(RATE_HZ, 1, -40 + gain_db))
    assert louder - plain == pytest.approx(gain_db, abs=0.01)


def test_silence_is_far_below_it() -> None:
    assert over_db(np.zeros(RATE_HZ, dtype=np.float32)) < -100.0
