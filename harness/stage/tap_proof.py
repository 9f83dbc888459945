"""Canaries on the link while a scene plays: the tap is proven all along.

While there is no network none can pass, so none is sent. Where it is only poor they still must be
seen, and when they are sent: the tap lies before what makes it poor.
"""

from collections.abc import Container

from harness.bench.rig import Rig
from harness.model.script import Deed

_EVERY_S = 5.0


class TapProof:
    """Sends a canary every few seconds, while there is a network for it to pass.

    `away`: what has been done to the device and not undone yet. `sent` fills as it goes on: those
    sent, as nonce and Unix time (s).
    """

    def __init__(self, rig: Rig, away: Container[Deed], sent: dict[bytes, float]) -> None:
        self._rig, self._away, self._sent = rig, away, sent
        self._due_s = rig.clock.monotonic_s()
        self._was_poor = False

    def go_on(self) -> None:
        """Send one where it is due; to be called at every moment that is waited."""
        now_s = self._rig.clock.monotonic_s()
        poor = Deed.NETWORK_POOR in self._away
        if poor is not self._was_poor:  # proven at once: it may not stay so for long
            self._was_poor, self._due_s = poor, now_s
        if now_s < self._due_s or Deed.NETWORK_OFF in self._away:
            return
        self._due_s = now_s + _EVERY_S
        nonce = b"scene " + self._rig.new_mark(6).encode()
        self._sent[nonce] = self._rig.tap.send_canary(nonce)
