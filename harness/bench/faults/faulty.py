"""A rig with a fault in it."""

from collections.abc import Callable
from dataclasses import replace

from harness.bench.faults.kinds import Fault, FaultKind
from harness.bench.faults.onset import Onset
from harness.bench.faults.sound import FaultyLoudspeaker, FaultyMicrophone
from harness.bench.faults.wire import FaultyInbox, FaultyTap
from harness.bench.rig import Rig

_INBOX = (FaultKind.INBOX_DOWN, FaultKind.INBOX_STUCK)


def with_fault(rig: Rig, fault: Fault) -> Rig:
    """The same rig with a fault, which is told in its name, so that every ruling shows it.

    It begins anew with each play. The parts themselves are not touched, but for the device's power.
    """
    onset = Onset(rig.clock, fault.after_s, _deed(rig, fault.kind))
    return replace(
        rig,
        file=replace(rig.file, name=f"{rig.file.name}, with a fault: {fault.said}"),
        loudspeaker=FaultyLoudspeaker(rig.loudspeaker, rig.microphone, fault, onset),
        microphone=FaultyMicrophone(rig.microphone, fault, onset),
        tap=FaultyTap(rig.tap, fault, onset),
        inbox=FaultyInbox(rig.inbox, fault, onset) if fault.kind in _INBOX else rig.inbox,
    )


def _deed(rig: Rig, kind: FaultKind) -> Callable[[], None]:
    """What is done at the onset, behind the harness's back."""
    deeds = {FaultKind.DEVICE_REBOOTS: rig.power.cycle, FaultKind.DEVICE_OFF: rig.power.off}
    return deeds.get(kind, lambda: None)
