"""The level of samples is their rms, however many there are."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.sound.level import SILENT_DB, level_db


def test_a_sine_as_large_as_fits_is_3_db_down() -> None:
    sine = np.sin(2 * np.pi * np.arange(48_000) / 48).astype(np.float32)
    assert level_db(sine) == pytest.approx(-3.01, abs=0.01)


@given(st.integers(-100, 100), st.integers(1, 5_000))
def test_one_value_throughout_is_its_own_rms(level: int, count: int) -> None:
    samples = np.full(count, 10 ** (level / 20), dtype=np.float32)
    assert level_db(samples) == pytest.approx(level, abs=1e-3)


@pytest.mark.parametrize("count", [0, 1, 100])
def test_silence_has_a_level(count: int) -> None:
    assert level_db(np.zeros(count, np.float32)) == SILENT_DB
