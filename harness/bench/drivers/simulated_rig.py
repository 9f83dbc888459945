"""A whole rig in memory, on a simulated clock: the same scenes and judge, many times faster."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from harness.bench.drivers.namespaces import CLOUD_ADDRESS, DEVICE_ADDRESS
from harness.bench.drivers.simulated import (
    SimulatedInbox,
    SimulatedPanel,
    SimulatedPower,
    SimulatedTap,
)
from harness.bench.drivers.simulated_capture import udp_frame
from harness.bench.drivers.simulated_clock import AgendaClock
from harness.bench.drivers.simulated_link import SimulatedLink
from harness.bench.drivers.simulated_sound import SimulatedSound
from harness.bench.ports.canary import CANARY_PORT
from harness.bench.ports.sound import Samples
from harness.bench.rig import Rig
from harness.bench.rigfile import RigFile
from harness.bench.room_paths import Paths, room_paths

RATE_HZ, ULTRASOUND_RATE_HZ = 16_000, 48_000
_MARK_SOURCE_PORT = 40_001
RoomPath = Callable[[str, str], Samples | None]


@dataclass(slots=True)
class SimulatedBench:
    """An open rig, and its parts by what they can do beyond their ports.

    `complaints`: put there what is wrong with a part that is no port (the room, the cloud).
    """

    clock: AgendaClock
    rig: Rig
    sound: SimulatedSound
    tap: SimulatedTap
    power: SimulatedPower
    panel: SimulatedPanel
    link: SimulatedLink
    inbox: SimulatedInbox
    complaints: list[str]

    def close(self) -> None:
        """Let go of whoever waits for something to happen here.

        A stepped device holds the bench as the bench holds it: until they are taken apart, all the
        sound of a play stays in memory.
        """
        self.clock.forget()
        self.link.forget()
        self.power.given.clear()
        self.power.taken.clear()
        self.panel.pressed.clear()


def simulated_bench(
    file: RigFile,
    clock: AgendaClock,
    *,
    paths: Paths | None = None,
    prompts: Path | None = None,
    device_log: Path = Path("device.log"),
    seed: int = 0,
) -> SimulatedBench:
    """A rig as `file` describes it, in memory; the device is left off, and is for others to play.

    `paths` saves computing the room (`room_paths`) for each of many rigs. `prompts`: the
    folder with the device's prompts, None where none are on file. `seed` makes another noise of the
    room's own.
    """
    paths = room_paths(file, _rate_hz(file)) if paths is None else paths

    def path(source: str, microphone: str) -> Samples | None:
        return paths.get((source, microphone))

    tap = SimulatedTap(clock)
    parts = _Parts(
        _sound(file, clock, path, tap, seed),
        tap,
        SimulatedPower(),
        SimulatedPanel(clock),
        SimulatedLink(tap, clock, seed),
        SimulatedInbox(clock),
    )
    rig = parts.rig(file, clock, path, prompts, device_log)
    return SimulatedBench(
        clock,
        rig,
        parts.sound,
        tap,
        parts.power,
        parts.panel,
        parts.link,
        parts.inbox,
        parts.complaints,
    )


def _rate_hz(file: RigFile) -> int:
    return RATE_HZ if file.device.microphone is None else ULTRASOUND_RATE_HZ


def _sound(
    file: RigFile, clock: AgendaClock, path: RoomPath, tap: SimulatedTap, seed: int
) -> SimulatedSound:
    """The room, of a rig that has one; the datagrams of its clicks pass `tap`."""
    assert file.room is not None
    bent = file.device.microphone

    def send(payload: bytes) -> None:
        ends = DEVICE_ADDRESS, _MARK_SOURCE_PORT, CLOUD_ADDRESS, CANARY_PORT
        tap.see(udp_frame(*ends, payload))

    return SimulatedSound(
        clock,
        file.positions,
        path,
        send,
        rate_hz=_rate_hz(file),
        square_law=0.0 if bent is None else bent.square_law,
        noise_db=file.room.noise_db,
        seed=(file.room.seed, seed),
    )


@dataclass(slots=True)
class _Parts:
    """What a bench is made of, before it is a rig."""

    sound: SimulatedSound
    tap: SimulatedTap
    power: SimulatedPower
    panel: SimulatedPanel
    link: SimulatedLink
    inbox: SimulatedInbox
    complaints: list[str] = field(default_factory=list)

    def rig(
        self,
        file: RigFile,
        clock: AgendaClock,
        path: RoomPath,
        prompts: Path | None,
        device_log: Path,
    ) -> Rig:
        """All of it as the stage sees it."""
        power, complaints = self.power, self.complaints
        return Rig(
            file=file,
            clock=clock,
            loudspeaker=self.sound,
            microphone=self.sound,
            shared_event=self.sound,
            tap=self.tap,
            power=power,
            panel=self.panel if file.device.panel else None,
            inbox=self.inbox,
            path=path,
            listening=lambda: power.is_on and power.trouble() is None,
            prompts=lambda _contacts: prompts,
            device_address=DEVICE_ADDRESS,
            canary_flows=lambda: (),
            device_log=device_log,
            reset=lambda: device_log.unlink(missing_ok=True),
            settle=complaints.clear,
            checks=(lambda: complaints[0] if complaints else None,),
            link=self.link,
        )
