"""Lines with a checksum: `TEXT*CRC32` in eight hexadecimal digits, ended by a line feed.

Runs under MicroPython on the Pico and under CPython alike, so it keeps to what both have.
"""

from binascii import crc32

LONGEST = 200
"""Bytes of a line; a longer one is noise."""


def seal(text: str) -> bytes:
    """A line as it goes over the wire. `text` is printable ASCII."""
    return f"{text}*{crc32(text.encode()) & 0xFFFFFFFF:08x}\n".encode()


def unseal(line: bytes) -> str | None:
    """What a line says, without its end; None when its checksum does not fit."""
    for byte in line:
        if not 32 <= byte < 127:
            return None
    if len(line) < 9 or line[-9:-8] != b"*":
        return None
    text = line[:-9]
    said = f"{crc32(text) & 0xFFFFFFFF:08x}"
    return text.decode() if line[-8:] == said.encode() else None


class LineReader:
    """Cuts what comes in into lines. Nothing is lost silently: noise is a line of its own."""

    def __init__(self) -> None:
        self._begun = b""

    def take(self, came: bytes) -> list[bytes]:
        """The lines that are whole now, without their ends; empty ones are left out."""
        parts = (self._begun + came).split(b"\n")
        self._begun = parts.pop()
        if len(self._begun) > LONGEST:
            parts.append(self._begun)
            self._begun = b""
        return [part.rstrip(b"\r") for part in parts if part.rstrip(b"\r")]
