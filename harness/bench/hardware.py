"""The real bench: opens the hardware that a rig file of kind `bench` names.

What was opened is closed in reverse, also when opening fails half-way. What the file does not name
is not there, and its letter is in `Rig.absent`: nobody claims to have seen what nobody looked at.
"""

import os
import shutil
import socket
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from harness.bench.bench_tap import bench_tap
from harness.bench.drivers.absent import NoInbox, NoPower, NoTap
from harness.bench.drivers.bridge_slot import open_bridge_link
from harness.bench.drivers.interface_sound import InterfaceSound
from harness.bench.drivers.key_log import SharedKeyLog
from harness.bench.drivers.registry import Place, open_driver
from harness.bench.drivers.switches.keeper import KeptSwitch
from harness.bench.drivers.switches.switched_power import SwitchedPower
from harness.bench.lock import hold, runtime_folder
from harness.bench.measured_paths import measure_paths
from harness.bench.ports import Account, Inbox, Link, Panel, Power, Proxy, Tap
from harness.bench.ports.canary import CANARY_PORT
from harness.bench.probes import probes_of
from harness.bench.prompt_files import PromptFiles
from harness.bench.rig import Rig
from harness.bench.rig_bench import BenchText, DriverText
from harness.bench.rigfile import RigFile
from harness.clock import Clock
from harness.errors import RigError

Check = Callable[[], str | None]
_NO_DEVICE = "00:00:00:00:00:00"


@contextmanager
def open_bench_rig(
    file: RigFile, clock: Clock, environment: Mapping[str, str] = os.environ
) -> Iterator[Rig]:
    """Open the hardware that `file` names; the device is left off, where it can be switched.

    Raises `RigBusy` when somebody else holds the bench, `RigError` when a part is not there or
    does not answer, `UserError` for a secret that `environment` lacks.
    """
    with ExitStack() as stack:
        stack.enter_context(hold(file.name, clock))
        folder = runtime_folder() / file.name
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(mode=0o700)
        stack.callback(shutil.rmtree, folder, ignore_errors=True)
        yield _Opener(file, clock, folder, environment, stack).rig()


_PROMISES = {"panel": Panel, "inbox": Inbox, "account": Account, "proxy": Proxy}
ClicksTo = tuple[socket.socket, str, int]


