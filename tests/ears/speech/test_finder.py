"""The finder tells who spoke that was not played, and never takes not hearing for silence."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from audio_corpus.prompts.sources import dishes, drawing
from benchmarks.ears_rooms import talk
from harness.bench.ports.sound import Samples
from harness.ears.cancel import RATE_HZ, Doubt
from harness.ears.cancel.stretches import STRETCH
from harness.ears.speech import Event, EventKind, Finder, Found, find
from tests.ears.speech.sounds import cancelled, noise, pieces, put, said

NAME, QUESTION = said("thomas-reed"), said("are-you-there")
SECONDS = 9.0


def two_prompts() -> tuple[Samples, list[tuple[int, int]]]:
    heard = noise(SECONDS)
    return heard, [put(heard, QUESTION, 2.0), put(heard, NAME, 5.5)]


TWO, TRUTH = two_prompts()


def kinds(found: Found) -> list[str]:
    return [str(event.kind) for event in found.events]


# What is found ---------------------------------------------------------------------------------


def test_two_prompts_are_found_where_they_are() -> None:
    found = find(cancelled(TWO))
    assert len(found.speech) == 2 and not found.unheard
    for speech, (start, end) in zip(found.speech, TRUTH, strict=True):
        assert abs(speech.start - start) < 0.05 * RATE_HZ
        assert abs(speech.end - end) < 0.12 * RATE_HZ
        assert speech.sure > 0.5 and speech.over_rest_db > 15 and not speech.doubts
        assert speech.level_db == pytest.approx(-26, abs=4)


def test_noise_alone_is_nothing() -> None:
    assert not find(cancelled(noise(60.0))).events


def test_a_pause_is_withdrawn_when_the_device_goes_on() -> None:
    heard = noise(8.0)
    put(heard, NAME, 2.0)
    at_s = 2.0 + len(NAME) / RATE_HZ + 0.5
    put(heard, QUESTION, at_s)
    found = find(cancelled(heard))
    first = [str(e.kind) for e in found.events if e.at < (at_s + 0.2) * RATE_HZ]
    assert first[:1] == ["onset"] and first[-2:] == ["pause", "resumed"]
    assert len(found.speech) == 1 and kinds(found)[-2:] == ["pause", "end"]
    assert len(find(cancelled(heard), quiet_s=0.35).speech) == 2


def test_a_pause_is_told_soon_and_the_end_after_the_quiet() -> None:
    found = find(cancelled(TWO))
    pauses = [e for e in found.events if e.kind is EventKind.PAUSE]
    ends = [e for e in found.events if e.kind is EventKind.END]
    for _, end in TRUTH:
        assert any(-0.1 < (p.known_at - end) / RATE_HZ < 0.2 for p in pauses)
    assert all(0.65 < (e.known_at - e.at) / RATE_HZ < 0.8 for e in ends)


# Laws ------------------------------------------------------------------------------------------


def live(whole: list, **settings_: float) -> tuple[Event, ...]:
    finder = Finder(**settings_)
    events = [event for piece in whole for event in finder.push(piece)]
    return (*events, *finder.finish())


@settings(max_examples=15)
@given(st.lists(st.integers(1, int(SECONDS) * RATE_HZ), max_size=40), st.booleans())
def test_how_it_is_cut_changes_nothing(cuts: list[int], doubted: bool) -> None:
    stimulus = np.concatenate((talk("am_michael", 5.0), np.zeros(len(TWO) - 5 * RATE_HZ)))
    why = [(2, Doubt.LEARNING), (4, Doubt.PATH_CHANGED)] if doubted else []
    residual = TWO + 0.03 * stimulus.astype(np.float32)
    residual[60_000:64_000] = stimulus[60_000:64_000] = 0.0
    whole = cancelled(residual, stimulus.astype(np.float32), why)
    assert live(pieces(whole, cuts)) == find(whole).events


def test_block_by_block_is_the_same_as_at_once() -> None:
    whole = cancelled(TWO)
    for block in (160, 2_048):
        assert live(pieces(whole, range(0, len(TWO), block))) == find(whole).events


@settings(max_examples=8)
@given(st.floats(-30.0, 20.0))
def test_a_gain_changes_no_time(gain_db: float) -> None:
    gain = np.float32(10 ** (gain_db / 20))
    found, louder = find(cancelled(TWO)), find(cancelled(TWO * gain))
    for a, b in zip(found.events, louder.events, strict=True):
        assert (a.kind, a.at, a.known_at) == (b.kind, b.at, b.known_at)
    for one, other in zip(found.speech, louder.speech, strict=True):
        assert other.level_db - one.level_db == pytest.approx(gain_db, abs=0.01)
        assert other.sure == pytest.approx(one.sure, abs=1e-3)


@settings(max_examples=8)
@given(st.integers(1, 4 * RATE_HZ))
def test_what_comes_later_is_found_later(shift: int) -> None:
    later = np.concatenate((noise(5.0, seed=3)[:shift], TWO))
    found, moved = find(cancelled(TWO)).speech, find(cancelled(later)).speech
    for one, other in zip(found, moved, strict=True):
        assert abs(other.start - one.start - shift) < 0.03 * RATE_HZ
        assert abs(other.end - one.end - shift) < 0.06 * RATE_HZ


# What was played -------------------------------------------------------------------------------


def leaky(leak_db: float, device_db: float | None) -> Found:
    stimulus = talk("am_michael", 20.0) + np.roll(talk("af_heart", 20.0), 50_000)
    residual = noise(20.0) + np.float32(10 ** (leak_db / 20)) * stimulus
    if device_db is not None:
        for at_s in (8.0, 12.0, 16.0):
            put(residual, said("alexa", "af_bella"), at_s, 10 ** (device_db / 20))
    return find(cancelled(residual, stimulus.astype(np.float32)))


@pytest.mark.parametrize("leak_db", [-40, -30, -20, -15])
def test_what_is_left_of_the_stimulus_is_not_speech(leak_db: float) -> None:
    assert not leaky(leak_db, None).speech


@pytest.mark.parametrize("leak_db", [-40, -30])
def test_softer_than_what_is_played_the_device_is_found(leak_db: float) -> None:
    starts = [speech.start_s for speech in leaky(leak_db, -5.0).speech]
    assert starts == pytest.approx([8.0, 12.0, 16.0], abs=0.1)


# What could not be heard -----------------------------------------------------------------------


def test_doubted_stretches_are_not_silence() -> None:
    found = find(cancelled(TWO, doubted=[(2, Doubt.LEARNING), (3, Doubt.CLIPPED)]))
    (unheard,) = found.unheard
    assert (unheard.start, unheard.end) == (2 * STRETCH, 4 * STRETCH)
    assert unheard.doubts == (Doubt.CLIPPED, Doubt.LEARNING)
    assert found.speech[0].doubts == (Doubt.CLIPPED, Doubt.LEARNING)
    assert not found.speech[1].doubts


def test_what_is_seen_late_is_doubted_earlier() -> None:
    (unheard,) = find(cancelled(TWO, doubted=[(2, Doubt.PATH_CHANGED)])).unheard
    assert (unheard.start, unheard.end) == (STRETCH, 3 * STRETCH)


def test_a_dead_microphone_is_told_while_it_is_dead() -> None:
    heard = TWO.copy()
    heard[3 * RATE_HZ : 5 * RATE_HZ] = 0.0
    events = [e for e in find(cancelled(heard)).events if e.unheard is not None]
    assert events[0].known_at < 4.2 * RATE_HZ
    (unheard,) = find(cancelled(heard)).unheard
    assert unheard.doubts == (Doubt.DEAD,)
    assert (unheard.start_s, unheard.end_s) == pytest.approx((3.0, 5.0), abs=0.05)
    assert [s.start_s for s in find(cancelled(heard)).speech] == pytest.approx([2, 5.5], abs=0.1)


@pytest.mark.parametrize("constant", [0.0, 0.3])
def test_a_microphone_that_is_always_dead(constant: float) -> None:
    found = find(cancelled(np.full(5 * RATE_HZ, constant, np.float32)))
    (unheard,) = found.unheard
    assert not found.speech and (unheard.start, unheard.end) == (0, 312 * 256)


# Not speech ------------------------------------------------------------------------------------


def times(seconds: float) -> Samples:
    return (np.arange(round(seconds * RATE_HZ)) / RATE_HZ).astype(np.float32)


def hum() -> Samples:
    t = times(3.0)
    return sum(np.sin(2 * np.pi * 50 * k * t) / k for k in range(1, 30))


def motor() -> Samples:
    t = times(3.0)
    return sum(np.sin(2 * np.pi * 100 * k * t) / k for k in range(1, 20))


def chirp() -> Samples:
    t = times(0.4)
    return np.sin(2 * np.pi * (600 * t + 800 * t * t)) * np.hanning(len(t))


def bell() -> Samples:
    t = times(0.8)
    return sum(np.sin(2 * np.pi * f * t) for f in (1310, 2170, 3540, 5020)) * np.exp(-8 * t)


def knock() -> Samples:
    t = times(0.2)
    return np.random.default_rng(2).standard_normal(len(t)) * np.exp(-60 * t)


def hiss() -> Samples:
    return np.random.default_rng(2).standard_normal(2 * RATE_HZ)


@pytest.mark.parametrize("sound", [hum, motor, chirp, bell, knock, hiss])
@pytest.mark.parametrize("gain", [0.003, 0.05])
def test_what_is_no_voice_is_no_speech(sound, gain: float) -> None:  # type: ignore[no-untyped-def]
    heard = noise(12.0)
    for at_s in (2.0, 6.0, 6.3, 6.8):
        put(heard, sound().astype(np.float32), at_s, gain)
    assert not find(cancelled(heard)).speech


def kitchen(seconds: float, seed: int, gain: float) -> Samples:
    """Plates, pots and cutlery in no room at all, over noise."""
    clatter = dishes(RATE_HZ, drawing(f"crockery {seed}")).take(round(seconds * RATE_HZ))
    return noise(seconds, seed) + np.float32(gain) * clatter


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("gain", [0.1, 1.0])
def test_crockery_is_no_speech(seed: int, gain: float) -> None:
    assert not find(cancelled(kitchen(120.0, seed, gain))).speech


@pytest.mark.parametrize("seed", range(3))
def test_a_sentence_is_found_among_crockery(seed: int) -> None:
    heard = kitchen(30.0, seed, 0.1)
    truth = [put(heard, QUESTION, at_s) for at_s in (12.0, 20.0)]
    found = find(cancelled(heard)).speech
    assert len(found) == 2
    for speech, (start, end) in zip(found, truth, strict=True):
        assert speech.start < (start + end) / 2 < speech.end


def test_the_same_words_are_less_sure_among_crockery() -> None:
    heard = kitchen(30.0, 0, 0.1)
    put(heard, QUESTION, 20.0)
    (there,) = find(cancelled(heard)).speech
    assert there.sure < find(cancelled(TWO)).speech[0].sure


# What it refuses -------------------------------------------------------------------------------


def test_pieces_must_follow_on_each_other() -> None:
    first, second, third = pieces(cancelled(TWO), (5_000, 9_000))
    finder = Finder()
    finder.push(first)
    with pytest.raises(ValueError, match="does not follow on 5000"):
        finder.push(third)
    with pytest.raises(ValueError, match="not there from the start"):
        finder.push(second, first)


@pytest.mark.parametrize("given_", [{"quiet_s": 0.0}, {"least_sure": 1.0}, {"least_sure": 0.0}])
def test_settings_that_make_no_sense(given_: dict[str, float]) -> None:
    with pytest.raises(ValueError, match="it must be"):
        Finder(**given_)
