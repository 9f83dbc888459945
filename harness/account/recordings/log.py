"""The log: everything that the bench played and heard on one account, to be searched.

An index on disk beside the evidence, a line and a file of landmarks for each run, written once and
added to. The sound itself stays in the evidence and is read from there: what is redacted or
expired is so in the log too. What the log lacks it says (`Gap`): nothing is proven foreign by
a log with a gap where the recording may lie.
"""

import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal

import numpy as np
import soundfile
from pydantic import Field, TypeAdapter, ValidationError

from harness.account.recordings.landmarks import HOP, Frames, Index, Keys, Landmarks, of_log
from harness.account.recordings.sounds import read_part
from harness.ears.band import RATE_HZ, Samples
from harness.errors import RigError
from harness.forms.strict import StrictModel

NAME = "sound-log.jsonl"
_FOLDER_MODE, _FILE_MODE = 0o700, 0o600
# Indexed in pieces, so that hours need no more memory than minutes.
_PIECE_S = 600
# Between two tracks lies more than a recording can be long, so that none lies in both.
_BETWEEN_FRAMES = 40_000


class TrackLine(StrictModel):
    """A recording of a run. `starts_at_s`: on the run's clock; `samples`: at 8 kHz."""

    file: str
    starts_at_s: float
    samples: int = Field(ge=0)


class RunLine(StrictModel):
    """A run whose recordings are in the log.

    `zero_unix_s`: Unix time of the run's time 0, None where it does not say. `uploads`: from, until
    (run's clock) of what the device sent; `canaries`: words that its scene says on this account
    alone; `marks`: the file of landmarks.
    """

    what: Literal["run"] = "run"
    run: str
    manifest_sha256: str
    zero_unix_s: float | None
    tracks: tuple[TrackLine, ...]
    uploads: tuple[tuple[float, float], ...]
    canaries: tuple[str, ...] = ()
    marks: str


class HeadLine(StrictModel):
    """The first line."""

    what: Literal["log"] = "log"
    format: Literal[1] = 1


_LINE: TypeAdapter[RunLine | HeadLine] = TypeAdapter(
    Annotated[RunLine | HeadLine, Field(discriminator="what")]
)


@dataclass(frozen=True, slots=True)
class Gap:
    """Something was played or heard, or may have been, that the log cannot show.

    `from_unix_s`, `until_unix_s`: when, None where nothing tells.
    """

    why: str
    from_unix_s: float | None = None
    until_unix_s: float | None = None

    def may_hold(self, recorded_unix_s: float | None, unsure_s: float) -> bool:
        """Whether a recording of that time, give or take, may lie in it."""
        if recorded_unix_s is None:
            return True
        after = self.from_unix_s is None or recorded_unix_s + unsure_s >= self.from_unix_s
        before = self.until_unix_s is None or recorded_unix_s - unsure_s <= self.until_unix_s
        return after and before


@dataclass(frozen=True, slots=True)
class Track:
    """A track where it lies. `base`: its first frame in the index."""

    run: RunLine
    path: Path
    starts_at_s: float
    samples: int
    base: int


@dataclass(frozen=True, slots=True)
class RunSound:
    """A run to be added: its name, where it lies, and what of it counts."""

    run: str
    folder: Path
    manifest_sha256: str
    zero_unix_s: float | None
    tracks: tuple[tuple[str, float], ...]
    uploads: tuple[tuple[float, float], ...]
    canaries: tuple[str, ...] = ()


