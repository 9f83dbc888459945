"""What the device plays back when it is asked, out of a take: found, explained, and told when."""

import io
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import numpy as np
import soundfile
import soxr

from harness.account.owner import Told as ToldByAccount
from harness.bench.ports.account import HistoryItem
from harness.bench.ports.sound import Samples
from harness.model.script import Act, Addressee, AtTime, Household, Line, PromptRole, Script
from harness.model.timeline import LineSpoken, PromptHeard, SpeechHeard, WhoseVoice
from harness.stage.by_voice import PLAYED_BACK, ByVoice, HeardByVoice
from harness.stage.session import Take
from harness.stage.unscripted import Told

RATE_HZ, LONG_S, HOUR_S = 16_000, 60.0, 3_600.0
ASKED_S = (20.0, 40.0)
PLAYED_S = 24.0
NOTHING_TOLD = Told()


def speech() -> Samples:
    clips = Path(__file__).parents[2] / "audio_corpus" / "clips"
    (path,) = clips.glob("kokoro-am_michael-i-will-be-ten-minutes-late-*.flac")
    sound, rate_hz = soundfile.read(path, dtype="float32")
    return np.asarray(soxr.resample(sound, rate_hz, RATE_HZ), dtype=np.float32)


def wav(sound: Samples) -> bytes:
    file = io.BytesIO()
    soundfile.write(file, sound, RATE_HZ, format="WAV")
    return file.getvalue()


def line(number: int) -> Line:
    at = AtTime(ASKED_S[number])
    return Line(f"l{number}", "Mark", "Play.", Addressee.DEVICE, (Act.REPLAY,), None, at, 0.0, "")


def spoken(number: int) -> LineSpoken:
    return LineSpoken(f"l{number}", ASKED_S[number], ASKED_S[number] + 1.5, True, True, 1.0, -30.0)


def answer(at_s: float) -> PromptHeard:
    said = PromptHeard("nothing_to_play", "There is nothing to play.", PromptRole.ANSWER, False,
                       None, False, at_s, at_s + 1.5, at_s + 1.5, 1.0, -30.0)  # fmt: skip
    return said


def stranger(start_s: float, end_s: float) -> SpeechHeard:
    return SpeechHeard(start_s, end_s, -30.0, WhoseVoice.DEVICE, "", "it could not be read")


def look(
    heard: Samples, *prompts: PromptHeard, told: Told = NOTHING_TOLD, owner: bool = True
) -> HeardByVoice:
    item = HistoryItem("m1", 10.0, 0.0, "message", "late", has_audio=True)
    account = ToldByAccount(heard=[(18.0, item, wav(speech()))], passed=[(30.0, 24 * HOUR_S)])
    script = Script("a/b", "A scene", Household(("Thomas Reed",)), (), (line(0), line(1)))
    microphone = SimpleNamespace(
        rate_hz=RATE_HZ, read=lambda _channel, start, count: heard[start : start + count]
    )
    take = SimpleNamespace(
        owner=SimpleNamespace(told=account) if owner else None,
        script=script,
        rig=SimpleNamespace(microphone=microphone),
        troubles=[],
    )
    search = ByVoice(cast(Take, take), lambda s: round(s * RATE_HZ), lambda s: s, LONG_S)
    return search.look((spoken(0), spoken(1)), prompts, told, lambda unix_s: unix_s)


def room(*, plays: bool) -> Samples:
    heard = np.random.default_rng(1).standard_normal(round(LONG_S * RATE_HZ)) * 1e-4
    if plays:
        at, sound = round(PLAYED_S * RATE_HZ), speech()
        heard[at : at + len(sound)] += sound
    return heard.astype(np.float32)


def test_a_recording_that_is_played_is_told_once_and_is_nobodys_riddle() -> None:
    until_s = PLAYED_S + len(speech()) / RATE_HZ
    riddle, other = stranger(PLAYED_S + 0.1, until_s), stranger(50.0, 51.0)
    seen = look(room(plays=True), told=Told(speech=(riddle, other)))
    (back,) = seen.replays
    assert (back.entry_id, back.returned, back.by_voice) == ("m1", True, True)
    assert back.at_s == 21.5
    (prompt,) = seen.prompts
    assert prompt.prompt_id == PLAYED_BACK and abs(prompt.start_s - PLAYED_S) < 0.01
    assert seen.told.speech == (other,)


def test_a_day_later_an_answer_says_that_it_is_gone() -> None:
    seen = look(room(plays=False), answer(43.0))
    (gone,) = seen.replays
    assert (gone.returned, gone.by_voice) == (False, True)
    assert gone.at_s == 41.5 + 24 * HOUR_S
    assert seen.prompts == ()


def test_without_an_answer_nothing_is_told() -> None:
    assert look(room(plays=False)).replays == ()


def test_speech_that_nobody_knows_takes_the_answer_its_worth() -> None:
    told = Told(speech=(stranger(45.0, 47.0),))
    seen = look(room(plays=False), answer(43.0), told=told)
    assert seen.replays == () and seen.told == told


def test_where_no_account_is_asked_nothing_is_looked_for() -> None:
    assert look(room(plays=True), owner=False).replays == ()
