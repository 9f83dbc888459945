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
        if isinstance(move, Ask) and move.turn is Turn.MESSAGE and move.draft.contact in contacts:
            below = contacts[(contacts.index(move.draft.contact) + 1) % len(contacts)]
            return replace(move, draft=replace(move.draft, contact=below))
        return move


def firmware(seed: int) -> NextContact:
    """The device."""
    return NextContact()
