"""A rig with a fault in it."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace

from harness.bench.faults.hands import FaultyPanel, FaultyPower
from harness.bench.faults.kinds import Fault, FaultKind
from harness.bench.faults.machine import full_disk, starved_processor
from harness.bench.faults.onset import Onset
from harness.bench.faults.sound import FaultyLoudspeaker, FaultyMicrophone
from harness.bench.faults.wire import FaultyInbox, FaultyTap
from harness.bench.rig import Rig
from harness.clock import RealClock

_INBOX = (FaultKind.INBOX_DOWN, FaultKind.INBOX_STUCK)


@contextmanager
def with_fault(rig: Rig, fault: Fault) -> Iterator[Rig]:
    """The same rig with a fault, which is told in its name, so that every ruling shows it.

    It begins anew with each play, and is over when this is left. The parts themselves are not
    touched, but for the device's power; the machine is, by a full disk and a starved processor.
    """
    # A processor of simulated time cannot be busy: there the parts say what they would then say.
    starves = fault.kind is FaultKind.CPU_STARVED and not isinstance(rig.clock, RealClock)
    onset = Onset(rig.clock, fault.after_s, _deed(rig, fault.kind, starves=starves))
    unplugged = fault.kind is FaultKind.SERIAL_UNPLUGGED
    try:
        yield replace(
            rig,
            file=replace(rig.file, name=f"{rig.file.name}, with a fault: {fault.said}"),
            loudspeaker=FaultyLoudspeaker(rig.loudspeaker, rig.microphone, fault, onset),
            microphone=FaultyMicrophone(rig.microphone, fault, onset, late=starves),
            tap=FaultyTap(rig.tap, fault, onset),
            power=FaultyPower(rig.power, fault, onset, rig.clock, starves=starves),
            panel=FaultyPanel(rig.panel, onset) if rig.panel and unplugged else rig.panel,
            inbox=FaultyInbox(rig.inbox, fault, onset) if fault.kind in _INBOX else rig.inbox,
        )
    finally:
        onset.lift()
        if unplugged:
            rig.power.off()


def _deed(rig: Rig, kind: FaultKind, *, starves: bool) -> Callable[[ExitStack], None]:
    """What is done at the onset, behind the harness's back; what lasts goes onto the stack."""

    def do(lasting: ExitStack) -> None:
        if kind is FaultKind.DEVICE_REBOOTS:
            rig.power.cycle()
        elif kind is FaultKind.DEVICE_OFF:
            rig.power.off()
        elif kind is FaultKind.DISK_FULL:
            lasting.enter_context(full_disk())
        elif kind is FaultKind.CPU_STARVED and not starves:
            lasting.enter_context(starved_processor())

    return do