class SoundLog:
    """A log in a folder, open to be added to and to be asked."""

    def __init__(self, folder: Path) -> None:
        """Open it, or begin one. `RigError` where it cannot be read or somebody changed it."""
        folder.mkdir(parents=True, exist_ok=True, mode=_FOLDER_MODE)
        self._folder = folder
        self._path = folder / NAME
        self.runs: dict[str, RunLine] = {}
        for line in self._read():
            if isinstance(line, RunLine):
                self.runs[line.run] = line
        if not self._path.exists() or not self._path.stat().st_size:
            self._write(HeadLine())

    def add(self, sound: RunSound) -> RunLine:
        """Add a run's recordings, on the disk on return. `RigError` where one cannot be read."""
        lines, keys, frames = [], [], []
        base = 0
        for name, starts_at_s in sound.tracks:
            marks, samples = _marks_of(sound.folder / name)
            lines.append(TrackLine(file=name, starts_at_s=starts_at_s, samples=samples))
            keys.append(marks.keys)
            frames.append(marks.frames + np.int32(base))
            base += samples // HOP + _BETWEEN_FRAMES
        line = RunLine(
            run=sound.run,
            manifest_sha256=sound.manifest_sha256,
            zero_unix_s=sound.zero_unix_s,
            tracks=tuple(lines),
            uploads=sound.uploads,
            canaries=sound.canaries,
            marks=f"marks-{sound.manifest_sha256[:24]}.npy",
        )
        self._keep(line.marks, np.concatenate(keys), np.concatenate(frames))
        self._write(line)
        self.runs[line.run] = line
        return line

    def opened(self, folders: dict[str, Path]) -> "OpenLog":
        """Ready to be asked; `folders`: where each run that still counts lies now."""
        tracks: list[Track] = []
        runs: list[tuple[RunLine, int]] = []
        base = _BETWEEN_FRAMES
        for name, folder in folders.items():
            run = self.runs[name]
            runs.append((run, base))
            for track in run.tracks:
                tracks.append(
                    Track(run, folder / track.file, track.starts_at_s, track.samples, base)
                )
                base += track.samples // HOP + _BETWEEN_FRAMES
        return OpenLog(tuple(tracks), Index(lambda: map(self._marks, runs), base))

    def _marks(self, lies: tuple[RunLine, int]) -> Landmarks:
        """The landmarks of a run from where it lies in the index on."""
        run, base = lies
        marks = self._kept(run)
        return Landmarks(marks[0].view(np.uint32), marks[1] + np.int32(base))

    def forget(self, run: str) -> None:
        """Take away the landmarks of a run that is redacted or gone; its line stays."""
        if run in self.runs:
            (self._folder / self.runs[run].marks).unlink(missing_ok=True)

    def has(self, run: str, manifest_sha256: str) -> bool:
        """Whether this run is in it as it lies there now."""
        line = self.runs.get(run)
        return (
            line is not None
            and line.manifest_sha256 == manifest_sha256
            and (self._folder / line.marks).exists()
        )

    def _keep(self, name: str, keys: Keys, frames: Frames) -> None:
        part = self._folder / f".{name}.part"
        handle = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, _FILE_MODE)
        with os.fdopen(handle, "wb") as file:
            np.save(file, np.stack((keys.view(np.int32), frames)))
            file.flush()
            os.fsync(file.fileno())
        part.replace(self._folder / name)

    def _kept(self, run: RunLine) -> Frames:
        path = self._folder / run.marks
        try:
            marks = np.load(path, allow_pickle=False)
            if marks.ndim != 2 or marks.shape[0] != 2 or marks.dtype != np.int32:
                raise ValueError("it holds no landmarks")
        except (OSError, ValueError, EOFError) as error:
            raise RigError(f"{path}: {error}. Remove the log's folder; it is made again") from error
        if marks.size and int(marks[0].view(np.uint32).max()) >= 1 << 20:
            raise RigError(f"{path}: holds what is no landmark. Remove the log's folder")
        return np.asarray(marks)

    def _write(self, line: RunLine | HeadLine) -> None:
        flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND
        with os.fdopen(os.open(self._path, flags, _FILE_MODE), "ab") as file:
            file.write(line.model_dump_json().encode() + b"\n")
            file.flush()
            os.fsync(file.fileno())

    def _read(self) -> list[RunLine | HeadLine]:
        if not self._path.exists():
            return []
        data = self._path.read_bytes()
        whole, newline, rest = data.rpartition(b"\n")
        if rest:
            # A line that a power cut tore: its run is added again.
            os.truncate(self._path, len(whole) + len(newline))
        try:
            return [_LINE.validate_json(line) for line in whole.splitlines()]
        except ValidationError as error:
            raise RigError(
                f"{self._path}: a line in it is none of a log's ({error.errors()[0]['msg']}). "
                "Remove the log's folder; it is made again of the evidence"
            ) from error


class OpenLog:
    """A log that can be asked where something may lie, and for the sound there."""

    def __init__(self, tracks: Sequence[Track], index: Index) -> None:
        self._tracks = tracks
        self._bases = np.array([track.base for track in tracks], dtype=np.int64)
        self.index = index

    @property
    def seconds(self) -> float:
        """How much sound is in it."""
        return sum(track.samples for track in self._tracks) / RATE_HZ

    def track_at(self, frame: int) -> Track | None:
        """The track that a frame of the index lies in, or just before; None outside."""
        which = int(np.searchsorted(self._bases, frame + _BETWEEN_FRAMES // 2, "right")) - 1
        if which < 0:
            return None
        track = self._tracks[which]
        return track if frame < track.base + track.samples // HOP else None

    def sound(self, track: Track, start: int, count: int) -> Samples:
        """Some samples of a track. `RigError` where it cannot be read any more."""
        try:
            return read_part(track.path, start, count)
        except (OSError, RuntimeError) as error:
            raise RigError(f"{track.path}: cannot be read ({error}); verify the run") from error


def _marks_of(path: Path) -> tuple[Landmarks, int]:
    """The landmarks of a recording of any length, and its samples at 8 kHz."""
    try:
        samples = _length(path)
        parts = list(_in_pieces(path, samples))
    except (OSError, RuntimeError, ValueError) as error:
        raise RigError(f"{path}: cannot be taken into the log ({error})") from error
    none = np.empty(0, dtype=np.int32)
    keys = np.concatenate([part.keys for part in parts] or [none.view(np.uint32)])
    return Landmarks(keys, np.concatenate([part.frames for part in parts] or [none])), samples


def _in_pieces(path: Path, samples: int) -> Iterable[Landmarks]:
    piece, over = _PIECE_S * RATE_HZ // HOP * HOP, 128 * HOP
    for at in range(0, samples, piece):
        marks = of_log(read_part(path, at, min(piece + over, samples - at)))
        kept = marks.frames < piece // HOP
        yield Landmarks(marks.keys[kept], marks.frames[kept] + np.int32(at // HOP))


def _length(path: Path) -> int:
    with soundfile.SoundFile(path) as sound:
        if sound.samplerate % RATE_HZ:
            raise ValueError(f"{sound.samplerate} Hz is no multiple of {RATE_HZ} Hz")
        step: int = sound.samplerate // RATE_HZ
        return int(sound.frames) // step
