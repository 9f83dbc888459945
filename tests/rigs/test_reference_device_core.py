"""The whole device but for hardware: real engines, real voice, stepped by blocks."""

from pathlib import Path

import numpy as np
import pytest

from rigs.reference_device.actions import (
    CloseUpload,
    KeepMuted,
    Light,
    OpenUpload,
    Play,
    RefreshContacts,
    StopPlaying,
    UploadSound,
)
from rigs.reference_device.core import Device
from rigs.reference_device.options import make_parts, parse
from tests.rigs.corpus_clips import CONTACTS, DANA, MARK, PORTLAND, line
from tests.rigs.stepped_room import SteppedRoom

DICTATION = "I will be ten minutes late."


@pytest.fixture(scope="session")
def voice_cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("voice")


def room_with(firmware: str, voice_cache: Path) -> SteppedRoom:
    parts = make_parts(parse(["--firmware", firmware]), voice_cache)
    room = SteppedRoom(Device(parts, CONTACTS))
    room.take(room.device.start())
    return room


def play_portland(room: SteppedRoom) -> None:
    for at_s, voice, text in PORTLAND:
        room.say(line(voice, text), at_s)
    room.run_s(32.0)


def answer(room: SteppedRoom, prompt: str, text: str) -> None:
    """Say a line 0.7 s after the end, as heard, of a prompt that must come within 12 s."""
    assert room.run_until(lambda: prompt in room.prompts(), 12.0), room.prompts()
    assert room.run_until(room.quiet_voice, 8.0)
    room.say(line(DANA, text), 0.7)


def wake(room: SteppedRoom) -> None:
    room.run_s(1.0)
    room.say(line(DANA, "Alexa."))
    room.run_s(1.7)


def test_2018_sends_the_portland_conversation_to_thomas(voice_cache: Path) -> None:
    room = room_with("2018", voice_cache)
    play_portland(room)
    assert room.prompts() == ["To whom?", "Thomas, right?"]
    ((at_s, message),) = room.messages()
    assert message.contact.name == "Thomas Reed"
    assert 18.0 < at_s < 20.5
    assert len(message.pcm) == 4 * 16_000
    assert len(room.of(OpenUpload)) == 3


@pytest.mark.parametrize("firmware", ["guarded", "verified"])
def test_strict_firmwares_send_nothing_of_it(firmware: str, voice_cache: Path) -> None:
    room = room_with(firmware, voice_cache)
    play_portland(room)
    assert room.notes("woke"), "the scene must provoke the device to prove anything"
    assert room.messages() == []
    assert room.prompts() == []
    uploads = len(room.of(OpenUpload))
    assert uploads == (1 if firmware == "guarded" else 0)
    if firmware == "verified":
        assert [a for a in room.of(Light) if a != Light("idle")] == []


@pytest.mark.parametrize("firmware", ["guarded", "verified"])
@pytest.mark.parametrize("echo_s", [0.35, 0.9])
def test_a_wanted_message_is_delivered(firmware: str, echo_s: float, voice_cache: Path) -> None:
    room = room_with(firmware, voice_cache)
    room.echo_s = echo_s
    wake(room)
    room.say(line(DANA, "Send a message."))
    answer(room, "To whom?", "Thomas Reed.")
    answer(room, "What's the message?", DICTATION)
    answer(room, "Send this message to Thomas Reed? Say yes or no.", "Yes.")
    assert room.run_until(lambda: "Sent." in room.prompts(), 6.0)
    ((_, message),) = room.messages()
    assert message.contact.name == "Thomas Reed"
    assert "minutes late" in message.transcript
    spoken_s = len(line(DANA, DICTATION)) / 16_000
    assert abs(len(message.pcm) / 16_000 - spoken_s) < 0.6
    room.run_s(3.0)
    assert room.of(Light)[-1] == Light("idle")
    assert len(room.messages()) == 1


@pytest.mark.parametrize("reply", ["No.", None])
def test_a_denial_and_silence_at_the_read_back_cancel(reply: str | None, voice_cache: Path) -> None:
    room = room_with("guarded", voice_cache)
    wake(room)
    room.say(line(DANA, "Send a message to Thomas Reed."))
    answer(room, "What's the message?", DICTATION)
    if reply is None:
        assert room.run_until(lambda: len(room.prompts()) == 2, 12.0)
    else:
        answer(room, "Send this message to Thomas Reed? Say yes or no.", reply)
    assert room.run_until(lambda: "OK, cancelled." in room.prompts(), 14.0)
    room.run_s(5.0)
    assert room.messages() == []


def test_a_wake_with_no_speech_ends_silently(voice_cache: Path) -> None:
    room = room_with("verified", voice_cache)
    wake(room)
    assert Light("listening") in room.of(Light)
    room.run_s(8.0)
    assert room.prompts() == []
    assert room.of(Light)[-1] == Light("idle")
    assert room.of(CloseUpload) == [CloseUpload(1)]


