"""A satellite that the harness did not start, on a bench that it finds as on a table of a lab.

The satellite, its server, the air and the cable are run here, as a lab would have them. The harness
is a program on the machine at the cable's other end, and opens what is there by a rig of `kind:
bench`: an interface of eight channels by PortAudio, a network interface, a proxy's ports.
"""

import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from harness.bench.drivers.authority import open_authority
from harness.bench.drivers.namespaces import Network, open_network
from harness.bench.drivers.process_power import ProcessPower
from harness.bench.drivers.pulse_server import RATE_HZ, PulseServer
from harness.bench.drivers.service_process import ServiceProcess
from harness.bench.rigfile import load_rig
from harness.bench.room_paths import room_paths
from harness.bench.virtual_room import open_room
from harness.clock import RealClock
from tests.bench.private_interface import private_interface
from tests.bench.switches.emulators import kmtronic

ROOT = Path(__file__).parents[2]
SATELLITE = ROOT / "rigs" / "third_party" / "wyoming_satellite"
# The room's process brings sound 2.6 times so late, plus what the sound server buffers. A bench
# measures its paths over 0.4 s, and the cable knows nothing of it.
_AIR_S = 0.025
# /sys shows the network interfaces of the namespace in which it was mounted.
_OWN_SYS = 'mount -t sysfs sysfs /sys && exec "$@"'
_RELAY = 2
INSTALLED = ROOT / ".cache" / "third_party"
NEEDED = pytest.mark.skipif(
    not (INSTALLED / "wyoming_satellite-wake" / "stamp").exists(),
    reason="no wyoming_satellite here: rigs/third_party/setup.sh wyoming_satellite installs it",
)


@dataclass(frozen=True, slots=True)
class Lab:
    """`environment`: by which PortAudio finds the interface; `device_log`: what the satellite
    printed; `relay_port`: the board's.
    """

    network: Network
    environment: Mapping[str, str]
    device_log: Path
    relay_port: str

    def run(self, *arguments: str, within_s: float) -> subprocess.CompletedProcess[str]:
        """`sayso` with these arguments, at the cable's end."""
        command = ["unshare", "--mount", "sh", "-c", _OWN_SYS, "sh", sys.executable]
        command += ["-m", "harness.cli", *arguments]
        return subprocess.run(
            self.network.cloud_command(command, ROOT),
            env=dict(self.environment),
            capture_output=True,
            text=True,
            timeout=within_s,
            check=False,
        )


@contextmanager
def satellite_beside(folder: Path, server_calls: str, *options: str) -> Iterator[Lab]:
    """A satellite that listens, and its server, which calls `server_calls` (host:port).

    `options` are handed to the satellite. Its mains go over relay 2 of a board, which is closed.
    """
    clock = RealClock()
    with ExitStack() as stack:
        network = stack.enter_context(open_network(folder / "net", clock))
        air, environment = stack.enter_context(private_interface(folder / "sound"))
        file = load_rig(SATELLITE / "guarded.yaml")
        room = open_room(file, folder, air, room_paths(file, RATE_HZ), _AIR_S)
        stack.callback(room.stop)
        room.await_ready(10)
        log = folder / "device.log"
        device = _satellite(network, air, folder, log, clock, options)
        stack.callback(device.off)
        device.on()
        board = kmtronic(2, lambda channel, closes: _switch(device, channel, closes))
        board.states[_RELAY] = True
        stack.callback(board.unplug)
        server = _server(network, folder, clock, server_calls)
        stack.callback(server.stop)
        yield Lab(network, environment, log, board.path)


def _switch(device: ProcessPower, channel: int, closes: bool) -> None:
    if channel == _RELAY:
        (device.on if closes else device.off)()


def _satellite(
    network: Network,
    air: PulseServer,
    folder: Path,
    log: Path,
    clock: RealClock,
    options: Sequence[str],
) -> ProcessPower:
    state = folder / "device-state"
    state.mkdir()
    own = {"HOME": str(state), "XDG_RUNTIME_DIR": str(state)}
    environment = {**air.files.device_environment, **own}
    command = [str(SATELLITE / "start.sh"), str(INSTALLED), "porcupine", *options]
    return ProcessPower(network, command, environment, log, clock, folder=ROOT)


def _server(network: Network, folder: Path, clock: RealClock, calls: str) -> ServiceProcess:
    authority = open_authority(folder / "authority")
    operator, state = folder / "operator.sock", folder / "server"
    state.mkdir()
    command = [
        *(sys.executable, "-m", "rigs.wyoming_server", "--satellite", calls),
        *("--policy", "guarded", "--listen", "0.0.0.0:443", "--address", network.cloud_address),
        *("--operator-socket", str(operator), "--state", str(state)),
        *("--ca-cert", str(authority.certificate), "--ca-key", str(authority.key)),
    ]
    return ServiceProcess(
        "server",
        network,
        command,
        folder / "server.log",
        clock,
        ready=operator.exists,
        folder=ROOT,
        limit_s=30,
    )
