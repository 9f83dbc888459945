"""The virtual bench: opens everything a rig file of kind `virtual` describes, in the right order.

What was opened is closed in reverse, also when opening fails half-way. Everything lives in one
private folder that is wiped first, so that what a killed run left behind is gone at the next.
"""

import os
import shutil
import sys
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path

from harness.bench.drivers.authority import Authority, open_authority
from harness.bench.drivers.cloud_account import CloudAccount
from harness.bench.drivers.cloud_inbox import CloudAccess, CloudInbox
from harness.bench.drivers.device_storage import DeviceStorage
from harness.bench.drivers.dumpcap_tap import DumpcapTap
from harness.bench.drivers.https_carrier import HttpsCarrier
from harness.bench.drivers.key_log import KeyLog
from harness.bench.drivers.link_socket import open_link_socket
from harness.bench.drivers.namespaces import Network, open_network
from harness.bench.drivers.network_link import NetworkLink
from harness.bench.drivers.poor_network import PoorNetwork
from harness.bench.drivers.process_power import ProcessPower
from harness.bench.drivers.pulse_server import RATE_HZ, PulseServer
from harness.bench.drivers.registry import Place, open_driver
from harness.bench.drivers.service_process import ServiceProcess
from harness.bench.drivers.sounddevice_sound import SoundDeviceSound
from harness.bench.drivers.tap_point import VirtualTapPoint
from harness.bench.drivers.unix_panel import UnixPanel
from harness.bench.lock import hold, runtime_folder
from harness.bench.ports import Proxy
from harness.bench.ports.canary import CANARY_PORT
from harness.bench.probes import probes_of
from harness.bench.prompt_files import PromptFiles
from harness.bench.rig import Rig
from harness.bench.rigfile import RigFile, fill
from harness.bench.room_losses import RoomLosses
from harness.bench.room_paths import room_paths
from harness.bench.virtual_room import open_room
from harness.clock import Clock

_STORAGE = "device-state"
_DEVICE_LOG = "device.log"
_PANEL = "panel.sock"
_ROOM_READY_S = 8.0


@contextmanager
def open_virtual_rig(file: RigFile, clock: Clock) -> Iterator[Rig]:
    """Open the bench that `file` describes; the device is left off.

    Raises `RigBusy` when somebody else holds it, `RigError` when a part does not come up.
    """
    with ExitStack() as stack:
        stack.enter_context(hold(file.name, clock))
        folder = _fresh_folder(file.name)
        stack.callback(shutil.rmtree, folder, ignore_errors=True)
        yield _opened(file, clock, folder, stack)


def _fresh_folder(name: str) -> Path:
    folder = runtime_folder() / name
    if folder.exists():
        shutil.rmtree(folder)
    folder.mkdir(mode=0o700)
    return folder


def _opened(file: RigFile, clock: Clock, folder: Path, stack: ExitStack) -> Rig:
    network = stack.enter_context(open_network(folder / "net", clock))
    server = stack.enter_context(PulseServer(folder / "sound", clock))
    authority = open_authority(_authority_folder())
    cloud, inbox = _open_cloud(file, clock, folder, network, authority, stack)
    paths = room_paths(file, RATE_HZ)
    room = open_room(file, folder, server, paths)
    stack.callback(room.stop)
    sound = _open_sound(file, clock, folder, network, server, stack)
    room.await_ready(_ROOM_READY_S)
    sound.open()
    proxy = _open_proxy(file, clock, folder, network, stack)
    panel = _open_panel(file, clock, folder, stack)
    poor, tap = _open_link(file, clock, folder, network, stack)
    keys = KeyLog(folder / "tls-keys.log")
    environment = _device_environment(file, folder, server, authority, keys)
    losses = RoomLosses(room.complaints)
    storage = DeviceStorage(network, folder / _STORAGE)
    checks = [server.trouble, network.trouble, room.trouble, cloud.trouble]
    checks += [poor.trouble, losses] if panel is None else [panel.trouble, poor.trouble, losses]
    said = None if proxy is None else proxy.panel
    return Rig(
        file=file,
        clock=clock,
        loudspeaker=sound,
        microphone=sound,
        shared_event=sound,
        tap=tap,
        power=_open_power(file, clock, folder, network, environment, stack),
        panel=panel or said,
        inbox=inbox,
        account=_account(file, clock, folder, network, authority),
        path=lambda source, microphone: paths.get((source, microphone)),
        listening=server.microphone_is_open,
        prompts=PromptFiles(file, folder),
        device_address=network.device_address,
        canary_flows=inbox.canary_flows,
        device_log=folder / _DEVICE_LOG,
        reset=lambda: _start_afresh(folder, storage, losses, keys),
        settle=losses.count,
        checks=tuple(checks),
        probes=tuple(probes_of({"inbox": inbox})),
        realtime=server.realtime and sound.realtime,
        link=NetworkLink(network, clock, poor),
        keys=keys.read,
        proxy=proxy,
    )


