"""ESTOI has the value of the published implementation, and its laws hold."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harness.ears.audibility.estoi import estoi
from tests.ears.audibility.sounds import Samples, clip, noise, scaled

RATE_HZ = 16_000
SPEECH, MASKER = "sure-do-you-want", "it-is-unacceptable"


def under_talk(rate_hz: int, gain_db: float) -> tuple[Samples, Samples]:
    """Clips are at 48 kHz; every third sample makes a 16 kHz that needs no resampler."""
    step = 48_000 // rate_hz
    speech, masker = clip(SPEECH, 48_000)[::step], clip(MASKER, 48_000)[::step]
    length = min(len(speech), len(masker))
    return speech[:length], speech[:length] + scaled(masker[:length], gain_db)


# pystoi 0.4.1: `stoi(speech.astype(float), mixture.astype(float), rate_hz, extended=True)`, of what
# `under_talk` returns.
PUBLISHED = {
    (48_000, -20): 0.94026927, (48_000, -5): 0.66938611, (48_000, 0): 0.55558726,
    (48_000, 10): 0.33787300, (16_000, -20): 0.94029189, (16_000, -5): 0.66940184,
    (16_000, 0): 0.55560540, (16_000, 10): 0.33788866,
}  # fmt: skip


@pytest.mark.parametrize(("rate_hz", "gain_db"), PUBLISHED)
def test_the_value_is_the_published_implementation_s(rate_hz: int, gain_db: float) -> None:
    found = estoi(*under_talk(rate_hz, gain_db), rate_hz)
    assert found == pytest.approx(PUBLISHED[rate_hz, gain_db], abs=1e-6)


@pytest.mark.parametrize("rate_hz", [16_000, 48_000])
def test_undisturbed_speech_has_one(rate_hz: int) -> None:
    speech = clip(SPEECH, rate_hz)
    assert estoi(speech, speech, rate_hz) == pytest.approx(1.0, abs=1e-9)


def test_noise_alone_has_nothing_of_it() -> None:
    speech = clip(SPEECH, RATE_HZ)
    found = estoi(speech, noise(len(speech), 1, -20), RATE_HZ)
    assert found is not None and abs(found) < 0.1


@settings(max_examples=25)
@given(gain_db=st.floats(-80, 20), masker_db=st.floats(-30, 10))
def test_one_gain_for_both_changes_nothing(gain_db: float, masker_db: float) -> None:
    speech, mixture = under_talk(RATE_HZ, masker_db)
    plain = estoi(speech, mixture, RATE_HZ)
    assert estoi(scaled(speech, gain_db), scaled(mixture, gain_db), RATE_HZ) == pytest.approx(
        plain, abs=1e-5
    )


@settings(max_examples=25)
@given(
    quiet_db=st.floats(-40, 20),
    more_db=st.floats(1, 20),
    seed=st.integers(0, 9),
    talk=st.booleans(),
)
def test_louder_speech_is_never_less_intelligible(
    quiet_db: float, more_db: float, seed: int, talk: bool
) -> None:
    speech, mixture = under_talk(RATE_HZ, 0.0)
    masker = mixture - speech if talk else noise(len(speech), seed, -26)
    quiet, loud = scaled(speech, quiet_db), scaled(speech, quiet_db + more_db)
    low, high = estoi(quiet, quiet + masker, RATE_HZ), estoi(loud, loud + masker, RATE_HZ)
    assert low is not None and high is not None
    assert high >= low - 0.01


@settings(max_examples=25)
@given(before=st.integers(0, 8000), after=st.integers(0, 8000))
def test_pauses_around_it_hardly_matter(before: int, after: int) -> None:
    speech, mixture = under_talk(RATE_HZ, 0.0)
    plain = estoi(speech, mixture, RATE_HZ)
    around = (np.pad(each, (before, after)) for each in (speech, mixture))
    assert estoi(*around, RATE_HZ) == pytest.approx(plain, abs=0.02)


@pytest.mark.parametrize("length", [0, 1, 255, 256, 4096, 6400])
def test_too_little_speech_has_no_value(length: int) -> None:
    speech = clip(SPEECH, RATE_HZ)[8000 : 8000 + length]
    assert estoi(speech, speech, RATE_HZ) is None


def test_silence_has_no_value() -> None:
    silence = np.zeros(RATE_HZ, dtype=np.float32)
    assert estoi(silence, noise(RATE_HZ, 1, -20), RATE_HZ) is None


def test_a_mixture_that_is_silent_shares_nothing_with_speech() -> None:
    speech = clip(SPEECH, RATE_HZ)
    assert estoi(speech, np.zeros_like(speech), RATE_HZ) == 0.0


def test_long_speech_is_measured_in_parts_that_fit() -> None:
    speech = np.tile(clip(SPEECH, RATE_HZ), 4)
    mixture = speech + noise(len(speech), 3, -26)
    quarter = estoi(speech[: len(speech) // 4], mixture[: len(speech) // 4], RATE_HZ)
    assert estoi(speech, mixture, RATE_HZ) == pytest.approx(quarter, abs=0.03)
