"""What a bench has not: ports that do nothing and see nothing.

The rig says so by the letters in `absent`; nothing is ever proven by one of these.
"""

from collections.abc import Sequence
from pathlib import Path

from harness.bench.ports import Inbox, InboxMessage, Power, Tap, TapReport
from harness.clock import Clock


class NoTap(Tap):
    """Nobody sees the device's packets (no source N)."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    def start(self, path: Path) -> None:
        """Nothing is captured."""

    def trouble(self) -> None:
        """What is not there is not broken."""

    def stop(self) -> TapReport:
        """No packets, in no file."""
        return TapReport(Path(), 0, 0)

    def send_canary(self, nonce: bytes) -> float:
        """Nothing is sent."""
        return self._clock.now_s()


class NoInbox(Inbox):
    """Nobody sees what reaches the contacts (no source I)."""

    def prepare(self, contacts: Sequence[str]) -> None:
        """Whoever set up the account has given it its contacts."""

    def messages(self) -> tuple[InboxMessage, ...]:
        """None that anybody could see."""
        return ()

    def audio(self, message_id: str) -> bytes:
        """There is no message, so no sound."""
        return b""

    def send_canary(self, nonce: str) -> None:
        """Nothing is sent."""


class NoPower(Power):
    """A device that is always on: nobody can switch it."""

    @property
    def proves_itself(self) -> bool:
        """It is never off."""
        return False

    def on(self) -> None:
        """It is."""

    def off(self) -> None:
        """It stays on, after the play too."""

    def trouble(self) -> None:
        """Nothing here could tell."""
