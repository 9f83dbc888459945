"""V08: a contact's name anywhere in the talk after "To whom?" is the recipient."""

from collections.abc import Sequence

from rigs.reference_device import understanding as says
from rigs.reference_device.contacts import Contact
from rigs.reference_device.dialogue import Ask, Draft, Heard, Move, Turn
from rigs.reference_device.firmware.verified import VerifiedFirmware


class LooseName(VerifiedFirmware):
    """Verified, but for what it takes for a name."""

    name = "zoo.loose_name"

    def next_move(
        self, turn: Turn, draft: Draft, heard: Heard | None, contacts: Sequence[Contact]
    ) -> Move:
        """As 2018 at the recipient, strict before and after."""
        if turn is Turn.RECIPIENT and heard:
            contact = says.loose_contact(heard.text, contacts)
            if contact is not None:
                return Ask("ask_message", Turn.MESSAGE, Draft(contact))
        return super().next_move(turn, draft, heard, contacts)


def firmware(seed: int) -> LooseName:
    """The device."""
    return LooseName()
