"""A rig file in, a typed `RigFile` out, or one `RigFileError` that says all that is wrong.

`extends:` lays one file on another; every problem is told where it was written. Paths and the
placeholders {rig} and {firmware} are filled in here, the others by the bench with `fill`.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from harness.bench.rig_bench import (
    BenchText,
    DriverText,
)
from harness.bench.rig_calibration import (
    CalibrationUseText,
)
from harness.bench.rig_checks import RigChecks
from harness.bench.rig_schema import (
    CloudText,
    DeviceText,
    RigText,
    RoomText,
    SimulatedText,
    SoundText,
)
from harness.bench.rig_wire import WireText
from harness.bench.suitefile import SuiteEntry, load_suite
from harness.errors import RigFileError
from harness.forms.problems import Problems
from harness.forms.shipped import HOME
from harness.forms.strict import validated
from harness.forms.yaml_positions import Document, Place, is_file, merged, read_document
from harness.model.case import Limits, Policy

__all__ = ["RigFile", "SuiteEntry", "fill", "load_rig", "load_suite"]

_PLACEHOLDER = re.compile(r"\{([a-z_]+)\}")
_PATHS = (
    ("device", "cwd"),
    ("cloud", "cwd"),
    ("device", "prompts", "folder"),
    ("calibration", "folder"),
    ("wire", "idle_profile"),
)
_COMMANDS = (
    ("device", "command"),
    ("device", "prompts", "command"),
    ("cloud", "command"),
)
_LONGEST_CHAIN = 8
_SHIPPED = ("sayso", ":")


@dataclass(frozen=True, slots=True)
class RigFile:
    """A rig as its file describes it, checked; paths are absolute.

    `path`: the file it was read from. `evidence`: the folder for evidence. Commands still hold the
    placeholders that only an open bench can fill. A virtual or simulated rig has a room, a command
    for its device and a cloud; a bench has `bench`. `background_per_day`: activations that 24 h of
    background may hold.
    """

    path: Path
    name: str
    kind: str
    sound: SoundText
    room: RoomText | None
    device: DeviceText
    cloud: CloudText | None
    simulated: SimulatedText | None
    bench: BenchText | None
    wire: WireText
    limits: Limits
    policy: Policy
    known_violations: Mapping[str, tuple[str, ...]]
    evidence: Path
    calibration: CalibrationUseText | None = None
    proxy: DriverText | None = None
    background_per_day: float = 3.0

    @property
    def positions(self) -> tuple[str, ...]:
        """The names of the loudspeakers' places."""
        return tuple(self.sound.loudspeakers)

    def known(self, scene_id: str) -> tuple[str, ...]:
        """The violation classes that this rig's device is known for in a scene."""
        return self.known_violations.get(scene_id, ())


def load_rig(path: Path) -> RigFile:
    """Read, merge and check a rig file. Raises `RigFileError` with every problem found."""
    problems = Problems(RigFileError)
    document = _with_bases(path, problems, ())
    rig = validated(RigText, document, problems)
    if rig is not None:
        RigChecks(rig, document, problems).run()
    problems.raise_if_any()
    _fill_known(document)
    rig = validated(RigText, document, problems)
    problems.raise_if_any()
    assert rig is not None
    return RigFile(
        path=path.absolute(),
        name=rig.name,
        kind=rig.kind,
        sound=rig.sound,
        room=rig.room,
        device=rig.device,
        cloud=rig.cloud,
        simulated=rig.simulated,
        bench=rig.bench,
        wire=rig.wire,
        limits=rig.limits.facts(),
        policy=Policy() if rig.policy is None else rig.policy.facts(),
        known_violations=rig.known_violations,
        evidence=Path(rig.evidence.folder).absolute(),
        calibration=rig.calibration,
        proxy=rig.proxy,
        background_per_day=rig.limits.background_per_day,
    )


def fill(argv: Sequence[str], mapping: Mapping[str, str]) -> tuple[str, ...]:
    """Words with each `{placeholder}` replaced; `RigFileError` where the mapping lacks one."""

    def word(match: re.Match[str]) -> str:
        if match[1] not in mapping:
            known = ", ".join(f"{{{each}}}" for each in mapping)
            raise RigFileError(
                f"the command `{' '.join(argv)}` holds {match[0]}, which cannot be filled here; "
                f"these can: {known}"
            )
        return mapping[match[1]]

    return tuple(_PLACEHOLDER.sub(word, each) for each in argv)


def _with_bases(path: Path, problems: Problems, below: tuple[Path, ...]) -> Document:
    """The document laid on what it extends, as far down as that goes."""
    document = read_document(path, problems)
    data = document.data
    if not isinstance(data, dict) or not isinstance(data.get("extends"), str):
        return document
    base_path = _base(path, data["extends"])
    seen = (*below, _identity(path))
    if _identity(base_path) in seen or len(seen) > _LONGEST_CHAIN:
        mark = document.mark(("extends",))
        problems.add(mark, f"`extends: {data['extends']}` leads back to a file that extends this")
        problems.raise_if_any()
    if not is_file(base_path):
        # Told at the line that asks for it, rather than as a file that nobody named.
        problems.add(document.mark(("extends",)), f"there is no rig file {base_path} to extend")
        problems.raise_if_any()
    base = _with_bases(base_path, problems, seen)
    return merged(base, document)


def _base(path: Path, named: str) -> Path:
    """The file that `extends:` names: beside the rig file, or `sayso:NAME` for a shipped rig."""
    kind, colon, name = named.partition(":")
    return HOME / "rigs" / name if (kind, colon) == _SHIPPED else path.parent / named


def _identity(path: Path) -> Path:
    """The same path for the same file, however it is written."""
    try:
        return path.resolve()
    except (OSError, RuntimeError):
        return path.absolute()


def _fill_known(document: Document) -> None:
    """Make paths absolute and fill {rig} and {firmware}, each from the file it was written in."""
    firmware = str(document.data["device"]["firmware"])
    for *parents, key in _PATHS:
        parent = _inside(document.data, parents)
        written = parent.get(key, "." if key == "cwd" else None)
        if written is not None:
            parent[key] = str(_identity(_folder(document, (*parents, key)) / written))
    for *parents, key in _COMMANDS:
        parent = _inside(document.data, parents)
        known = {"rig": str(_folder(document, (*parents, key))), "firmware": firmware}
        if parent.get(key) is not None:
            parent[key] = [_fill_some(word, known) for word in parent[key]]
    env = _inside(document.data, ["device", "env"])
    for variable, value in env.items():
        known = {"rig": str(_folder(document, ("device", "env", variable))), "firmware": firmware}
        env[variable] = _fill_some(value, known)


def _fill_some(word: str, known: Mapping[str, str]) -> str:
    return _PLACEHOLDER.sub(lambda match: known.get(match[1], match[0]), word)


def _folder(document: Document, place: Place) -> Path:
    """The folder of the file in which something was written."""
    return _identity(document.mark(place).file.parent)


def _inside(data: Any, parents: Sequence[str]) -> dict[str, Any]:
    """The map below some keys; an empty one, of which nobody knows, where there is none."""
    for part in parents:
        data = data.get(part) if isinstance(data, dict) else None
    return data if isinstance(data, dict) else {}
