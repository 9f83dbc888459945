"""The tap: every packet of the device's link, with kernel time."""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class TapClock:
    """How the clock of a tap on another machine stood to this machine's, by which it was corrected.

    It was ahead by `ahead_s` at `from_s` (its own Unix time) and gained `drift_ppm` from there on;
    `uncertainty_ms`: so far that may be off at any time of the capture, of which `misfit_ms` is
    what no two clocks that run straight can explain. `bounds`: from so many comparisons.
    """

    from_s: float
    ahead_s: float
    drift_ppm: float
    uncertainty_ms: float
    misfit_ms: float
    bounds: int

    def ahead_at_s(self, far_s: float) -> float:
        """How far it was ahead (s) when it showed `far_s`."""
        return self.ahead_s + self.drift_ppm * 1e-6 * (far_s - self.from_s)


@dataclass(frozen=True, slots=True)
class TapReport:
    """What the capture says of itself: packets written, and packets the kernel or it dropped.

    `own_nonces`: of canaries that it sent by itself, to see its own end. `files`: where it lies,
    in the order written, empty where that is `path` alone. `overwritten`: files of a ring that
    are gone, and what was in them with them. `clock`: of a tap whose clock is not this machine's;
    the times in its files have been corrected by it.
    """

    path: Path
    packets: int
    dropped: int
    own_nonces: tuple[bytes, ...] = ()
    files: tuple[Path, ...] = ()
    overwritten: int = 0
    clock: TapClock | None = None


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
