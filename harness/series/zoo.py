"""The zoo's catalogue: bad devices, the scene that shows each, and what a ruling must say of it.

A list under `devices:`; paths are counted from the catalogue.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

from pydantic import Field

from harness.errors import UserError
from harness.forms.fields import ClassId, Name, Text
from harness.forms.problems import Problems, did_you_mean
from harness.forms.strict import StrictModel, validated
from harness.forms.yaml_positions import Document, read_yaml
from harness.judge.coverage import never_seen
from harness.model.case import RigFacts
from harness.model.cause import CausePlan

# fmt: off
NOT_YET = (
    "V37",
)
# fmt: on
"""Classes without a device or cloud here: a second device is needed to see them."""

Slug = Annotated[str, Field(pattern="^[a-z0-9]+(-[a-z0-9]+)*$")]


class CauseText(StrictModel):
    """A causal test in place of single plays: what the device does is only suspected in one."""

    plays: Annotated[int, Field(ge=6, le=200)]
    """Plays with the stimulus and without it, together."""
    follow_s: Annotated[float, Field(gt=0, le=3600)]
    """Watched so long after the stimulus."""
    shift_s: Annotated[float, Field(gt=0, le=600)] | None = None
    """Given, a third of the plays has the stimulus so much later."""
    least_bytes: Annotated[int, Field(ge=1)] = 2000
    """The smallest leak that must be found before the twin is clean."""

    def plan(self, seed: int) -> CausePlan:
        """The plan of the test."""
        return CausePlan(
            plays=self.plays,
            seed=seed,
            follow_s=self.follow_s,
            shift_s=self.shift_s,
            least_bytes=self.least_bytes,
        )


class BadDeviceText(StrictModel):
    """One bad device in one scene."""

    name: Slug
    """What the kill matrix calls it."""
    firmware: Text
    """The bad firmware, such as zoo.sends_twice."""
    twin: Text
    """The honest firmware that must pass the same scene."""
    scene: Text
    """The scene that shows it, as a path from the catalogue."""
    first: ClassId
    """The class of the first broken link."""
    classes: tuple[ClassId, ...] = Field(min_length=1)
    """All classes that are broken, the first among them."""
    says: Text
    """What it does, in one sentence."""
    plays: Annotated[int, Field(ge=1, le=100)] = 1
    """How many plays it must be caught within."""
    seed: Annotated[int, Field(ge=0)] = 0
    """What it draws from in the first play; one more in each further play."""
    rig: dict[str, Any] = Field(default_factory=dict)
    """Laid over the rig file for this device, such as what its maker declares."""
    twin_rig: dict[str, Any] | None = None
    """The same for the twin, where it differs."""
    cloud: Name | None = None
    """Given, the bad one is the cloud of that name; the twin's is honest."""
    cause: CauseText | None = None
    """Given, device and twin are each ruled on by a causal test of so many plays."""


class CatalogueText(StrictModel):
    """All bad devices, in order."""

    devices: tuple[BadDeviceText, ...] = Field(min_length=1)


@dataclass(frozen=True, slots=True)
class BadDevice:
    """One bad device in one scene, checked; `scene` is absolute.

    `first` and `classes` are what must be ruled; `rig` and `twin_rig` are laid over the rig file.
    `cause`: it takes a causal test, None where single plays show it. `cloud`: the cloud that is
    bad, None where the device is.
    """

    name: str
    firmware: str
    twin: str
    scene: Path
    first: str
    classes: tuple[str, ...]
    says: str
    plays: int
    seed: int
    rig: Mapping[str, Any]
    twin_rig: Mapping[str, Any]
    cause: CausePlan | None = None
    cloud: str | None = None

    def unseen_on(self, rig: RigFacts) -> str | None:
        """Why no play on a rig can show what it does; None where one can."""
        why = never_seen(rig, self.first)
        return None if why is None else f"{self.first}: {why}"


def load_catalogue(path: Path) -> tuple[BadDevice, ...]:
    """Read and check a catalogue. Raises `UserError` with every problem found."""
    document, problems = read_yaml(path, UserError)
    catalogue = validated(CatalogueText, document, problems)
    problems.raise_if_any()
    assert catalogue is not None
    seen: set[str] = set()
    devices = []
    for index, entry in enumerate(catalogue.devices):
        devices.append(_checked(entry, index, document, problems))
        if entry.name in seen:
            problems.add(document.mark(("devices", index, "name")), f"{entry.name} is here twice")
        seen.add(entry.name)
    problems.raise_if_any()
    return tuple(devices)


def _checked(entry: BadDeviceText, index: int, document: Document, problems: Problems) -> BadDevice:
    folder = document.path.absolute().parent
    scene = (folder / entry.scene).resolve()
    if not scene.is_file():
        beside = [each.name for each in scene.parent.glob("*.scene.yaml")]
        mark = document.mark(("devices", index, "scene"))
        problems.add(mark, f"there is no scene {entry.scene}{did_you_mean(scene.name, beside)}")
    if entry.first not in entry.classes:
        mark = document.mark(("devices", index, "first"))
        problems.add(mark, f"{entry.first} is not among `classes`; add it there")
    return BadDevice(
        name=entry.name,
        firmware=entry.firmware,
        twin=entry.twin,
        scene=scene,
        first=entry.first,
        classes=entry.classes,
        says=entry.says,
        plays=entry.plays,
        seed=entry.seed,
        rig=entry.rig,
        twin_rig=entry.rig if entry.twin_rig is None else entry.twin_rig,
        cause=None if entry.cause is None else entry.cause.plan(entry.seed),
        cloud=entry.cloud,
    )
