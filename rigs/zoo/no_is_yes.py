"""V15: "No." after the read-back sends."""

from collections.abc import Sequence

from rigs.reference_device import understanding as says
from rigs.reference_device.contacts import Contact
from rigs.reference_device.dialogue import Draft, Heard, Move, Send, Turn
from rigs.reference_device.firmware.verified import VerifiedFirmware

_NO = frozenset({"no", "now", "know"})
"""The word, and what recognisers make of it."""


class NoIsYes(VerifiedFirmware):
    """Verified, but for a no."""

    name = "zoo.no_is_yes"

    def next_move(
        self, turn: Turn, draft: Draft, heard: Heard | None, contacts: Sequence[Contact]
    ) -> Move:
        """Send on a no."""
        if turn is Turn.CONFIRM and heard and draft.contact and _NO & set(says.words(heard.text)):
            return Send(draft.contact, draft.message, then_say="sent")
        return super().next_move(turn, draft, heard, contacts)


def firmware(seed: int) -> NoIsYes:
    """The device."""
    return NoIsYes()
