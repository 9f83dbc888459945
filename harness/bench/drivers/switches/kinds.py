"""Which switches there are, and how one is opened from what a rig file says."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from harness.bench.drivers.switches.plugs import ShellyGen1, ShellyGen2, Tasmota
from harness.bench.drivers.switches.relay_boards import Devantech, Kmtronic, Lcus, Numato
from harness.bench.drivers.switches.serial_line import SerialLine
from harness.bench.drivers.switches.supply import ScpiSupply
from harness.bench.drivers.switches.switch import Switch
from harness.errors import UserError


@dataclass(frozen=True, slots=True)
class SwitchPlace:
    """Where a switch is. `at`: a serial port or a host; `channels`: how many relays the board has.

    `channel` None: the first one, or the only one.
    """

    kind: str
    at: str
    channel: int | None = None
    channels: int = 1

    def words(self) -> list[str]:
        """As arguments of a program."""
        channel = "" if self.channel is None else str(self.channel)
        return [self.kind, self.at, channel, str(self.channels)]

    @classmethod
    def of_words(cls, words: list[str]) -> "SwitchPlace":
        """From the arguments that `words` made."""
        kind, at, channel, channels = words
        return cls(kind, at, int(channel) if channel else None, int(channels))


def _first(place: SwitchPlace, first: int) -> int:
    return first if place.channel is None else place.channel


KINDS: Mapping[str, Callable[[SwitchPlace], Switch]] = {
    "kmtronic": lambda p: Kmtronic(SerialLine(p.at, 9600), _first(p, 1), p.channels),
    "lcus": lambda p: Lcus(SerialLine(p.at, 9600), _first(p, 1)),
    "devantech": lambda p: Devantech(SerialLine(p.at, 19200, 2), _first(p, 1)),
    "numato": lambda p: Numato(SerialLine(p.at, 19200), _first(p, 0)),
    "scpi": lambda p: ScpiSupply(SerialLine(p.at, 9600), p.channel),
    "shelly1": lambda p: ShellyGen1(p.at, _first(p, 0)),
    "shelly2": lambda p: ShellyGen2(p.at, _first(p, 0)),
    "tasmota": lambda p: Tasmota(p.at, _first(p, 0)),
}


def open_switch(place: SwitchPlace) -> Switch:
    """Open it; `UserError` for a kind that is not known, `RigError` when it is not there."""
    if place.kind not in KINDS:
        raise UserError(f"no switch of kind `{place.kind}`; there are: {', '.join(KINDS)}")
    return KINDS[place.kind](place)
