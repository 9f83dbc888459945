"""What was played is taken out, and the device is not."""

import numpy as np
import pytest
import scipy.signal
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.ears_rooms import (
    Room,
    Truth,
    record,
    speech_loss_db,
    talk,
)
from harness.bench.acoustics import RoomSpec, impulse_responses
from harness.bench.ports.sound import Samples
from harness.ears.cancel import (
    HOP,
    RATE_HZ,
    Canceller,
    Doubt,
    Paths,
    cancel,
)
from harness.ears.cancel.blocks import GROUP, Inlet
from harness.ears.cancel.stretches import STRETCH
from tests.ears.cancel.recordings import BOTH, DEVICE, ROOM, SECONDS, TABLE, doubts, in_pieces, late

# Laws --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("rate_hz", [16_000, 48_000])
def test_without_stimulus_the_recording_is_untouched(rate_hz: int) -> None:
    recording = talk("am_michael", 3.3, rate_hz)
    found = cancel(recording, {"table": np.zeros_like(recording)}, rate_hz)
    low = Inlet(1, rate_hz)
    low.push(np.concatenate((recording, np.zeros(GROUP * 3, np.float32)))[None])
    right = low.read(0, 26 * HOP)[0][: len(found.residual)]
    assert len(found.residual) == len(recording) * RATE_HZ // rate_hz
    assert np.array_equal(found.residual, right) and not found.stimulus.any()
    assert all(s.cancelled_db is None and not s.doubts for s in found.stretches)


def test_silence_in_silence_out() -> None:
    nothing = np.zeros(3 * RATE_HZ, dtype=np.float32)
    found = cancel(nothing, {"table": nothing}, RATE_HZ)
    assert not found.residual.any() and not found.stimulus.any()


def test_residual_and_stimulus_are_the_recording(played: Truth) -> None:
    found = cancel(played.recording, TABLE, RATE_HZ, one_clock=True)
    assert np.abs(found.residual + found.stimulus - played.recording).max() < 1e-6


@settings(max_examples=5)
@given(st.lists(st.integers(0, 6 * RATE_HZ), max_size=8))
def test_live_and_afterwards_are_the_same(cuts: list[int]) -> None:
    truth = record({"table": TABLE["table"][: 6 * RATE_HZ]}, Room(drift_ppm=50))
    whole = cancel(truth.recording, truth.references, RATE_HZ)
    pieces = in_pieces(Canceller(("table",), RATE_HZ), truth.recording, truth.references, cuts)
    assert np.abs(whole.residual - pieces.residual).max() < 1e-5
    assert [(s.start, s.doubts) for s in whole.stretches] == [
        (s.start, s.doubts) for s in pieces.stretches
    ]


def test_references_may_come_long_before_the_recording(played: Truth) -> None:
    whole = cancel(played.recording, TABLE, RATE_HZ)
    made, nothing = Canceller(("table",), RATE_HZ), np.zeros(0, dtype=np.float32)
    early = made.push(nothing, TABLE)
    assert not len(early.residual)
    late_ = in_pieces(made, played.recording, {"table": nothing}, [RATE_HZ, 5 * RATE_HZ + 7])
    assert np.abs(whole.residual - late_.residual).max() < 1e-5


def test_live_in_small_blocks_at_48_khz_is_the_same() -> None:
    references = {"table": talk("af_heart", 5.0, 48_000)}
    truth = record(references, Room(rate_hz=48_000, drift_ppm=50))
    whole = cancel(truth.recording, references, 48_000)
    cuts = list(range(480, len(truth.recording), 480))
    pieces = in_pieces(Canceller(("table",), 48_000), truth.recording, references, cuts)
    assert np.abs(whole.residual - pieces.residual).max() < 1e-5


def test_with_known_paths_it_is_linear_in_the_recording(played: Truth, calibrated: Paths) -> None:
    def left(recording: Samples) -> Samples:
        fixed = Canceller(("table", "counter"), RATE_HZ, calibrated, one_clock=True, learns=False)
        return in_pieces(fixed, recording, TABLE, []).residual

    both = left(played.recording + DEVICE)
    assert np.abs(both - left(played.recording) - DEVICE).max() < 1e-5


def test_a_shift_of_everything_shifts_the_result(played: Truth) -> None:
    lead = np.zeros(STRETCH, dtype=np.float32)
    later = {"table": np.concatenate((lead, TABLE["table"]))}
    found = cancel(played.recording, TABLE, RATE_HZ, one_clock=True)
    shifted = cancel(np.concatenate((lead, played.recording)), later, RATE_HZ, one_clock=True)
    assert np.abs(shifted.residual[STRETCH:] - found.residual).max() < 1e-4
    assert [s.doubts for s in shifted.stretches[1:]] == [s.doubts for s in found.stretches]


def test_the_scale_makes_no_difference(played: Truth) -> None:
    softer = {"table": TABLE["table"] / 4}
    found = cancel(played.recording, TABLE, RATE_HZ, one_clock=True)
    scaled = cancel(played.recording / 4, softer, RATE_HZ, one_clock=True)
    assert np.abs(4 * scaled.residual - found.residual).max() < 1e-3


# Rooms -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("t60_s", [0.2, 0.5, 0.8])
def test_speech_is_cancelled_by_25_db(t60_s: float) -> None:
    truth = record(TABLE, Room(t60_s=t60_s))
    found = cancel(truth.recording, TABLE, RATE_HZ, one_clock=True)
    assert np.median(late(truth, found)) > 30
    assert doubts(found, from_s=3) == set()


