"""V23: the message holds all that was heard since a second before the wake word."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from rigs.reference_device.contacts import Contact
from rigs.reference_device.dialogue import Draft, Heard, Move, Send, Turn
from rigs.reference_device.firmware.verified import VerifiedFirmware
from rigs.zoo.recollects import Recollects


class BeginsBeforeWake(Recollects, VerifiedFirmware):
    """Verified, but for where the message begins."""

    name = "zoo.begins_before_wake"

    def next_move(
        self, turn: Turn, draft: Draft, heard: Heard | None, contacts: Sequence[Contact]
    ) -> Move:
        """Put before the dictation what was heard before it."""
        move = super().next_move(turn, draft, heard, contacts)
        if not isinstance(move, Send) or move.message is None:
            return move
        before, _ = self.around(move.message.pcm)
        sound = np.concatenate([before, move.message.pcm])
        return replace(move, message=replace(move.message, pcm=sound))


def firmware(seed: int) -> BeginsBeforeWake:
    """The device."""
    return BeginsBeforeWake()
