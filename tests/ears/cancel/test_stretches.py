"""A stretch says how much was cancelled, and names what is wrong with it."""

import numpy as np
import pytest

from benchmarks.ears_rooms import talk
from harness.bench.ports.sound import Samples
from harness.ears.cancel.blocks import RATE_HZ
from harness.ears.cancel.faults import NotNumbers, is_clipped
from harness.ears.cancel.stretches import STRETCH, Doubt, Seen, Stretch, Weigher, follows
from harness.sound.level import level_db

SPEECH = talk("af_heart", 8.0)
STRANGE = talk("am_michael", 8.0)
T = np.arange(STRETCH) / RATE_HZ
QUIET = (1e-4 * np.random.default_rng(1).standard_normal(STRETCH)).astype(np.float32)


def stretch(recording: Samples, predicted: Samples, sounding: bool = True) -> Stretch:
    left = recording - predicted
    return Weigher().weigh(0, [Seen(recording, predicted, left, left, sounding, frozenset())])


def test_levels_and_what_was_cancelled() -> None:
    speech = SPEECH[:STRETCH]
    found = stretch(speech + QUIET, speech)
    assert found.residual_db == pytest.approx(-80, abs=0.5)
    assert found.cancelled_db == pytest.approx(level_db(speech) + 80, abs=0.5)
    assert found.doubts == () and found.end_s - found.start_s == pytest.approx(1.024)


def test_where_nothing_was_played_nothing_was_cancelled() -> None:
    found = stretch(QUIET, np.zeros(STRETCH, np.float32), sounding=False)
    assert found.cancelled_db is None and found.doubts == ()


def test_a_dead_microphone_is_named() -> None:
    for dead in (np.zeros(STRETCH), np.full(STRETCH, 0.2)):
        assert Doubt.DEAD in stretch(dead.astype(np.float32), SPEECH[:STRETCH]).doubts


@pytest.mark.parametrize("mains_hz", [50, 60])
def test_mains_hum_alone_is_named(mains_hz: int) -> None:
    hum = sum(0.05 / n * np.sin(2 * np.pi * mains_hz * n * T + n) for n in (1, 2, 3, 5))
    found = stretch(hum.astype(np.float32) + QUIET, np.zeros(STRETCH, np.float32), sounding=False)
    assert found.doubts == (Doubt.HUM,)


def test_noise_and_speech_are_no_hum() -> None:
    nothing = np.zeros(STRETCH, np.float32)
    for at in range(0, len(STRANGE) - STRETCH, STRETCH):
        assert stretch(STRANGE[at : at + STRETCH] + QUIET, nothing, sounding=False).doubts == ()
    assert stretch(QUIET, nothing, sounding=False).doubts == ()


def test_what_goes_with_the_stimulus_is_distortion_and_other_speech_is_not() -> None:
    told = {"bent": 0, "strange": 0}
    starts = range(0, len(SPEECH) - STRETCH, STRETCH)
    for at in starts:
        speech, strange = SPEECH[at : at + STRETCH], STRANGE[at : at + STRETCH]
        told["bent"] += follows(0.5 * speech * np.abs(speech) / np.abs(speech).max(), speech)
        told["strange"] += follows(strange, speech)
    assert told["bent"] >= 0.8 * len(starts) and told["strange"] == 0


def test_distortion_is_named_once_it_lasts() -> None:
    meter, speech = Weigher(), SPEECH[:STRETCH]
    bent = speech + np.float32(0.5) * speech * np.abs(speech) / np.abs(speech).max()
    quiet = Seen(speech, speech, QUIET, QUIET, True, frozenset())
    loud = Seen(bent, speech, bent - speech, bent - speech, True, frozenset())
    told = [meter.weigh(0, [part]).doubts for part in (loud, quiet, quiet, loud, loud, quiet)]
    assert told == [(), (), (), (), (Doubt.DISTORTED,), ()]


def test_clipped_tops_are_seen_and_loud_speech_is_not() -> None:
    speech = SPEECH[: 2 * RATE_HZ] / np.abs(SPEECH[: 2 * RATE_HZ]).max()
    assert not is_clipped(0.9 * speech)
    assert is_clipped(np.clip(speech, -0.6, 0.6))
    assert is_clipped(np.round(np.clip(speech, -0.6, 0.6) * 32767) / 32768)
    assert not is_clipped(np.round(speech * 32767) / 32768)
    assert not is_clipped(np.zeros(1000, np.float32))


def test_what_is_no_number_is_silenced_and_remembered_once() -> None:
    look = NotNumbers(100)
    first = look.silenced(np.ones(150, np.float32))
    bad = np.ones(150, dtype=np.float32)
    bad[[60, 149]] = np.nan, np.inf
    second = look.silenced(bad)
    assert first.all() and np.flatnonzero(second == 0).tolist() == [60, 149]
    assert [look.take(block) for block in (0, 1, 2, 2)] == [False, False, True, False]
