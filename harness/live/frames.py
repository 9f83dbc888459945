"""A capture that is being written, packet by packet: how much, to whom, under which name.

Rougher and far smaller than `harness.wire`, which reads the same file when the play is over: a
watcher wants to know at once, and must stay small. Nothing here is evidence.
"""

import ipaddress
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from harness.bench.ports.capture_files import capture_files

_PIECE = 1 << 20
_LONGEST_BLOCK = 16 << 20
_SECTION, _INTERFACE, _PACKET = 0x0A0D0D0A, 1, 6
_MAGIC_LITTLE = 0x1A2B3C4D
_TIME_RESOLUTION, _TIME_OFFSET, _ETHERNET = 9, 14, 1
_VLANS, _IPV4, _IPV6 = (0x8100, 0x88A8, 0x9100), 0x0800, 0x86DD
_TCP, _UDP = 6, 17
_AUTHENTICATION, _FRAGMENT = 51, 44
_EXTENSIONS = (0, 43, 60, _FRAGMENT, _AUTHENTICATION)
_Clock = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Frame:
    """One packet: Unix time (s), whole length (bytes), both ends and what it carries.

    Addresses and ports are empty and 0 where there are none. `payload`: of TCP or UDP, as far as it
    was captured.
    """

    unix_s: float
    length: int
    source_mac: str
    source: str
    source_port: int
    target: str
    target_port: int
    protocol: int
    payload: bytes
    target_mac: str = ""


class GrowingCapture:
    """Reads a capture as it grows, one file or a ring of them, a piece at each call."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file: Path | None = None
        self._at = 0
        self._rest = b""
        self._order = "<"
        self._clocks: list[_Clock] = []
        self.trouble = ""

    def read(self) -> Iterator[Frame]:
        """The packets that were written since; `trouble` says why there will be no more."""
        if self.trouble:
            return
        try:
            self._rest += self._fresh()
            yield from self._packets()
        except OSError as error:
            self.trouble = f"the capture cannot be read: {error.strerror}"
        except (struct.error, ValueError, IndexError) as error:
            self.trouble = f"the capture makes no sense: {error}"

    def _fresh(self) -> bytes:
        files = capture_files(self._path).paths
        if self._file is None or (self._file not in files):
            if not files:
                return b""
            self._begin(files[-1] if self._file is None else files[0])
        assert self._file is not None
        with self._file.open("rb") as file:
            file.seek(self._at)
            fresh = file.read(_PIECE)
        self._at += len(fresh)
        later = [path for path in files if path.name > self._file.name]
        if not fresh and later:
            self._begin(later[0])
        return fresh

    def _begin(self, path: Path) -> None:
        self._file, self._at, self._rest = path, 0, b""

    def _packets(self) -> Iterator[Frame]:
        at = 0
        while len(self._rest) - at >= 12:
            kind = struct.unpack_from("<I", self._rest, at)[0]
            if kind == _SECTION:
                magic = struct.unpack_from("<I", self._rest, at + 8)[0]
                self._order = "<" if magic == _MAGIC_LITTLE else ">"
                self._clocks = []
            kind, length = struct.unpack_from(self._order + "II", self._rest, at)
            if length < 12 or length % 4 or length > _LONGEST_BLOCK:
                raise ValueError(f"a block of {length} bytes")
            if len(self._rest) - at < length:
                break
            body = self._rest[at + 8 : at + length - 4]
            at += length
            if kind == _INTERFACE:
                (link,) = struct.unpack_from(self._order + "H", body)
                if link != _ETHERNET:
                    self.trouble = f"the capture is of link type {link}: only Ethernet is shown"
                    return
                self._clocks.append(_clock(body, self._order))
            elif kind == _PACKET and (frame := self._frame(body)) is not None:
                yield frame
        self._rest = self._rest[at:]

    def _frame(self, body: bytes) -> Frame | None:
        which, high, low, kept, length = struct.unpack_from(self._order + "IIIII", body)
        if which >= len(self._clocks):
            return None
        ticks_hz, offset_s = self._clocks[which]
        unix_s = ((high << 32) | low) / ticks_hz + offset_s
        return _decoded(unix_s, length, body[20 : 20 + kept])


def _clock(body: bytes, order: str) -> _Clock:
    """Of an interface's time stamps: ticks a second, and the Unix time (s) at which they begin."""
    at, ticks_hz, offset_s = 8, 10**6, 0
    while at + 4 <= len(body):
        code, size = struct.unpack_from(order + "HH", body, at)
        if code == 0:
            break
        if code == _TIME_RESOLUTION and size:
            value = body[at + 4]
            ticks_hz = 1 << (value & 0x7F) if value & 0x80 else 10**value
        elif code == _TIME_OFFSET:
            (offset_s,) = struct.unpack_from(order + "q", body, at + 4)
        at += 4 + size + (-size % 4)
    return ticks_hz, offset_s


def _decoded(unix_s: float, length: int, data: bytes) -> Frame | None:
    """A packet on Ethernet; None where not even the addresses are there."""
    if len(data) < 14:
        return None
    macs = data[6:12].hex(":"), data[:6].hex(":")
    at, ether = 14, int.from_bytes(data[12:14], "big")
    while ether in _VLANS and len(data) >= at + 4:
        ether, at = int.from_bytes(data[at + 2 : at + 4], "big"), at + 4
    if ether == _IPV4 and len(data) >= at + 20:
        head, size = (data[at] & 15) * 4, int.from_bytes(data[at + 2 : at + 4], "big")
        ends, protocol = (data[at + 12 : at + 16], data[at + 16 : at + 20]), data[at + 9]
        fragment = int.from_bytes(data[at + 6 : at + 8], "big") & 0x1FFF
        begins = at + head
    elif ether == _IPV6 and len(data) >= at + 40:
        size = int.from_bytes(data[at + 4 : at + 6], "big")
        ends = data[at + 8 : at + 24], data[at + 24 : at + 40]
        protocol, fragment, begins = _behind_extensions(data, data[at + 6], at + 40)
        size += 40 * (size > 0)
    else:
        return Frame(unix_s, length, macs[0], "", 0, "", 0, 0, b"", macs[1])
    source, target = (str(ipaddress.ip_address(one)) for one in ends)
    ports, payload = (0, 0), b""
    if not fragment:
        # Segments that the kernel joined beyond 64 KiB carry a length of 0.
        ports, payload = _transport(protocol, data[begins : at + size if size else len(data)])
    return Frame(
        unix_s, length, macs[0], source, ports[0], target, ports[1], protocol, payload, macs[1]
    )


def _behind_extensions(data: bytes, protocol: int, at: int) -> tuple[int, int, int]:
    """What IPv6 carries, whether that is a later fragment of it, and where it begins."""
    while protocol in _EXTENSIONS and len(data) >= at + 8:
        following, size = data[at], (data[at + 1] + 1) * 8
        if protocol == _FRAGMENT:
            if int.from_bytes(data[at + 2 : at + 4], "big") & 0xFFF8:
                return following, 1, at + 8
            size = 8
        elif protocol == _AUTHENTICATION:
            size = (data[at + 1] + 2) * 4
        protocol, at = following, at + size
    return protocol, 0, at


def _transport(protocol: int, data: bytes) -> tuple[tuple[int, int], bytes]:
    if protocol not in (_TCP, _UDP) or len(data) < 8:
        return (0, 0), b""
    first, second = struct.unpack_from("!HH", data)
    if protocol == _UDP:
        return (first, second), data[8:]
    head = (data[12] >> 4) * 4 if len(data) > 12 else len(data)
    return (first, second), data[head:]
