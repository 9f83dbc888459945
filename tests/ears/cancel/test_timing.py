"""The clock's drift is found from what is left over, and other sound does not mislead."""

import numpy as np
import pytest

from harness.bench.ports.sound import Samples
from harness.ears.cancel.blocks import GROUP
from harness.ears.cancel.timing import ClockTracker, Lateness, lateness

RNG = np.random.default_rng(1)


def soft_noise(count: int) -> Samples:
    """Noise below 3 kHz."""
    return np.convolve(RNG.standard_normal(count + 20), np.hanning(15), "same")[10:-10]


@pytest.mark.parametrize("late", [-0.1, 0.03])
def test_a_small_lateness_is_measured(late: float) -> None:
    dense = np.convolve(RNG.standard_normal(100 * 4096), np.hanning(1500), "same")
    at = np.arange(50 * 4096) + 10_000
    said, true = dense[at[::100]], dense[at[::100] + round(100 * late)]
    found = lateness(true - said, said)
    assert found is not None
    assert found.samples == pytest.approx(late, abs=0.15 * abs(late))


def test_silence_says_nothing_of_the_clock() -> None:
    assert lateness(soft_noise(GROUP), np.zeros(GROUP)) is None


def followed(drift: float, noise: float, groups: int, seed: int = 0) -> ClockTracker:
    """A tracker after some groups of stimulus from a clock that drifts."""
    rng = np.random.default_rng(seed)
    tracker, lag = ClockTracker(steady=False), 0.0
    for _ in range(groups):
        speed = tracker.speed
        lag += (drift - speed) * GROUP
        tracker.follow(speed, Lateness(lag + rng.normal(0, noise), noise**2))
    return tracker


@pytest.mark.parametrize("ppm", [-200.0, -30.0, 0.0, 0.5, 100.0, 200.0])
def test_drift_is_followed(ppm: float) -> None:
    tracker = followed(ppm * 1e-6, 0.02, 60)
    assert tracker.drift * 1e6 == pytest.approx(ppm, abs=0.5)
    assert abs(tracker.lag) < 0.05


def test_measurements_that_other_sound_spoils_hardly_count() -> None:
    tracker = followed(50e-6, 0.02, 60)
    before = tracker.drift
    for wrong in (3.0, -2.0, 5.0):
        tracker.follow(tracker.speed, Lateness(wrong, 100.0))
    assert tracker.drift * 1e6 == pytest.approx(before * 1e6, abs=1.0)


def test_without_stimulus_the_drift_is_kept_and_less_sure() -> None:
    tracker = followed(50e-6, 0.02, 60)
    before, unsure = tracker.drift, tracker.unsure
    for _ in range(200):
        tracker.follow(tracker.speed, None)
    assert tracker.drift == before and tracker.unsure > unsure


def test_one_clock_is_never_corrected() -> None:
    tracker = ClockTracker(steady=True)
    tracker.set(1e-4, 1e-6)
    tracker.follow(tracker.speed, Lateness(3.0, 1e-6))
    assert tracker.speed == tracker.drift == tracker.unsure == 0.0
