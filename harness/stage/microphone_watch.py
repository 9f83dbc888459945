"""Whether the device has its microphone open in controls and scene: one that restarts is deaf."""

from collections.abc import Container

from harness.bench.rig import Rig
from harness.model.script import Deed

_EVERY_S = 0.5
# A single look may come while the device opens its microphone anew, as some do after an answer.
_LOOKS = 2
# Without power it hears nothing, and with its button pressed it need not.
_MAY_BE_DEAF = (Deed.UNPLUG, Deed.MUTE)


class MicrophoneWatch:
    """Looks twice a second. `away`: what has been done to the device and not undone yet.

    `deaf_at_unix_s` fills with the Unix time (s) of each time that it was twice found closed.
    """

    def __init__(self, rig: Rig, away: Container[Deed], deaf_at_unix_s: list[float]) -> None:
        self._rig, self._away, self._deaf_at_unix_s = rig, away, deaf_at_unix_s
        self._due_s = rig.clock.monotonic_s()
        self._closed = 0

    def go_on(self) -> None:
        """Look where it is time to; to be called at every moment that is waited."""
        now_s = self._rig.clock.monotonic_s()
        if now_s < self._due_s:
            return
        self._due_s = now_s + _EVERY_S
        may_be = any(deed in self._away for deed in _MAY_BE_DEAF)
        self._closed = 0 if may_be or self._rig.listening() else self._closed + 1
        if self._closed == _LOOKS:
            self._deaf_at_unix_s.append(self._rig.clock.now_s())
