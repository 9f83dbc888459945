"""Reverberation time of decays whose time is known, and beside another implementation."""

import numpy as np
import pytest
from pyroomacoustics.experimental import measure_rt60

from harness.bench.acoustics import RoomSpec, impulse_responses
from harness.sound.decay import OCTAVES_HZ, octave, octave_levels_db, reverberation_s
from harness.sound.sweep import Samples

RATE = 48_000


def decay(t60_s: float, noise_db: float = -100.0, seed: int = 0) -> Samples:
    rng = np.random.default_rng(seed)
    times_s = np.arange(round((t60_s + 0.6) * RATE)) / RATE
    sound = rng.standard_normal(len(times_s)) * 10 ** (-3 * times_s / t60_s)
    sound += 10 ** (noise_db / 20) * rng.standard_normal(len(times_s))
    return np.concatenate((np.zeros(200), sound)).astype(np.float32)


@pytest.mark.parametrize("t60_s", [0.2, 0.5, 1.0, 2.0])
@pytest.mark.parametrize("noise_db", [-100.0, -55.0])
def test_what_went_in_comes_out(t60_s: float, noise_db: float) -> None:
    found = np.array([reverberation_s(decay(t60_s, noise_db, seed), RATE) for seed in range(8)])
    assert np.mean(found[:, 2:].astype(float), axis=0) == pytest.approx(t60_s, rel=0.08)


def test_it_is_not_told_where_noise_hides_it() -> None:
    assert reverberation_s(decay(0.5, -25.0), RATE) == (None,) * len(OCTAVES_HZ)


def test_another_implementation_finds_the_same() -> None:
    room = RoomSpec((5.2, 4.1, 2.6), 0.4, -80.0, 1)
    path = impulse_responses(room, [(1.6, 2.5, 1.2)], [(3.4, 3.1, 1.1)], RATE)[0, 0]
    ours = reverberation_s(np.concatenate((path, np.zeros(RATE // 5, np.float32))), RATE)[3]
    band = octave(path, 1000, RATE)
    assert ours == pytest.approx(float(measure_rt60(band, fs=RATE, decay_db=20)), rel=0.1)


def test_levels_by_octaves_follow_a_gain() -> None:
    path = decay(0.3)
    louder = np.subtract(octave_levels_db(2 * path, RATE), octave_levels_db(path, RATE))
    assert louder == pytest.approx(6.02, abs=0.01)
