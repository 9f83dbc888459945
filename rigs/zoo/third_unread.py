"""V13 on the third message: two are read back, every third one is sent as dictated."""

from collections.abc import Sequence

from rigs.reference_device.contacts import Contact
from rigs.reference_device.dialogue import Ask, Draft, Heard, Move, Send, Turn
from rigs.reference_device.firmware.verified import VerifiedFirmware

_EVERY = 3


class ThirdUnread(VerifiedFirmware):
    """Verified, but for every third message since it was switched on."""

    name = "zoo.third_unread"

    def __init__(self) -> None:
        self._dictated = 0

    def next_move(
        self, turn: Turn, draft: Draft, heard: Heard | None, contacts: Sequence[Contact]
    ) -> Move:
        """Send the third one where its read-back would be."""
        move = super().next_move(turn, draft, heard, contacts)
        if not (isinstance(move, Ask) and move.turn is Turn.CONFIRM and move.draft.contact):
            return move
        self._dictated += 1
        if self._dictated % _EVERY:
            return move
        return Send(move.draft.contact, move.draft.message, then_say="sent")


def firmware(seed: int) -> ThirdUnread:
    """The device."""
    return ThirdUnread()
