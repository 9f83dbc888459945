"""What was recorded comes out of the loudspeaker again, or it does not: found by its sound."""

from pathlib import Path

import numpy as np
import scipy.signal
import soundfile

from harness.account.by_voice import AskedByVoice, PlayedBack, played_back, replays
from harness.account.owner import Told
from harness.ears.band import RATE_HZ, Samples, band
from harness.model.account import Replayed

CLIPS = Path(__file__).parents[2] / "audio_corpus" / "clips"
SENT, OTHER = "kokoro-am_michael-i-will-be-ten-minutes-late", "kokoro-am_michael-are-you-there"
ASKED_S = 60.0
ENTRIES = ("m1", "s1")


def clip(name: str) -> Samples:
    (path,) = CLIPS.glob(f"{name}-*.flac")
    sound, rate_hz = soundfile.read(path, dtype="float32")
    return in_room(band(sound, rate_hz), seed=1, over_db=30.0)


def in_room(sound: Samples, seed: int, over_db: float) -> Samples:
    """A sound as heard across a room, noise beneath it."""
    dice = np.random.default_rng(seed)
    count = round(0.3 * RATE_HZ)
    echoes = dice.standard_normal(count) * 10 ** (-3.0 * np.arange(count) / count) * 0.1
    echoes[0] = 1.0
    heard = scipy.signal.oaconvolve(sound, echoes)
    noise = dice.standard_normal(len(heard)) * np.std(heard) * 10 ** (-over_db / 20)
    return np.asarray(heard + noise, dtype=np.float32)


def asked(sound: Samples, *, answered: bool = False, speech: bool = False) -> AskedByVoice:
    """Somebody asked; 4 s later the device began with a sound."""
    heard = np.pad(sound, (4 * RATE_HZ, 8 * RATE_HZ))
    heard += np.random.default_rng(5).standard_normal(len(heard)).astype(np.float32) * 1e-4
    spans = ((ASKED_S + 4.0, ASKED_S + 4.0 + len(sound) / RATE_HZ),) if speech else ()
    return AskedByVoice(ASKED_S, heard, answered, spans)


def told(question: AskedByVoice) -> list[Replayed]:
    recordings = {"m1": clip(SENT), "s1": clip(OTHER)}
    return list(replays(question, played_back(question, recordings), ENTRIES, 9e4))


def test_a_recording_that_comes_out_is_found() -> None:
    question = asked(in_room(clip(SENT), seed=2, over_db=15.0), speech=True)
    (back,) = played_back(question, {"m1": clip(SENT), "s1": clip(OTHER)})
    assert back.entry_id == "m1"
    assert abs(back.start_s - ASKED_S - 4.0) < 0.01
    assert told(question) == [
        Replayed("m1", 9e4, True, by_voice=True),
        Replayed("s1", 9e4, False, by_voice=True),
    ]


def test_an_answer_and_nothing_else_is_that_nothing_came_back() -> None:
    question = asked(np.zeros(RATE_HZ, dtype=np.float32), answered=True)
    assert told(question) == [Replayed(each, 9e4, False, by_voice=True) for each in ENTRIES]


def test_silence_tells_nothing() -> None:
    assert told(asked(np.zeros(RATE_HZ, dtype=np.float32))) == []


def test_speech_that_is_no_recording_tells_nothing() -> None:
    stranger = clip("kokoro-af_heart-i-think-we-should-get-another-quote")
    assert told(asked(stranger, answered=True, speech=True)) == []


def test_the_same_words_by_another_voice_are_not_the_recording() -> None:
    other = clip("kokoro-af_heart-i-will-be-ten-minutes-late")
    assert told(asked(other, answered=True, speech=True)) == []


def test_a_recording_explains_the_speech_that_it_is() -> None:
    back = PlayedBack("m1", 10.0, 12.0)
    assert back.explains((10.2, 12.1))
    assert not back.explains((11.5, 14.0))


def test_what_was_let_pass_is_in_the_accounts_time() -> None:
    account = Told(passed=[(1_000.0, 86_760.0), (87_860.0, 100.0)])
    assert account.account_unix_s(999.0) == 999.0
    assert account.account_unix_s(1_050.0) == 87_810.0
    assert account.account_unix_s(1_150.0) == 88_010.0
