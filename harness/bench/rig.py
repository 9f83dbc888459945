"""An open rig: its ports, and what is known of it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from harness.bench.ports import (
    Inbox,
    Loudspeaker,
    Microphone,
    Panel,
    Power,
    SharedEvent,
    Tap,
)
from harness.bench.ports.canary import CanaryFlow
from harness.bench.ports.sound import Samples
from harness.bench.rigfile import RigFile
from harness.clock import Clock
from harness.errors import RigError


@dataclass(frozen=True, slots=True)
class Rig:
    """Everything the stage needs, whether real or simulated.

    `panel` is None where the device has none. `path(source, microphone)`: impulse response from a
    loudspeaker position (or `device`) to `listener` or `device`, None where it is not known.
    `listening()`: whether the device has its microphone open. `prompts(contacts)`: the folder with
    the device's prompts for these contacts, None where there are none on file. `reset()` gives the
    device, while it is off, an empty state folder and an empty log. `device_address`
    and `canary_flows()` tell the device's packets from the canary's. `checks`: what can go wrong
    with parts that are no port (sound server, room, cloud), each telling its trouble or None.
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
    checks: tuple[Callable[[], str | None], ...] = ()
    realtime: bool = True

    def trouble(self) -> str | None:
        """The first thing that is wrong with the bench or the device; None while all is well."""
        parts = (self.microphone.trouble, self.tap.trouble, self.power.trouble, *self.checks)
        for tell in parts:
            why = tell()
            if why:
                return why
        return None

    def raise_trouble(self) -> None:
        """Raise `RigError` when something is wrong."""
        why = self.trouble()
        if why:
            raise RigError(why)
