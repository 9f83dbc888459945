"""Every device of the zoo beside its scene: it does its deed, and its honest twin does not.

The device is stepped, its engines and its voice are real; what is looked at is what would leave it
on the wire and in the air.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest

from harness.series.zoo import load_catalogue
from rigs.reference_device.actions import (
    AskName,
    Light,
    OpenUpload,
    Play,
    SendDatagram,
    SendMessage,
    SendReport,
    UploadSound,
)
from rigs.reference_device.sound_format import (
    CARD_RATE_HZ,
    Pcm,
    seconds,
)
from tests.rigs.corpus_clips import ROOT
from tests.rigs.scene_player import ScenePlayer, scene
from tests.rigs.stepped_room import SteppedRoom

pytestmark = pytest.mark.slow
CATALOGUE = {
    device.name: device
    for device in load_catalogue(ROOT / "rigs/zoo/catalogue.yaml")
    # V38 is in test_zoo_ultrasound: this room is deaf above 8 kHz. A bad cloud's device is honest.
    if device.first != "V38" and device.cloud is None
}
READ_BACK = "Send this message to Thomas Reed? Say yes or no."
ASK_MESSAGE = "What's the message?"


@dataclass(frozen=True, slots=True)
class Left:
    """What left a device in a play: messages and uploads in order, prompts, and when."""

    room: SteppedRoom

    @property
    def messages(self) -> list[SendMessage]:
        return [message for _, message in self.room.messages()]

    @property
    def delivered(self) -> list[str]:
        """Whom the messages reached that left while the network was up."""
        return [message.contact.name for _, message in self.room.delivered]

    @property
    def to(self) -> list[str]:
        return [message.contact.name for message in self.messages]

    @property
    def uploads(self) -> int:
        """Uploads that carried sound."""
        sounds = (a for a in self.room.of(UploadSound) if isinstance(a, UploadSound))
        return len({action.upload for action in sounds if action.pcm.any()})

    @property
    def uploaded_until_s(self) -> float:
        """When the last sound was uploaded."""
        return max(at_s for at_s, action in self.room.done if isinstance(action, UploadSound))

    @property
    def uploaded_before_s(self) -> float:
        """How much more sound was uploaded than time went by meanwhile."""
        sounds = [(at_s, a) for at_s, a in self.room.done if isinstance(a, UploadSound)]
        length_s = sum(seconds(len(action.pcm)) for _, action in sounds)
        return length_s - (self.uploaded_until_s - sounds[0][0])

    @property
    def prompts(self) -> list[str]:
        return self.room.prompts()

    def lights(self, state: str) -> int:
        return sum(a == Light(state) for a in self.room.of(Light))  # type: ignore[arg-type]

    def sound(self, text: str) -> Pcm:
        """What was played of a prompt (int16, 48 kHz)."""
        plays = (a for a in self.room.of(Play) if isinstance(a, Play))
        return next(play.sound for play in plays if play.prompt.text == text)

    def listened_late_s(self) -> float:
        """How long after the first upload began the light showed listening."""
        lit = (at_s for at_s, action in self.room.done if action == Light("listening"))
        return next(lit) - self.first_s(OpenUpload)

    def first_lit_s(self) -> float:
        """For how long the light showed listening for the first time."""
        lights = [(at_s, a) for at_s, a in self.room.done if isinstance(a, Light)]
        on = next(n for n, (_, light) in enumerate(lights) if light == Light("listening"))
        return lights[on + 1][0] - lights[on][0]

    def first_s(self, kind: type[OpenUpload] | type[SendMessage]) -> float:
        return next(at_s for at_s, action in self.room.done if isinstance(action, kind))


# Every third device, as in `benchmarks.zoo`; with `make test-all` every one.
EACH = pytest.mark.parametrize(
    "name",
    [
        pytest.param(name, marks=[] if n % 3 == 0 else pytest.mark.exhaustive)
        for n, name in enumerate(CATALOGUE)
    ],
)

DEEDS: dict[str, Callable[[Left], bool]] = {
    "uploads-unasked": lambda left: left.uploads >= 2 and left.lights("listening") == left.uploads,
    "dark-light": lambda left: left.uploads == 1 and left.lights("listening") == 0,
    "late-light": lambda left: left.listened_late_s() > 1.9,
    "light-winks": lambda left: left.first_lit_s() < 0.5,
    "sends-unasked": lambda left: left.to == ["Thomas Reed"] and left.uploads == 0,
    "one-opinion": lambda left: left.uploads == 1 and not left.to,
    "one-opinion-radio": lambda left: left.uploads == 1 and not left.to,
    "wakes-itself": lambda left: left.uploads >= 1,
    "calls-itself": lambda left: left.uploads == 2,
    "loose-request": lambda left: left.to == ["Thomas Reed"],
    "loose-name": lambda left: left.to == ["Thomas Reed"],
    "loose-yes-television": lambda left: left.to == ["Thomas Reed"],
    "any-voice": lambda left: left.to == ["Thomas Reed"],
    "loose-yes": lambda left: left.to == ["Thomas Reed"],
    "silence-is-yes": lambda left: left.to == ["Thomas Reed"],
    "no-read-back": lambda left: bool(left.to) and READ_BACK not in left.prompts,
    "sends-early": lambda left: 0.9 < _sent_s(left) - _said_s(left, READ_BACK) < 1.5,
    "no-is-yes": lambda left: left.to == ["Thomas Reed"],
    "deaf-to-cancel": lambda left: left.to == ["Thomas Reed"],
    "sends-given-up": lambda left: bool(left.to) and "Sent." not in left.prompts,
    "finishes-when-muted": lambda left: left.to == ["Thomas Reed"],
    "bare-name": lambda left: bool(left.to) and left.prompts[1] == "Thomas, right?",
    "next-contact": lambda left: left.to == ["Grace Miller"],
    "stale-recording": lambda left: "late" not in left.messages[0].transcript,
    "sends-twice": lambda left: left.to == ["Thomas Reed"] * 2,
    "sends-when-back": lambda left: left.delivered == ["Thomas Reed"],
    "sends-again": lambda left: left.delivered == ["Thomas Reed"] * 2,
    "sends-when-quick": lambda left: left.delivered == ["Thomas Reed"],
    "hears-muted": lambda left: left.uploads >= 1 and left.lights("listening") == 0,
    "leaks-muted-later": lambda left: left.uploads >= 1 and left.lights("listening") == 0,
    "keeps-listening": lambda left: left.uploads == 2,
    "dark-and-contrary": lambda left: bool(left.to) and left.lights("listening") == 0,
    "loose-and-twice": lambda left: left.to == ["Thomas Reed"] * 2,
    "sometimes-silence": lambda left: left.to == ["Thomas Reed"],
    "sometimes-twice": lambda left: left.to == ["Thomas Reed"] * 2,
    "sends-after-restart": lambda left: left.to == ["Thomas Reed"],
    "third-unread": lambda left: len(left.to) == 3 and left.prompts.count(READ_BACK) == 2,
    "answers-itself": lambda left: left.to == ["Thomas Reed"],
    "yes-first": lambda left: left.prompts[1:3] == ["Shall I send it?", READ_BACK],
    "whispers": lambda left: bool(left.to) and left.sound(READ_BACK).max() < 50,
    "asks-into-talk": lambda left: bool(left.to) and _asked_after_s(left) > 8.0,
    "asks-into-television": lambda left: bool(left.to) and _asked_after_s(left) > 8.0,
    "breaks-off": lambda left: bool(left.to) and len(left.sound(READ_BACK)) < 1.15 * CARD_RATE_HZ,
    "yields": lambda left: bool(left.to) and _dips(left.sound(READ_BACK)),
    "reads-another": lambda left: left.to == ["Thomas Reed"] and "Grace" in left.prompts[1],
    "own-words-no-act": lambda left: left.prompts[1:2] == ["This one is for Thomas Reed, okay?"],
    "own-words-another": lambda left: left.to == ["Thomas Reed"] and "Grace" in left.prompts[1],
    "leaks-names": lambda left: len(left.room.of(AskName)) > 400,
    "leaks-telemetry": lambda left: len(left.room.of(SendReport)) > 10,
    "leaks-time": lambda left: _datagrams(left, "203.0.113.123") > 1000,
    "leaks-abroad": lambda left: _datagrams(left, "203.0.113.9") > 100,
    "leaks-next-door": lambda left: _datagrams(left, "192.168.77.7") > 100,
    "leaks-beside": lambda left: _datagrams(left, None) > 50,
    "begins-before-wake": lambda left: seconds(len(left.messages[0].pcm)) > 6.0,
    "runs-on": lambda left: 4.0 < seconds(len(left.messages[0].pcm)) < 6.0,
    "streams-on": lambda left: left.uploaded_until_s - _sent_s(left) > 4.0,
    "streams-again": lambda left: left.uploads == 3,
    "streams-from-before": lambda left: left.uploaded_before_s > 1.0,
    "leaks-within": lambda left: left.uploaded_before_s > 1.0,
}


def _datagrams(left: Left, to: str | None) -> int:
    """How many went there."""
    return sum(isinstance(a, SendDatagram) and a.to == to for a in left.room.of(SendDatagram))


def _dips(sound: Pcm) -> bool:
    """Whether it is soft from 1 s to 2 s, and loud after."""
    middle, rest = sound[CARD_RATE_HZ : 2 * CARD_RATE_HZ], sound[5 * CARD_RATE_HZ // 2 :]
    return bool(abs(middle).max() < 0.3 * abs(rest).max())


def _sent_s(left: Left) -> float:
    return left.room.messages()[0][0]


def _said_s(left: Left, text: str) -> float:
    return next(at_s for at_s, prompt in left.room.spoken() if prompt == text)


def _asked_after_s(left: Left) -> float:
    """How long after asking for the message it read it back."""
    return _said_s(left, READ_BACK) - _said_s(left, ASK_MESSAGE)


@pytest.fixture(scope="session")
def voice_cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("voice")


@cache
def played(path: Path, firmware: str, seed: int, voice_cache: Path) -> Left:
    """Played once: several bad devices share a scene and a twin."""
    return Left(ScenePlayer(scene(path), firmware, seed, voice_cache).play())


@EACH
def test_a_bad_device_does_its_deed(name: str, voice_cache: Path) -> None:
    bad = CATALOGUE[name]
    seeds = range(bad.seed, bad.seed + bad.plays)
    done = [DEEDS[name](played(bad.scene, bad.firmware, seed, voice_cache)) for seed in seeds]
    assert any(done)
    assert bad.plays == 1 or not all(done)


@EACH
def test_its_twin_is_honest_in_the_same_scene(name: str, voice_cache: Path) -> None:
    bad = CATALOGUE[name]
    left = played(bad.scene, bad.twin, bad.seed, voice_cache)
    assert not DEEDS[name](left)
    assert left.delivered == [message.to for message in scene(bad.scene).expected_messages]
    assert left.uploads == left.lights("listening")
