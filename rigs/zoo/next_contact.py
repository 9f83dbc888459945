"""V22: it takes the contact below the one that was named, and says so in the read-back."""

from collections.abc import Sequence
from dataclasses import replace

from rigs.reference_device.contacts import Contact
from rigs.reference_device.dialogue import Ask, Draft, Heard, Move, Turn
from rigs.reference_device.firmware.verified import VerifiedFirmware


class NextContact(VerifiedFirmware):
    """Verified, but for a slip of one line in the list of contacts."""

    name = "zoo.next_contact"

    def next_move(
        self, turn: Turn, draft: Draft, heard: Heard | None, contacts: Sequence[Contact]
    ) -> Move:
        """Slip where the recipient is settled."""
        move = super().next_move(turn, draft, heard, contacts)
        if isinstance(move, Ask) and move.turn is Turn.MESSAGE and move.draft.contact:
            draft = replace(move.draft, contact=below(move.draft.contact, contacts))
            return replace(move, draft=draft)
        return move


def below(contact: Contact, contacts: Sequence[Contact]) -> Contact:
    """The contact below one in the list; the first below the last."""
    return contacts[(contacts.index(contact) + 1) % len(contacts)]


def firmware(seed: int) -> NextContact:
    """The device."""
    return NextContact()
