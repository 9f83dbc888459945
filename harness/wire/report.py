"""What a capture says, and the way to ask: without what reads captures, which is slow to import."""

from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

from harness.bench.ports.canary import CanaryFlow
from harness.model.timeline import Upload
from harness.wire.declared import Declared


@dataclass(frozen=True, slots=True)
class Traffic:
    """What passed on the link.

    `canaries`: Unix time (s) by nonce. `sent`: (Unix time, bytes of the frame) of every packet from
    the device that is not the harness's own. `received`: the same for packets to it.
    """

    canaries: dict[bytes, float]
    sent: tuple[tuple[float, int], ...]
    received: tuple[tuple[float, int], ...]


@dataclass(frozen=True, slots=True)
class UploadLimits:
    """What separates uploads from idle traffic; set in the rig file for the device at hand."""

    gap_s: float = 1.0
    min_bytes: int = 6000


@dataclass(frozen=True, slots=True)
class WireReport:
    """What a capture says. `uploads` carry Unix times (s), in the order in which they began.

    `truncated`: the file ends within a block. `malformed`: packets that could not be read.
    `dropped`: packets lost by the capture's own count, None when it says nothing.
    """

    uploads: tuple[Upload, ...]
    traffic: Traffic
    truncated: bool
    malformed: int
    dropped: int | None


def read_wire(
    path: Path,
    device_address: str,
    harness_flows: Collection[CanaryFlow] = (),
    limits: UploadLimits | None = None,
    nonces: Collection[bytes] | None = None,
    declared: Declared | None = None,
) -> WireReport:
    """Read a capture of the device's link. Raises `RigError` when it is no sound capture.

    `harness_flows`: connections that the harness opened from the device's side for its canaries.
    `nonces`: of the canaries that it sent on the link. Others, and repeated ones, are the device's,
    which can send what looks like one; None where that cannot be told. `declared`: where the device
    may send and what it sends while idle, None where nobody says so.
    """
    # The compiler takes two seconds to import: only those who read a capture wait for it.
    from harness.wire.uploads import wire_report

    chosen = limits or UploadLimits()
    return wire_report(path, device_address, harness_flows, chosen, nonces, declared or Declared())
