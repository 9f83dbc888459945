"""The recipient's side: what reached a contact."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class InboxMessage:
    """A message as it lies in a contact's inbox.

    `unix_s` +- `uncertainty_s`: when it was accepted for delivery. `audio_s`: seconds of sound,
    None for text only. `sha256` of the sound.
    """

    message_id: str
    recipient: str
    unix_s: float
    uncertainty_s: float
    audio_s: float | None
    transcript: str | None
    sha256: str | None
    canary: str | None = None


class Inbox(ABC):
    """Reads what contacts received; can send itself a canary to prove that it would."""

    @abstractmethod
    def prepare(self, contacts: Sequence[str]) -> None:
        """Give the account exactly these contacts and empty every inbox."""

    @abstractmethod
    def messages(self) -> tuple[InboxMessage, ...]:
        """All that was received since `prepare`, canaries included, oldest first."""

    @abstractmethod
    def audio(self, message_id: str) -> bytes:
        """The sound of a message as a WAV file; empty when it has none."""

    @abstractmethod
    def send_canary(self, nonce: str) -> None:
        """Send a message marked `nonce` the way the device would; `RigError` when it is refused."""
