"""V06: one of its own prompts holds the wake word, and it wakes to that."""

from collections.abc import Sequence

from rigs.reference_device.contacts import Contact
from rigs.reference_device.dialogue import Draft, Heard, Move, Say, Turn
from rigs.reference_device.firmware.guarded import GuardedFirmware


class WakesItself(GuardedFirmware):
    """Guarded, with an unlucky prompt."""

    name = "zoo.wakes_itself"
    prompt_ids = (*GuardedFirmware.prompt_ids, "say_alexa")

    def next_move(
        self, turn: Turn, draft: Draft, heard: Heard | None, contacts: Sequence[Contact]
    ) -> Move:
        """Where it cannot help, it says how to ask again: with the wake word."""
        move = super().next_move(turn, draft, heard, contacts)
        return Say("say_alexa") if move == Say("cannot_help") else move


def firmware(seed: int) -> WakesItself:
    """The device."""
    return WakesItself()
