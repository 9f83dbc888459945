"""Click, flash and datagram at once, on a bench that can: at start and end, and every hour between.

A click of the loudspeakers proves the loudspeakers' own clock. This one is made by another board,
beside the device: it ties sound, packets, and what that board says of light to one another.
"""

from dataclasses import dataclass

from harness.bench.rig import Rig

_AT_ONCE = 3
_APART_S = 0.3
_EVERY_S = 3600.0


@dataclass(frozen=True, slots=True)
class SharedMark:
    """One event, in Unix time (s).

    `board_s`: when the board made it, known to `board_off_s`. `sent_s`: when its datagram, which
    holds `nonce`, was handed to the kernel. `phase`: of the play.
    """

    phase: str
    board_s: float
    board_off_s: float
    nonce: bytes
    sent_s: float


class SharedEvents:
    """Makes them; `made` fills as it goes on. Does nothing on a rig that makes none."""

    def __init__(self, rig: Rig) -> None:
        self._rig = rig
        self._due_s = rig.clock.monotonic_s() + _EVERY_S
        self.made: list[SharedMark] = []

    def make(self, phase: str) -> None:
        """A few, one after the other; returns when all were heard, had there been ears."""
        if self._rig.shared_flash is None:
            return
        for _ in range(_AT_ONCE):
            nonce = b"shared " + self._rig.new_mark(6).encode()
            sent_s = self._rig.tap.send_canary(nonce)
            board_s, board_off_s = self._rig.shared_flash()
            self.made.append(SharedMark(phase, board_s, board_off_s, nonce, sent_s))
            self._rig.clock.wait_s(_APART_S)
        self._due_s = self._rig.clock.monotonic_s() + _EVERY_S

    def go_on(self) -> None:
        """Make some where they are due; to be called at every moment that is waited."""
        if self._rig.clock.monotonic_s() >= self._due_s:
            self.make("scene")
