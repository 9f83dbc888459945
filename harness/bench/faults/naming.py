"""Which controls say what broke: whether a ruling names the fault that there was."""

from harness.bench.faults.kinds import FaultKind
from harness.model.ruling import Ruling

_SOUND = ("loudspeaker_heard", "lines_played", "microphone_sound", "stimulus_subtracted")
_SILENT = (*_SOUND, "no_audio_gap", "device_awake")
_WIRE = ("tap_canary", "tap_complete", "one_clock")
_DEVICE = ("device_awake", "device_kept_up", "device_listened")
NAMED_BY: dict[FaultKind, tuple[str, ...]] = {
    FaultKind.MICROPHONE_DEAD: _SILENT,
    FaultKind.MICROPHONE_SOFT: _SOUND,
    FaultKind.MICROPHONES_SWAPPED: _SOUND,
    FaultKind.SAMPLES_LOST: ("one_clock", "lines_played", "no_audio_gap", "stimulus_subtracted"),
    FaultKind.LOUDSPEAKER_DEAD: (*_SOUND, "device_awake"),
    FaultKind.LOUDSPEAKER_LOW: _SOUND,
    FaultKind.LOUDSPEAKERS_SWAPPED: _SOUND,
    FaultKind.CLOCK_OFF: ("one_clock",),
    FaultKind.CLOCK_STEPPED: ("one_clock",),
    FaultKind.SOUND_RESTARTS: (*_SOUND, "no_audio_gap", "one_clock"),
    FaultKind.TAP_DIES: _WIRE,
    FaultKind.TAP_BLIND: _WIRE,
    FaultKind.PACKETS_DROPPED: _WIRE,
    FaultKind.INBOX_DOWN: ("inbox_canary", "all_collected"),
    FaultKind.INBOX_STUCK: ("inbox_canary",),
    FaultKind.DEVICE_REBOOTS: _DEVICE,
    FaultKind.DEVICE_OFF: _DEVICE,
    FaultKind.SERIAL_UNPLUGGED: ("all_collected", "deeds_done"),
    FaultKind.DISK_FULL: ("all_collected",),
    FaultKind.CPU_STARVED: ("device_kept_up",),
}
"""The controls that say what broke, for each kind of fault."""
_DISK = ("is full", "not whole")


def names(ruling: Ruling, kind: FaultKind) -> bool:
    """Whether a ruling names a fault of this kind: by a control, or, for a disk, in its reasons."""
    broken = {control.name for control in ruling.controls if not control.held}
    if broken & set(NAMED_BY[kind]):
        return True
    return kind is FaultKind.DISK_FULL and names_disk(*ruling.reasons, ruling.headline)


def names_disk(*said: str) -> bool:
    """Whether somebody said that the disk is full."""
    return any(words in each for each in said for words in _DISK)
