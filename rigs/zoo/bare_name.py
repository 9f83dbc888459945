"""V20: it reads back "Thomas, right?": no act, no full name."""

from collections.abc import Sequence
from dataclasses import replace

from rigs.reference_device.contacts import Contact
from rigs.reference_device.dialogue import Ask, Draft, Heard, Move, Turn
from rigs.reference_device.firmware.verified import VerifiedFirmware


class BareName(VerifiedFirmware):
    """Verified, but for the words of the read-back."""

    name = "zoo.bare_name"
    prompt_ids = (*VerifiedFirmware.prompt_ids, "first_name_right")

    def next_move(
        self, turn: Turn, draft: Draft, heard: Heard | None, contacts: Sequence[Contact]
    ) -> Move:
        """Ask as 2018 asked."""
        move = super().next_move(turn, draft, heard, contacts)
        if isinstance(move, Ask) and move.prompt_id == "read_back":
            return replace(move, prompt_id="first_name_right")
        return move


def firmware(seed: int) -> BareName:
    """The device."""
    return BareName()
