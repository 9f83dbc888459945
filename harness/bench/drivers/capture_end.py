"""The end of a finished pcapng file: how many packets were received and dropped."""

import struct
from pathlib import Path

_STATISTICS = 5
_RECEIVED, _DROPPED, _OS_DROPPED = 4, 5, 7


def dropped_packets(path: Path) -> int | None:
    """Packets dropped, by the statistics block that ends the file; None when there is none.

    A capture that was killed has no such block.
    """
    with path.open("rb") as file:
        size = file.seek(0, 2)
        if size < 24:
            return None
        file.seek(size - 4)
        (length,) = struct.unpack("<I", file.read(4))
        if not 24 <= length <= size:
            return None
        file.seek(size - length)
        block = file.read(length)
    kind, first_length = struct.unpack_from("<II", block)
    if kind != _STATISTICS or first_length != length:
        return None
    return _drops(block[20:-4])


def append_statistics(path: Path, received: int, dropped: int) -> None:
    """End a little-endian pcapng file with what its capture counted, of the first interface."""
    options = b"".join(
        struct.pack("<HHQ", code, 8, count)
        for code, count in ((_RECEIVED, received), (_DROPPED, dropped))
    )
    body = bytes(12) + options + bytes(4)  # the interface, no time, no more options
    head = struct.pack("<II", _STATISTICS, len(body) + 12)
    with path.open("ab") as file:
        file.write(head + body + head[4:])


def _drops(options: bytes) -> int | None:
    found: list[int] = []
    at = 0
    while at + 4 <= len(options):
        code, size = struct.unpack_from("<HH", options, at)
        if code == 0:
            break
        if code in (_DROPPED, _OS_DROPPED) and size == 8 and at + 12 <= len(options):
            found.append(struct.unpack_from("<Q", options, at + 4)[0])
        at += 4 + (size + 3) // 4 * 4
    return sum(found) if found else None
