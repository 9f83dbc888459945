"""Sound files of any kind, a stretch at a time: never the whole of a long one.

By libsndfile (WAV, FLAC, Ogg, MP3, SPHERE and so on); what that cannot read by ffmpeg, where it is
installed. All channels are mixed into one.
"""

import shutil
import subprocess
import tempfile
from abc import ABC, abstractmethod
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import soundfile

from harness.errors import UserError
from harness.scene.clips import Samples

_FFMPEG_RATE_HZ = 48_000
_LONGEST_STRETCH_S = 600
_SUFFIXES = frozenset(
    {".3gp", ".aac", ".ac3", ".amr", ".asf", ".avi", ".flv", ".m2ts", ".m4a", ".m4b", ".m4v"}
    | {".mka", ".mkv", ".mov", ".mp2", ".mp4", ".mpeg", ".mpg", ".mts", ".ts", ".vob", ".webm"}
    | {".wma", ".wmv"}
    | {".aif", ".aiff", ".au", ".caf", ".flac", ".mp3", ".oga", ".ogg", ".opus", ".sph", ".w64"}
    | {".wav"}
)
"""What is sound by its name: never passed over, be it damaged or of a kind that nobody knows."""


class SoundSource(ABC):
    """A sound file. Errors are `UserError`: the file is not what it should be."""

    rate_hz: int

    @abstractmethod
    def stream(self, block_s: float) -> Iterator[Samples]:
        """All of it from the beginning, in blocks of that length; the last is shorter."""

    @abstractmethod
    def read(self, from_s: float, until_s: float) -> Samples:
        """One stretch, of a few minutes at most; shorter where the file ends before it does."""


def open_source(path: Path) -> SoundSource | None:
    """The file as a source of sound, None where it is no sound file.

    Raises `UserError` where ffmpeg is needed and not there.
    """
    try:
        with soundfile.SoundFile(path) as file:
            return _ByLibsndfile(path, file.samplerate)
    except (soundfile.LibsndfileError, OSError):
        pass
    if path.suffix.lower() not in _SUFFIXES:
        return None
    if shutil.which("ffmpeg") is None:
        raise UserError(
            f"{path}: libsndfile cannot read this, and ffmpeg is not installed; install it "
            "(apt-get install ffmpeg), convert the file to FLAC, or take it out of the folder"
        )
    return _ByFfmpeg(path)


class _ByLibsndfile(SoundSource):
    def __init__(self, path: Path, rate_hz: int) -> None:
        self._path, self.rate_hz = path, rate_hz

    def stream(self, block_s: float) -> Iterator[Samples]:
        try:
            with soundfile.SoundFile(self._path) as file:
                while len(block := self._block(file, round(block_s * self.rate_hz))):
                    yield block
        except (soundfile.LibsndfileError, OSError) as error:
            raise _unreadable(self._path, str(error)) from error

    def read(self, from_s: float, until_s: float) -> Samples:
        first = round(from_s * self.rate_hz)
        try:
            with soundfile.SoundFile(self._path) as file:
                file.seek(min(first, file.frames))
                return self._block(file, max(0, round(until_s * self.rate_hz) - first))
        except (soundfile.LibsndfileError, OSError) as error:
            raise _unreadable(self._path, str(error)) from error

    def _block(self, file: soundfile.SoundFile, count: int) -> Samples:
        return _checked(self._path, file.read(count, dtype="float32", always_2d=True).mean(axis=1))


class _ByFfmpeg(SoundSource):
    """Seeking is exact to a frame of the codec, 20 to 40 ms."""

    rate_hz = _FFMPEG_RATE_HZ

    def __init__(self, path: Path) -> None:
        self._path = path

    def stream(self, block_s: float) -> Iterator[Samples]:
        # Into a file: of a damaged film there may be more to say than a pipe holds.
        with (
            tempfile.TemporaryFile() as told,
            subprocess.Popen(self._command(), stdout=subprocess.PIPE, stderr=told) as run,
        ):
            assert run.stdout is not None
            try:
                while data := run.stdout.read(4 * round(block_s * self.rate_hz)):
                    yield self._samples(data)
                if run.wait(_LONGEST_STRETCH_S) != 0:
                    told.seek(0)
                    raise _unreadable(self._path, told.read().decode(errors="replace"))
            finally:
                run.kill()

    def read(self, from_s: float, until_s: float) -> Samples:
        command = self._command("-ss", f"{from_s:.6f}", "-t", f"{until_s - from_s:.6f}")
        try:
            done = subprocess.run(command, capture_output=True, timeout=_LONGEST_STRETCH_S)
        except (OSError, subprocess.TimeoutExpired) as error:
            raise _unreadable(self._path, str(error)) from error
        if done.returncode != 0:
            raise _unreadable(self._path, done.stderr.decode(errors="replace"))
        return self._samples(done.stdout)

    def _command(self, *stretch: str) -> list[str]:
        read = ["ffmpeg", "-nostdin", "-v", "error", *stretch, "-i", f"file:{self._path}"]
        return [*read, "-vn", "-ac", "1", "-ar", str(self.rate_hz), "-f", "f32le", "-"]

    def _samples(self, data: bytes) -> Samples:
        return _checked(self._path, np.frombuffer(data[: len(data) // 4 * 4], np.float32))


def _checked(path: Path, samples: Samples) -> Samples:
    if not np.isfinite(samples).all():
        raise _unreadable(path, "it holds samples that are not numbers")
    return samples


def _unreadable(path: Path, why: str) -> UserError:
    told = why.strip().splitlines()[-1] if why.strip() else "no reason given"
    return UserError(
        f"{path}: cannot be read to its end ({told}); convert it to FLAC, or take it out of the "
        "folder"
    )
