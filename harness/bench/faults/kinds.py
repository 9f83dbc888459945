"""What can break on a bench, and when."""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from harness.bench.rig import Rig


class FaultKind(StrEnum):
    """What breaks; none of it is announced."""

    MICROPHONE_DEAD = "the listener's microphone is dead"
    MICROPHONE_SOFT = "the listener's microphone is 20 dB too soft"
    MICROPHONES_SWAPPED = "the two microphones are swapped"
    SAMPLES_LOST = "a block of sound is lost"
    LOUDSPEAKER_DEAD = "a loudspeaker is dead"
    LOUDSPEAKER_LOW = "a loudspeaker is 12 dB too low"
    LOUDSPEAKERS_SWAPPED = "two loudspeakers are swapped"
    CLOCK_OFF = "the sound's clock is 50 ms off"
    CLOCK_STEPPED = "the tap's clock is set 250 ms ahead"
    SOUND_RESTARTS = "the sound server is restarted, and is away for 1.5 s"
    TAP_DIES = "the tap captures nothing any more"
    TAP_BLIND = "the tap is blind for 12 s"
    PACKETS_DROPPED = "the tap drops a fifth of the packets, and counts them"
    INBOX_DOWN = "the inbox cannot be reached"
    INBOX_STUCK = "the inbox shows nothing new"
    DEVICE_REBOOTS = "the device reboots"
    DEVICE_OFF = "the device loses its power"
    SERIAL_UNPLUGGED = "the serial line to the power switch and the buttons is unplugged"
    DISK_FULL = "the disk is full"
    CPU_STARVED = "the processor is starved"


FROM_THE_START = frozenset(
    {
        FaultKind.MICROPHONES_SWAPPED,
        FaultKind.LOUDSPEAKERS_SWAPPED,
        FaultKind.CLOCK_OFF,
        FaultKind.CPU_STARVED,
    }
)
"""What is wrong with the cables, the sound's clock or the machine is wrong all along."""
_LATEST_S = 35.0


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault. `after_s`: seconds after the capture began, 0 for all along. `places`: the
    loudspeakers that it is about. `seed`: of what it does by chance.
    """

    kind: FaultKind
    after_s: float
    places: tuple[str, ...]
    seed: int

    @property
    def said(self) -> str:
        """In words, for reports."""
        where = f" ({' and '.join(self.places)})" if self.places else ""
        when = f" from {self.after_s:.1f} s on" if self.after_s else ""
        return f"{self.kind}{where}{when}"


def kinds_for(rig: Rig) -> tuple[FaultKind, ...]:
    """What can break on a rig that has these parts."""
    lacking = set[FaultKind]()
    if len(rig.loudspeaker.positions) < 2:
        lacking.add(FaultKind.LOUDSPEAKERS_SWAPPED)
    if "device" not in rig.microphone.channels:
        lacking.add(FaultKind.MICROPHONES_SWAPPED)
    return tuple(kind for kind in FaultKind if kind not in lacking)


def draw_fault(seed: int, kinds: Sequence[FaultKind], positions: Sequence[str]) -> Fault:
    """A fault that hangs on the seed alone."""
    chance = random.Random(f"fault/{seed}")
    kind = chance.choice(list(kinds))
    places: tuple[str, ...] = ()
    if kind in (FaultKind.LOUDSPEAKER_DEAD, FaultKind.LOUDSPEAKER_LOW):
        places = (chance.choice(list(positions)),)
    elif kind is FaultKind.LOUDSPEAKERS_SWAPPED:
        places = tuple(sorted(chance.sample(list(positions), 2)))
    after_s = 0.0 if kind in FROM_THE_START else round(chance.uniform(0.0, _LATEST_S), 1)
    return Fault(kind, after_s, places, seed)
