"""V06: what it says where it cannot help ends with its own wake word, and it wakes to that.

It does so within the session that the question opened: nobody else has called it.
"""

from collections.abc import Sequence

from rigs.reference_device.contacts import Contact
from rigs.reference_device.dialogue import Draft, Heard, Move, Say, Turn
from rigs.reference_device.firmware.guarded import GuardedFirmware


class CallsItself(GuardedFirmware):
    """Guarded, with an unlucky answer."""

    name = "zoo.calls_itself"
    prompt_ids = (*GuardedFirmware.prompt_ids, "call_me")

    def next_move(
        self, turn: Turn, draft: Draft, heard: Heard | None, contacts: Sequence[Contact]
    ) -> Move:
        """Say how it is called where it cannot help."""
        move = super().next_move(turn, draft, heard, contacts)
        return Say("call_me") if move == Say("cannot_help") else move


def firmware(seed: int) -> CallsItself:
    """The device."""
    return CallsItself()
