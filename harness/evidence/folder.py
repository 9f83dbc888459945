"""The folder of one run, written while it runs and sealed at its end."""

import hashlib
import json
import os
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from harness.errors import RigError
from harness.evidence import layout
from harness.evidence.disk import disk_full_said, sync_folder, write_private
from harness.model import record
from harness.model.case import Case
from harness.model.ruling import Ruling
from harness.model.script import Script
from harness.model.timeline import Control, Event

_HASH_BLOCK_BYTES = 1 << 20


@dataclass(frozen=True, slots=True)
class SoundFile:
    """A recording in the folder.

    `what`: in words. `starts_at_s`: when its first sample sounded, on the run's clock.
    """

    name: str
    what: str
    starts_at_s: float


class EvidenceFolder:
    """Writes one run's evidence: private to its owner, whole files, a manifest last.

    Every writer raises `RigError` when the disk is full (saying what is kept) and after `seal`.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._sealed = False

    @classmethod
    def create(cls, root: Path, scene_id: str, now_s: float) -> "EvidenceFolder":
        """Make a new folder under `root`, named after the time (UTC) and the scene.

        `now_s` is Unix time in seconds. Where the name is taken, `-2`, `-3` and so on is added.
        """
        stamp = datetime.fromtimestamp(now_s, UTC).strftime("%Y-%m-%dT%H-%M-%S")
        scene = re.sub(r"[^A-Za-z0-9._-]+", "-", scene_id.rsplit("/", 1)[-1]).strip("-.")
        name = f"{stamp}-{scene or 'scene'}"
        with _root_said(root):
            root.mkdir(mode=layout.FOLDER_MODE, parents=True, exist_ok=True)
            path = _make_unique(root, name)
        return cls(path)

    @property
    def folder(self) -> Path:
        """Where the evidence lies."""
        return self._path

    @property
    def sealed(self) -> bool:
        """Whether the manifest is written, so that nothing more may be."""
        return self._sealed

    def path(self, name: str) -> Path:
        """Where the bench writes a file of its own (FLAC, pcapng, log) into the folder."""
        if self._sealed:
            raise RigError(f"{self._path} is sealed; {name} cannot be written into it any more")
        if not re.fullmatch(layout.FILE_NAME, name) or name == layout.MANIFEST:
            raise ValueError(f"{name!r} is no name for a file in an evidence folder")
        return self._path / name

    @contextmanager
    def writing(self, name: str) -> Iterator[Path]:
        """`path(name)`, with a full disk turned into a `RigError` that says what is kept."""
        path = self.path(name)
        with disk_full_said(self._path, name):
            yield path

    def write_bytes(self, name: str, content: bytes) -> None:
        """Write a whole file."""
        with self.writing(name) as path:
            write_private(path, content)

    def write_text(self, name: str, text: str) -> None:
        """Write a whole text file in UTF-8."""
        self.write_bytes(name, text.encode())

    def write_json(self, name: str, content: Mapping[str, Any]) -> None:
        """Write a JSON object, indented, with the format version first."""
        versioned = {"format": layout.FORMAT_VERSION, **content}
        self.write_text(name, json.dumps(versioned, indent=2, ensure_ascii=False) + "\n")

    def write_case(self, case: Case, versions: Mapping[str, str]) -> None:
        """Write what was to be played and on what: script, rig, limits, versions; no events.

        Of a clip only the name of its file: the rest is of this machine, and may name its user.
        """
        script = with_clips_by_name(case.script)
        bare = json.loads(record.case_to_json(replace(case, script=script, events=())))
        versioned = {"versions": dict(sorted(versions.items())), "case": bare}
        self.write_json(layout.CASE, versioned)

    def write_timeline(self, events: Iterable[Event]) -> None:
        """Append events, each out of this process before the next is taken; fsync at the end.

        May be called often; `events` may be a generator that lasts as long as the run, so that a
        killed run leaves what it had. Until `seal` the header promises no events, so that nobody
        takes a cut timeline for a whole one.
        """
        with self.writing(layout.TIMELINE) as path:
            flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND
            with os.fdopen(os.open(path, flags, layout.FILE_MODE), "ab") as stream:
                if stream.tell() == 0:
                    stream.write(record.events_to_jsonl(()).encode())
                for event in events:
                    _, line = record.events_to_jsonl((event,)).encode().split(b"\n", 1)
                    stream.write(line)
                    stream.flush()
                os.fsync(stream.fileno())

    def write_controls(self, controls: Sequence[Control]) -> None:
        """Write the controls by themselves, for people and for tools that want only them."""
        _, *lines = record.events_to_jsonl(controls).strip().split("\n")
        self.write_json(layout.CONTROLS, {"controls": [json.loads(line) for line in lines]})

    def write_sounds(self, sounds: Sequence[SoundFile]) -> None:
        """Say when each recording starts on the run's clock, so that it lies under the timeline."""
        content = {s.name: {"what": s.what, "starts_at_s": s.starts_at_s} for s in sounds}
        self.write_json(layout.SOUNDS, {"sounds": content})

    def write_traffic(self, packets: Sequence[tuple[float, int]]) -> None:
        """Write (seconds, payload bytes) of the device's outgoing packets, for the picture."""
        rows = [[round(at_s, 4), count] for at_s, count in packets]
        content = {"format": layout.FORMAT_VERSION, "out": rows}
        self.write_text(layout.TRAFFIC, json.dumps(content) + "\n")

    def write_ruling(self, ruling: Ruling, text: str) -> None:
        """Write the ruling, and the same in words (`harness.report.explain`)."""
        self.write_text(layout.RULING, record.ruling_to_json(ruling))
        self.write_text(layout.RULING_TEXT, text)

    def seal(self) -> None:
        """Write the manifest of everything in the folder, last and at once. Nothing follows."""
        self._complete_timeline()
        with self.writing("manifest"):
            names = sorted(path.name for path in self._path.iterdir())
            files = [_entry(self._path / name) for name in names]
            content = {
                "format": layout.FORMAT_VERSION,
                "run": self._path.name,
                "files": files,
            }
            text = json.dumps(content, indent=2, ensure_ascii=False) + "\n"
            write_private(self._path / layout.MANIFEST, text.encode())
        self._sealed = True

    def _complete_timeline(self) -> None:
        """Put the number of events into the timeline's header."""
        path = self._path / layout.TIMELINE
        if path.exists():
            _, *lines = path.read_text(encoding="utf-8").split("\n")[:-1]
            header = record.header_of(len(lines))
            self.write_text(layout.TIMELINE, "\n".join([header, *lines]) + "\n")


