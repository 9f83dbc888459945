"""The tap: every packet of the device's link, with kernel time."""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class TapReport:
    """What the capture says of itself: packets written, and packets the kernel or it dropped.

    `own_nonces`: of canaries that it sent by itself, to see its own end. `files`: where it lies,
    in the order written, empty where that is `path` alone. `overwritten`: files of a ring that
    are gone, and what was in them with them.
    """

    path: Path
    packets: int
    dropped: int
    own_nonces: tuple[bytes, ...] = ()
    files: tuple[Path, ...] = ()
    overwritten: int = 0


class Tap(ABC):
    """Captures the device's link into a pcapng file, or a ring of them beside it."""

    @abstractmethod
    def start(self, path: Path) -> None:
        """Capture into `path`; returns only once the capture says that it is armed.

        Where it writes several files, `capture_files(path)` finds them.
        """

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
