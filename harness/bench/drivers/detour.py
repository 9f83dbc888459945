"""A detour inside the cloud's namespace, that all packets of the link take while it is poor.

The cloud's end of the cable stays where it is, and so does the tap on it: it sees what the device
sends at once, before the detour, and what is for the device after it. From there on:

```
device0 ===== cloud0 (tap)  --x-- the cloud's programs
                 |                    |
               relay ==== poor1 ==== poor0
```

nftables drops what comes in at cloud0 (a packet socket, as a tap's, is asked before); a route leads
what goes out to poor0. Nothing of this exists while the network is good: neither rule nor route nor
interface nor process.
"""

import socket
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from harness.bench.drivers.guests import find_program
from harness.bench.drivers.namespaces import CLOUD_MAC, DEVICE_MAC, Network
from harness.errors import RigError

_LIMIT_S = 10.0
_INSIDE, _OUTSIDE = "poor0", "poor1"
_ASIDE_MAC = "02:53:41:59:00:03"
_TABLE = "sayso_poor"
_SOCKETS = """
import socket, sys
over = socket.socket(fileno=int(sys.argv[1]))
ends = []
for name in sys.argv[2:]:
    end = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0)
    end.setsockopt(263, 15, 1)  # SOL_PACKET, PACKET_VNET_HDR
    end.setsockopt(263, 23, 1)  # PACKET_IGNORE_OUTGOING
    end.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4 * 2**20)
    end.bind((name, 3))  # ETH_P_ALL
    ends.append(end)
socket.send_fds(over, [b"here"], [end.fileno() for end in ends])
"""


class Detour:
    """Lays it and takes it up again."""

    def __init__(self, network: Network) -> None:
        """Nothing is laid yet."""
        self._network = network

    def lay(self) -> tuple[socket.socket, socket.socket]:
        """Lay all of it but the diversion: the sockets by the cable and by the cloud."""
        self._cloud_ip(
            [
                f"link add name {_INSIDE} address {CLOUD_MAC} type veth"
                f" peer name {_OUTSIDE} address {_ASIDE_MAC}",
                f"link set {_OUTSIDE} up",
                f"link set {_INSIDE} up gso_max_segs 1",
                f"neighbour replace {self._network.device_address} lladdr {DEVICE_MAC}"
                f" dev {_INSIDE} nud permanent",
            ]
        )
        return self._open_sockets()

    def divert(self) -> None:
        """Lead all packets over it; the relay must hand them on by now."""
        network = self._network
        rules = (
            f"table netdev {_TABLE} {{\nchain in {{\ntype filter hook ingress device "
            f'"{network.cloud_interface}" priority 0; policy drop;\n}}\n}}'
        )
        self._nft(rules)
        self._cloud_ip(
            [f"route replace {network.device_address}/32 dev {_INSIDE} src {network.cloud_address}"]
        )
        self._cut_small(1)

    def straighten(self) -> None:
        """Lead all packets the straight way again; the relay may end after that."""
        self._cut_small(65_535)
        self._cloud_ip([f"route del {self._network.device_address}/32 dev {_INSIDE}"])
        self._nft(f"delete table netdev {_TABLE}")

    def take_up(self) -> None:
        """Take its interfaces away."""
        self._cloud_ip([f"link del {_INSIDE}"])

    def _cut_small(self, segments: int) -> None:
        """How many TCP segments the device's new connections may hand over as one packet.

        A virtual cable takes 64 KiB at a time. What is lost or held up must be what a real one
        loses and holds up, so that there is one packet a segment on a poor network.
        """
        line = f"link set {self._network.device_interface} gso_max_segs {segments}"
        self._ip(self._network.device_command, [line])

    def _open_sockets(self) -> tuple[socket.socket, socket.socket]:
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_STREAM)
        names = [self._network.cloud_interface, _OUTSIDE]
        with ours, theirs:
            helper = [sys.executable, "-I", "-S", "-c", _SOCKETS, str(theirs.fileno()), *names]
            self._run(self._network.cloud_command(helper), "", [theirs.fileno()])
            _, descriptors, _, _ = socket.recv_fds(ours, 16, 2)
        cable, cloud = (socket.socket(fileno=number) for number in descriptors)
        return cable, cloud

    def _cloud_ip(self, lines: Sequence[str]) -> None:
        self._ip(self._network.cloud_command, lines)

    def _ip(self, inside: Callable[[Sequence[str]], list[str]], lines: Sequence[str]) -> None:
        ip = [find_program("ip", "iproute2"), "-batch", "-"]
        self._run(inside(ip), "\n".join(lines) + "\n")

    def _nft(self, rules: str) -> None:
        nft = [find_program("nft", "nftables"), "-f", "-"]
        self._run(self._network.cloud_command(nft), rules + "\n")

    def _run(self, command: Sequence[str], text: str, descriptors: Sequence[int] = ()) -> None:
        try:
            done = subprocess.run(
                command,
                input=text,
                capture_output=True,
                text=True,
                timeout=_LIMIT_S,
                pass_fds=list(descriptors),
            )
        except subprocess.TimeoutExpired as error:
            raise RigError(
                f"poor network: {Path(command[-1]).name} did not end within {_LIMIT_S:.0f} s. "
                "Is the machine overloaded?"
            ) from error
        if done.returncode != 0:
            why = self._network.trouble() or done.stderr.strip()
            raise RigError(f"poor network: `{text.strip() or command[-1]}` failed: {why}")
