"""Names on the rig: whatever the device asks for is the rig's cloud."""

import os
import selectors
import subprocess
from collections.abc import Callable, Sequence
from pathlib import Path

from harness.bench.drivers.guests import Guest, find_program
from harness.clock import Clock
from harness.errors import RigError

_START_LIMIT_S = 5.0


class NameServer:
    """dnsmasq in the cloud's namespace, answering every name with one address."""

    def __init__(
        self, cloud_command: Callable[[Sequence[str]], list[str]], address: str, clock: Clock
    ) -> None:
        """Start it; returns once it listens. Raises `RigError` with what it said otherwise."""
        command = [
            find_program("dnsmasq", "dnsmasq-base"),
            "--no-daemon",  # stays in the foreground, keeps its user, says all on stderr
            "--conf-file=/dev/null",
            "--no-resolv",
            "--no-hosts",
            "--bind-interfaces",
            f"--listen-address={address}",
            f"--address=/#/{address}",
            "--cache-size=0",
        ]
        self._guest = Guest(cloud_command(command), clock, stderr=subprocess.PIPE)
        self._said = b""
        try:
            self._await_start(clock)
        except BaseException:
            self.close()
            raise

    def _await_start(self, clock: Clock) -> None:
        deadline_s = clock.monotonic_s() + _START_LIMIT_S
        while b": started" not in self._said:
            left_s = deadline_s - clock.monotonic_s()
            if left_s <= 0 or not self._read(left_s):
                said = self._said.decode(errors="replace").strip()
                raise RigError(f"name server: dnsmasq did not start: {said or 'it said nothing'}")

    def _read(self, limit_s: float) -> bool:
        """Take in what it says within `limit_s`; False when it has ended or said nothing."""
        pipe = self._guest.process.stderr
        assert pipe is not None
        with selectors.DefaultSelector() as selector:
            selector.register(pipe, selectors.EVENT_READ)
            if not selector.select(limit_s):
                return False
        chunk = os.read(pipe.fileno(), 4096)
        self._said += chunk
        return bool(chunk)

    def trouble(self) -> str | None:
        """Why names are not answered; None while all is well."""
        code = self._guest.ended()
        return None if code is None else f"name server: dnsmasq ended (exit code {code})"

    def close(self) -> None:
        """End it. Safe to call twice."""
        self._guest.kill()
        if self._guest.process.stderr is not None:
            self._guest.process.stderr.close()


def write_resolver_files(folder: Path, server: str) -> dict[Path, Path]:
    """Write what the device resolves names by; returns our file -> the system's that it covers.

    Besides `resolv.conf`: a resolver of the host (systemd-resolved, mDNS) is reached by a Unix
    socket, which crosses network namespaces, so the device may use files and DNS only.
    """
    switch = Path("/etc/nsswitch.conf")
    lines = switch.read_text().splitlines() if switch.exists() else []
    others = [line for line in lines if not line.lstrip().startswith("hosts:")]
    contents = {
        "resolv.conf": f"nameserver {server}\noptions timeout:2 attempts:2\n",
        "hosts": "127.0.0.1 localhost\n",
        "nsswitch.conf": "\n".join([*others, "hosts: files dns"]) + "\n",
    }
    try:
        return _write(folder, contents)
    except OSError as error:
        raise RigError(
            f"name server: cannot write to {folder}: {error}. Free or open the place."
        ) from error


def _write(folder: Path, contents: dict[str, str]) -> dict[Path, Path]:
    folder.mkdir(parents=True, exist_ok=True)
    covered = {}
    for name, content in contents.items():
        system = Path("/etc") / name
        if not system.exists():
            if name == "resolv.conf":
                raise RigError(f"name server: {system} is missing; make it: sudo touch {system}")
            continue
        ours = folder / name
        ours.write_text(content)
        covered[ours.absolute()] = system.resolve()
    return covered
