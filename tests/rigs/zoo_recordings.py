"""Plays of the zoo on simulated time, as microphone, tap and inbox have them: nobody rules here."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import scipy.signal
import soundfile

from harness.bench.drivers.simulated_air import through
from harness.bench.drivers.simulated_sound import DEVICE_LOUDSPEAKER
from harness.bench.open import open_rig
from harness.bench.ports.sound import Samples
from harness.bench.rig import Rig
from harness.clock import RealClock
from harness.ears.audibility.measure import Audibility, measure
from harness.model.timeline import (
    Event,
    LightChanged,
    LightState,
    LineSpoken,
    MessageReceived,
    PromptHeard,
    Upload,
)
from harness.scene.corpus import Corpus
from harness.series.matrix import rig_for
from harness.series.zoo import BadDevice, load_catalogue
from harness.stage.clips import cast_for
from harness.stage.collect import Collector
from harness.stage.session import Take, play
from rigs.reference_device.sound_format import CARD_RATE_HZ, resample
from tests.rigs.corpus_clips import ROOT
from tests.rigs.scene_player import scene

CATALOGUE = {device.name: device for device in load_catalogue(ROOT / "rigs/zoo/catalogue.yaml")}
AIR_S = 0.2
"""By which the simulated sound system delays everything."""
_APART_S = 0.6
_AROUND_S = 0.3


@dataclass(frozen=True, slots=True)
class Said:
    """Something that the device said: from when to when (s), as heard at the listener's place."""

    start_s: float
    end_s: float


@dataclass(frozen=True, slots=True)
class Recorded:
    """One play. `device` and `others`: at the listener's microphone, the device's sound alone and
    all else; `played`: what its loudspeaker was given, in step with them. Times in s of the scene.
    `on_file`: prompts by id, at the room's rate; `words` of every line by its id.
    """

    device: Samples
    others: Samples
    played: Samples
    path: Samples
    rate_hz: int
    said: tuple[Said, ...]
    events: tuple[Event, ...]
    on_file: Mapping[str, Path]
    words: Mapping[str, str]

    @property
    def lines(self) -> dict[str, LineSpoken]:
        """Lines that were said, by id."""
        return {e.line_id: e for e in self.events if isinstance(e, LineSpoken)}

    @property
    def yeses(self) -> list[LineSpoken]:
        """Every yes that was said."""
        return [line for name, line in self.lines.items() if self.words[name] == "Yes."]

    @property
    def messages(self) -> list[MessageReceived]:
        return [e for e in self.events if isinstance(e, MessageReceived)]

    @property
    def uploads(self) -> list[Upload]:
        return [e for e in self.events if isinstance(e, Upload)]

    def light(self, at_s: float) -> LightState:
        """What the light showed."""
        changes = [e for e in self.events if isinstance(e, LightChanged) and e.at_s <= at_s]
        return max(changes, key=lambda change: change.at_s).state

    @property
    def prompts(self) -> list[PromptHeard]:
        """Prompts on file that were heard."""
        return [e for e in self.events if isinstance(e, PromptHeard)]

    def audibility(self, said: Said) -> Audibility:
        """How well something that the device said could be heard."""
        at = self.span(said.start_s - _AROUND_S, said.end_s + _AROUND_S)
        return measure(self.device[at], self.others[at], self.rate_hz)

    def span(self, start_s: float, end_s: float) -> slice:
        return slice(round(start_s * self.rate_hz), round(end_s * self.rate_hz))

    def gain_db(self, prompt: Samples, start_s: float, from_s: float, until_s: float) -> float:
        """How much louder than `prompt` it was recorded, from and until so long after its start.

        By projecting the recording on the prompt as it sounds there; `prompt` at the room's rate.
        """
        part = prompt.copy()
        part[: round(from_s * self.rate_hz)] = 0.0
        part[round(until_s * self.rate_hz) :] = 0.0
        wanted = through(self.path, part, 1.0)
        at = self._begins(prompt, start_s)
        heard = (self.device + self.others)[at : at + len(wanted)]
        gain = float(np.dot(heard, wanted[: len(heard)])) / float(np.dot(wanted, wanted))
        return 20 * float(np.log10(max(abs(gain), 1e-9)))

    def _begins(self, prompt: Samples, near_s: float) -> int:
        """Where a prompt begins whose first sound is near a time: silence may come first."""
        first = max(0, round((near_s - _AROUND_S) * self.rate_hz))
        part = self.played[first : first + len(prompt) + round(2 * _AROUND_S * self.rate_hz)]
        return first + int(np.argmax(scipy.signal.correlate(part, prompt, "valid")))

    def prompt(self, prompt_id: str) -> Samples:
        """A prompt on file at the room's rate."""
        samples, found_hz = soundfile.read(self.on_file[prompt_id], dtype="float32")
        assert found_hz == self.rate_hz
        return np.asarray(samples, np.float32)