@dataclass(slots=True)
class _Opener:
    """Opens one part after the other; `stack` closes them."""

    file: RigFile
    clock: Clock
    folder: Path
    environment: Mapping[str, str]
    stack: ExitStack
    _kept: KeptSwitch | None = None

    @property
    def _bench(self) -> BenchText:
        assert self.file.bench is not None
        return self.file.bench

    def rig(self) -> Rig:
        # What cannot be switched back comes first: nothing else runs yet when it fails.
        power = self._power()
        link = self._link()
        proxy: Proxy | None = self._named("proxy", self.file.proxy)
        clicks_to, tap = self._tap(proxy)
        panel: Panel | None = self._named("panel", self._bench.panel)
        if proxy is not None and panel is None:
            panel = proxy.panel
        inbox: Inbox | None = self._named("inbox", self._bench.inbox)
        account: Account | None = self._named("account", self._bench.account)
        sound = self._sound(clicks_to)
        recording = self.folder / "sound" / "paths.f32"
        paths = measure_paths(sound, sound, self.clock, recording)
        recording.unlink()
        keys = self._keys()
        absent = {"N"} if self._bench.tap is None else set[str]()
        if inbox is None:
            absent.add("I")
        return Rig(
            file=self.file,
            clock=self.clock,
            loudspeaker=sound,
            microphone=sound,
            shared_event=sound,
            tap=tap,
            power=power,
            panel=panel,
            inbox=NoInbox() if inbox is None else inbox,
            account=account,
            path=lambda source, microphone: paths.get((source, microphone)),
            listening=power.has_booted,
            prompts=PromptFiles(self.file, self.folder),
            device_address=self._device_address(proxy),
            canary_flows=tuple,
            device_log=self.folder / "device.log",
            reset=lambda: None if keys is None else keys.clear(),
            settle=lambda: None,
            checks=tuple(_checks(panel, inbox)),
            probes=tuple(
                probes_of({"power": self._kept, "panel": panel, "inbox": inbox, "account": account})
            ),
            realtime=sound.realtime,
            link=link,
            keys=bytes if keys is None else keys.read,
            absent=frozenset(absent),
            shared_flash=getattr(panel, "shared_flash", None),
            proxy=proxy,
        )

    def _device_address(self, proxy: Proxy | None) -> str:
        """By which the device's packets in the capture are told."""
        if self._bench.tap is not None:
            return self._bench.tap.mac
        return _NO_DEVICE if proxy is None else proxy.device_address

    def _power(self) -> "BootedPower":
        told = self._bench.power
        if told is None:
            return BootedPower(NoPower(), self.clock, 0.0)
        folder = self._private("power")
        kept = self._kept = KeptSwitch(told.driver, told.options, told.leave, folder)
        self.stack.callback(kept.close)
        kept.identify()
        closed_is_on = told.powered_when_closed
        power = SwitchedPower(kept, self.clock, powered_when_closed=closed_is_on)
        power.off()
        return BootedPower(power, self.clock, self.file.device.ready_s)

    def _link(self) -> Link | None:
        """The link, good now and at the end."""
        told = self._bench.link
        if told is None:
            return None
        link = open_bridge_link(told, self.clock)
        self.stack.callback(link.on)
        return link

    def _tap(self, proxy: Proxy | None) -> tuple[ClicksTo | None, Tap]:
        """The tap, and where the datagrams of the shared clicks go to be seen by it."""
        told = self._bench.tap
        if told is None and proxy is not None:
            sender = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            sender.set_inheritable(True)
            self.stack.callback(sender.close)
            return (sender, *proxy.datagrams_to), proxy
        if told is None:
            return None, NoTap(self.clock)
        point, tap = bench_tap(told, self.file.wire.tap, self.clock, self.file.path.parent)
        self.stack.callback(tap.close)
        link = point.socket()
        self.stack.callback(link.close)
        return (link, point.canary_to, CANARY_PORT), tap

    def _keys(self) -> SharedKeyLog | None:
        """The keys that a proxy logs; none of them is left there when the bench is closed."""
        told = self._bench.tap
        if told is None or told.key_log is None:
            return None
        keys = SharedKeyLog(self.file.path.parent / told.key_log)
        keys.clear()
        self.stack.callback(keys.clear)
        return keys

    def _named(self, slot: str, told: DriverText | None) -> Any:
        """A driver by its name, None where the file names none."""
        if told is None:
            return None
        place = Place(self.clock, self._private(slot), self.environment)
        driver = open_driver(slot, told.driver, told.options, place)
        self.stack.callback(driver.close)
        promise: type[Any] = _PROMISES[slot]
        if not isinstance(driver, promise):
            raise RigError(
                f"the {slot} driver `{told.driver}` opened a {type(driver).__name__}, which is no "
                f"{promise.__name__} (harness.bench.ports)"
            )
        return driver

    def _sound(self, to: ClicksTo | None) -> InterfaceSound:
        environment = {key: self.environment[key] for key in _OF_SOUND if key in self.environment}
        folder = self._private("sound")
        sound = InterfaceSound(self.file, folder, self.clock, to, environment)
        self.stack.callback(sound.close)
        sound.open()
        return sound

    def _private(self, part: str) -> Path:
        folder = self.folder / part
        folder.mkdir(mode=0o700)
        return folder


_OF_SOUND = ("ALSA_CONFIG_PATH", "PULSE_SERVER")


def _checks(*drivers: Any) -> Iterator[Check]:
    """Those of the drivers that tell their trouble."""
    for driver in drivers:
        tells = getattr(driver, "trouble", None)
        if tells is not None:
            yield tells


class BootedPower(Power):
    """Power, and whether a device that nobody can look into has had its time to boot."""

    def __init__(self, power: Power, clock: Clock, boot_s: float) -> None:
        """`boot_s`: so long after it got its power it listens."""
        self._power, self._clock, self._boot_s = power, clock, boot_s
        self._boots_at_s = 0.0

    @property
    def proves_itself(self) -> bool:
        """Whether the switch can be asked."""
        return self._power.proves_itself

    @property
    def clicks(self) -> bool:
        """Whether the switch is heard."""
        return self._power.clicks

    def on(self) -> None:
        """Give power; the device boots from now on."""
        self._power.on()
        # A moment less than the stage waits at most.
        self._boots_at_s = self._clock.monotonic_s() + 0.95 * self._boot_s

    def off(self) -> None:
        """Take power away."""
        self._power.off()

    def trouble(self) -> str | None:
        """What the switch says against what it was told."""
        return self._power.trouble()

    def has_booted(self) -> bool:
        """Whether the device has had power for long enough to listen."""
        return self._clock.monotonic_s() >= self._boots_at_s
