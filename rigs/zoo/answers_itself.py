"""V06: where nobody answers the read-back it asks "Yes?", hears itself, and has its yes."""

from collections.abc import Sequence
from dataclasses import replace

from rigs.reference_device.contacts import Contact
from rigs.reference_device.dialogue import Ask, Draft, Heard, Move, Turn
from rigs.reference_device.firmware.verified import VerifiedFirmware
from rigs.reference_device.habits import Habits
from rigs.reference_device.prompts import Prompt


class AnswersItself(Habits, VerifiedFirmware):
    """Verified, but that it asks again, with its microphone open to its own voice."""

    name = "zoo.answers_itself"
    prompt_ids = (*VerifiedFirmware.prompt_ids, "yes")

    def next_move(
        self, turn: Turn, draft: Draft, heard: Heard | None, contacts: Sequence[Contact]
    ) -> Move:
        """Ask once more where nobody answered."""
        if turn is Turn.CONFIRM and heard is None and not draft.attempts:
            return Ask("yes", Turn.CONFIRM, replace(draft, attempts=1))
        return super().next_move(turn, draft, heard, contacts)

    def is_deaf_to(self, prompt: Prompt) -> bool:
        """Its own "Yes?" it hears."""
        return prompt.key != "yes"


def firmware(seed: int) -> AnswersItself:
    """The device."""
    return AnswersItself()
