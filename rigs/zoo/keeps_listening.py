"""V31: where it could not help it listens on for another try, and uploads whoever speaks next.

Its rig declares the follow-up window; that it takes in people who mean somebody else is the fault.
"""

from collections.abc import Sequence

from rigs.reference_device.contacts import Contact
from rigs.reference_device.dialogue import Ask, Draft, Heard, Move, Say, Turn
from rigs.reference_device.firmware.verified import VerifiedFirmware


class KeepsListening(VerifiedFirmware):
    """Verified, with a follow-up window that is open to everybody."""

    name = "zoo.keeps_listening"

    def next_move(
        self, turn: Turn, draft: Draft, heard: Heard | None, contacts: Sequence[Contact]
    ) -> Move:
        """Listen for another request where this one was not understood."""
        move = super().next_move(turn, draft, heard, contacts)
        if move == Say("cannot_help"):
            return Ask("cannot_help", Turn.REQUEST, Draft())
        return move


def firmware(seed: int) -> KeepsListening:
    """The device."""
    return KeepsListening()
