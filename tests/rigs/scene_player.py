"""Plays a scene beside the stepped device: its lines and deeds at their cues, then the watch.

It is the stage in little, for tests of devices: no rig, no controls, no ruling.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

import numpy as np
import soundfile

from harness.model.script import AfterLine, AfterPrompt, AtTime, Deed, Doing, Line, Script
from harness.scene.corpus import Corpus
from harness.scene.loader import load_scene
from rigs.reference_device.actions import KeepMessages, Play, SendMessage
from rigs.reference_device.contacts import Contact
from rigs.reference_device.core import Device
from rigs.reference_device.options import make_parts, parse
from rigs.reference_device.sound_format import SPEECH_RATE_HZ, Pcm, resample
from tests.rigs.stepped_room import SteppedRoom

_LONGEST_PROMPT_S = 8.0


@cache
def scene(path: Path) -> Script:
    """A scene with its clips."""
    return load_scene(path, Corpus.load())


@dataclass(slots=True)
class ScenePlayer:
    """One play of one scene with one firmware; `room` holds what the device did."""

    script: Script
    firmware: str
    seed: int
    voice_cache: Path
    room: SteppedRoom = field(init=False)

    def __post_init__(self) -> None:
        self.room = SteppedRoom(self._device(muted=False, kept=()))
        self.room.take(self.room.device.start(0.0))

    def play(self) -> SteppedRoom:
        """Play all of it; the room afterwards."""
        self.room.run_s(1.0)
        start_s = reference_s = self.room.now_s
        for entry in _entries(self.script):
            cue_s = self._cue_s(entry, start_s, reference_s)
            if cue_s is None:
                continue
            self._run_to(cue_s)
            if isinstance(entry, Line):
                said = _clip(entry.clip)
                self.room.say(said)
                reference_s = self.room.now_s + len(said) / SPEECH_RATE_HZ
            else:
                self._do(entry)
                reference_s = self.room.now_s
        self._run_to(max(reference_s, self.room.now_s) + (self.script.watch_s or 20.0))
        return self.room

    def _device(self, muted: bool, kept: tuple[SendMessage, ...]) -> Device:
        options = parse(["--firmware", self.firmware, "--seed", str(self.seed)])
        names = enumerate(self.script.household.contacts, 1)
        contacts = [Contact(f"c{number}", name) for number, name in names]
        return Device(make_parts(options, self.voice_cache), contacts, muted, kept)

    def _cue_s(self, entry: Line | Doing, start_s: float, reference_s: float) -> float | None:
        match entry.when:
            case AtTime(at_s):
                return start_s + at_s
            case AfterLine(pause_s):
                return reference_s + pause_s
            case AfterPrompt() as when:
                return self._after_prompt_s(when, reference_s)

    def _after_prompt_s(self, when: AfterPrompt, reference_s: float) -> float | None:
        def said() -> bool:
            return any(
                isinstance(action, Play) and action.prompt.template.role == when.prompt.value
                for at_s, action in self.room.done
                if at_s >= reference_s
            )

        within_s = reference_s + when.within_s - self.room.now_s
        if not self.room.run_until(said, within_s):
            return None
        assert self.room.run_until(self.room.quiet_voice, _LONGEST_PROMPT_S)
        return self.room.now_s + when.pause_s

    def _run_to(self, at_s: float) -> None:
        self.room.run_s(max(0.0, at_s - self.room.now_s))

    def _do(self, doing: Doing) -> None:
        room, deed, poor = self.room, doing.deed, doing.network
        if deed in (Deed.MUTE, Deed.UNMUTE):
            room.take(room.device.set_muted(deed is Deed.MUTE, room.now_s))
        elif deed is Deed.UNPLUG:
            room.unplug()
        elif deed is Deed.PLUG_IN:
            kept = [a for a in room.of(KeepMessages) if isinstance(a, KeepMessages)]
            room.device = self._device(muted=False, kept=kept[-1].messages if kept else ())
            room.plug_in()
        else:
            # Too slow for a message is as good as none; a message takes some five rounds.
            room.cloud_up = deed is Deed.NETWORK_ON or (poor is not None and poor.kbit_s is None)
            room.answers_after_s = 10 * poor.delay_ms / 1e3 if poor is not None else 0.0


def _entries(script: Script) -> Iterator[Line | Doing]:
    """Lines and deeds in the order of the scene: a deed comes after the entry it names."""
    waiting = list(script.doings)

    def following(entry_id: str | None) -> Iterator[Doing]:
        for doing in [each for each in waiting if each.after == entry_id]:
            yield doing
            yield from following(doing.id)

    yield from following(None)
    for line in script.lines:
        yield line
        yield from following(line.id)


@cache
def _clip(path: str) -> Pcm:
    samples, rate_hz = soundfile.read(path)
    level = 10 ** (-10 / 20) * 32767 / np.abs(samples).max()
    return resample(np.round(samples * level).astype(np.int16), rate_hz, SPEECH_RATE_HZ)
