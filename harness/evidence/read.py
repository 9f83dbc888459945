"""Evidence files back into facts; whatever cannot be read is an error that names file and line."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

from harness.errors import RigError, UserError
from harness.evidence import layout
from harness.evidence.folder import SoundFile
from harness.model import record
from harness.model.case import Case, RigFacts
from harness.model.ruling import Ruling
from harness.model.script import Script
from harness.model.timeline import Event

_UNREADABLE = (UserError, ValueError, KeyError, TypeError, OverflowError)


def read_script_and_rig(folder: Path) -> tuple[Script, RigFacts]:
    """What was to be played, and on what, from `case.json`."""
    content = _read_json(folder / layout.CASE)
    try:
        case = record.case_from_json(json.dumps(content["case"]))
        if case.events:
            raise ValueError(f"it holds events; they belong into {layout.TIMELINE}")
    except _UNREADABLE as error:
        raise _unreadable(folder / layout.CASE, error) from error
    return case.script, case.rig


def read_events(folder: Path, *, torn_end: bool = False) -> tuple[Event, ...]:
    """The timeline, in the order written.

    `torn_end`: take as many whole lines as a killed run left, whatever the header promises.
    """
    if not torn_end:
        return tuple(stream_events(folder))
    path = folder / layout.TIMELINE
    try:
        return record.events_from_jsonl(_whole_lines(_read(path).decode()))
    except _UNREADABLE as error:
        raise _unreadable(path, error) from error


def stream_events(folder: Path) -> Iterator[Event]:
    """The timeline, one event after the other, for one that is too long to be held whole.

    Raises `RigError` where it is not as it must be, at the latest at its end.
    """
    path = folder / layout.TIMELINE
    _check_plain(path)
    try:
        with path.open(encoding="utf-8", newline="\n") as lines:
            yield from record.events_from_lines(lines)
    except OSError as error:
        raise _unopened(path, error) from error
    except _UNREADABLE as error:
        raise _unreadable(path, error) from error


def _whole_lines(text: str) -> str:
    """The text less a last line without its end, under a header that promises what is there."""
    header, *lines = text.split("\n")[:-1] or [""]
    promised = {**json.loads(header), "events": len(lines)}
    return "\n".join([json.dumps(promised), *lines]) + "\n"


def read_case(folder: Path, *, torn_end: bool = False) -> Case:
    """The whole case, as it was judged."""
    script, rig = read_script_and_rig(folder)
    return Case(script, rig, read_events(folder, torn_end=torn_end))


def read_ruling(folder: Path) -> Ruling:
    """The ruling as it was recorded; nothing is judged again."""
    path = folder / layout.RULING
    try:
        return record.ruling_from_json(_read(path).decode())
    except _UNREADABLE as error:
        raise _unreadable(path, error) from error


def read_sounds(folder: Path) -> tuple[SoundFile, ...]:
    """Which recordings there are and when each starts; none where the run did not say."""
    path = folder / layout.SOUNDS
    if not path.exists():
        return ()
    try:
        sounds = _read_json(path)["sounds"].items()
        return tuple(SoundFile(name, s["what"], float(s["starts_at_s"])) for name, s in sounds)
    except _UNREADABLE as error:
        raise _unreadable(path, error) from error


def read_scene_start_s(folder: Path) -> float:
    """The Unix time (s) at which the play's own clock was 0."""
    path = folder / layout.CLOCK
    clock = _read_json(path)
    try:
        after = float(clock["scene_start_index"]) - float(clock["first_index"])
        return float(clock["first_unix_s"]) + after * float(clock["seconds_per_sample"])
    except _UNREADABLE as error:
        raise _unreadable(path, error) from error


def read_traffic(folder: Path) -> tuple[tuple[float, int], ...]:
    """(seconds, payload bytes) of outgoing packets; none where the run did not say."""
    path = folder / layout.TRAFFIC
    if not path.exists():
        return ()
    try:
        return tuple((float(at_s), int(count)) for at_s, count in _read_json(path)["out"])
    except _UNREADABLE as error:
        raise _unreadable(path, error) from error


def _read_json(path: Path) -> dict[str, Any]:
    """A JSON object of our format version."""
    try:
        content = cast(dict[str, Any], record.load(_read(path).decode(), path.name))
        version = content["format"]
    except _UNREADABLE as error:
        raise _unreadable(path, error) from error
    if version != layout.FORMAT_VERSION:
        raise RigError(
            f"{path}: format {version}; this version of Sayso reads {layout.FORMAT_VERSION}. "
            "Read it with the version that wrote it (see `versions` in case.json)."
        )
    return dict(content)


def _read(path: Path) -> bytes:
    """A file's bytes."""
    _check_plain(path)
    try:
        return path.read_bytes()
    except OSError as error:
        raise _unopened(path, error) from error


def _unopened(path: Path, error: OSError) -> RigError:
    """The error for a file that the system does not give."""
    return RigError(
        f"{path}: cannot be read ({error.strerror}). Without it the run cannot be judged; "
        "restore it from a copy, or play the scene again."
    )


def _check_plain(path: Path) -> None:
    """Refuse what is no plain file, or is larger than any evidence: it may never end."""
    most = layout.MOST_BYTES.get(path.name)
    if path.is_symlink() or (path.exists() and not path.is_file()):
        raise RigError(f"{path}: is no plain file; put the file itself there")
    if most is not None and path.exists() and path.stat().st_size > most:
        raise RigError(
            f"{path}: has {path.stat().st_size} bytes; no run writes more than {most}. "
            "Restore the file from a copy, or play the scene again."
        )


def _unreadable(path: Path, error: Exception) -> RigError:
    """The error for content that is not what it should be."""
    what = str(error) if isinstance(error, UserError) else f"{type(error).__name__}: {error}"
    return RigError(
        f"{path}: not as Sayso writes it ({what}). Restore the file from a copy, or play the "
        "scene again."
    )
