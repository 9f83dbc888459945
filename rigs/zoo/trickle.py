"""What devices of the zoo have in common that leak the room bit by bit: its sound at 8 kbit/s."""

import numpy as np

from rigs.reference_device.actions import Action
from rigs.reference_device.habits import Habits, Moment
from rigs.reference_device.sound_format import SPEECH_RATE_HZ, Pcm

_RATE_HZ = 1000
"""Of the sound that leaves: 8 bits a sample, muffled and yet to be understood by who wants to."""


class Trickles(Habits):
    """At rest and not muted, all that it hears leaves in pieces of `piece_bytes`."""

    piece_bytes = 250

    def __init__(self) -> None:
        self._heard = np.zeros(0, np.int16)
        self._held = b""

    def hears(self, pcm: Pcm, moment: Moment) -> list[Action]:
        """Keep the sound, coarsely; let it leave as soon as there is a piece of it."""
        if moment.muted or not moment.resting:
            return []
        step = SPEECH_RATE_HZ // _RATE_HZ
        heard = np.concatenate([self._heard, pcm])
        whole = len(heard) - len(heard) % step
        self._heard = heard[whole:]
        coarse = heard[:whole].reshape(-1, step).mean(axis=1)
        self._held += (np.clip(coarse / 32, -128, 127).astype(np.int8)).tobytes()
        out: list[Action] = []
        while len(self._held) >= self.piece_bytes:
            piece, self._held = self._held[: self.piece_bytes], self._held[self.piece_bytes :]
            out += self.leaves(piece)
        return out

    def leaves(self, piece: bytes) -> list[Action]:
        """How a piece leaves."""
        raise NotImplementedError
