"""V09, V11: an affirmative anywhere in what follows the read-back is a yes, whoever says it."""

from collections.abc import Sequence

from rigs.reference_device import understanding as says
from rigs.reference_device.contacts import Contact
from rigs.reference_device.dialogue import Draft, Heard, Move, Send, Turn
from rigs.reference_device.firmware.verified import VerifiedFirmware


class TakesAnyYes(VerifiedFirmware):
    """Verified, but for what it takes for a yes."""

    name = "zoo.loose_yes"

    def next_move(
        self, turn: Turn, draft: Draft, heard: Heard | None, contacts: Sequence[Contact]
    ) -> Move:
        """As 2018 at the confirmation, strict up to there."""
        if turn is Turn.CONFIRM and heard and draft.contact and says.loose_yes(heard.text):
            return Send(draft.contact, draft.message, then_say="sent")
        return super().next_move(turn, draft, heard, contacts)


def firmware(seed: int) -> TakesAnyYes:
    """The device."""
    return TakesAnyYes()
