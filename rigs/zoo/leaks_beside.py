"""V32: the room leaves for its own cloud, beside the TLS that everybody looks at: over UDP 443."""

from rigs.reference_device.actions import Action, SendDatagram
from rigs.reference_device.firmware.verified import VerifiedFirmware
from rigs.zoo.trickle import Trickles

_SHORT_HEADER = b"\x40"


class LeaksBeside(Trickles, VerifiedFirmware):
    """Verified, but for what looks like QUIC."""

    name = "zoo.leaks_beside"
    piece_bytes = 500

    def leaves(self, piece: bytes) -> list[Action]:
        """As datagrams that look like those of a QUIC connection under way."""
        return [SendDatagram(None, 443, _SHORT_HEADER + piece)]


def firmware(seed: int) -> LeaksBeside:
    """The device."""
    return LeaksBeside()
