"""The recordings of a play, as FLAC files for people and for the page."""

import io
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import soundfile

from harness.bench.ports.sound import Microphone, Samples
from harness.errors import RigError

_CHUNK_S = 5.0


@dataclass(frozen=True, slots=True)
class Recording:
    """A file to write: which channels of the microphone, and what they are in words."""

    name: str
    what: str
    channels: tuple[str, ...]


def write_recordings(
    microphone: Microphone, recordings: tuple[Recording, ...], place: Callable[[str], Path]
) -> list[Recording]:
    """Write each as 24-bit FLAC, whole; returns those that were. `place(name)`: its path.

    What was played fits into 24 bits exactly, so `played.flac` proves itself. Full scale is
    clipped, never wrapped. `RigError` when the disk is full or there is nothing to write.
    """
    start, end = microphone.started_at(), microphone.heard_until()
    if end <= start:
        raise RigError("nothing was recorded: the play ended before the first sample came")
    for recording in recordings:
        path = place(recording.name)
        path.touch(mode=0o600)
        try:
            _write(path, microphone, recording.channels, range(start, end))
        except soundfile.LibsndfileError as error:
            path.unlink()  # a torn file opens nowhere
            raise RigError(
                f"{recording.name} could not be written ({error}): the disk is full, or its quota; "
                "free some space and play the scene again"
            ) from error
    return list(recordings)


def _write(path: Path, microphone: Microphone, channels: tuple[str, ...], span: range) -> None:
    step = int(_CHUNK_S * microphone.rate_hz)
    with soundfile.SoundFile(
        path,
        "w",
        samplerate=microphone.rate_hz,
        channels=len(channels),
        format="FLAC",
        subtype="PCM_24",
        compression_level=0.2,
    ) as file:
        for at in span[::step]:
            count = min(step, span.stop - at)
            block = [microphone.read(c, at, count) for c in channels]
            file.write(_clipped(np.stack(block, axis=1)))


def flac(samples: Samples, rate_hz: int) -> bytes:
    """A short sound as a whole 24-bit FLAC file."""
    file = io.BytesIO()
    soundfile.write(file, _clipped(samples), rate_hz, format="FLAC", subtype="PCM_24")
    return file.getvalue()


def _clipped(samples: Samples) -> Samples:
    return np.clip(samples, -1.0, 1.0 - 2.0**-23)
