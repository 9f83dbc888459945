"""The tap on an interface of this machine that other devices' packets may pass, too.

By a filter for the device's MAC address only its packets are captured: all of them, whatever the
protocol, those to a neighbour included. Canaries then are sent *to* the device, so that they bear
its MAC address as the network knows it: a filter for another one does not let them pass, and the
capture is found out as blind.
"""

import socket
from collections.abc import Sequence
from pathlib import Path

from harness.bench.drivers.dumpcap_tap import DumpcapTap
from harness.bench.drivers.guests import find_program
from harness.bench.drivers.tap_options import TapText
from harness.bench.drivers.tap_point import NamedInterface
from harness.clock import Clock
from harness.errors import RigFileError

# A killed harness must leave no capture behind; the kernel forgets such a wish for a program with
# capabilities of its own, which dumpcap has where others than root may capture.
_OBEDIENT = """
trap 'kill -TERM $pid 2>/dev/null' TERM
"$@" &
pid=$!
wait $pid
code=$?
while kill -0 $pid 2>/dev/null; do wait $pid; code=$?; done
exit $code
"""


class DeviceInterface(NamedInterface):
    """An interface that the device's packets pass, and a device with a known address."""

    depth = 1

    def __init__(self, interface: str, address: str, root: Path = Path("/")) -> None:
        """`address`: the device's, IPv4 or IPv6. `root`: where /sys is."""
        super().__init__(interface, root)
        self.canary_to = address

    def command(self, command: Sequence[str]) -> list[str]:
        """The command, ended when this process is."""
        setpriv = find_program("setpriv", "util-linux")
        return [setpriv, "--pdeathsig", "TERM", "--", "sh", "-c", _OBEDIENT, "sh", *command]

    def socket(self) -> socket.socket:
        """One whose packets go the way that leads to the device: that way must be captured."""
        family = socket.AF_INET6 if ":" in self.canary_to else socket.AF_INET
        link = socket.socket(family, socket.SOCK_DGRAM)
        link.set_inheritable(True)
        return link


def interface_tap(interface: str, clock: Clock, options: TapText) -> DumpcapTap:
    """The tap on an interface; raises as `interface_point` does."""
    return DumpcapTap(interface_point(interface, options), clock, options)


def interface_point(interface: str, options: TapText) -> NamedInterface:
    """Where an interface is captured, by the device's MAC address where the rig file gives it.

    Raises `RigFileError` where it gives that without the device's address, `RigError` where there
    is no such interface.
    """
    if options.address is not None:
        return DeviceInterface(interface, options.address)
    if options.mac is None:
        return NamedInterface(interface)
    raise RigFileError(
        "`wire: tap: mac` captures only what is from or to the device, so canaries must go to it: "
        "give its `address` on that network beside `mac`"
    )