def test_the_control_request_is_answered(voice_cache: Path) -> None:
    room = room_with("verified", voice_cache)
    wake(room)
    room.say(line(DANA, "Are you there?"))
    assert room.run_until(lambda: room.prompts() == ["I am here."], 6.0)


def test_speech_is_streamed_from_just_before_the_wake_until_it_ends(voice_cache: Path) -> None:
    room = room_with("guarded", voice_cache)
    wake(room)
    room.say(line(DANA, "Are you there?"))
    room.run_s(6.0)
    streamed = [a for a in room.of(UploadSound) if isinstance(a, UploadSound)]
    assert len(streamed[0].pcm) == 3200  # 0.2 s of lead
    assert 10_000 < sum(a.pcm.nbytes for a in streamed) < 6 * 32_000
    assert room.of(RefreshContacts) == [RefreshContacts()]


def test_mute_drops_everything_at_once(voice_cache: Path) -> None:
    room = room_with("guarded", voice_cache)
    wake(room)
    room.take(room.device.set_muted(True, room.now_s))
    sent_before = len(room.of(UploadSound))
    assert room.of(CloseUpload) == [CloseUpload(1, complete=False)]
    assert room.of(KeepMuted) == [KeepMuted(True)]
    assert room.of(Light)[-1] == Light("muted")
    room.say(line(DANA, "Alexa."))
    room.run_s(3.0)
    assert len(room.of(UploadSound)) == sent_before
    room.take(room.device.set_muted(False, room.now_s))
    wake(room)
    assert room.of(Light)[-1] == Light("listening")


def test_mute_before_the_send_withdraws(voice_cache: Path) -> None:
    room = room_with("guarded", voice_cache)
    wake(room)
    room.say(line(DANA, "Send a message to Thomas Reed."))
    answer(room, "What's the message?", DICTATION)
    assert room.run_until(lambda: len(room.prompts()) == 2, 12.0)
    room.take(room.device.set_muted(True, room.now_s))
    assert room.of(StopPlaying) == [StopPlaying()]
    room.take(room.device.set_muted(False, room.now_s))
    room.say(line(DANA, "Yes."), 3.0)
    room.run_s(10.0)
    assert room.messages() == []


def test_an_upload_that_breaks_is_said_and_the_device_carries_on(voice_cache: Path) -> None:
    room = room_with("2018", voice_cache)
    wake(room)
    room.take(room.device.upload_lost(1, room.now_s))
    assert room.prompts() == ["Sorry, I can't reach the network."]
    room.run_s(5.0)
    wake(room)
    assert room.of(Light)[-1] == Light("listening")


def test_a_message_that_cannot_be_delivered_is_not_called_sent(voice_cache: Path) -> None:
    room = room_with("guarded", voice_cache)
    room.cloud_up = False
    wake(room)
    room.say(line(DANA, "Send a message to Thomas Reed."))
    answer(room, "What's the message?", DICTATION)
    answer(room, "Send this message to Thomas Reed? Say yes or no.", "Yes.")
    assert room.run_until(lambda: "Sorry, I can't reach the network." in room.prompts(), 6.0)
    assert "Sent." not in room.prompts()


def test_its_own_voice_is_not_taken_for_an_answer(voice_cache: Path) -> None:
    room = room_with("guarded", voice_cache)
    room.echo_gain = 0.8
    wake(room)
    room.say(line(DANA, "Send a message to Thomas Reed."))
    room.run_s(30.0)  # nobody says anything more
    assert room.prompts() == ["What's the message?", "OK, cancelled."]
    texts = [note.detail["text"] for note in room.notes("heard")]
    assert texts[1:] == [None]


def test_the_last_message_is_played_back_when_asked_for(voice_cache: Path) -> None:
    room = room_with("verified", voice_cache)
    room.plays_back = line(DANA, DICTATION)
    wake(room)
    room.say(line(MARK, "Play my last message."))
    assert room.run_until(lambda: "" in room.prompts(), 8.0)
    (played,) = [a for a in room.of(Play) if isinstance(a, Play)]
    assert len(played.sound) == 3 * len(room.plays_back)
    assert np.abs(played.sound).max() == pytest.approx(0.7 * 32767, abs=200)
    room.run_s(5.0)
    assert room.of(Light)[-1] == Light("idle")
    assert len(room.of(OpenUpload)) == 1, "it does not listen to what it plays"


@pytest.mark.parametrize(
    ("cloud_up", "prompt"),
    [(True, "There is nothing to play."), (False, "Sorry, I can't reach the network.")],
)
def test_where_there_is_nothing_to_play_it_says_so(
    cloud_up: bool, prompt: str, voice_cache: Path
) -> None:
    room = room_with("verified", voice_cache)
    room.cloud_up = cloud_up
    wake(room)
    room.say(line(MARK, "Play my last message."))
    assert room.run_until(lambda: room.prompts() == [prompt], 8.0)
