"""Recordings whose truth is known are what they say, and subtraction is measured against it."""

import numpy as np
import pytest

from benchmarks.ears_rooms import (
    Room,
    Truth,
    cancellations_db,
    record,
    speech_loss_db,
    subtracted,
    talk,
)

RATE_HZ = 16_000
SPEECH = talk("af_heart", 5.0)


def test_a_recording_is_the_sum_of_its_parts_and_as_late_as_the_room_says() -> None:
    device = np.roll(talk("am_michael", 5.0), 5000)
    truth = record({"table": SPEECH}, Room(delay_s=0.3), device)
    parts = truth.stimulus + truth.device + truth.noise
    assert np.abs(truth.recording - parts).max() < 1e-6
    assert not truth.stimulus[: round(0.3 * RATE_HZ)].any()
    assert 20 * np.log10(truth.noise.std()) == pytest.approx(-70, abs=0.1)


def test_what_is_left_is_measured_against_the_truth() -> None:
    noise = np.zeros_like(SPEECH)
    truth = Truth(2 * SPEECH, {}, SPEECH, SPEECH, noise)
    tenth = np.float32(0.1)
    assert cancellations_db(truth, SPEECH + tenth * SPEECH, 16_384) == pytest.approx([20] * 4, 1e-3)
    assert speech_loss_db(truth, np.float32(0.5) * SPEECH) == pytest.approx(6.02, abs=0.01)


def test_subtraction_is_measured_at_48_khz() -> None:
    room = Room(t60_s=0.3, rate_hz=48_000)
    truth = record({"table": talk("af_heart", 8.0, 48_000)}, room)
    found = subtracted(truth, room)
    assert np.median(found.cancelled_db[4:]) > 25 and found.speech_loss_db == 0.0
    assert found.times_real_time > 0 and set(found.doubts) == {"learning"}
