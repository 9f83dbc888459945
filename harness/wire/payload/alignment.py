"""What was found of a sound in a recording of the room, and why not all of it was."""

from dataclasses import dataclass
from itertools import pairwise

from harness.wire.payload.flat import BLOCK_S

EDGE_S = 0.01
"""How far (s) a block may lie from where its neighbours put it: clocks drift, codecs delay."""


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of a sound, and where it was heard: both in seconds, of the sound and of the room.

    `score`: the median correlation of its blocks, 0 to 1.
    """

    at_s: float
    until_at_s: float
    from_s: float
    until_s: float
    score: float


@dataclass(frozen=True, slots=True)
class Alignment:
    """What of a sound the room explains, in the order of the sound.

    `length_s`: the sound's, without the digital silence at its ends. `unexplained_s`: how much
    of it, in one stretch, neither lies in the room nor is quiet; in all, where that is more than
    15 % of what is loud. `ambiguous`: it lies as well in
    another place. `tried`: the best correlation that any place gave.
    """

    pieces: tuple[Piece, ...]
    length_s: float
    unexplained_s: float
    ambiguous: bool
    tried: float

    @property
    def trouble(self) -> str:
        """Why the span is not known; empty where it is."""
        if not self.pieces:
            return f"it is nothing that the microphone heard (correlation {self.tried:.2f})"
        if self.unexplained_s > BLOCK_S:
            return f"{self.unexplained_s:.1f} s of it are nothing that the microphone heard"
        if self.ambiguous:
            return "the microphone heard the same twice, and it could be either"
        return ""

    @property
    def in_order(self) -> bool:
        """Whether each piece was heard after the one before it."""
        pairs = pairwise(self.pieces)
        return all(later.from_s >= piece.until_s - EDGE_S for piece, later in pairs)

    @property
    def from_s(self) -> float:
        """When the earliest of it was heard, in seconds of the room's recording."""
        return min(piece.from_s for piece in self.pieces)

    @property
    def until_s(self) -> float:
        """When the latest of it had been heard."""
        return max(piece.until_s for piece in self.pieces)
