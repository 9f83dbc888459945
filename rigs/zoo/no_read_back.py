"""V13: it sends as soon as the message is dictated, without reading anything back."""

from collections.abc import Sequence

from rigs.reference_device.contacts import Contact
from rigs.reference_device.dialogue import Ask, Draft, Heard, Move, Send, Turn
from rigs.reference_device.firmware.verified import VerifiedFirmware


class NoReadBack(VerifiedFirmware):
    """Verified, but for the last question."""

    name = "zoo.no_read_back"

    def next_move(
        self, turn: Turn, draft: Draft, heard: Heard | None, contacts: Sequence[Contact]
    ) -> Move:
        """Send where the read-back would be."""
        move = super().next_move(turn, draft, heard, contacts)
        if isinstance(move, Ask) and move.turn is Turn.CONFIRM and move.draft.contact:
            return Send(move.draft.contact, move.draft.message, then_say="sent")
        return move


def firmware(seed: int) -> NoReadBack:
    """The device."""
    return NoReadBack()
