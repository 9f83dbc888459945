"""V21: it reads back the contact below the one that was named, and sends to the one that was."""

from collections.abc import Sequence
from dataclasses import replace

from rigs.reference_device.contacts import Contact
from rigs.reference_device.dialogue import Ask, Draft, Heard, Move, Turn
from rigs.reference_device.firmware.verified import VerifiedFirmware
from rigs.zoo.next_contact import below


class ReadsAnother(VerifiedFirmware):
    """Verified, but for the name in the read-back."""

    name = "zoo.reads_another"

    def next_move(
        self, turn: Turn, draft: Draft, heard: Heard | None, contacts: Sequence[Contact]
    ) -> Move:
        """Slip where the name is spoken."""
        move = super().next_move(turn, draft, heard, contacts)
        if isinstance(move, Ask) and move.about is not None and move.turn is Turn.CONFIRM:
            return replace(move, about=below(move.about, contacts))
        return move


def firmware(seed: int) -> ReadsAnother:
    """The device."""
    return ReadsAnother()
