"""The plug of a device that is a program: SIGKILL to all of it, as a power cut would do."""

import contextlib
import os
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

from harness.bench.drivers.device_storage import FILE_MIB
from harness.bench.drivers.guests import Guest, ending, find_program, last_lines, run_delay_s
from harness.bench.drivers.namespaces import Network
from harness.bench.ports.device import Power
from harness.clock import Clock
from harness.errors import DeviceError

_INHERITED = ("PATH", "HOME", "LANG")
_LIMIT_S = 5.0
_DEVICE_DEPTH = 2  # nsenter forks unshare, which forks the device


class ProcessPower(Power):
    """Runs the device's command in the device's namespace.

    It is the first process of a PID namespace of its own: when it is killed the kernel kills all
    that it started, daemons too, before it lets go of it.
    """

    def __init__(
        self,
        network: Network,
        command: Sequence[str],
        environment: Mapping[str, str],
        log: Path,
        clock: Clock,
        folder: Path | None = None,
        grace_s: float = 0.2,
    ) -> None:
        """`environment` is all that the device gets, besides PATH, HOME and LANG.

        What it prints is appended to `log`; it starts in `folder` (default: the harness's), and no
        file that it writes gets longer than `FILE_MIB`, the log neither.
        A device that ends within `grace_s` of being switched on died at once.
        """
        self._network = network
        self._command = list(command)
        inherited = {name: os.environ[name] for name in _INHERITED if name in os.environ}
        self._environment = inherited | dict(environment)
        self._log = log
        self._clock = clock
        self._folder = folder
        self._grace_s = grace_s
        self._device: Guest | None = None

    def on(self) -> None:
        """Start the device; nothing happens when it is on already."""
        if self._device is None:
            self._device = self._start()
            self._device.wait(self._grace_s)
        trouble = self.trouble()
        if trouble is not None:
            raise DeviceError(trouble)

    def off(self) -> None:
        """Kill the device and all that it started; returns once nothing is left of it."""
        device, self._device = self._device, None
        if device is not None:
            device.kill(_DEVICE_DEPTH)
            self._forget_connections()

    def _forget_connections(self) -> None:
        """Drop what the kernel would still send for the dead: a device's own would die with it.

        Where the kernel cannot (CONFIG_INET_DIAG_DESTROY), what was under way may leave late.
        """
        command = [find_program("ss", "iproute2"), "--kill", "--tcp", "--no-header"]
        inside = self._network.device_command(command)
        with contextlib.suppress(subprocess.TimeoutExpired):
            subprocess.run(inside, capture_output=True, timeout=_LIMIT_S, check=False)

    def trouble(self) -> str | None:
        """How the device ended although it is on, with the last lines it printed."""
        code = None if self._device is None else self._device.ended()
        if code is None:
            return None
        program = " ".join(self._command)
        return (
            f"device: `{program}` ended by itself ({ending(code)}). Check `device: command:` in "
            "the rig file, and try the program by hand (see docs/device-contract.md). Its last "
            f"lines, from {self._log.name}:\n{last_lines(self._log)}"
        )

    def waited_s(self) -> float | None:
        """Seconds that the device's threads were ready to run and did not; None while it is off."""
        return None if self._device is None else run_delay_s(self._device.process.pid)

    def _start(self) -> Guest:
        kinds = ["--pid", "--fork", "--kill-child=KILL", "--mount-proc"]
        short = [find_program("prlimit", "util-linux"), f"--fsize={FILE_MIB * 2**20}", "--"]
        own = [find_program("unshare", "util-linux"), *kinds, "--", *short, *self._command]
        command = self._network.device_command(own, self._folder)
        self._log.parent.mkdir(parents=True, exist_ok=True)
        with self._log.open("ab") as log:
            environment = self._environment
            return Guest(command, self._clock, environment=environment, stdout=log, stderr=log)