@pytest.mark.parametrize("ppm", [-200.0, 100.0])
def test_drift_and_distortion_leave_20_db(ppm: float) -> None:
    truth = record(TABLE, Room(drift_ppm=ppm, distortion=0.01))
    found = cancel(truth.recording, TABLE, RATE_HZ)
    assert np.median(late(truth, found)) > 25


def test_two_talkers_at_once_are_cancelled_at_48_khz() -> None:
    references = {
        "table": talk("af_heart", SECONDS, 48_000),
        "counter": talk("am_michael", SECONDS, 48_000),
    }
    room = Room(rate_hz=48_000)
    truth = record(references, room)
    found = cancel(truth.recording, references, 48_000, one_clock=True)
    last = found.stretches[-4:-1]
    assert min(s.cancelled_db or 0.0 for s in last) > 25


def test_calibrated_paths_cancel_from_the_first_second(calibrated: Paths) -> None:
    truth = record(BOTH, ROOM)
    found = cancel(truth.recording, BOTH, RATE_HZ, calibrated, one_clock=True)
    assert min(late(truth, found, 0.0)[:3]) > 20
    assert np.median(late(truth, found, 0.0)) > 25 and doubts(found) == set()


def test_a_loudspeaker_that_comes_later_is_learnt() -> None:
    at = 6 * RATE_HZ
    later = np.concatenate((np.zeros(at, np.float32), BOTH["counter"][:-at]))
    references = {**TABLE, "counter": later}
    truth = record(references, ROOM)
    found = cancel(truth.recording, references, RATE_HZ, one_clock=True)
    assert doubts(found, 3, 5.9) == set() and Doubt.LEARNING in doubts(found, 6, 8)
    assert np.median(late(truth, found, 10)) > 25


def test_a_microphone_that_moves_slowly_is_followed() -> None:
    """2 cm in 8 s, as a mixture of the paths at places 2 mm apart."""
    x, room = talk("af_heart", 16.0), RoomSpec((5.2, 4.1, 2.6), 0.4, -70.0, 1)
    paths = impulse_responses(
        room, [(1.6, 2.5, 1.2)], [(3.4 + k / 500, 3.1, 1.1) for k in range(11)], RATE_HZ
    )[0]
    heard = np.stack([scipy.signal.oaconvolve(x, path)[: len(x)] for path in paths])
    place = np.clip((np.arange(len(x)) / RATE_HZ - 6) / 8, 0, 0.9999) * 10
    left, share, n = place.astype(int), place % 1, np.arange(len(x))
    stimulus = heard[left, n] * (1 - share) + heard[left + 1, n] * share
    noise = 3e-4 * np.random.default_rng(1).standard_normal(len(x))
    parts = [part.astype(np.float32) for part in (stimulus, 0 * noise, noise)]
    truth = Truth(sum(parts), {"table": x}, *parts)
    found = cancel(truth.recording, truth.references, RATE_HZ, one_clock=True)
    assert np.median(late(truth, found, 7)) > 18 and doubts(found, 3) <= {Doubt.LEARNING}


def test_at_the_device_microphone_too() -> None:
    truth = record(TABLE, Room(microphone="device"))
    found = cancel(truth.recording, TABLE, RATE_HZ, one_clock=True)
    assert np.median(late(truth, found)) > 30


@pytest.mark.parametrize("gain", [0.1, 1.0])
def test_the_device_is_not_cancelled(gain: float) -> None:
    truth = record(BOTH, ROOM, DEVICE * np.float32(gain))
    found = cancel(truth.recording, BOTH, RATE_HZ, one_clock=True)
    assert abs(speech_loss_db(truth, found.residual)) < 0.3
    assert np.median(late(truth, found)) > 20


def test_in_a_scene_with_lines_pauses_and_answers_what_is_not_doubted_is_cancelled() -> None:
    """Two people in turns, a third later, the device in between and over them."""
    count = 48 * RATE_HZ
    one, two = talk("af_heart", 40.0), talk("am_michael", 40.0)
    references = {name: np.zeros(count, np.float32) for name in ("table", "counter", "window")}
    for turn in range(5):
        at, said = (1 + 7 * turn) * RATE_HZ, slice(50_000 * turn, 50_000 * turn + 3 * RATE_HZ)
        references["table"][at : at + 3 * RATE_HZ] = one[said]
        references["counter"][at + 53_000 :][: 3 * RATE_HZ] = two[said]
    references["window"][30 * RATE_HZ : 38 * RATE_HZ] = np.roll(two, 99_999)[: 8 * RATE_HZ]
    device = np.zeros(count, dtype=np.float32)
    for at_s in (7.3, 21.0, 42.0):
        device[round(at_s * RATE_HZ) :][: 2 * RATE_HZ] = talk("af_bella", 9.0)[: 2 * RATE_HZ]
    truth = record(references, Room(t60_s=0.25, drift_ppm=80), device)
    found = cancel(truth.recording, references, RATE_HZ)
    left = found.residual - truth.device - truth.noise
    sure, unsure = 0, 0
    for s in found.stretches[:-1]:
        part = slice(s.start, s.end)
        played = float(np.square(truth.stimulus[part]).mean())
        if played > 1e-5 and not s.doubts:
            sure += 1
            assert 10 * np.log10(played / np.square(left[part]).mean()) > 15, s
        unsure += bool(played > 1e-5 and s.doubts)
    assert sure >= 20 and unsure <= 14
    assert abs(speech_loss_db(truth, found.residual)) < 0.1
