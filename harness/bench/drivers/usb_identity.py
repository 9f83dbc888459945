"""What is on USB, by what it is and not by where it is plugged in: usb:VENDOR:PRODUCT[:SERIAL]."""

import re
from dataclasses import dataclass

_WRITTEN = re.compile(r"usb:([0-9a-f]{4}):([0-9a-f]{4})(?::(.+))?", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class UsbIdentity:
    """`serial`: its serial number; None where it has none, or any will do."""

    vendor: int
    product: int
    serial: str | None = None

    def __str__(self) -> str:
        """As a rig file names it."""
        number = f":{self.serial}" if self.serial else ""
        return f"usb:{self.vendor:04x}:{self.product:04x}{number}"

    @classmethod
    def read(cls, name: str) -> "UsbIdentity | None":
        """What a name means; None where it is not written so."""
        found = _WRITTEN.fullmatch(name)
        return found and cls(int(found[1], 16), int(found[2], 16), found[3])
