"""Least squares finds the paths, changes only what is new, and knows what it merely fitted."""

import numpy as np
import pytest
import scipy.signal

from benchmarks.ears_rooms import now_and_then, talk
from harness.bench.ports.sound import Samples
from harness.ears.cancel.blocks import GROUP, RATE_HZ, TAPS
from harness.ears.cancel.leastsquares import fit_paths

RNG = np.random.default_rng(1)
FALL = np.exp(-np.arange(TAPS) / 700)
PATHS = (0.05 * RNG.standard_normal((2, TAPS)) * FALL).astype(np.float32)
PLAYED = np.stack([talk("af_heart", 9.0), talk("am_michael", 9.0)])[:, : TAPS + 8 * GROUP]
NOTHING = np.zeros_like(PATHS)


def heard(played: Samples, paths: Samples) -> Samples:
    found: Samples = scipy.signal.oaconvolve(played, paths, axes=1)[:, TAPS : played.shape[1]].sum(
        axis=0, dtype=np.float32
    )
    return found


HEARD = heard(PLAYED, PATHS)
NOISE = (1e-4 * RNG.standard_normal(HEARD.shape)).astype(np.float32)
DEVICE = np.roll(talk("af_bella", 9.0), 9000)[: len(HEARD)] * np.float32(0.3)


def left_db(paths: Samples) -> float:
    """What paths leave of the stimulus."""
    left = heard(PLAYED, PATHS - paths)
    return float(10 * np.log10(np.square(left).sum() / np.square(HEARD).sum()))


def test_two_paths_at_once_are_found() -> None:
    found = fit_paths(PLAYED, HEARD + NOISE, NOTHING)
    assert left_db(found.responses) < -35
    assert found.unsure.shape == (2, 256) and (found.unsure >= 0).all()


def test_also_while_the_device_speaks_now_and_then() -> None:
    device = now_and_then(DEVICE, RATE_HZ)
    assert left_db(fit_paths(PLAYED, HEARD + device, NOTHING).responses) < -25


def test_what_is_known_rightly_is_hardly_changed() -> None:
    found = fit_paths(PLAYED, HEARD + NOISE, PATHS)
    assert left_db(found.responses) < -40 and found.gained_db < 1


def test_what_is_known_wrongly_is_mended_and_that_shows_where_it_was_not_fitted() -> None:
    found = fit_paths(PLAYED, HEARD + NOISE, PATHS + np.roll(PATHS, 9, axis=1) / 4)
    assert left_db(found.responses) < -30 and found.gained_db > 10


def test_fitting_the_device_shows_where_it_was_not_fitted() -> None:
    """One second of stimulus, all of it under the device."""
    played = PLAYED[:1].copy()
    played[:, :-RATE_HZ] = 0
    recording = heard(played, PATHS[:1]) + DEVICE
    assert fit_paths(played, recording, PATHS[:1]).gained_db < 0.1


@pytest.mark.parametrize("scale", [0.01, 30.0])
def test_the_scale_makes_no_difference(scale: float) -> None:
    one = fit_paths(PLAYED, HEARD + NOISE, NOTHING)
    same = fit_paths(np.float32(scale) * PLAYED, np.float32(scale) * (HEARD + NOISE), NOTHING)
    assert np.abs(one.responses - same.responses).max() < 0.02 * np.abs(PATHS).max()
