"""Whether a line was heard, when, and how loud."""

from pathlib import Path

import numpy as np
import pytest
import scipy
from hypothesis import given, settings
from hypothesis import strategies as st

from harness.ears.lines import hear_clip, hear_ultrasound, lead_samples
from harness.scene.clips import read_clip

RATE_HZ = 48_000
CLIPS = Path(__file__).parents[2] / "audio_corpus" / "clips"
LINE = read_clip(next(CLIPS.glob("kokoro-af_heart-did-the-new-tiles*.flac")), RATE_HZ)
HISS = np.random.default_rng(1).standard_normal(len(LINE) + RATE_HZ).astype(np.float32)
LEVEL_DB = float(10 * np.log10(np.mean(np.square(LINE, dtype=np.float64))))


@settings(max_examples=15)
@given(st.integers(-1200, 1200), st.floats(-20, 6))
def test_time_and_level_of_a_line(late: int, gain_db: float) -> None:
    lead = lead_samples(RATE_HZ)
    recording = HISS[: len(LINE) + 2 * lead] * np.float32(1e-4)
    recording[lead + late : lead + late + len(LINE)] += LINE * np.float32(10 ** (gain_db / 20))
    heard = hear_clip(LINE, recording, RATE_HZ, None)
    assert heard.score > 0.95
    assert heard.late_s == pytest.approx(late / RATE_HZ, abs=1e-4)
    assert heard.level_db == pytest.approx(LEVEL_DB + gain_db, abs=0.3)


@pytest.mark.parametrize("direct_s", [0.0, 0.01, 0.13, 0.35])
def test_a_short_sound_from_a_loudspeaker_that_is_late_is_heard_as_well(direct_s: float) -> None:
    """A television brings what it is given late; the path begins with that delay."""
    chirp = scipy.signal.chirp(np.arange(7200) / RATE_HZ, 300.0, 0.15, 6000.0).astype(np.float32)
    direct, lead = round(direct_s * RATE_HZ), lead_samples(RATE_HZ)
    path = np.zeros(round(0.4 * RATE_HZ), np.float32)
    path[direct], path[direct + 900] = 0.5, -0.2
    recording = np.convolve(chirp, path)[direct : direct + len(chirp) + lead].astype(np.float32)
    heard = hear_clip(chirp, np.concatenate((np.zeros(lead, np.float32), recording)), RATE_HZ, path)
    assert heard.score > 0.99 and abs(heard.late_s) < 1e-4
    assert heard.level_db == pytest.approx(-3.01 - 6.02, abs=1.0)


def test_what_is_not_there_is_not_heard() -> None:
    lead = lead_samples(RATE_HZ)
    other = np.concatenate((LINE[::-1], np.zeros(2 * lead, np.float32)))
    silence = np.zeros_like(other)
    assert hear_clip(LINE, other, RATE_HZ, None).score < 0.2
    assert hear_clip(LINE, silence, RATE_HZ, None).score < 0.2
    assert hear_clip(LINE, HISS[: len(other)], RATE_HZ, None).score < 0.2


def test_a_recording_too_short_for_it() -> None:
    heard = hear_clip(LINE, LINE[:1000], RATE_HZ, None)
    assert (heard.score, heard.level_db) == (0.0, float("-inf"))


def _ultrasound() -> tuple[np.ndarray, np.ndarray]:
    """Speech on a carrier at 20 kHz, and a recording of it under talk that is far louder."""
    carrier = np.cos(2 * np.pi * 20_000 * np.arange(len(LINE)) / RATE_HZ).astype(np.float32)
    lead = lead_samples(RATE_HZ)
    clip = LINE * carrier
    recording = HISS[: len(LINE) + 2 * lead] * np.float32(1e-4)
    recording[lead : lead + len(LINE)] += LINE[::-1]
    return clip, recording


def test_a_line_that_nobody_hears_is_found_above_all_talk() -> None:
    clip, recording = _ultrasound()
    lead, late = lead_samples(RATE_HZ), 300
    recording[lead + late : lead + late + len(clip)] += clip * np.float32(0.1)
    heard = hear_ultrasound(clip, recording, RATE_HZ, None)
    assert heard.score > 0.9 and heard.late_s == pytest.approx(late / RATE_HZ, abs=1e-4)
    assert heard.level_db == pytest.approx(LEVEL_DB - 23.0, abs=0.5)


def test_ultrasound_that_is_not_there_or_cannot_be_is_not_heard() -> None:
    clip, recording = _ultrasound()
    assert hear_ultrasound(clip, recording, RATE_HZ, None).score < 0.2
    assert hear_ultrasound(clip[::3], recording[::3], RATE_HZ // 3, None).score == 0.0
