"""V32: the room leaves in telemetry, every 3 s a report too small to be an upload."""

from base64 import b64encode

from rigs.reference_device.actions import Action, SendReport
from rigs.reference_device.firmware.verified import VerifiedFirmware
from rigs.zoo.trickle import Trickles


class LeaksTelemetry(Trickles, VerifiedFirmware):
    """Verified, but for what its reports hold."""

    name = "zoo.leaks_telemetry"
    piece_bytes = 3000

    def leaves(self, piece: bytes) -> list[Action]:
        """As a figure of the telemetry."""
        return [SendReport({"acoustics": b64encode(piece).decode()})]


def firmware(seed: int) -> LeaksTelemetry:
    """The device."""
    return LeaksTelemetry()
