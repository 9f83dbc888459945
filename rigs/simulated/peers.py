"""Makes the stepped device and its cloud from a rig file: the contract of `simulated: stepped:`."""

import random
from collections.abc import Sequence
from urllib.parse import urlsplit

from harness.bench.drivers.cloud_account import CloudAccount
from harness.bench.ports.canary import CanaryFlow
from harness.bench.ports.stepped import Surroundings
from harness.bench.rigfile import fill
from harness.errors import DeviceError, RigError
from rigs.reference_device import errors
from rigs.reference_device.options import Options, parse
from rigs.simulated.account import SteppedCarrier
from rigs.simulated.cloud import SteppedCloud, SteppedInbox
from rigs.simulated.device import Life
from rigs.simulated.engines import Engines
from rigs.simulated.tls import OpenTls
from rigs.simulated.wire import Cable

_PROGRAM = ["-m", "rigs.reference_device"]


class ReferencePeers:
    """The reference device and the reference cloud, on one agenda."""

    def __init__(self, around: Surroundings) -> None:
        self._around = around
        self._options = _options(around)
        assert around.file.cloud is not None  # of every rig but a bench
        self._host = urlsplit(self._options.cloud).hostname or around.file.cloud.host
        self._dice = random.Random(around.seed)
        folder, variant = around.folder.with_name("cloud-accounts"), around.file.cloud.variant
        try:
            self._cloud = SteppedCloud(folder, around.agenda.now_s, self._dice, variant)
        except ValueError as error:
            raise RigError(f"{around.file.path}: `cloud: variant`: {error}") from error
        cable = Cable(around, self._host, random.Random(self._dice.getrandbits(32)))
        self.inbox = SteppedInbox(around, self._cloud, cable)
        token, carrier = around.file.cloud.token, SteppedCarrier(self._cloud)
        sees_door = around.file.cloud.witnessed
        self.account = CloudAccount(carrier, token, around.agenda, sees_door=sees_door)
        self._life: Life | None = None
        try:
            self._engines = Engines(self._options, around.folder.with_name("voice"), around.cache)
        except errors.DeviceError as error:
            raise RigError(f"the stepped device cannot be made: {error}") from error

    def canary_flows(self) -> tuple[CanaryFlow, ...]:
        """The connections that the inbox opened from the device's side."""
        return self.inbox.canary_flows()

    def power_on(self) -> None:
        """The device boots, with fresh engines."""
        try:
            parts = self._engines.parts()
        except errors.DeviceError as error:
            raise DeviceError(f"device: it does not start: {error}") from error
        seed = self._dice.getrandbits(32)
        gain = self._options.gain
        self._life = Life(self._around, parts, self._cloud, self._host, seed, gain, self._tls())

    def _tls(self) -> OpenTls | None:
        """Real TLS, where the rig reads what its device sends."""
        keys = self._around.keys
        return None if keys is None else OpenTls(self._host, keys)

    def power_off(self) -> None:
        """Power is gone."""
        if self._life is not None:
            self._life.end()
            self._life = None

    def press_mute(self, on: bool) -> None:
        """The mute switch was set."""
        if self._life is not None:
            self._life.press_mute(on)

    def listening(self) -> bool:
        """Whether the device has its microphone open."""
        return self._life is not None and self._life.listening

    def trouble(self) -> str | None:
        """Why the cloud does not run; None while all is well."""
        return self._cloud.down

    def close(self) -> None:
        """Let go of everything."""
        self.power_off()
        self._engines.close()
        self._cloud.close()


def open_peers(around: Surroundings) -> ReferencePeers:
    """The device that the rig file's `device: command:` names, and its cloud."""
    return ReferencePeers(around)


def _options(around: Surroundings) -> Options:
    assert around.file.device.command is not None
    words: Sequence[str] = fill(around.file.device.command, {"python": "python"})
    if list(words[1:3]) != _PROGRAM:
        raise RigError(
            f"{around.file.path}: `device: command:` starts `{' '.join(words[1:3])}`; only "
            "rigs.reference_device can be stepped by rigs.simulated (docs/simulated.md)"
        )
    try:
        return parse(words[3:])
    except SystemExit as error:
        raise RigError(f"{around.file.path}: `device: command:` is not understood") from error