def _authority_folder() -> Path:
    base = os.environ.get("XDG_STATE_HOME") or str(Path.home() / ".local" / "state")
    return Path(base) / "sayso" / "authority"


def _open_cloud(
    file: RigFile,
    clock: Clock,
    folder: Path,
    network: Network,
    authority: Authority,
    stack: ExitStack,
) -> tuple[ServiceProcess, CloudInbox]:
    assert file.cloud is not None
    access = CloudAccess(
        operator_socket=folder / "operator.sock",
        authority=authority.certificate,
        device_command=network.device_command,
        token=file.cloud.token,
        host=file.cloud.host,
    )
    inbox = CloudInbox(access)
    state = folder / "cloud"
    state.mkdir(mode=0o700)
    mapping = {
        "python": sys.executable,
        "operator_socket": str(access.operator_socket),
        "state": str(state),
        "ca_cert": str(authority.certificate),
        "ca_key": str(authority.key),
        "address": network.cloud_address,
        "device_address": network.device_address,
        "neighbour_address": network.neighbour_address,
        "variant": file.cloud.variant,
    }
    service = ServiceProcess(
        "cloud",
        network,
        fill(file.cloud.command, mapping),
        folder / "cloud.log",
        clock,
        ready=inbox.healthy,
        folder=Path(file.cloud.cwd),
    )
    stack.callback(service.stop)
    return service, inbox


def _account(
    file: RigFile, clock: Clock, folder: Path, network: Network, authority: Authority
) -> CloudAccount:
    assert file.cloud is not None
    carrier = HttpsCarrier(
        operator_socket=folder / "operator.sock",
        authority=authority.certificate,
        cloud_command=network.cloud_command,
        host=file.cloud.host,
        address=network.cloud_address,
    )
    return CloudAccount(carrier, file.cloud.token, clock, sees_door=file.cloud.witnessed)


def _open_sound(
    file: RigFile,
    clock: Clock,
    folder: Path,
    network: Network,
    server: PulseServer,
    stack: ExitStack,
) -> SoundDeviceSound:
    link = stack.enter_context(open_link_socket(network))
    sound = SoundDeviceSound(
        folder / "sound",
        server.files,
        file.positions,
        clock,
        (link, network.cloud_address, CANARY_PORT),
    )
    stack.callback(sound.close)
    return sound


def _open_proxy(
    file: RigFile, clock: Clock, folder: Path, network: Network, stack: ExitStack
) -> Proxy | None:
    """What stands between device and cloud, on the cloud's side of the cable."""
    if file.proxy is None:
        return None
    own = folder / "proxy"
    own.mkdir(mode=0o700)
    place = Place(clock, own, os.environ, network.cloud_command)
    proxy: Proxy = open_driver("proxy", file.proxy.driver, file.proxy.options, place)
    stack.callback(proxy.close)
    return proxy


def _open_panel(file: RigFile, clock: Clock, folder: Path, stack: ExitStack) -> UnixPanel | None:
    if not file.device.panel:
        return None
    panel = UnixPanel(folder / _PANEL, clock)
    stack.callback(panel.close)
    return panel


def _open_link(
    file: RigFile, clock: Clock, folder: Path, network: Network, stack: ExitStack
) -> tuple[PoorNetwork, DumpcapTap]:
    poor = PoorNetwork(network, folder / "relay.log")
    stack.callback(poor.close)
    tap = DumpcapTap(VirtualTapPoint(network), clock, file.wire.tap)
    stack.callback(tap.close)
    return poor, tap


def _open_power(
    file: RigFile,
    clock: Clock,
    folder: Path,
    network: Network,
    environment: Mapping[str, str],
    stack: ExitStack,
) -> ProcessPower:
    assert file.device.command is not None
    command = fill(file.device.command, {"python": sys.executable})
    log, place = folder / _DEVICE_LOG, Path(file.device.cwd)
    power = ProcessPower(network, command, environment, log, clock, folder=place)
    stack.callback(power.off)
    return power


def _device_environment(
    file: RigFile, folder: Path, server: PulseServer, authority: Authority, keys: KeyLog
) -> Mapping[str, str]:
    state = folder / _STORAGE
    environment = {
        **server.files.device_environment,
        "SSL_CERT_FILE": str(authority.certificate),
        "REQUESTS_CA_BUNDLE": str(authority.certificate),
        "DEVICE_STATE": str(state),
        "XDG_RUNTIME_DIR": str(state),
        "HOME": str(state),
    }
    if file.device.panel:
        environment["DEVICE_PANEL"] = str(folder / _PANEL)
    if file.device.open:
        environment["SSLKEYLOGFILE"] = str(keys.path)
    return environment | dict(file.device.env)


def _start_afresh(folder: Path, storage: DeviceStorage, losses: RoomLosses, keys: KeyLog) -> None:
    losses.ignore()
    keys.clear()
    storage.renew()
    (folder / _DEVICE_LOG).unlink(missing_ok=True)
