"""Where a tap captures, and how its canary gets there: on a virtual link, or a named interface."""

import socket
from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

from harness.bench.drivers.link_socket import open_link_socket
from harness.bench.drivers.namespaces import Network
from harness.errors import RigError

_ETHERNET = "1"  # ARPHRD_ETHER
_ANYBODY = "255.255.255.255"


class TapPoint(Protocol):
    """A place on the device's link.

    `interface`: what dumpcap captures on. `canary_to`: the address that canaries are sent to.
    `depth`: how many forks below what `command` starts the program proper is.
    """

    @property
    def interface(self) -> str:
        """The name that dumpcap knows it by."""

    @property
    def canary_to(self) -> str:
        """The IPv4 address that canaries go to."""

    @property
    def depth(self) -> int:
        """0 where `command` starts the program itself."""

    def command(self, command: Sequence[str]) -> list[str]:
        """The command that runs `command` where the interface is."""

    def socket(self) -> socket.socket:
        """A datagram socket whose packets pass the interface. Raises `RigError`."""

    def trouble(self) -> str | None:
        """Why nothing passes there; None while all is well."""


class VirtualTapPoint:
    """The cloud's end of a virtual bench's cable; canaries come from the device's end."""

    depth = 1

    def __init__(self, network: Network) -> None:
        self._network = network
        self.interface = network.cloud_interface
        self.canary_to = network.cloud_address

    def command(self, command: Sequence[str]) -> list[str]:
        """In the cloud's namespaces."""
        return self._network.cloud_command(command)

    def socket(self) -> socket.socket:
        """On the device's side of the cable."""
        return open_link_socket(self._network)

    def trouble(self) -> str | None:
        """What is wrong with the network."""
        return self._network.trouble()


class NamedInterface:
    """A network interface of this machine that carries the device's packets, and no one else's.

    Canaries are broadcast from it, so that they pass whether the device is there or not.
    """

    canary_to = _ANYBODY
    depth = 0

    def __init__(self, interface: str, root: Path = Path("/")) -> None:
        """`root`: where /sys is. `RigError` where there is no such Ethernet interface."""
        self.interface = interface
        self._folder = root / "sys" / "class" / "net" / interface
        if not self._folder.exists():
            there = sorted(each.name for each in self._folder.parent.iterdir())
            raise RigError(
                f"tap: there is no network interface {interface}; there are: {', '.join(there)}"
            )
        if self._told("type") != _ETHERNET:
            raise RigError(
                f"tap: {interface} is no Ethernet interface, so it does not tell the device's "
                "packets from others; name the one that the device is cabled to, or its access "
                "point's"
            )

    def command(self, command: Sequence[str]) -> list[str]:
        """As it is."""
        return list(command)

    def socket(self) -> socket.socket:
        """Bound to the interface, whatever the routes say; `RigError` where that is refused."""
        link = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        try:
            link.setsockopt(socket.SOL_SOCKET, socket.SO_BINDTODEVICE, self.interface.encode())
            link.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
        except OSError as error:
            link.close()
            raise RigError(
                f"tap: no socket can be bound to {self.interface} ({error}): the canaries need it"
            ) from error
        link.set_inheritable(True)
        return link

    def trouble(self) -> str | None:
        """Why nothing passes: it was unplugged, taken down, or has no carrier."""
        if not self._folder.exists():
            return f"tap: the network interface {self.interface} is gone: was it unplugged?"
        state = self._told("operstate")
        if state in ("up", "unknown"):
            return None
        return f"tap: {self.interface} is {state}: bring it up, and look at its cable"

    def _told(self, what: str) -> str:
        try:
            return (self._folder / what).read_text().strip()
        except OSError:
            return "not known"
