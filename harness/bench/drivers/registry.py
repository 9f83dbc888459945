"""Drivers by name: those that come with Sayso, and those that others bring by entry point.

A driver is a class that keeps the promise of its slot and says how it is made: `options`, a
strict model of what the rig file tells it, and `opened`, which makes it of those. One of one's own
is announced as an entry point of the group `sayso.SLOT` (docs/drivers.md).
"""

import importlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path
from typing import Any, ClassVar, Protocol

from pydantic import ValidationError

from harness.clock import Clock
from harness.errors import RigError, UserError
from harness.forms.problems import did_you_mean
from harness.forms.strict import StrictModel

_DRIVERS = "harness.bench.drivers"
_SWITCHES, _INBOXES = f"{_DRIVERS}.switches", f"{_DRIVERS}.inboxes"
BUILT_IN: Mapping[str, Mapping[str, str]] = {
    "power": {
        "kmtronic": f"{_SWITCHES}.relay_boards:Kmtronic",
        "lcus": f"{_SWITCHES}.relay_boards:Lcus",
        "devantech": f"{_SWITCHES}.relay_boards:Devantech",
        "numato": f"{_SWITCHES}.relay_boards:Numato",
        "scpi": f"{_SWITCHES}.supply:ScpiSupply",
        "shelly1": f"{_SWITCHES}.plugs:ShellyGen1",
        "shelly2": f"{_SWITCHES}.plugs:ShellyGen2",
        "tasmota": f"{_SWITCHES}.plugs:Tasmota",
        "uhubctl": f"{_SWITCHES}.hub:Uhubctl",
    },
    "panel": {
        "controller": f"{_DRIVERS}.controller_panel:ControllerPanel",
        "wyoming": f"{_DRIVERS}.satellite_panel:SatellitePanel",
    },
    "inbox": {
        "imap": f"{_INBOXES}.imap:ImapInbox",
        "folder": f"{_INBOXES}.folder:FolderInbox",
        "http": f"{_INBOXES}.http:HttpInbox",
        "phone": f"{_INBOXES}.phone:PhoneInbox",
        "person": f"{_INBOXES}.person:PersonInbox",
    },
    "proxy": {
        "wyoming": f"{_DRIVERS}.proxies.wyoming:WyomingProxy",
    },
    "account": {
        "person": f"{_DRIVERS}.accounts.person:PersonAccount",
        "export_archive": "harness.account.recordings.driver:ExportArchive",
    },
}
"""By slot and name, the class of each driver that comes with Sayso, as module:class."""
PAGES: Mapping[str, str] = {
    "sound": "docs/drivers.md",
    "tap": "docs/drivers.md",
    "link": "docs/network.md",
    "power": "docs/drivers.md",
    "panel": "docs/controller.md",
    "proxy": "docs/wyoming-tap.md",
    "inbox": "docs/inboxes.md",
    "account": "docs/account.md",
}
"""By slot, the page that says what its drivers were checked against."""
ON_HARDWARE: Mapping[tuple[str, str], str] = {}
"""By slot and name, the recorded run on a real bench that cleared a driver. Whoever adds a line has
the evidence; every other driver is *not yet on hardware*, which `sayso doctor` repeats."""


@dataclass(frozen=True, slots=True)
class Place:
    """What a driver is given beside its options.

    `clock`: to tell the time and to wait by. `folder`: a private folder of its own, for logs and
    files, which is gone when the rig is closed. `environment`: where secrets are looked up.
    `inside`: the command that runs a command where the device's server is; on a virtual bench that
    is a namespace.
    """

    clock: Clock
    folder: Path
    environment: Mapping[str, str]
    inside: Callable[[Sequence[str]], list[str]] = list


class Driver(Protocol):
    """What a class must have to be named in a rig file, beside the promise of its slot.

    A method `trouble`, which tells why it does not work any more (None while all is well), is
    asked all the scene long where there is one.
    """

    options: ClassVar[type[StrictModel]]

    @classmethod
    def opened(cls, options: Any, place: Place) -> Any:
        """The driver, open. Raises `RigError` when its hardware is not there or not as told."""
        ...

    def close(self) -> None:
        """Let go of the hardware; safe to call twice."""
        ...


def driver_names(slot: str) -> tuple[str, ...]:
    """The names of all drivers of a slot, those that come with Sayso first."""
    others = sorted({entry.name for entry in _announced(slot)} - set(BUILT_IN[slot]))
    return (*BUILT_IN[slot], *others)


def find_driver(slot: str, name: str) -> type[Driver]:
    """The class of a driver.

    Raises `UserError` for a name that nobody announces (or two do), `RigError` for a class that
    cannot be imported, or is no driver.
    """
    written = BUILT_IN[slot].get(name) or _announced_as(slot, name)
    module, _, attribute = written.partition(":")
    try:
        found = getattr(importlib.import_module(module), attribute)
    except (ImportError, AttributeError) as error:
        raise RigError(
            f"the {slot} driver `{name}` ({written}) cannot be used: {error}. Is all that it "
            "needs installed?"
        ) from error
    model = getattr(found, "options", None)
    if not (isinstance(model, type) and issubclass(model, StrictModel)):
        raise RigError(
            f"the {slot} driver `{name}` ({written}) is no driver: it needs `options`, a "
            "StrictModel, and a class method `opened` (docs/drivers.md)"
        )
    driver: type[Driver] = found
    return driver


def not_on_hardware(slot: str, name: str) -> str | None:
    """In a sentence, that no recorded run on real hardware has cleared a driver; None once one has.

    A driver of somebody else's says by which it was cleared in an attribute `on_hardware`.
    """
    if (slot, name) in ON_HARDWARE:
        return None
    if slot in BUILT_IN and name not in BUILT_IN[slot]:
        if getattr(find_driver(slot, name), "on_hardware", None):
            return None
        return f"the {slot} driver `{name}` is not yet on hardware, as far as its package says"
    page = PAGES[slot]
    return f"the {slot} driver `{name}` is not yet on hardware: {page} says what it was tried on"


def given(options: Mapping[str, Any]) -> dict[str, Any]:
    """Options without those that `~` takes out, as a file does with what it extends."""
    return {key: value for key, value in options.items() if value is not None}


def open_driver(slot: str, name: str, options: Mapping[str, Any], place: Place) -> Any:
    """The driver of that name, open. Raises what `find_driver` does, what `opened` does, and
    `UserError` for options that are not what it asks for.
    """
    driver = find_driver(slot, name)
    try:
        told = driver.options.model_validate_json(json.dumps(given(options)))
    except ValidationError as error:
        raise UserError(
            f"the options of the {slot} driver `{name}` are not right: {error}"
        ) from None
    return driver.opened(told, place)


def _announced(slot: str) -> tuple[EntryPoint, ...]:
    return tuple(entry_points(group=f"sayso.{slot}"))


def _announced_as(slot: str, name: str) -> str:
    fitting = {entry.value for entry in _announced(slot) if entry.name == name}
    if len(fitting) == 1:
        return fitting.pop()
    if fitting:
        several = " and ".join(sorted(fitting))
        raise UserError(f"two packages announce a {slot} driver `{name}`: {several}; uninstall one")
    raise UserError(
        f"there is no {slot} driver `{name}`{did_you_mean(name, driver_names(slot))}. One of your "
        f"own is a class and an entry point of the group `sayso.{slot}` (docs/drivers.md)"
    )
