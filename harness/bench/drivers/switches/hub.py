"""A port of a USB hub that can switch its power, by the program `uhubctl`.

It is for devices that are fed by USB, such as a small board. Many hubs say that they can switch
and do not; so what `uhubctl` says of a port is no proof that its power is gone.
"""

import re
import subprocess

from harness.bench.drivers.guests import find_program
from harness.bench.drivers.registry import Place
from harness.bench.drivers.switches.options import HubOptions
from harness.bench.drivers.switches.switch import Switch
from harness.errors import RigError

_LIMIT_S = 10.0
_PORT = re.compile(r"^\s+Port (\d+): ([0-9a-f]{4})\b(.*)$", re.MULTILINE)
_HUB = re.compile(r"^Current status for hub (\S+) \[(.*)\]", re.MULTILINE)


class Uhubctl(Switch):
    """One port of a hub. Closed is with power."""

    options = HubOptions
    reads_back = False  # the hub tells what it was told, and many keep the power on all the same

    def __init__(self, program: str, hub: str, port: int) -> None:
        """`program`: the path of uhubctl."""
        self._program, self._hub, self._port = program, hub, port

    @classmethod
    def opened(cls, options: HubOptions, _place: Place) -> "Uhubctl":
        """For a rig file; `RigError` when uhubctl is not installed or knows no such port."""
        switch = cls(find_program("uhubctl", "uhubctl"), options.hub, options.port)
        switch.identify()
        return switch

    def set(self, closed: bool) -> None:
        """Switch the port; `RigError` when the hub says that it did not."""
        said = self._run("--action", "on" if closed else "off")
        # The state before is printed first, and then the new one.
        states = self._states(said)
        if not states or states[-1] is not closed:
            wanted = "on" if closed else "off"
            raise RigError(
                f"port {self._port} of hub {self._hub} did not go {wanted}; uhubctl said: {said}"
            )

    def read(self) -> None:
        """What the hub says of it proves nothing."""

    def identify(self) -> str:
        """What the hub calls itself; `RigError` when there is no such port."""
        said = self._run()
        hub = _HUB.search(said)
        if hub is None or hub[1] != self._hub or not self._states(said):
            raise RigError(
                f"uhubctl knows no port {self._port} on a hub {self._hub} that can switch; it "
                f"said: {said or 'nothing'}. `sudo uhubctl` lists those there are"
            )
        return f"port {self._port} of the hub {hub[2]}"

    def close(self) -> None:
        """The port stays as it is."""

    def _states(self, said: str) -> list[bool]:
        """Whether our port has power, in each of the listings."""
        ours = [row for row in _PORT.findall(said) if int(row[0]) == self._port]
        return [" power" in rest for _, _, rest in ours]

    def _run(self, *action: str) -> str:
        command = [self._program, "--location", self._hub, "--ports", str(self._port), *action]
        try:
            done = subprocess.run(
                command, capture_output=True, text=True, timeout=_LIMIT_S, check=False
            )
        except (OSError, subprocess.TimeoutExpired) as error:
            raise RigError(f"uhubctl cannot be run: {error}") from error
        if done.returncode != 0:
            raise RigError(
                f"uhubctl failed ({done.returncode}): {(done.stderr or done.stdout).strip()}; it "
                "needs the right to the hub (run as root, or see its udev rule)"
            )
        return done.stdout.strip()
