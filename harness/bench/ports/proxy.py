"""The proxy: stands between an open device and its server, and hands on every byte unchanged."""

from abc import abstractmethod
from dataclasses import dataclass

from harness.bench.ports.device import Panel
from harness.bench.ports.tap import Tap


@dataclass(frozen=True, slots=True)
class Passed:
    """A connection that went through: the device's end and the other's (address, port), and `ours`,
    the proxy's own end of the device's side.

    `from_device`, `from_other`: bytes that each sent and the other was given. `odd`: lines in it
    that are no event.
    """

    device: tuple[str, int]
    other: tuple[str, int]
    ours: tuple[str, int]
    from_device: int
    from_other: int
    odd: int = 0


@dataclass(frozen=True, slots=True)
class PassedEvent:
    """What one end said at a Unix time (s), known to `known_to_s`: it came within that before."""

    unix_s: float
    known_to_s: float
    by_device: bool
    type: str


@dataclass(frozen=True, slots=True)
class PassReport:
    """What went through from `start` to `stop`.

    `lost`: bytes that were taken in and not handed on although their receiver was there, or were
    handed on otherwise than they came. `cut`: those whose receiver had gone, and `waiting` those
    that it had not taken yet; `held_back`: so many of the device's that no more is taken in.
    `refused`: connections that could not be handed on, since nobody
    listened where they lead. `known_to_s`: the worst of how well the time of a byte is known.
    `strangers`: who connected and was turned away.
    """

    passed: tuple[Passed, ...]
    lost: int
    cut: int
    waiting: int
    held_back: bool
    refused: int
    known_to_s: float
    strangers: tuple[str, ...] = ()

    @property
    def from_device(self) -> int:
        """Bytes that the device sent, over all connections."""
        return sum(each.from_device for each in self.passed)


class Proxy(Tap):
    """A tap that what it sees goes through: it captures the conversation of the two ends.

    Its capture shows the connections that the ends believe in, not those of the link.
    """

    @property
    @abstractmethod
    def device_address(self) -> str:
        """The device's IP address, by which its packets in the capture are told."""

    @property
    @abstractmethod
    def device_ports(self) -> tuple[int, ...]:
        """The device's own ports that its server calls."""

    @property
    @abstractmethod
    def datagrams_to(self) -> tuple[str, int]:
        """Where canaries go (address, port), on the machine that it runs on."""

    @property
    @abstractmethod
    def panel(self) -> Panel | None:
        """The device's light by its own words; None where it was not asked for them."""

    @abstractmethod
    def report(self) -> PassReport:
        """What went through, once it was stopped. `RigError` where that is not known."""

    @abstractmethod
    def events(self) -> tuple[PassedEvent, ...]:
        """What the two ends said to each other since `start`, without their sound."""

    @abstractmethod
    def close(self) -> None:
        """Hang up on everybody. Safe to call twice."""
