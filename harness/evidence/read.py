"""Evidence files back into facts; whatever cannot be read is an error that names file and line."""

import json
from pathlib import Path
from typing import Any

from harness.errors import RigError, UserError
from harness.evidence import layout
from harness.evidence.folder import SoundFile
from harness.model import record
from harness.model.case import Case, RigFacts
from harness.model.ruling import Ruling
from harness.model.script import Script
from harness.model.timeline import Event

_UNREADABLE = (UserError, ValueError, KeyError, TypeError)


def read_script_and_rig(folder: Path) -> tuple[Script, RigFacts]:
    """What was to be played, and on what, from `case.json`."""
    content = _read_json(folder / layout.CASE)
    try:
        case = record.case_from_json(json.dumps(content["case"]))
    except _UNREADABLE as error:
        raise _unreadable(folder / layout.CASE, error) from error
    return case.script, case.rig


def read_events(folder: Path, *, torn_end: bool = False) -> tuple[Event, ...]:
    """The timeline, in the order written.

    `torn_end`: take as many whole lines as a killed run left, whatever the header promises.
    """
    path = folder / layout.TIMELINE
    try:
        text = _read(path).decode()
        return record.events_from_jsonl(_whole_lines(text) if torn_end else text)
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
        content = json.loads(_read(path))
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
    try:
        return path.read_bytes()
    except OSError as error:
        raise RigError(
            f"{path}: cannot be read ({error.strerror}). Without it the run cannot be judged; "
            "restore it from a copy, or play the scene again."
        ) from error


def _unreadable(path: Path, error: Exception) -> RigError:
    """The error for content that is not what it should be."""
    what = str(error) if isinstance(error, UserError) else f"{type(error).__name__}: {error}"
    return RigError(
        f"{path}: not as Sayso writes it ({what}). Restore the file from a copy, or play the "
        "scene again."
    )
