"""V31: after an answer it listens on without a wake word, and uploads whoever speaks next.

Its rig declares the follow-up window; that it takes in people who mean somebody else is the fault.
"""

from collections.abc import Sequence

from rigs.reference_device.contacts import Contact
from rigs.reference_device.dialogue import Ask, Draft, Heard, Move, Say, Turn
from rigs.reference_device.firmware.verified import VerifiedFirmware

_ANSWERS = ("am_here", "cannot_help")


class KeepsListening(VerifiedFirmware):
    """Verified, with a follow-up window that is open to everybody."""

    name = "zoo.keeps_listening"

    def next_move(
        self, turn: Turn, draft: Draft, heard: Heard | None, contacts: Sequence[Contact]
    ) -> Move:
        """Listen for another request after each answer."""
        move = super().next_move(turn, draft, heard, contacts)
        if isinstance(move, Say) and move.prompt_id in _ANSWERS:
            return Ask(move.prompt_id, Turn.REQUEST, Draft())
        return move


def firmware(seed: int) -> KeepsListening:
    """The device."""
    return KeepsListening()
