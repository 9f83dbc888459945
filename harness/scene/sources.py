"""Where a scene's recordings come from, and whether one can be played."""

from pathlib import Path
from typing import Protocol

import numpy as np
import soundfile

from harness.errors import CorpusError
from harness.forms.yaml_positions import is_file
from harness.scene.clips import read_clip

LOWEST_RATE_HZ, HIGHEST_RATE_HZ = 16_000, 192_000
FAINTEST_PEAK = 0.001
"""A clip that is never louder (re full scale) is below the noise of any room."""


class ClipSource(Protocol):
    """Gives the recordings that a scene needs; `CorpusError` says how to get a missing one."""

    def clip(self, voice: str, text: str) -> Path:
        """The recording of `text` spoken by `voice`."""
        ...

    def sound(self, name: str) -> Path:
        """The background sound called `name`."""
        ...


class NoClips:
    """Has no recordings at all: for checking a scene's text where there is no corpus."""

    def clip(self, voice: str, text: str) -> Path:
        """Always raises `CorpusError`."""
        raise CorpusError(f'no corpus was given, so there is no clip of {voice} saying "{text}"')

    def sound(self, name: str) -> Path:
        """Always raises `CorpusError`."""
        raise CorpusError(f"no corpus was given, so there is no sound `{name}`")


def check_clip(path: Path) -> None:
    """Raise `CorpusError` unless the file is a mono recording that the stage can play."""
    if not is_file(path):
        raise CorpusError(f"there is no clip {path}")
    try:
        rate_hz = soundfile.info(str(path)).samplerate
    except (soundfile.LibsndfileError, OSError) as error:
        raise CorpusError(
            f"the clip {path} cannot be read as sound ({error}); give a WAV or FLAC file"
        ) from error
    if not LOWEST_RATE_HZ <= rate_hz <= HIGHEST_RATE_HZ:
        raise CorpusError(
            f"the clip {path} is sampled at {rate_hz} Hz, too little for speech to sound like "
            f"speech; record it again at {LOWEST_RATE_HZ} Hz or more (48000 Hz is best)"
        )
    if np.max(np.abs(read_clip(path, rate_hz))) < FAINTEST_PEAK:
        raise CorpusError(
            f"the clip {path} holds nothing but silence, so it would not be heard; record it "
            "again, louder (the peak of speech is near 0.5 of full scale)"
        )
