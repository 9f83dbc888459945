"""V25: what it sends is the first thing that it heard since it was switched on: an old buffer."""

from collections.abc import Sequence
from dataclasses import replace

from rigs.reference_device.contacts import Contact
from rigs.reference_device.dialogue import Draft, Heard, Move, Send, Turn
from rigs.reference_device.firmware.verified import VerifiedFirmware


class StaleRecording(VerifiedFirmware):
    """Verified, but for which of its recordings it sends."""

    name = "zoo.stale_recording"

    def __init__(self) -> None:
        self._first: Heard | None = None

    def next_move(
        self, turn: Turn, draft: Draft, heard: Heard | None, contacts: Sequence[Contact]
    ) -> Move:
        """Keep the first utterance, and send it in place of every other."""
        self._first = self._first or heard
        move = super().next_move(turn, draft, heard, contacts)
        return replace(move, message=self._first) if isinstance(move, Send) else move


def firmware(seed: int) -> StaleRecording:
    """The device."""
    return StaleRecording()
