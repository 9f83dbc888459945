"""A whole rig in memory, on a simulated clock: the same scenes and judge, many times faster."""

from collections.abc import Sequence
from dataclasses import dataclass
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
    tap, power, panel = SimulatedTap(clock), SimulatedPower(), SimulatedPanel(clock)
    inbox, complaints = SimulatedInbox(clock), list[str]()
    link = SimulatedLink(tap, clock, seed)
    assert file.room is not None
    bent = file.device.microphone
    rate_hz = RATE_HZ if bent is None else ULTRASOUND_RATE_HZ
    known = room_paths(file, rate_hz) if paths is None else paths

    def path(source: str, microphone: str) -> Samples | None:
        return known.get((source, microphone))

    def send(payload: bytes) -> None:
        ends = DEVICE_ADDRESS, _MARK_SOURCE_PORT, CLOUD_ADDRESS, CANARY_PORT
        tap.see(udp_frame(*ends, payload))

    def prompts_for(_contacts: Sequence[str]) -> Path | None:
        return prompts

    sound = SimulatedSound(
        clock,
        file.positions,
        path,
        send,
        rate_hz=rate_hz,
        square_law=0.0 if bent is None else bent.square_law,
        noise_db=file.room.noise_db,
        seed=(file.room.seed, seed),
    )
    rig = Rig(
        file=file,
        clock=clock,
        loudspeaker=sound,
        microphone=sound,
        shared_event=sound,
        tap=tap,
        power=power,
        panel=panel if file.device.panel else None,
        inbox=inbox,
        path=path,
        listening=lambda: power.is_on and power.trouble() is None,
        prompts=prompts_for,
        device_address=DEVICE_ADDRESS,
        canary_flows=lambda: (),
        device_log=device_log,
        reset=lambda: device_log.unlink(missing_ok=True),
        settle=complaints.clear,
        checks=(lambda: complaints[0] if complaints else None,),
        link=link,
    )
    return SimulatedBench(clock, rig, sound, tap, power, panel, link, inbox, complaints)
