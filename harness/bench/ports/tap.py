"""The tap: every packet of the device's link, with kernel time."""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class TapReport:
    """What the capture says of itself: packets written, and packets the kernel or it dropped.

    `own_nonces`: of canaries that it sent by itself, to see its own end.
    """

    path: Path
    packets: int
    dropped: int
    own_nonces: tuple[bytes, ...] = ()


class Tap(ABC):
    """Captures the device's link into a pcapng file."""

    @abstractmethod
    def start(self, path: Path) -> None:
        """Capture into `path`; returns only once the capture says that it is armed."""

    @abstractmethod
    def trouble(self) -> str | None:
        """Why it does not capture although it should; None while all is well or it is stopped."""

    @abstractmethod
    def stop(self) -> TapReport:
        """End the capture and report; `RigError` when it died before or says nothing of drops."""

    @abstractmethod
    def send_canary(self, nonce: bytes) -> float:
        """Put a datagram holding `nonce` on the link; returns the Unix time (s) it was sent at.

        It must not keep a play waiting: it is sent every few seconds all the scene long.
        """
