"""Two network namespaces, `cloud` and `device`, with one cable between and no other way out.

Each is held by one process (`unshare ... cat`) that is also the first process of a PID namespace:
when it ends, the kernel kills all that runs in there, whatever it forked. It ends when its input
does, or its parent: so a harness killed with SIGKILL leaves no process, namespace or link behind.
(Linux means by *parent* the thread that started it: open the network from a thread that stays.)

Root and an ordinary user go the same way; the user's namespaces lie in a user namespace of theirs.
"""

import os
import subprocess
import sys
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import IO, Self

from harness.bench.drivers.guests import child_of, find_program
from harness.bench.drivers.names import NameServer, write_resolver_files
from harness.bench.drivers.namespace_rights import missing_right
from harness.clock import Clock, RealClock
from harness.errors import RigError

CLOUD_ADDRESS = "10.77.0.1"
DEVICE_ADDRESS = "10.77.0.2"
NEIGHBOUR_ADDRESS = "10.77.0.3"
"""Of somebody else on the device's network, who is at the cloud's end of the cable, too."""
CLOUD_MAC = "02:53:41:59:00:01"
DEVICE_MAC = "02:53:41:59:00:02"
DEVICE_UP = (
    "link set device0 up",
    f"neighbour replace {CLOUD_ADDRESS} lladdr {CLOUD_MAC} dev device0 nud permanent",
    f"neighbour replace {NEIGHBOUR_ADDRESS} lladdr {CLOUD_MAC} dev device0 nud permanent",
    f"route replace default via {CLOUD_ADDRESS}",
)
"""What brings the device's end of the cable up (`ip -batch`): the kernel forgets the rest of it
whenever that end goes down."""


class _Holder:
    """The process that keeps one set of namespaces alive."""

    def __init__(self, name: str, entry: Sequence[str]) -> None:
        """Start it, `entry` being the command that leads to the right user namespace."""
        self.name = name
        mortal = [find_program("setpriv", "util-linux"), "--pdeathsig", "KILL", "--"]
        # SIGKILL on the death of the parent comes after the user namespace: entering one resets it.
        kinds = ["--net", "--mount", "--pid", "--fork", "--kill-child=KILL"]
        unshare = [find_program("unshare", "util-linux"), *kinds, "--", "cat"]
        self.process = subprocess.Popen(
            [*entry, *mortal, *unshare],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,
        )
        try:
            self._await_echo()
        except BaseException:
            self.close()
            raise

    def _await_echo(self) -> None:
        """Return once `cat` answers, which proves that the namespaces are there."""
        try:
            _pipe(self.process.stdin).write(b"there\n")
            _pipe(self.process.stdin).flush()
        except BrokenPipeError:
            answer = b""
        else:
            answer = _pipe(self.process.stdout).readline()
        if answer != b"there\n":
            said = _pipe(self.process.stderr).read().decode(errors="replace").strip()
            raise RigError(f"network: cannot make namespaces ({said}). {missing_right()}")

    def alive(self) -> bool:
        """Whether the namespaces are still held."""
        return self.process.poll() is None

    def entry(self, with_user: bool, whole: bool = True) -> list[str]:
        """The command that joins these namespaces; only the network's where not `whole`."""
        pid = self.process.pid
        user = ["--user", "--preserve-credentials"] if with_user else []
        rest = ["--mount", f"--pid=/proc/{pid}/ns/pid_for_children"] if whole else []
        nsenter = find_program("nsenter", "util-linux")
        return [nsenter, "--target", str(pid), *user, "--net", *rest, "--"]

    def close(self) -> None:
        """End it; returns once the kernel has cleared all that ran inside."""
        first = child_of(self.process.pid)
        if first is not None and self.alive():
            os.kill(first, 9)
        for pipe in (self.process.stdin, self.process.stdout, self.process.stderr):
            _pipe(pipe).close()
        try:
            self.process.wait(timeout=3.0)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait(timeout=3.0)


