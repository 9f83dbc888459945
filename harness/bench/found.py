"""What a machine has that a bench can be made of, by the names that a rig file takes."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from harness.bench.drivers.sound_devices import SoundDevice, UsbCard
from harness.bench.drivers.usb_identity import UsbIdentity

SOUND, SERIAL, NETWORK = "sound interface", "serial port", "network interface"


class Port(Protocol):
    """A serial port, as `serial.tools.list_ports` lists it."""

    device: str
    vid: int | None
    pid: int | None
    serial_number: str | None
    description: str


@dataclass(frozen=True, slots=True)
class Found:
    """One thing. `kind`: as above; `name`: as a rig file takes it; `detail`: for people."""

    kind: str
    name: str
    detail: str


def sound_interfaces(
    devices: Sequence[SoundDevice], cards: Mapping[int, UsbCard]
) -> tuple[Found, ...]:
    """What has inputs and outputs both, and so can carry a bench; by USB identity if it has one."""
    found = []
    for device in devices:
        if device.inputs and device.outputs:
            card = None if device.card is None else cards.get(device.card)
            name = device.name if card is None else card.identity
            told = f"{device.name}: {device.inputs} in, {device.outputs} out"
            found.append(Found(SOUND, name, told))
    return tuple(found)


def serial_ports(ports: Iterable[Port]) -> tuple[Found, ...]:
    """Those on USB, by identity, which stays when plugs are changed; others by their path."""
    found = []
    for port in ports:
        name = port.device
        if port.vid is not None and port.pid is not None:
            name = str(UsbIdentity(port.vid, port.pid, port.serial_number))
        found.append(Found(SERIAL, name, f"{port.description}, now {port.device}"))
    return tuple(found)


def network_interfaces(root: Path = Path("/")) -> tuple[Found, ...]:
    """All but the loopback, with whether there is a cable; `root`: where /sys is."""
    found = []
    for folder in sorted((root / "sys" / "class" / "net").glob("*")):
        if folder.name != "lo" and (folder / "address").exists():
            address = (folder / "address").read_text().strip()
            state = (folder / "operstate").read_text().strip()
            found.append(Found(NETWORK, folder.name, f"{address}, {state}"))
    return tuple(found)
