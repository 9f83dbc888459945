"""V25: what it sends is the utterance before the dictation: an old buffer."""

from collections.abc import Sequence
from dataclasses import replace

from rigs.reference_device.contacts import Contact
from rigs.reference_device.dialogue import Draft, Heard, Move, Send, Turn
from rigs.reference_device.firmware.verified import VerifiedFirmware


class StaleRecording(VerifiedFirmware):
    """Verified, but for which of its recordings it sends."""

    name = "zoo.stale_recording"

    def __init__(self) -> None:
        self._before: Heard | None = None

    def next_move(
        self, turn: Turn, draft: Draft, heard: Heard | None, contacts: Sequence[Contact]
    ) -> Move:
        """Keep what comes before the dictation, and send that."""
        if heard and turn in (Turn.REQUEST, Turn.RECIPIENT):
            self._before = heard
        move = super().next_move(turn, draft, heard, contacts)
        if isinstance(move, Send) and self._before:
            return replace(move, message=self._before)
        return move


def firmware(seed: int) -> StaleRecording:
    """The device."""
    return StaleRecording()