@contextmanager
def _root_said(root: Path) -> Iterator[None]:
    """Turn a root folder that cannot be used into a `RigError`."""
    try:
        yield
    except OSError as error:
        raise RigError(
            f"{root}: evidence cannot be kept there ({error.strerror}). "
            "Free some space, or choose another folder with --evidence."
        ) from error


def _make_unique(root: Path, name: str) -> Path:
    """Make `root/name`, or `root/name-2` and so on where that is taken."""
    number = 1
    while True:
        path = root / (name if number == 1 else f"{name}-{number}")
        try:
            path.mkdir(mode=layout.FOLDER_MODE)
        except FileExistsError:
            number += 1
            continue
        sync_folder(root)
        return path


def _entry(path: Path) -> dict[str, object]:
    """A file's line in the manifest; makes it private and settles it on the disk."""
    if path.is_symlink() or not path.is_file():
        raise RigError(f"{path}: only plain files belong into evidence; remove it and seal again")
    path.chmod(layout.FILE_MODE)
    with path.open("rb") as stream:
        os.fsync(stream.fileno())
    return {"name": path.name, "bytes": path.stat().st_size, "sha256": sha256_of(path)}


def sha256_of(path: Path) -> str:
    """SHA-256 of a file as hexadecimal digits."""
    digest = hashlib.sha256()
    with path.open("rb") as stream:
        while block := stream.read(_HASH_BLOCK_BYTES):
            digest.update(block)
    return digest.hexdigest()


def with_clips_by_name(script: Script) -> Script:
    """The script as a folder keeps it: of a clip no more than the name of its file."""
    return replace(
        script,
        lines=tuple(replace(line, clip=Path(line.clip).name) for line in script.lines),
        background=tuple(replace(each, clip=Path(each.clip).name) for each in script.background),
    )
