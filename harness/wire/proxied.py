"""What a proxy says went through it, held against what a tap saw on the device's link.

The proxy's capture shows the connections that the two ends believe in; on the link they go from the
device to the proxy. Every byte that the tap saw between these two must be in the proxy's capture,
in order, and nothing of the device's conversation may be on the link beside them.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from harness.bench.drivers.capture_blocks import PACKET, read_blocks
from harness.bench.ports.capture_files import capture_files
from harness.bench.ports.proxy import Passed

End = tuple[str, int]
_MOST_BYTES = 256 << 20
_IPV4, _TCP, _SYN, _FIN = b"\x08\x00", 6, 2, 1
_COUNT = 1 << 32


@dataclass(slots=True)
class Stream:
    """What one end sent over one connection. `whole`: the capture saw it begin; `ended`: it said
    that it would send no more, and did not break off.
    """

    first: int | None = None
    whole: bool = False
    ended: bool = False
    parts: dict[int, bytes] = field(default_factory=dict)
    size: int = 0

    def add(self, number: int, flags: int, data: bytes) -> None:
        """Take a segment, in whatever order they come."""
        if flags & _SYN:
            self.first, self.whole, self.parts = (number + 1) % _COUNT, True, {}
            return
        self.ended |= bool(flags & _FIN)
        if not data or self.size > _MOST_BYTES:
            return
        if self.first is None:
            self.first = number
        offset = (number - self.first + _COUNT // 2) % _COUNT - _COUNT // 2
        if len(self.parts.get(offset, b"")) < len(data):
            self.parts[offset] = data
            self.size += len(data)

    def content(self) -> bytes | None:
        """Its bytes; None where some are missing, or there are too many to be compared."""
        if self.size > _MOST_BYTES:
            return None
        found = bytearray()
        start = 0 if self.whole else min(self.parts, default=0)
        for offset, data in sorted(self.parts.items()):
            known = start + len(found) - offset
            if known < 0:
                return None
            found += data[known:]
        return bytes(found)


Streams = dict[tuple[End, End], Stream]


def differences(
    link: Path, proxied: Path, passed: Sequence[Passed], device: str, device_ports: Sequence[int]
) -> list[str]:
    """What the tap saw and the proxy did not hand on so, in words; empty where they agree.

    `device`: its IP address. `device_ports`: those of its own by which it speaks to its server.
    """
    seen, told = streams(link), streams(proxied)
    found = list[str]()
    known = set[tuple[End, End]]()
    for each in passed:
        for by_device in (True, False):
            ours = _on_link(each, seen)
            here = (each.device, ours) if by_device else (ours, each.device)
            there = (each.device, each.other) if by_device else (each.other, each.device)
            known.add(here)
            found += _compared(seen.get(here), told.get(there), each, by_device)
    return found + list(_beside(seen, known, device, device_ports))


def _on_link(each: Passed, seen: Streams) -> End:
    """The proxy's end of the device's side, as the tap names it."""
    address, port = each.ours
    if address:
        return each.ours
    for source, to in seen:  # the device called it: by an address of this machine
        if source == each.device and to[1] == port:
            return to
    return each.ours


def _compared(
    seen: Stream | None, told: Stream | None, each: Passed, by_device: bool
) -> Iterator[str]:
    who = "the device" if by_device else "its server"
    count = each.from_device if by_device else each.from_other
    if seen is None:
        if count:
            yield f"{count} bytes from {who} went through, and the tap saw none of them"
        return
    on_link = seen.content()
    handed_on = b"" if told is None else told.content()
    if on_link is None or handed_on is None:
        yield f"what {who} sent cannot be compared: too much, or not all of it was captured"
    elif seen.whole and seen.ended and told is not None and told.whole and told.ended:
        if on_link != handed_on:
            yield _told_apart(who, on_link, handed_on)
    elif not (handed_on.startswith(on_link) if seen.whole else on_link in handed_on):
        yield _told_apart(who, on_link, handed_on)


def _told_apart(who: str, on_link: bytes, handed_on: bytes) -> str:
    return (
        f"{who} sent {len(on_link)} bytes over the link, and the proxy handed on {len(handed_on)}"
        + ("" if len(on_link) != len(handed_on) else " others")
    )


def _beside(
    seen: Streams, known: set[tuple[End, End]], device: str, ports: Sequence[int]
) -> Iterator[str]:
    """Connections of the device's conversation that did not go through the proxy."""
    sent = defaultdict[End, int](int)
    for (source, to), stream in seen.items():
        mine = source[0] == device and source[1] in ports
        if mine and (source, to) not in known and stream.size:
            sent[to] += stream.size
    for to, count in sent.items():
        yield f"{count} bytes went from the device to {to[0]}:{to[1]}, past the proxy"


def streams(path: Path) -> Streams:
    """What was sent over each connection of TCP (IPv4, Ethernet) in a capture, by (from, to)."""
    found = Streams()
    for file in capture_files(path).paths:
        for block in read_blocks(file):
            if block.kind != PACKET:
                continue
            size = int.from_bytes(block.data[20:24], "little")
            _add(found, block.data[28 : 28 + size])
    return found


def _add(found: Streams, frame: bytes) -> None:
    if frame[12:14] != _IPV4 or len(frame) < 54 or frame[23] != _TCP:
        return
    at = 14 + (frame[14] & 15) * 4
    total = int.from_bytes(frame[16:18], "big")
    end = 14 + total if total else len(frame)
    source, to = _end(frame, 26, at), _end(frame, 30, at + 2)
    body = at + (frame[at + 12] >> 4) * 4
    number = int.from_bytes(frame[at + 4 : at + 8], "big")
    stream = found.setdefault((source, to), Stream())
    stream.add(number, frame[at + 13], frame[body:end])


def _end(frame: bytes, address: int, port: int) -> End:
    dotted = ".".join(map(str, frame[address : address + 4]))
    return dotted, int.from_bytes(frame[port : port + 2], "big")
