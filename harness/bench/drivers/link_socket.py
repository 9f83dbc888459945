"""A datagram socket that lives on the device's side of the link, usable from outside.

A socket belongs to the network namespace it was made in, whoever holds it: so a short-lived
helper makes it there and hands it over, and the sound worker can send on the link at the very
instant a sample goes out, without starting a process for it.
"""

import socket
import subprocess
import sys
from collections.abc import Callable, Sequence

from harness.bench.drivers.namespaces import Network
from harness.errors import RigError

_HELPER = """
import socket, sys
over = socket.socket(fileno=int(sys.argv[1]))
link = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
socket.send_fds(over, [b"here"], [link.fileno()])
"""


def open_link_socket(network: Network) -> socket.socket:
    """A UDP socket with the device's address."""
    return open_socket(network.device_command)


def open_socket(there: Callable[[Sequence[str]], list[str]]) -> socket.socket:
    """A UDP socket of the place where commands made by `there` run.

    Not connected: nobody listens where it sends to, and a connected socket would fail on the
    answer to that. Inheritable, for a worker process; the caller closes it. `RigError` when it
    cannot be had.
    """
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_STREAM)
    with ours, theirs:
        result = subprocess.run(
            there([sys.executable, "-I", "-S", "-c", _HELPER, str(theirs.fileno())]),
            pass_fds=[theirs.fileno()],
            capture_output=True,
            text=True,
            timeout=10,
            check=False,
        )
        if result.returncode != 0:
            raise RigError(f"no socket on the device's side of the link: {result.stderr.strip()}")
        _, descriptors, _, _ = socket.recv_fds(ours, 16, 1)
    link = socket.socket(fileno=descriptors[0])
    link.set_inheritable(True)
    return link
