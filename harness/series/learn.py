"""From a lesson to a folder of prompts that a rig file can name."""

import json
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import soundfile

from harness.bench.open import open_rig
from harness.bench.rig import Rig
from harness.bench.rigfile import RigFile
from harness.clock import Clock
from harness.ears.learning import Demands, Learnt, learnt
from harness.errors import RigFileError, UserError
from harness.forms.problems import did_you_mean
from harness.scene.clips import CLIP_RATE_HZ, active_level_dbfs, read_clip, resampled
from harness.scene.corpus import Corpus
from harness.scene.lesson import Lesson, PromptText
from harness.stage.learning import Takes, Teacher
from harness.stage.schedule import at_level

LISTING, REPORT = "prompts.json", "learnt.json"
MICROPHONES = ("device", "listener")
_PEAK = 0.7


@dataclass(frozen=True, slots=True)
class LearntPrompt:
    """A prompt of the lesson, and what was learnt of it."""

    prompt: PromptText
    sound: Learnt


@dataclass(frozen=True, slots=True)
class Course:
    """What was learnt, by which microphone; `noise_db`: of the room, dB re full scale."""

    prompts: tuple[LearntPrompt, ...]
    microphone: str
    noise_db: float


def learn(
    file: RigFile,
    lesson: Lesson,
    clock: Clock,
    progress: Callable[[str], None],
    *,
    takes: int,
    microphone: str | None = None,
    demands: Demands | None = None,
) -> Course:
    """Have the device of a rig say its prompts `takes` times, and keep the best take of each.

    `microphone`: which records, `device` or `listener`; None takes the device's where the rig knows
    the room, since prompts on file are then placed into it, else the listener's. Raises `UserError`
    for a lesson that the rig cannot give, `RigError` for what cannot be learnt from.
    """
    if lesson.text.at not in file.positions:
        hint = did_you_mean(lesson.text.at, file.positions)
        raise UserError(f"{lesson.path}: no loudspeaker stands at `{lesson.text.at}`{hint}")
    corpus = Corpus.load()
    with open_rig(file, clock) as rig, tempfile.TemporaryDirectory(prefix="sayso-learn-") as folder:
        channel = _channel(rig, microphone)
        rate_hz = rig.microphone.rate_hz
        clips = {line: _clip(corpus, lesson, line, file, rate_hz) for line in lesson.lines}
        teacher = Teacher(rig, lesson, clips, channel, progress)
        found = teacher.takes(takes, Path(folder))
    progress("comparing takes")
    return Course(tuple(_learnt(lesson, found, rate_hz, demands)), channel, found.noise_db)


def _channel(rig: Rig, wanted: str | None) -> str:
    if wanted is not None and wanted not in rig.microphone.channels:
        there = ", ".join(rig.microphone.channels)
        raise RigFileError(f"the rig has no microphone `{wanted}`; its channels are {there}")
    if wanted is not None:
        return wanted
    return "listener" if rig.path("device", "listener") is None else "device"


def _clip(
    corpus: Corpus, lesson: Lesson, line: str, file: RigFile, rate_hz: int
) -> "np.ndarray[tuple[int], np.dtype[np.float32]]":
    samples = read_clip(corpus.clip(lesson.text.voice, line), rate_hz)
    gain_db = file.sound.speech_level_db - active_level_dbfs(samples, rate_hz)
    return at_level(samples, gain_db, f"“{line}”")


def _learnt(
    lesson: Lesson, found: Takes, rate_hz: int, demands: Demands | None
) -> Sequence[LearntPrompt]:
    return [
        LearntPrompt(
            prompt,
            learnt(prompt.id, found.by_prompt[prompt.id], rate_hz, found.noise_db, demands),
        )
        for prompt in lesson.prompts
    ]


def write_course(course: Course, folder: Path, *, force: bool = False) -> None:
    """Write `prompts.json`, a WAV file (48 kHz, mono) for each prompt, and a report.

    Raises `UserError` where there are prompts already, unless `force`.
    """
    listing = folder / LISTING
    if listing.exists() and not force:
        raise UserError(
            f"{listing} is there already; give another folder, or --force to write over it"
        )
    folder.mkdir(parents=True, exist_ok=True)
    for each in course.prompts:
        _write_sound(each, folder)
    rows = [_row(each.prompt) for each in course.prompts]
    listing.write_text(json.dumps(rows, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    (folder / REPORT).write_text(json.dumps(as_json(course), indent=1) + "\n", encoding="utf-8")


def as_json(course: Course) -> dict[str, object]:
    """The report for programs: SNR and repeatability of each prompt."""
    return {
        "microphone": course.microphone,
        "noise_db": round(course.noise_db, 1),
        "prompts": [
            {
                "id": each.prompt.id,
                "seconds": round(each.sound.seconds, 3),
                "takes": each.sound.takes,
                "kept": each.sound.which,
                "likeness": round(each.sound.likeness, 4),
                "least_alike": round(each.sound.least_alike, 4),
                "snr_db": round(each.sound.snr_db, 1),
                "peak": round(each.sound.peak, 4),
            }
            for each in course.prompts
        ],
    }


def _file_name(prompt: PromptText) -> str:
    return f"{prompt.id}.wav"


def _row(prompt: PromptText) -> dict[str, object]:
    return {**prompt.model_dump(mode="json"), "file": _file_name(prompt)}


def _write_sound(each: LearntPrompt, folder: Path) -> None:
    """At one peak: whatever level a prompt was recorded at, it is looked for at any."""
    sound = resampled(each.sound.samples, each.sound.rate_hz, CLIP_RATE_HZ)
    sound = sound * np.float32(_PEAK / max(float(np.max(np.abs(sound))), 1e-9))
    soundfile.write(folder / _file_name(each.prompt), sound, CLIP_RATE_HZ, subtype="PCM_24")
