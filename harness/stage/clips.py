"""The sounds of a scene, read and brought to the level they are to be played at."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import scipy

from harness.bench.ports.sound import Samples
from harness.bench.rigfile import RigFile
from harness.model.script import Script
from harness.scene.clips import active_level_dbfs, read_clip
from harness.scene.corpus import Corpus
from harness.scene.loader import check_positions
from harness.stage.schedule import at_level

_PROFILE_RATE_HZ = 16_000


@dataclass(frozen=True, slots=True)
class Cast:
    """Samples ready to be played: `lines` by line id, `sounds` by their place in the script.

    `request`: the wake word and the question of the control request.
    """

    lines: Mapping[str, Samples]
    sounds: Mapping[int, Samples]
    request: tuple[Samples, Samples]


def cast_for(script: Script, file: RigFile, corpus: Corpus, rate_hz: int) -> Cast:
    """Read every clip a scene needs on this rig.

    Raises `SceneError` for a position the rig does not have or a line that would clip, and
    `CorpusError` for a clip that is missing or unreadable.
    """
    check_positions(script, file.positions)
    speech_db = file.sound.speech_level_db
    lines = {
        line.id: _at_speech_level(line.clip, rate_hz, speech_db + line.level_db, line.says)
        for line in script.lines
    }
    sounds = {
        i: _at_speech_level(b.clip, rate_hz, speech_db + b.level_db, b.sound)
        for i, b in enumerate(script.background)
    }
    return Cast(lines, sounds, control_request(file, corpus, rate_hz))


def control_request(file: RigFile, corpus: Corpus, rate_hz: int) -> tuple[Samples, Samples]:
    """Wake word and question of the control request. Raises `CorpusError` as `cast_for` does."""
    control, speech_db = file.device.control, file.sound.speech_level_db
    wake, question = (
        _at_speech_level(str(corpus.clip(control.voice, text)), rate_hz, speech_db, text)
        for text in (control.wake, control.says)
    )
    return wake, question


def _at_speech_level(clip: str, rate_hz: int, level_db: float, what: str) -> Samples:
    samples = read_clip(Path(clip), rate_hz)
    return at_level(samples, level_db - active_level_dbfs(samples, rate_hz), f"“{what}”")


def voices_of(script: Script, cast: Cast, rate_hz: int) -> dict[str, bytes]:
    """By voice profile, all that its owner says in a scene (s16le, 16 kHz), to know them by.

    `rate_hz`: of the samples of `cast`.
    """
    spoken: dict[str, list[Samples]] = {}
    for line in script.lines:
        profile = script.member(line.who).profile
        if profile is not None:
            spoken.setdefault(profile, []).append(cast.lines[line.id])
    return {
        profile: _as_s16(
            scipy.signal.resample_poly(np.concatenate(said), _PROFILE_RATE_HZ, rate_hz)
        )
        for profile, said in spoken.items()
    }


def _as_s16(samples: Samples) -> bytes:
    return (np.clip(samples, -1.0, 1.0) * 32767).astype("<i2").tobytes()
