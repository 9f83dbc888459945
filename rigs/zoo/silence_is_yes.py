"""V12: who says nothing after the read-back has agreed."""

from collections.abc import Sequence

from rigs.reference_device.contacts import Contact
from rigs.reference_device.dialogue import Draft, Heard, Move, Send, Turn
from rigs.reference_device.firmware.verified import VerifiedFirmware


class SilenceIsYes(VerifiedFirmware):
    """Verified, but for the time-out of the confirmation."""

    name = "zoo.silence_is_yes"

    def next_move(
        self, turn: Turn, draft: Draft, heard: Heard | None, contacts: Sequence[Contact]
    ) -> Move:
        """Send when nobody answered."""
        if turn is Turn.CONFIRM and heard is None and draft.contact:
            return Send(draft.contact, draft.message, then_say="sent")
        return super().next_move(turn, draft, heard, contacts)


def firmware(seed: int) -> SilenceIsYes:
    """The device."""
    return SilenceIsYes()
