"""Where a tap sits: on the virtual bench's cable, or on an interface of this machine.

`Network` is the first of these; `HostInterface` the second. On either, canaries go the way that
packets between the device and the rest of the world go, so that one that is captured proves that
way, and the capture filter with it.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

from harness.bench.drivers.guests import find_program

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


class TapPoint(Protocol):
    """What `DumpcapTap` must know of the place."""

    @property
    def tap_interface(self) -> str:
        """The interface on which packets are captured."""

    @property
    def canary_address(self) -> str:
        """Where canaries are sent to."""

    def tap_command(self, command: Sequence[str]) -> list[str]:
        """The command that runs `command` where that interface is, as an only child."""

    def canary_command(self, command: Sequence[str]) -> list[str]:
        """The command that runs `command` where canaries are sent from."""

    def trouble(self) -> str | None:
        """Why nothing can pass there; None while all is well."""


class HostInterface:
    """An interface of this machine that the device's packets pass: see docs/tap.md.

    Canaries are sent *to* the device, so that they bear its own MAC address as the network knows
    it: a capture filter for another one does not let them pass.
    """

    def __init__(
        self, interface: str, device_address: str, interfaces: Path = Path("/sys/class/net")
    ) -> None:
        """`interfaces`: where the kernel lists those there are."""
        self.tap_interface = interface
        self.canary_address = device_address
        self._place = interfaces / interface

    def tap_command(self, command: Sequence[str]) -> list[str]:
        """The command, ended when this process is."""
        setpriv = find_program("setpriv", "util-linux")
        return [setpriv, "--pdeathsig", "TERM", "--", "sh", "-c", _OBEDIENT, "sh", *command]

    def canary_command(self, command: Sequence[str]) -> list[str]:
        """The command as it is."""
        return list(command)

    def trouble(self) -> str | None:
        """Whether the interface is there and up."""
        state = self._place / "operstate"
        name = self.tap_interface
        if not state.exists():
            return f"tap: there is no interface {name}; is it plugged in, and named so in the rig?"
        if state.read_text().strip() in ("down", "lowerlayerdown", "notpresent"):
            return f"tap: the interface {name} is down; bring it up (ip link set {name} up)"
        return None
