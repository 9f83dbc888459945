"""Speech in any words is heard while it plays, once it has ended, and not what was played."""

import json
from pathlib import Path

import pytest
import soundfile

from harness.bench.drivers.simulated_clock import AgendaClock
from harness.bench.drivers.simulated_sound import SimulatedSound
from harness.bench.ports.sound import Samples
from harness.ears.listener import PromptListener
from harness.ears.overhearing import QUIET_S, Overheard, Overhearer
from harness.ears.prompts import PromptBook
from harness.model.script import PromptRole
from tests.ears.speech.sounds import said
from tests.stage.simulated_scene import paths


class Room:
    """A room with one loudspeaker and the device, its microphone running."""

    def __init__(self) -> None:
        known = paths()
        self.clock = AgendaClock(1000.0)
        self.sound = SimulatedSound(
            self.clock, ("table",), lambda s, m: known.get((s, m)), lambda _: None
        )
        self.sound.record(Path("nowhere"))
        self.read: list[Samples] = []

    def overhearer(self, role: PromptRole | None) -> Overhearer:
        """One whose reader takes everything for `role`."""

        def read(sound: Samples) -> PromptRole | None:
            self.read.append(sound)
            return role

        return Overhearer(self.sound, ("table",), read)


def follow(room: Room, overhearer: Overhearer, until_s: float) -> list[tuple[float, Overheard]]:
    """What is heard, and when (s)."""
    found = []
    while room.clock.now_s() < 1000.0 + until_s:
        room.clock.wait_s(0.1)
        found += [(room.clock.now_s() - 1000.0, one) for one in overhearer.search()]
    return found


def test_device_speech_is_heard_once_it_has_ended() -> None:
    room, line = Room(), said("thomas-reed")
    overhearer = room.overhearer(PromptRole.READ_BACK)
    room.sound.device_says(line, 32_000)
    [(known_s, one)] = follow(room, overhearer, 6.0)
    ends_s = 2.0 + len(line) / 16_000
    assert one.role is PromptRole.READ_BACK
    assert one.start / 16_000 == pytest.approx(2.2, abs=0.35)
    assert QUIET_S - 0.3 < known_s - ends_s < QUIET_S + 0.8
    # What is read is that, and little around it.
    [sound] = room.read
    assert len(sound) / 16_000 == pytest.approx(len(line) / 16_000 + 0.4, abs=0.5)


def test_what_is_played_is_not_heard() -> None:
    room = Room()
    overhearer = room.overhearer(None)
    for at_s in (1, 4, 7, 10):
        assert room.sound.play("table", said("send-it"), at_s * 16_000)
    assert follow(room, overhearer, 14.0) == []


def test_a_listener_without_prompts_on_file_hears_it_as_an_answer() -> None:
    room = Room()
    listener = PromptListener(room.sound, "listener", PromptBook((), 16_000), room.overhearer(None))
    room.sound.device_says(said("thomas-reed"), 32_000)
    room.clock.wait_s(6.0)
    # Nobody could read it: it is what was heard last, an answer, and perhaps a question.
    heard = listener.heard()
    assert heard is not None and heard == listener.answered(0)
    assert listener.last_question_end() == heard[1]
    assert listener.heard(PromptRole.ANSWER) is None
    assert listener.heard(after=heard[1]) is None


def test_a_prompt_on_file_is_not_told_twice(tmp_path: Path) -> None:
    line = said("thomas-reed")
    soundfile.write(tmp_path / "name.wav", line, 16_000, subtype="FLOAT")
    row = {
        "id": "name", "text": "Thomas Reed.", "file": "name.wav", "role": "read_back",
        "states_act": False, "named_contact": "Thomas Reed", "says_full_name": True,
    }  # fmt: skip
    (tmp_path / "prompts.json").write_text(json.dumps([row]))
    room = Room()
    book = PromptBook.load(tmp_path, 16_000, paths()["device", "listener"])
    listener = PromptListener(room.sound, "listener", book, room.overhearer(PromptRole.SENT))
    room.sound.device_says(line, 32_000)
    room.clock.wait_s(6.0)
    assert listener.heard(PromptRole.READ_BACK) is not None
    assert len(room.read) == 1 and listener.heard(PromptRole.SENT) is None