class Network:
    """The open network. Use as a context manager, or call `close`."""

    cloud_interface = "cloud0"
    device_interface = "device0"
    cloud_address = CLOUD_ADDRESS
    device_address = DEVICE_ADDRESS
    neighbour_address = NEIGHBOUR_ADDRESS

    def __init__(self, folder: Path, clock: Clock) -> None:
        """Bring it up, with its files in `folder`; what fails half-way is taken down again."""
        self._with_user = os.geteuid() != 0
        with ExitStack() as opening:
            self._cloud = self._hold(opening, "cloud")
            self._device = self._hold(opening, "device")
            self._lay_cable()
            self._bind_resolver(write_resolver_files(folder, CLOUD_ADDRESS))
            self._names = NameServer(self.cloud_command, CLOUD_ADDRESS, clock)
            opening.callback(self._names.close)
            self._open = opening.pop_all()

    def _hold(self, opening: ExitStack, name: str) -> _Holder:
        holder = _Holder(name, self._user_entry(name))
        opening.callback(holder.close)
        return holder

    def _user_entry(self, name: str) -> list[str]:
        """How to get to the user namespace: the cloud's holder makes it, the device's joins it."""
        if not self._with_user:
            return []
        if name == "cloud":
            return [find_program("unshare", "util-linux"), "--user", "--map-root-user", "--"]
        user = f"--user=/proc/{self._cloud.process.pid}/ns/user"
        return [find_program("nsenter", "util-linux"), user, "--preserve-credentials", "--"]

    def cloud_command(self, command: Sequence[str], folder: Path | None = None) -> list[str]:
        """The command that runs `command` in the cloud's namespaces.

        `folder` is its working directory (default: the harness's; `Popen(cwd=...)` has no effect,
        since joining a mount namespace leads to its root).
        """
        return self._command(self._cloud, command, folder)

    def device_command(self, command: Sequence[str], folder: Path | None = None) -> list[str]:
        """The command that runs `command` in the device's namespaces; `folder` as above."""
        return self._command(self._device, command, folder)

    def _command(self, holder: _Holder, command: Sequence[str], folder: Path | None) -> list[str]:
        there = ["env", f"--chdir={(folder or Path.cwd()).absolute()}", "--"]
        return [*holder.entry(self._with_user), *there, *command]

    def trouble(self) -> str | None:
        """Why the network is not whole any more; None while all is well."""
        for holder in (self._cloud, self._device):
            if not holder.alive():
                return f"network: the {holder.name} namespace is gone: its holder was killed"
        return self._names.trouble()

    def close(self) -> None:
        """Take it down: no process, namespace or link is left. Safe to call twice."""
        self._open.close()

    def __enter__(self) -> Self:
        """The network itself."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Take it down."""
        self.close()

    def _lay_cable(self) -> None:
        # Addresses of neighbours are fixed and IPv6 is off: the kernel sends nothing by itself,
        # so that "nothing left the device" can be read off the link.
        # The device's namespace is named by a pid of this side, hence `whole=False` below.
        far = f"peer name device0 address {DEVICE_MAC} netns {self._device.process.pid}"
        self._configure(
            self._cloud,
            [
                f"link add name cloud0 address {CLOUD_MAC} type veth {far}",
                f"address add {CLOUD_ADDRESS}/24 dev cloud0",
                f"address add {NEIGHBOUR_ADDRESS}/24 dev cloud0",
                "link set cloud0 up",
                "link set lo up",
                f"neighbour add {DEVICE_ADDRESS} lladdr {DEVICE_MAC} dev cloud0 nud permanent",
            ],
        )
        self._configure(
            self._device,
            [
                f"address add {DEVICE_ADDRESS}/24 dev device0",
                "link set lo up",
                *DEVICE_UP,
            ],
        )

    def _configure(self, holder: _Holder, lines: Sequence[str]) -> None:
        script = (
            "for which in all default; do f=/proc/sys/net/ipv6/conf/$which/disable_ipv6;"
            ' if [ -e "$f" ]; then echo 1 > "$f" || exit 1; fi; done; exec "$@"'
        )
        ip = [find_program("ip", "iproute2"), "-batch", "-"]
        entry = holder.entry(self._with_user, whole=False)
        _run([*entry, "sh", "-c", script, "sh", *ip], "\n".join(lines) + "\n")

    def _bind_resolver(self, files: dict[Path, Path]) -> None:
        mount = find_program("mount", "mount")
        for ours, theirs in files.items():
            _run(self.device_command([mount, "--bind", str(ours), str(theirs)]), "")


def open_network(folder: Path, clock: Clock | None = None) -> Network:
    """Bring up the two namespaces and their name server; files go to `folder`.

    Raises `RigError` naming the right or the program that is missing.
    """
    if sys.platform != "linux":
        raise RigError("network: namespaces need Linux; run the virtual bench on a Linux machine")
    return Network(folder, clock or RealClock())


def _run(command: Sequence[str], text: str) -> None:
    result = subprocess.run(command, input=text, capture_output=True, text=True, timeout=20)
    if result.returncode != 0:
        raise RigError(
            f"network: {command[-3:]} failed: {result.stderr.strip() or text}. {missing_right()}"
        )


def _pipe(pipe: IO[bytes] | None) -> IO[bytes]:
    assert pipe is not None
    return pipe
