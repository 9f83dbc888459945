"""Taps and inboxes that break. What a tap did not see is taken out of its file afterwards."""

import random
import struct
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from harness.bench.faults.kinds import Fault, FaultKind
from harness.bench.faults.onset import Onset
from harness.bench.ports.inbox import Inbox, InboxMessage
from harness.bench.ports.tap import Tap, TapReport
from harness.errors import RigError

_BLIND_S, _DROPPED, _STEP_S = 12.0, 0.2, 0.25
_SECTION, _INTERFACE, _PACKET, _STATISTICS = 0x0A0D0D0A, 1, 6, 5
_RESOLUTION, _LITTLE = 9, b"\x4d\x3c\x2b\x1a"


class FaultyTap(Tap):
    """Captures, but for the fault."""

    def __init__(self, inner: Tap, fault: Fault, onset: Onset) -> None:
        self._inner, self._fault, self._onset = inner, fault, onset

    def start(self, path: Path) -> None:
        """As the real one; from here the fault's time is counted."""
        self._inner.start(path)
        self._onset.begin()

    def trouble(self) -> str | None:
        """As the real one: it does not know."""
        self._onset.passed()
        return self._inner.trouble()

    def stop(self) -> TapReport:
        """As the real one, without what it did not see."""
        report = self._inner.stop()
        kind, onset_s = self._fault.kind, self._onset.unix_s
        if kind is FaultKind.TAP_DIES:
            thin(report.path, lambda at_s: at_s < onset_s)
        elif kind is FaultKind.TAP_BLIND:
            thin(report.path, lambda at_s: not onset_s <= at_s < onset_s + _BLIND_S)
        elif kind is FaultKind.CLOCK_STEPPED:
            step(report.path, onset_s, _STEP_S)
        elif kind is FaultKind.PACKETS_DROPPED:
            chance = random.Random(self._fault.seed)
            gone = thin(report.path, lambda s: s < onset_s or chance.random() >= _DROPPED)
            return replace(report, dropped=report.dropped + gone)
        return report

    def send_canary(self, nonce: bytes) -> float:
        """As the real one."""
        self._onset.passed()
        return self._inner.send_canary(nonce)


class FaultyInbox(Inbox):
    """Shows what was received, but for the fault."""

    def __init__(self, inner: Inbox, fault: Fault, onset: Onset) -> None:
        self._inner, self._kind, self._onset = inner, fault.kind, onset

    def prepare(self, contacts: Sequence[str]) -> None:
        """As the real one."""
        self._inner.prepare(contacts)

    def messages(self) -> tuple[InboxMessage, ...]:
        """What it still shows."""
        if not self._onset.passed():
            return self._inner.messages()
        if self._kind is FaultKind.INBOX_DOWN:
            raise RigError("the inbox cannot be reached: connection refused")
        return tuple(m for m in self._inner.messages() if m.unix_s < self._onset.unix_s)

    def audio(self, message_id: str) -> bytes:
        """As the real one."""
        return self._inner.audio(message_id)

    def send_canary(self, nonce: str) -> None:
        """As the real one."""
        if self._kind is FaultKind.INBOX_DOWN and self._onset.passed():
            raise RigError("the inbox cannot be reached: connection refused")
        self._inner.send_canary(nonce)


def thin(path: Path, keeps: Callable[[float], bool]) -> int:
    """Take the packets out of a pcapng file whose Unix time (s) is not kept; how many they were.

    Little-endian files alone, as `dumpcap` and the simulated tap write them here.
    """
    kept, gone = list[bytes](), 0
    for kind, block, per_s in _timed_blocks(path):
        if kind == _STATISTICS:
            continue  # what it counts is no longer so; the report says what was dropped
        if kind == _PACKET and not keeps(_ticks(block) / per_s):
            gone += 1
            continue
        kept.append(block)
    path.write_bytes(b"".join(kept))
    return gone


def step(path: Path, from_s: float, by_s: float) -> None:
    """Stamp the packets of a pcapng file from a Unix time (s) on `by_s` later, as a clock that was
    set would.
    """
    blocks = list[bytes]()
    for kind, block, per_s in _timed_blocks(path):
        if kind == _PACKET and _ticks(block) / per_s >= from_s:
            ticks = _ticks(block) + round(by_s * per_s)
            stamp = struct.pack("<II", ticks >> 32, ticks & 0xFFFFFFFF)
            blocks.append(block[:12] + stamp + block[20:])
        else:
            blocks.append(block)
    path.write_bytes(b"".join(blocks))


def _timed_blocks(path: Path) -> Iterator[tuple[int, bytes, float]]:
    """Kind, content, and the ticks a second of the interface that a packet came from."""
    per_s = list[float]()
    for kind, block in _blocks(path.read_bytes()):
        if kind == _SECTION:
            per_s.clear()
        elif kind == _INTERFACE:
            per_s.append(_ticks_per_s(block))
        packet = kind == _PACKET
        yield kind, block, per_s[struct.unpack_from("<I", block, 8)[0]] if packet else 1.0


def _ticks(packet: bytes) -> int:
    high, low = struct.unpack_from("<II", packet, 12)
    return int(high << 32 | low)


def _blocks(data: bytes) -> Iterator[tuple[int, bytes]]:
    if data[8:12] != _LITTLE:
        raise RigError("faults: a capture in this byte order cannot be thinned")
    at = 0
    while at + 12 <= len(data):
        kind, length = struct.unpack_from("<II", data, at)
        if length < 12 or at + length > len(data):
            break
        yield kind, data[at : at + length]
        at += length


def _ticks_per_s(block: bytes) -> float:
    """An interface's unit of time (option 9), microseconds where it says none."""
    at = 16
    while at + 4 <= len(block) - 4:
        code, length = struct.unpack_from("<HH", block, at)
        if code == 0:
            break
        if code == _RESOLUTION and length:
            value = block[at + 4]
            return float(2 ** (value & 0x7F) if value & 0x80 else 10**value)
        at += 4 + (length + 3) // 4 * 4
    return 1e6
