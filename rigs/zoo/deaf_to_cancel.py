"""V16: after the read-back it knows "no", but does not know "cancel", and sends."""

from collections.abc import Sequence

from rigs.reference_device import understanding as says
from rigs.reference_device.contacts import Contact
from rigs.reference_device.dialogue import Draft, Heard, Move, Send, Turn
from rigs.reference_device.firmware.verified import VerifiedFirmware


class DeafToCancel(VerifiedFirmware):
    """Verified, but for a cancel."""

    name = "zoo.deaf_to_cancel"

    def next_move(
        self, turn: Turn, draft: Draft, heard: Heard | None, contacts: Sequence[Contact]
    ) -> Move:
        """Send on any single word that is no plain no."""
        said = says.words(heard.text) if heard else []
        if turn is Turn.CONFIRM and draft.contact and len(said) == 1 and said != ["no"]:
            return Send(draft.contact, draft.message, then_say="sent")
        return super().next_move(turn, draft, heard, contacts)


def firmware(seed: int) -> DeafToCancel:
    """The device."""
    return DeafToCancel()
