"""Paths measured from chirps or speech are the room's, and what is not heard stays unknown."""

import numpy as np
import pytest
import scipy.signal

from benchmarks.ears_rooms import Room, now_and_then, paths_of, record, talk
from harness.bench.ports.sound import Samples
from harness.ears.cancel.blocks import RATE_HZ, TAPS
from harness.ears.cancel.paths import Paths, measure_paths

BAND_HZ = (300.0, 6_000.0)


def error_db(found: Paths, name: str, room: Room) -> float:
    """How far a measured path is off in the speech band, against the path itself."""
    path = paths_of(room.t60_s, RATE_HZ)[name, room.microphone]
    late = round(room.delay_s * RATE_HZ) - found.delay
    true = np.concatenate((np.zeros(late), path))
    true = np.pad(true, (0, max(0, TAPS - len(true))))[:TAPS]
    band = scipy.signal.butter(4, BAND_HZ, "bandpass", fs=RATE_HZ, output="sos")
    wrong = found.responses[found.loudspeakers.index(name)] - true
    wrong, right = (scipy.signal.sosfilt(band, s) for s in (wrong, true))
    return float(10 * np.log10(np.sum(wrong**2) / np.sum(right**2)))


def sweep(rate_hz: int, seconds: float = 1.5) -> Samples:
    """A calibration sweep through the band of speech, not loud."""
    t = np.arange(round(seconds * rate_hz)) / rate_hz
    rising = scipy.signal.chirp(t, 100.0, seconds, 7000.0, method="logarithmic")
    found: Samples = (0.2 * rising * scipy.signal.windows.tukey(len(t), 0.1)).astype(np.float32)
    return found


def after(samples: Samples, start_s: float, length_s: float, rate_hz: int) -> Samples:
    out = np.zeros(round(length_s * rate_hz), dtype=np.float32)
    out[round(start_s * rate_hz) :][: len(samples)] = samples
    return out


@pytest.mark.parametrize("rate_hz", [16_000, 48_000])
def test_sweeps_from_two_loudspeakers_give_both_paths(rate_hz: int) -> None:
    one = sweep(rate_hz)
    played = {"table": after(one, 0.1, 6, rate_hz), "counter": after(one, 3.0, 6, rate_hz)}
    room = Room(rate_hz=rate_hz)
    found = measure_paths(record(played, room).recording, played, rate_hz, one_clock=True)
    assert found.known == (True, True)
    for name in played:
        assert error_db(found, name, Room()) < -25


def test_speech_of_two_at_once_under_the_devices_own_gives_both_paths() -> None:
    played = {"table": talk("af_heart", 8.0), "counter": talk("am_michael", 8.0)}
    device = now_and_then(np.roll(talk("af_bella", 8.0), 9000), RATE_HZ) * np.float32(0.2)
    found = measure_paths(record(played, Room(), device).recording, played, RATE_HZ)
    for name in played:
        assert error_db(found, name, Room()) < -15
    assert abs(found.drift) < 2e-6


@pytest.mark.parametrize("ppm", [-200.0, 60.0])
def test_the_drift_is_measured_within_a_millionth(ppm: float) -> None:
    played = {"table": talk("af_heart", 6.0)}
    found = measure_paths(record(played, Room(drift_ppm=ppm)).recording, played, RATE_HZ)
    assert found.drift * 1e6 == pytest.approx(ppm, abs=1.0)


def test_what_is_silent_or_not_heard_stays_unknown() -> None:
    played = {"table": talk("af_heart", 5.0), "window": np.zeros(5 * RATE_HZ, np.float32)}
    heard = record({"table": played["table"]}, Room()).recording
    found = measure_paths(heard, {**played, "counter": talk("am_michael", 5.0)}, RATE_HZ)
    assert found.known == (True, False, False)
    assert not found.responses[1:].any()
    assert measure_paths(heard * 0, played, RATE_HZ).known == (False, False)


def test_a_recording_too_long_for_a_calibration_is_refused() -> None:
    with pytest.raises(ValueError, match="cut the calibration out"):
        measure_paths(np.zeros(21 * RATE_HZ, np.float32), {}, RATE_HZ)
