"""Sound found in the recording that it is a copy of, to the sample; and what is no copy, not."""

import io

import numpy as np
import pytest
import soundfile
import soxr
from hypothesis import given, settings
from hypothesis import strategies as st

from harness.wire.payload import Room
from harness.wire.payload.sounds import Samples
from tests.wire.payload.conversations import talk

RATE = 16_000
HEARD = talk(24.0, 1)
ROOM = Room(HEARD, RATE)
SAMPLE_S = 1 / RATE


def heard(from_s: float, until_s: float) -> Samples:
    return HEARD[round(from_s * RATE) : round(until_s * RATE)]


@settings(max_examples=10)
@given(
    st.integers(0, 18 * RATE),
    st.integers(RATE // 2, 6 * RATE),
    st.sampled_from([1e-2, 0.5, 3.0]),
    st.sampled_from([16_000, 48_000, 44_100, 8_000]),
)
def test_a_copy_is_found_to_the_sample(start: int, count: int, gain: float, rate: int) -> None:
    sound = soxr.resample(HEARD[start : start + count] * np.float32(gain), RATE, rate)
    found = ROOM.align(sound, rate)
    assert found.trouble == ""
    assert abs(found.from_s - start * SAMPLE_S) < 2 * SAMPLE_S
    assert abs(found.until_s - (start + count) * SAMPLE_S) < 4 * SAMPLE_S


def test_speech_codecs_and_drifting_clocks() -> None:
    file = io.BytesIO()
    soundfile.write(file, heard(7.0, 12.0), RATE, format="OGG", subtype="OPUS")
    coded, rate = soundfile.read(io.BytesIO(file.getvalue()), dtype="float32")
    found = ROOM.align(coded, rate)
    assert (found.from_s, found.until_s) == pytest.approx((7.0, 12.0), abs=1e-3)
    fast = soxr.resample(heard(5.0, 20.0), RATE * 1.0002, RATE)
    found = ROOM.align(fast, RATE)
    assert (found.from_s, found.until_s) == pytest.approx((5.0, 20.0), abs=1e-3)


@pytest.mark.parametrize("seed", range(5))
def test_other_sound_is_not_found(seed: int) -> None:
    found = ROOM.align(talk(4.0, 100 + seed), RATE)
    assert found.pieces == ()
    assert "nothing that the microphone heard" in found.trouble


@pytest.mark.parametrize(
    ("every_s", "for_s", "is_told"),
    [(0.5, 0.25, True), (1.0, 0.25, True), (0.25, 0.12, True), (3.0, 0.25, False)],
)
def test_other_sound_in_short_pieces_is_told_where_it_is_much(
    every_s: float, for_s: float, is_told: bool
) -> None:
    """None of them is longer than what is not told; together they are half of what left."""
    spliced = heard(3.0, 9.0).copy()
    count, noise = round(for_s * RATE), np.random.default_rng(5)
    for start in range(RATE // 4, len(spliced) - count, round(every_s * RATE)):
        spliced[start : start + count] = 0.05 * noise.standard_normal(count)
    found = ROOM.align(spliced, RATE)
    assert found.pieces and found.trouble.endswith("microphone heard") == is_told


def test_pieces_and_what_lies_between_them() -> None:
    found = ROOM.align(np.concatenate((heard(3.0, 5.0), heard(11.0, 14.0))), RATE)
    assert found.trouble == "" and found.in_order
    assert (found.from_s, found.until_s) == pytest.approx((3.0, 14.0), abs=1e-3)
    assert [round(piece.until_at_s - piece.at_s) for piece in found.pieces] == [2, 3]
    back = ROOM.align(np.concatenate((heard(11.0, 14.0), heard(3.0, 5.0))), RATE)
    assert back.trouble == "" and not back.in_order
    assert (back.from_s, back.until_s) == pytest.approx((3.0, 14.0), abs=1e-3)


@pytest.mark.parametrize("where", [0, 1, 2])
def test_foreign_sound_among_it_is_said(where: int) -> None:
    parts = [heard(3.0, 5.0), heard(5.0, 8.0)]
    parts.insert(where, talk(1.0, 77))
    found = ROOM.align(np.concatenate(parts), RATE)
    assert "1." in found.trouble or "0." in found.trouble
    assert "nothing that the microphone heard" in found.trouble


def test_what_was_heard_twice_could_be_either_unless_it_had_left_before() -> None:
    twice = np.concatenate((HEARD[: 10 * RATE], HEARD[: 10 * RATE]))
    room, sound = Room(twice, RATE), heard(4.0, 7.0)
    assert "twice" in room.align(sound, RATE).trouble
    found = room.align(sound, RATE, until_s=8.0)
    assert (found.trouble, round(found.from_s, 3)) == ("", 4.0)


def test_noise_tells_which_of_two_copies_it_was() -> None:
    again = HEARD[: 10 * RATE] + np.float32(3e-4) * np.random.default_rng(5).standard_normal(
        10 * RATE
    ).astype(np.float32)
    room = Room(np.concatenate((HEARD[: 10 * RATE], again)), RATE)
    assert round(room.align(heard(4.0, 7.0), RATE).from_s, 3) == 4.0


def test_what_is_later_than_its_packets_is_not_it() -> None:
    assert ROOM.align(heard(20.0, 23.0), RATE, until_s=21.0).trouble


@pytest.mark.parametrize("sound", [np.zeros(0), np.zeros(RATE), np.ones(RATE) * 0.1, HEARD[:9]])
def test_what_cannot_be_told_from_anything(sound: Samples) -> None:
    assert ROOM.align(sound.astype(np.float32), RATE).trouble


def test_digital_silence_around_it_is_none_of_the_room() -> None:
    quiet = np.zeros(RATE, np.float32)
    found = ROOM.align(np.concatenate((quiet, heard(9.0, 11.0), quiet)), RATE)
    assert (found.from_s, found.until_s) == pytest.approx((9.0, 11.0), abs=1e-3)
