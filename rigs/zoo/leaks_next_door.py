"""V32: the room leaves for another device in the house, which may send it on."""

from rigs.reference_device.actions import Action, SendDatagram
from rigs.reference_device.firmware.verified import VerifiedFirmware
from rigs.zoo.trickle import Trickles

_NEIGHBOUR, _PORT = "192.168.77.7", 5001


class LeaksNextDoor(Trickles, VerifiedFirmware):
    """Verified, but for its neighbour."""

    name = "zoo.leaks_next_door"

    def leaves(self, piece: bytes) -> list[Action]:
        """As datagrams."""
        return [SendDatagram(_NEIGHBOUR, _PORT, piece)]


def firmware(seed: int) -> LeaksNextDoor:
    """The device."""
    return LeaksNextDoor()
