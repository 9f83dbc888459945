"""A scene on the simulated bench, from power-on to a sealed ruling, with a part broken on the way.

The prompts on file are made up: noise in syllables, each of its own, as unlike one another as
words are.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

import numpy as np
import scipy.signal
import soundfile

from audio_corpus.prompts.chirps import chirp
from harness.bench.drivers.simulated_clock import AgendaClock
from harness.bench.drivers.simulated_rig import (
    RATE_HZ,
    SimulatedBench,
    simulated_bench,
)
from harness.bench.ports.sound import Samples
from harness.bench.rigfile import RigFile, load_rig
from harness.bench.room_paths import Paths, room_paths
from harness.model.case import Limits
from harness.model.script import Script
from harness.scene.corpus import Corpus
from harness.scene.loader import load_scene
from harness.series.play import Outcome, play_and_rule
from harness.stage.clips import Cast, cast_for
from tests.stage.simulated_device import ANSWER, CONTROL, Deed, SimulatedDevice

ROOT = Path(__file__).parents[2]
START_S = 1_700_000_000.25
SPEAKER_DB = -24.0
# id, text, role, states the act, contact, says the full name, named by (s), length (s)
_ROWS = (
    ("am_here", "I am here.", "answer", False, None, False, None, 0.9),
    ("ask_recipient", "To whom?", "ask_recipient", False, None, False, None, 0.85),
    ("ask_message", "What's the message?", "ask_message", False, None, False, None, 1.0),
    ("right", "Thomas, right?", "read_back", False, "Thomas Reed", False, None, 0.95),
    ("read_back", "Send this message to Thomas Reed? Say yes or no.", "read_back", True,
     "Thomas Reed", True, 1.1, 1.5),
    ("sent", "Sent.", "sent", False, None, False, None, 0.8),
)  # fmt: skip
# id, text, role, and which of the corpus' tones it is
_TONES = (
    ("listening", "[it listens]", "listening", "wake"),
    ("heard", "[it has heard]", "other", "end"),
)
_EVERY_PROMPT = tuple(str(row[0]) for row in _ROWS)
_KEYS = ("id", "text", "role", "states_act", "named_contact", "says_full_name", "named_by_s")


@cache
def prompt(key: str) -> Samples:
    """The sound of a prompt: syllables of noise, each in a band of its own; or a tone."""
    tones = {row[0]: row[3] for row in _TONES}
    if key in tones:
        return _at_speaker_level(chirp(tones[key], RATE_HZ))
    row = next(r for r in _ROWS if r[0] == key)
    seed = np.random.default_rng(sum(key.encode()))
    syllables = []
    for _ in range(round(row[7] / 0.17)):
        low = seed.uniform(300, 1400)
        noise = seed.standard_normal(int(row[7] * RATE_HZ) // round(row[7] / 0.17))
        sos = scipy.signal.butter(2, (low, low * 2.2), "bandpass", fs=RATE_HZ, output="sos")
        syllables.append(scipy.signal.sosfilt(sos, noise) * np.hanning(len(noise)) ** 0.5)
    return _at_speaker_level(np.concatenate(syllables))


def _at_speaker_level(sound: Samples) -> Samples:
    level = np.sqrt(np.mean(sound**2))
    heard: Samples = (sound / level * 10 ** (SPEAKER_DB / 20)).astype(np.float32)
    return heard


def write_prompts(folder: Path, keys: Sequence[str]) -> Path:
    """Put prompts on file, as a device's own renderer does."""
    tones = [(*row[:3], False, None, False, None) for row in _TONES]
    rows = [
        dict(zip(_KEYS, row, strict=False)) | {"file": f"{row[0]}.wav"}
        for row in (*_ROWS, *tones)
        if row[0] in keys
    ]
    for row in rows:
        key = str(row["id"])
        soundfile.write(folder / str(row["file"]), prompt(key), RATE_HZ, subtype="FLOAT")
        if key in {tone[0] for tone in _TONES}:
            row["kind"] = "tone"
    (folder / "prompts.json").write_text(json.dumps(rows))
    return folder


@cache
def rig_file() -> RigFile:
    """The virtual bench's rig file, with shorter waits."""
    file = load_rig(ROOT / "rigs" / "virtual.yaml")
    brisk = file.device.control.model_copy(update={"answer_within_s": 2.5})
    device = file.device.model_copy(update={"control": brisk, "ready_s": 1.0})
    return replace(file, device=device, limits=Limits(watch_s=2.0, answer_window_s=5.0))


@cache
def paths() -> Paths:
    """The room of that rig."""
    return room_paths(rig_file(), RATE_HZ)


def scene(name: str, *, only: int | None = None) -> Script:
    """A scene of the Portland folder (its first `only` lines), with no more watch than needed."""
    found = _portland(name)
    return replace(found, watch_s=None, lines=found.lines[:only])


@cache
def _portland(name: str) -> Script:
    # A tenth of a second each, most of it for clips whose sound is looked at.
    return load_scene(ROOT / "scenarios" / "portland" / f"{name}.scene.yaml", Corpus.load())


@cache
def cast_of(script: Script) -> Cast:
    """Its sounds, at the rate of the simulated bench."""
    return cast_for(script, rig_file(), Corpus.load(), RATE_HZ)


Fault = Callable[[SimulatedBench, SimulatedDevice], None]


@dataclass
class Stage:
    """A simulated bench with a device on it, and a scene to be played there.

    `faults`: what happens when the progress line first begins with a text.
    """

    folder: Path
    script: Script
    bench: SimulatedBench
    device: SimulatedDevice
    faults: dict[str, Fault]

    def play(self) -> Outcome:
        """Play the scene once."""
        cast = cast_of(self.script)
        evidence = self.folder / "evidence"
        return play_and_rule(self.bench.rig, self.script, cast, self.progress, evidence)

    def progress(self, what: str) -> None:
        """Let happen what is to happen at this point of the play."""
        for begins in [b for b in self.faults if what.startswith(b)]:
            self.faults.pop(begins)(self.bench, self.device)


def stage(
    folder: Path,
    script: Script,
    reactions: Mapping[str, Sequence[Deed]] | None = None,
    faults: Mapping[str, Fault] | None = None,
    file: RigFile | None = None,
    prompts: Sequence[str] = _EVERY_PROMPT,
    answer: Sequence[Deed] = ANSWER,
) -> Stage:
    """Set up; reactions are by what a line says, and the control request is answered besides.

    `prompts`: which are on file. `answer`: what it does at the control request.
    """
    on_file = folder / "prompts"
    on_file.mkdir(parents=True)
    bench = simulated_bench(
        file or rig_file(),
        AgendaClock(START_S),
        paths=paths(),
        prompts=write_prompts(on_file, prompts) if prompts else None,
        device_log=folder / "device.log",
    )
    by_says = reactions or {}
    by_line = {line.id: by_says[line.says] for line in script.lines if line.says in by_says}
    assert len(by_line) == len(by_says), "a reaction to what nobody says"
    sounds = {str(row[0]): prompt(str(row[0])) for row in (*_ROWS, *_TONES)}
    device = SimulatedDevice(bench, sounds, cast_of(script), {CONTROL: answer, **by_line})
    return Stage(folder, script, bench, device, dict(faults or {}))


def broken_controls(outcome: Outcome) -> set[str]:
    """Names of the controls that did not hold."""
    return {control.name for control in outcome.ruling.controls if not control.held}