def recorded(name: str, folder: Path, *, twin: bool = False) -> Recorded:
    """A device of the catalogue, or its twin, in its scene; each is played once."""
    device = CATALOGUE[name]
    firmware, rig = (device.twin, device.twin_rig) if twin else (device.firmware, device.rig)
    return _recorded(device.scene, firmware, json.dumps(rig), folder)


@cache
def _recorded(path: Path, firmware: str, laid: str, folder: Path) -> Recorded:
    device = _entry(path, firmware, json.loads(laid))
    scratch = folder / f"{path.stem}-{firmware}-{len(laid)}"
    scratch.mkdir()
    file = rig_for(ROOT / "rigs" / "simulated.yaml", device, False, 0, scratch)
    script = scene(path)
    with open_rig(file, RealClock()) as rig:
        cast = cast_for(script, file, Corpus.load(), rig.microphone.rate_hz)
        take = play(rig, script, cast, scratch, lambda _: None)
        assert take.stopped_by is None
        return _read(rig, take, scratch)


def _entry(path: Path, firmware: str, rig: dict[str, Any]) -> BadDevice:
    classes = ("V17",)
    return BadDevice("play", firmware, firmware, path, "V17", classes, "", 1, 0, rig, rig)


def _read(rig: Rig, take: Take, folder: Path) -> Recorded:
    timeline = Collector(take, folder).timeline()
    microphone, rate_hz = rig.microphone, rig.microphone.rate_hz
    start, until = timeline.start_index, microphone.heard_until()
    path = rig.path("device", "listener")
    assert path is not None
    # What rings on from before the scene belongs to neither part, and is over long before a prompt.
    given = microphone.read(DEVICE_LOUDSPEAKER, start, until - start)
    played = np.concatenate((np.zeros(round(AIR_S * rate_hz), np.float32), given))[: len(given)]
    alone = through(path, played, 1.0)[: len(played)]
    listener = microphone.read("listener", start, until - start)
    folder_of_prompts = rig.prompts(take.script.household.contacts)
    assert folder_of_prompts is not None
    listing = json.loads((folder_of_prompts / "prompts.json").read_text())
    return Recorded(
        device=alone,
        others=listener - alone,
        played=played,
        path=path,
        rate_hz=rate_hz,
        said=tuple(_said(played, rate_hz)),
        events=timeline.events,
        words={line.id: line.says for line in take.script.lines},
        on_file={row["id"]: _kept(folder_of_prompts / row["file"], folder) for row in listing},
    )


def _kept(prompt: Path, folder: Path) -> Path:
    """The file where it outlives the rig."""
    there = folder / prompt.name
    there.write_bytes(prompt.read_bytes())
    return there


def _said(played: Samples, rate_hz: int) -> Sequence[Said]:
    """What the loudspeaker was given, apart where it was given nothing for a while."""
    loud = np.flatnonzero(played)
    if not len(loud):
        return ()
    breaks = np.flatnonzero(np.diff(loud) > _APART_S * rate_hz)
    firsts = loud[np.concatenate(([0], breaks + 1))]
    lasts = loud[np.concatenate((breaks, [len(loud) - 1]))]
    ends = zip(firsts / rate_hz, lasts / rate_hz, strict=True)
    return [Said(float(first), float(last)) for first, last in ends]


def at_room_rate(pcm: "np.ndarray[tuple[int], np.dtype[np.int16]]", rate_hz: int) -> Samples:
    """A prompt as the device renders it (int16, 48 kHz), at the rate of the room."""
    samples: Samples = resample(pcm, CARD_RATE_HZ, rate_hz).astype(np.float32) / np.float32(32768)
    return samples
