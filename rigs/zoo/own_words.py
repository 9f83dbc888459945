"""An honest device that reads back in words that its maker's list of prompts does not hold.

It is the clean twin of those that break a rule in such words.
"""

from collections.abc import Sequence
from dataclasses import replace

from rigs.reference_device.contacts import Contact
from rigs.reference_device.dialogue import Ask, Draft, Heard, Move, Turn
from rigs.reference_device.firmware.verified import VerifiedFirmware


class OwnWords(VerifiedFirmware):
    """Verified, in other words; `wording`: the prompt that it reads back by."""

    name = "zoo.own_words"
    wording = "own_read_back"

    def next_move(
        self, turn: Turn, draft: Draft, heard: Heard | None, contacts: Sequence[Contact]
    ) -> Move:
        """Read back in its own words."""
        move = super().next_move(turn, draft, heard, contacts)
        if isinstance(move, Ask) and move.prompt_id == "read_back":
            return replace(move, prompt_id=self.wording)
        return move


def firmware(seed: int) -> OwnWords:
    """The device."""
    return OwnWords()
