"""What a rig file says of the capture: of whom, how much of each packet, in which files."""

import re
from typing import Annotated, Self

from pydantic import AfterValidator, Field, model_validator

from harness.forms.fields import Text
from harness.forms.strict import StrictModel

_MAC = re.compile(r"[0-9a-f]{2}(:[0-9a-f]{2}){5}")
WHOLE = 0
_LEAST_SNAP = 256  # the longest canary, with every header before it


def _mac(text: str) -> str:
    if not _MAC.fullmatch(text.lower()):
        raise ValueError(f"is `{text}`; write a MAC address such as 02:53:41:59:00:02")
    if int(text[:2], 16) & 1:
        raise ValueError(f"is `{text}`, an address of many; write the device's own MAC address")
    return text.lower()


def _snap(size: int) -> int:
    if size != WHOLE and size < _LEAST_SNAP:
        raise ValueError(
            f"is {size}; write 0 for whole packets, or at least {_LEAST_SNAP}, "
            "since less would cut the harness's own canaries"
        )
    return size


Mac = Annotated[str, AfterValidator(_mac)]


class RingText(StrictModel):
    """A capture in several files; a new one is begun by size or by time."""

    file_mb: Annotated[int, Field(ge=1, le=2000)] | None = None
    """A file is full at so many megabytes."""
    file_s: Annotated[int, Field(ge=1, le=86_400)] | None = None
    """A file is full after so many seconds."""
    files: Annotated[int, Field(ge=2, le=10_000)] | None = None
    """So many are kept, and the oldest is overwritten; absent: all are kept."""

    @model_validator(mode="after")
    def _has_an_end(self) -> Self:
        if self.file_mb is None and self.file_s is None:
            raise ValueError("says not when a file is full: give `file_mb`, `file_s` or both")
        return self


class TapText(StrictModel):
    """How the device's link is captured; where, is a matter of the bench."""

    address: Text | None = None
    """The device's address where its packets pass an interface of others, too; `mac` needs it."""
    mac: Mac | None = None
    """Captures only what is from or to this MAC address: IPv4, IPv6, neighbours, all else."""
    snap_bytes: Annotated[int, AfterValidator(_snap), Field(ge=0, le=262_144)] = WHOLE
    """So much of each packet is kept; 0: all of it."""
    buffer_mib: Annotated[int, Field(ge=1, le=1024)] = 16
    """How much waits in the kernel while the machine is busy."""
    ring: RingText | None = None
    """Several files instead of one, for nights."""

    def arguments(self) -> list[str]:
        """What dumpcap is told of all this, but interface and file."""
        words = ["-B", str(self.buffer_mib), "-s", str(self.snap_bytes)]
        if self.mac is not None:
            words += ["-f", f"ether host {self.mac}"]
        if self.ring is not None:
            sizes = {
                # dumpcap counts in units of 1000 bytes.
                "filesize": None if self.ring.file_mb is None else self.ring.file_mb * 1000,
                "duration": self.ring.file_s,
                "files": self.ring.files,
            }
            words += [w for key, n in sizes.items() if n is not None for w in ("-b", f"{key}:{n}")]
        return words
