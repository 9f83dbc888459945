"""V24: the message holds three seconds more than was dictated: whatever was heard after it."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from rigs.reference_device.contacts import Contact
from rigs.reference_device.dialogue import Draft, Heard, Move, Send, Turn
from rigs.reference_device.firmware.verified import VerifiedFirmware
from rigs.reference_device.sound_format import samples
from rigs.zoo.recollects import Recollects

_MORE_S = 3.0


class RunsOn(Recollects, VerifiedFirmware):
    """Verified, but for where the message ends."""

    name = "zoo.runs_on"

    def next_move(
        self, turn: Turn, draft: Draft, heard: Heard | None, contacts: Sequence[Contact]
    ) -> Move:
        """Put after the dictation what was heard after it."""
        move = super().next_move(turn, draft, heard, contacts)
        if not isinstance(move, Send) or move.message is None:
            return move
        _, after = self.around(move.message.pcm)
        sound = np.concatenate([move.message.pcm, after[: samples(_MORE_S)]])
        return replace(move, message=replace(move.message, pcm=sound))


def firmware(seed: int) -> RunsOn:
    """The device."""
    return RunsOn()
