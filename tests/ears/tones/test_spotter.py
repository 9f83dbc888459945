"""Tones are found by one example: in rooms, under talk, at any level; and nothing else is one."""

import numpy as np
import pytest
import soxr
from hypothesis import given, settings
from hypothesis import strategies as st

from harness.bench.ports.sound import Samples
from harness.ears.spotter import Spotted
from harness.ears.tones import ToneSpotter
from tests.ears.tones.sounds import (
    RATE_HZ,
    TONES,
    crockery,
    heard,
    melody,
    note,
    on_file,
    people,
)

ALL = ToneSpotter([on_file(name) for name in TONES])
CHIRPS = ("wake", "end", "error", "done")
OFF_S = 0.03


def found_once(found: list[Spotted], key: str, at_s: float) -> bool:
    return [f.key for f in found] == [key] and abs(found[0].start_s - at_s) <= OFF_S


@pytest.mark.parametrize("t60_s", [0.2, 0.5, 0.8])
@pytest.mark.parametrize("name", TONES)
def test_each_is_told_from_all_others_in_any_room(name: str, t60_s: float) -> None:
    recording = heard(TONES[name], RATE_HZ, 3.5, t60_s)
    found = ALL.spot(recording, RATE_HZ)
    assert found_once(found, name, 1.0), found
    assert found[0].end_s == pytest.approx(found[0].start_s + on_file(name).seconds)


@settings(max_examples=40)
@given(
    name=st.sampled_from(CHIRPS),
    down_db=st.floats(0.0, 15.0),
    at=st.integers(0, RATE_HZ),
    t60_s=st.sampled_from((0.2, 0.4, 0.6)),
    seed=st.integers(0, 20),
)
def test_wherever_however_loud_and_in_whatever_room(
    name: str, down_db: float, at: int, t60_s: float, seed: int
) -> None:
    sound = TONES[name] * np.float32(10 ** (-down_db / 20))
    found = ALL.spot(heard(sound, at, 2.5, t60_s, seed), RATE_HZ)
    best = max(found, key=lambda f: f.weight)
    assert found_once([best], name, at / RATE_HZ), found
    # What rings on for long may raise another one after it.
    assert all(other.start_s > best.start_s for other in found if other != best), found
    assert len(found) == 1 or t60_s > 0.4, found


@pytest.mark.parametrize("ppm", [-250.0, 250.0])
def test_a_device_s_clock_may_be_off(ppm: float) -> None:
    sound = soxr.resample(TONES["melody"], RATE_HZ * (1 + ppm * 1e-6), RATE_HZ)
    found = ALL.spot(heard(sound, RATE_HZ, 3.0), RATE_HZ)
    assert found_once(found, "melody", 1.0)


@pytest.mark.parametrize("name", CHIRPS)
def test_people_may_talk_meanwhile(name: str) -> None:
    sound = TONES[name]
    level = float(np.sqrt(np.mean(np.square(sound))))
    recording = heard(sound, 3 * RATE_HZ, 8.0) + people(8.0, level)
    assert found_once(ALL.spot(recording, RATE_HZ), name, 3.0)


@pytest.mark.parametrize(
    ("sounds", "on"),
    [
        ("end", "wake"),
        ("wake", "end"),
        ("rising", "falling"),
        ("falling", "rising"),
        ("done", "error"),
    ],
)
@pytest.mark.parametrize("t60_s", [0.2, 0.5, 0.8])
def test_in_another_order_it_is_another_tone(sounds: str, on: str, t60_s: float) -> None:
    alone = ToneSpotter([on_file(on)])
    assert not alone.spot(heard(TONES[sounds], RATE_HZ, 3.0, t60_s), RATE_HZ)


@pytest.mark.parametrize("semitones", [-2, -1, 1, 2])
@pytest.mark.parametrize("name", ["done", "beep"])
def test_another_pitch_is_another_tone(name: str, semitones: int) -> None:
    hz = {"done": 1046.5, "beep": 1500.0}[name] * 2 ** (semitones / 12)
    sound = note(hz, 0.3 if name == "done" else 0.2, 3.0 if name == "done" else 0.0)
    assert not ToneSpotter([on_file(name)]).spot(heard(sound, RATE_HZ, 3.0), RATE_HZ)


def hummed(*hz: float) -> Samples:
    """A melody as somebody hums it: on the notes, but for a voice's unsteadiness."""
    parts = []
    for each in hz:
        t = np.arange(round(0.3 * RATE_HZ)) / RATE_HZ
        pitch = each * (1 + 0.01 * np.sin(2 * np.pi * 5.5 * t) - 0.04 * np.exp(-t / 0.05))
        turns = 2 * np.pi * np.cumsum(pitch) / RATE_HZ
        voice = sum(np.sin(n * turns) / n for n in range(1, 9))
        parts.append(0.05 * voice * np.sin(np.pi * t / t[-1]) ** 0.5)
    return np.concatenate(parts).astype(np.float32)


NO_TONES = {
    "nothing": np.zeros(5 * RATE_HZ, np.float32),
    "noise": np.random.default_rng(3).standard_normal(20 * RATE_HZ).astype(np.float32),
    "people": people(60.0, 0.05),
    "a melody hummed": hummed(392.0, 329.6, 261.6),
    "another melody": melody(523.3, 659.3, 784.0),
}


@pytest.mark.parametrize("what", NO_TONES)
def test_what_is_no_tone_of_the_device_is_none(what: str) -> None:
    recording = np.pad(NO_TONES[what], RATE_HZ)
    tones = ToneSpotter([on_file(name) for name in (*CHIRPS, "rising", "falling", "melody")])
    assert tones.spot(recording, RATE_HZ) == []


def test_struck_plates_and_glasses_are_no_chirps() -> None:
    tones = ToneSpotter([on_file(name) for name in ("wake", "end", "melody", "rising", "falling")])
    assert tones.spot(crockery(60.0, 7), RATE_HZ) == []


def test_several_in_a_row_are_all_found() -> None:
    recording = np.zeros(8 * RATE_HZ, np.float32)
    for number, name in enumerate(CHIRPS):
        recording += heard(TONES[name], round((0.5 + 1.8 * number) * RATE_HZ), 8.0, 0.4, number)
    assert [f.key for f in ALL.spot(recording, RATE_HZ)] == list(CHIRPS)


@pytest.mark.parametrize("rate_hz", [32_000, 48_000])
def test_any_rate_tells_the_same(rate_hz: int) -> None:
    recording = heard(TONES["wake"], RATE_HZ, 3.0)
    faster = soxr.resample(recording, RATE_HZ, rate_hz).astype(np.float32)
    one, other = (ALL.spot(r, hz)[0] for r, hz in ((recording, RATE_HZ), (faster, rate_hz)))
    assert other.start_s == pytest.approx(one.start_s, abs=2e-3)
    assert other.score == pytest.approx(one.score, abs=0.02)


def test_a_rate_that_frames_do_not_fit_is_refused() -> None:
    with pytest.raises(ValueError, match="44100 Hz; record at 16000"):
        ALL.spot(np.zeros(44_100, np.float32), 44_100)
