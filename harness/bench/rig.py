"""An open rig: its ports, and what is known of it."""

import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from harness.bench.ports import (
    Account,
    Inbox,
    Link,
    Loudspeaker,
    Microphone,
    Panel,
    Power,
    Proxy,
    SharedEvent,
    Tap,
)
from harness.bench.ports.canary import CanaryFlow
from harness.bench.ports.live import LiveFeed, Unwatched
from harness.bench.ports.sound import Samples
from harness.bench.probes import Probe
from harness.bench.rigfile import RigFile
from harness.clock import Clock
from harness.errors import DeviceError, RigError


@dataclass(frozen=True, slots=True)
class Rig:
    """Everything the stage needs, whether real or simulated.

    `panel` is None where the device has none, `link` where nobody can cut it, `account` where
    nobody can ask what is kept.
    `path(source, microphone)`: impulse response from a loudspeaker position (or `device`) to
    `listener` or `device`, None where it is not known.
    `listening()`: whether the device has its microphone open. `prompts(contacts)`: the folder with
    the device's prompts for these contacts, None where there are none on file. `reset()` gives the
    device, while it is off, an empty state folder and an empty log; what parts without a port lose
    from then until `settle()`, which is called when all is running, is of no account.
    `absent`: letters of the sources that this rig has not (N without a tap, I without an inbox);
    the ports for them are there, do nothing and see nothing.
    `device_address` (IP or MAC) and `canary_flows()` tell its packets from the canary's. `checks`:
    what can go wrong with parts that are no port (sound server, room, cloud), each telling its
    trouble or None. `probes`: parts that can be asked whether they answer, changing nothing.
    `new_mark(n)`: what tells one canary from all others, n random bytes as hexadecimal digits; on
    simulated time they repeat with the seed.
    `shared_flash()` makes click and flash at once beside the device, on a bench that can: the Unix
    time of it, and how far that may be off (s).
    `keys()`: the log of the TLS session keys that the device has used since `reset`, empty where it
    logs none.
    `live`: whoever watches, told how a play gets on.
    `proxy`: what stands between the device and its server; where there is no other tap, it is
    `tap` as well.
    """

    file: RigFile
    clock: Clock
    loudspeaker: Loudspeaker
    microphone: Microphone
    shared_event: SharedEvent
    tap: Tap
    power: Power
    panel: Panel | None
    inbox: Inbox
    path: Callable[[str, str], Samples | None]
    listening: Callable[[], bool]
    prompts: Callable[[Sequence[str]], Path | None]
    device_address: str
    canary_flows: Callable[[], tuple[CanaryFlow, ...]]
    device_log: Path
    reset: Callable[[], None]
    settle: Callable[[], None]
    checks: tuple[Callable[[], str | None], ...] = ()
    probes: tuple[Probe, ...] = ()
    realtime: bool = True
    link: Link | None = None
    new_mark: Callable[[int], str] = secrets.token_hex
    keys: Callable[[], bytes] = bytes
    absent: frozenset[str] = frozenset()
    shared_flash: Callable[[], tuple[float, float]] | None = None
    account: Account | None = None
    proxy: Proxy | None = None
    live: LiveFeed = field(default_factory=Unwatched)

    @property
    def untried(self) -> frozenset[str]:
        """Letters of the sources of which no control is tried, since nothing is there to try it on.

        A proxy that is the only tap sees what passes it alone, so there is no source N; that it saw
        all of that is proven as with any other tap.
        """
        return self.absent - {"N"} if self.proxy is not None else self.absent

    def trouble(self) -> str | None:
        """What is wrong with the bench or the device, causes first; None while all is well."""
        # What the checks are about carries the ports: a dead server silences every microphone.
        proxy = () if self.proxy is None else (self.proxy.trouble,)
        taps = (*proxy, self.tap.trouble)
        parts = (*self.checks, self.microphone.trouble, *taps, self.power.trouble)
        told = [why.rstrip(".") for tell in parts if (why := tell())]
        return "; ".join(dict.fromkeys(told)) or None

    def raise_trouble(self) -> None:
        """Raise when something is wrong: `DeviceError` if that is the device alone."""
        why = self.trouble()
        if why is None:
            return
        if why == (self.power.trouble() or "").rstrip("."):
            raise DeviceError(why)
        raise RigError(f"{why}. Run `sayso doctor {self.file.path}`, then play the scene again.")
