"""Promises between a simulated bench and what stands on it: a device and a cloud that are stepped.

They have no thread, no socket and no sound card. They put deeds on an agenda, and are called when
those are due; nothing of them ever waits. The rig file names a function that makes them
(`simulated: stepped:`), so that the harness knows no device by name.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from harness.bench.ports.account import Account
from harness.bench.ports.canary import CanaryFlow
from harness.bench.ports.inbox import Inbox
from harness.bench.ports.sound import Samples
from harness.bench.rigfile import RigFile
from harness.model.timeline import LightState


class Agenda(Protocol):
    """The simulated clock, as those see it who act on it."""

    def now_s(self) -> float:
        """Simulated Unix time in seconds."""
        ...

    def do_at(self, unix_s: float, deed: Callable[[], None]) -> None:
        """Do `deed` at a Unix time (s); a deed never waits."""
        ...

    def wait_s(self, seconds: float) -> None:
        """Let time pass, all that is due with it. Not from within a deed."""
        ...


class SteppedSound(Protocol):
    """The simulated room, from where the device stands. Indices are those of the sound ports."""

    rate_hz: int

    def now(self) -> int:
        """The index that sounds now."""
        ...

    def sounds_at_s(self, index: int) -> float:
        """The Unix time (s) at which an index sounds."""
        ...

    def device_hears(self, start: int, count: int) -> Samples:
        """`count` samples at the device's microphone from index `start`, which must be past."""
        ...

    def device_says(self, samples: Samples, at_index: int) -> None:
        """Play mono `samples` (full scale 1.0) from `at_index` on, in place of what was left."""
        ...

    def device_hushes(self, at_index: int) -> None:
        """Fall silent at `at_index`."""
        ...


@dataclass(frozen=True, slots=True)
class Surroundings:
    """All that a stepped device and its cloud are given.

    `show`: the device's light. `muted`: where the mute switch stands. `send`: puts an Ethernet
    frame on the device's cable now, from either end, where the tap sees it; lost unless
    `network_is_on`. `put`: the same, for frames to which it matters what the network is: upward
    (from the device) or not, and what is done once it is at the other end, which where
    `network_is_poor` is late or never.
    `folder`: the device's state, emptied by the bench between plays.
    `log`: a file for the device's own log. `seed`: whatever they draw by chance comes from it, so
    that the same seed gives the same evidence. `cache`: a folder for results that depend on
    nothing but their input, None where none are to be kept. `keys`: the file for the device's TLS
    session keys, in the format of `SSLKEYLOGFILE`; None where the device is closed.
    """

    file: RigFile
    agenda: Agenda
    sound: SteppedSound
    send: Callable[[bytes], None]
    network_is_on: Callable[[], bool]
    network_is_poor: Callable[[], bool]
    put: Callable[[bytes, bool, Callable[[], None]], None]
    show: Callable[[LightState], None]
    muted: Callable[[], bool]
    device_address: str
    cloud_address: str
    folder: Path
    log: Path
    seed: int
    cache: Path | None
    keys: Path | None = None


class Peers(Protocol):
    """A stepped device and its cloud. Both are there from the start; the device is off."""

    inbox: Inbox
    account: Account

    def canary_flows(self) -> tuple[CanaryFlow, ...]:
        """The connections that the inbox opened from the device's side."""
        ...

    def power_on(self) -> None:
        """The device has power; it boots. `DeviceError` when it dies at once."""
        ...

    def power_off(self) -> None:
        """Power is gone: no sound, no packet, no light from now on. Safe to call twice."""
        ...

    def press_mute(self, on: bool) -> None:
        """The mute switch was set; a device that is off reads `muted` when it boots."""
        ...

    def listening(self) -> bool:
        """Whether the device has its microphone open."""
        ...

    def trouble(self) -> str | None:
        """Why the device or the cloud does not run although it should; None while all is well."""
        ...

    def close(self) -> None:
        """Let go of everything."""
        ...


OpenPeers = Callable[[Surroundings], Peers]
