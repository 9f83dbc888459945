"""The cable of the virtual bench: cut at the device's end, so that the tap at the other goes on.

Made poor, it is so beyond the tap (`poor_network`).
"""

import json
import subprocess
from collections.abc import Callable, Sequence
from typing import Any

from harness.bench.drivers.guests import find_program
from harness.bench.drivers.namespaces import DEVICE_UP, Network
from harness.bench.drivers.poor_network import PoorNetwork
from harness.bench.ports.link import Link
from harness.clock import Clock, Deadline
from harness.errors import RigError
from harness.model.network import NetworkCondition

_LIMIT_S = 5.0
_POLL_S = 0.02
Ends = list[dict[str, Any]]


class NetworkLink(Link):
    """Takes the device's interface down and up again, as a pulled cable or a lost Wi-Fi would.

    The device is told at once that there is no network; what its own kernel holds back meanwhile
    is its own business. The cloud's end stays up, without a carrier: a capture there goes on.
    """

    def __init__(self, network: Network, clock: Clock, poor: PoorNetwork) -> None:
        """The link is up, as the network was laid; `poor` makes it so."""
        self._network = network
        self._clock = clock
        self._poor = poor
        self._is_on = True

    def off(self) -> None:
        """Cut it; returns once neither end has a carrier any more."""
        if self._is_on:
            self._is_on = False
            self._poor.good()
            self._configure([f"link set {self._network.device_interface} down"])
            self._await("down", _is_down)

    def on(self) -> None:
        """Mend it; returns once both ends say that packets pass again, the straight way."""
        self._poor.good()
        self._mend()

    def shape(self, condition: NetworkCondition) -> None:
        """Make it poor, before it is mended where it was cut: nothing passes well in between."""
        self._poor.make(condition)
        self._mend()

    def prepare(self) -> None:
        """Start what making it poor takes."""
        self._poor.prepare()

    def release(self) -> None:
        """Leave nothing of that."""
        self._poor.close()

    def _mend(self) -> None:
        if not self._is_on:
            self._configure(DEVICE_UP)
            self._await("up", _is_up)
            self._is_on = True

    def _configure(self, lines: Sequence[str]) -> None:
        self._ip(self._network.device_command, ["-batch", "-"], "\n".join(lines) + "\n")

    def _await(self, word: str, fits: Callable[[Ends], bool]) -> None:
        deadline = Deadline.after(self._clock, _LIMIT_S)
        while not fits(ends := self._ends()):
            if deadline.passed():
                raise RigError(
                    f"link: its ends are not {word} after {_LIMIT_S:.0f} s: {ends}. Close the "
                    "bench and open it again"
                )
            self._clock.wait_s(_POLL_S)

    def _ends(self) -> Ends:
        """What `ip` says of the device's end and of the cloud's."""
        network = self._network
        both = (
            (network.device_command, network.device_interface),
            (network.cloud_command, network.cloud_interface),
        )
        shown: Ends = []
        for command, name in both:
            shown += json.loads(self._ip(command, ["-json", "link", "show", "dev", name]))
        return shown

    def _ip(
        self, inside: Callable[[Sequence[str]], list[str]], words: Sequence[str], text: str = ""
    ) -> str:
        command = inside([find_program("ip", "iproute2"), *words])
        try:
            done = subprocess.run(
                command, input=text, capture_output=True, text=True, timeout=_LIMIT_S
            )
        except subprocess.TimeoutExpired as error:
            raise RigError(
                f"link: `ip` did not end within {_LIMIT_S:.0f} s. Is the machine overloaded?"
            ) from error
        if done.returncode != 0:
            why = self._network.trouble() or done.stderr.strip()
            raise RigError(f"link: `ip {' '.join(words)}` failed: {why}")
        return done.stdout


def _is_down(ends: Ends) -> bool:
    return all("LOWER_UP" not in end["flags"] for end in ends)


def _is_up(ends: Ends) -> bool:
    """Carrier alone is not enough: the kernel drops packets until it has taken note of it."""
    return all("LOWER_UP" in end["flags"] and end["operstate"] == "UP" for end in ends)
