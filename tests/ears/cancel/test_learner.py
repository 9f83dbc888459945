"""Paths are refined from the stimulus, and the device's speech hardly disturbs that."""

import numpy as np
import pytest
import scipy.signal

from benchmarks.ears_rooms import talk
from harness.bench.ports.sound import Samples
from harness.ears.cancel.blocks import GROUP, TAPS
from harness.ears.cancel.learner import BANDS, Learner, band_powers

RNG = np.random.default_rng(1)
PATH = (RNG.standard_normal(TAPS) * np.exp(-np.arange(TAPS) / 600)).astype(np.float32) * 0.05
PLAYED = talk("af_heart", 20.0)
HEARD = scipy.signal.oaconvolve(PLAYED, PATH)[: len(PLAYED)].astype(np.float32)
ONLY = np.array([0])


def learnt(recording: Samples, start: Samples, unsure: float) -> tuple[Samples, Learner]:
    """The path after a recording, and the learner."""
    learner, path = Learner(1), start.astype(np.float32).copy()[None]
    learner.unsure[:] = unsure * band_powers(PATH[None]).mean()
    for at in range(GROUP, len(PLAYED) - GROUP + 1, GROUP):
        played = PLAYED[None, at - GROUP : at + GROUP]
        predicted = scipy.signal.oaconvolve(played[0], path[0])[GROUP : 2 * GROUP]
        left = (recording[at : at + GROUP] - predicted).astype(np.float32)
        path += learner.learn(ONLY, played, left, path)
    return path[0], learner


def error_db(path: Samples) -> float:
    """What is left of the stimulus, against the stimulus."""
    left = scipy.signal.oaconvolve(PLAYED, path - PATH)
    return float(10 * np.log10(np.square(left).sum() / np.square(HEARD).sum()))


def test_a_path_that_is_off_is_learnt() -> None:
    off = PATH + 0.2 * np.roll(PATH, 40)
    found, learner = learnt(HEARD, off, 0.1)
    assert error_db(off) > -16 and error_db(found) < -30
    assert learner.unsure.mean() < 0.06 * band_powers(PATH[None]).mean()


def test_a_path_is_learnt_from_nothing() -> None:
    assert error_db(learnt(HEARD, np.zeros(TAPS), 1.0)[0]) < -15


@pytest.mark.parametrize("gain", [0.3, 1.0, 3.0])
def test_a_known_path_survives_the_device(gain: float) -> None:
    device = np.roll(talk("am_michael", 20.0), 5000) * np.float32(gain * 0.05)
    assert error_db(learnt(HEARD + device, PATH, 1e-3)[0]) < -25


def test_the_scale_makes_no_difference() -> None:
    off = PATH + 0.2 * np.roll(PATH, 40)
    learner, other = Learner(1), Learner(1)
    learner.unsure[:] = other.unsure[:] = 1e-3
    played, left = PLAYED[None, : 2 * GROUP], HEARD[GROUP : 2 * GROUP]
    one = learner.learn(ONLY, played, left, off[None])
    same = other.learn(ONLY, played / 8, left / 8, off[None])
    assert np.allclose(one, same, rtol=1e-3, atol=1e-7)
    assert np.allclose(learner.unsure, other.unsure, rtol=1e-3)


def test_nothing_left_teaches_nothing() -> None:
    learner = Learner(1)
    learner.unsure[:] = 1.0
    silent = np.zeros(GROUP, dtype=np.float32)
    assert not learner.learn(ONLY, PLAYED[None, : 2 * GROUP], silent, PATH[None]).any()


def test_a_doubted_path_is_as_unsure_as_the_residual_says_and_no_surer_than_before() -> None:
    learner = Learner(1)
    learner.unsure[:] = 1e-9
    played, left = PLAYED[None, 8 * GROUP : 10 * GROUP], HEARD[9 * GROUP : 10 * GROUP]
    assert not learner.expects(ONLY, played, left)
    learner.doubt(ONLY, played, left, PATH[None])
    assert learner.unsure.shape == (1, BANDS) and (learner.unsure >= 1e-9).all()
    assert learner.unsure.mean() > 0.05 * band_powers(PATH[None]).mean()
