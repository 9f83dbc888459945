"""Taps and inboxes that break. What a tap did not see is taken out of its file afterwards."""

import random
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from harness.bench.drivers.capture_blocks import PACKET, STATISTICS, read_blocks
from harness.bench.faults.kinds import Fault, FaultKind
from harness.bench.faults.onset import Onset
from harness.bench.ports.inbox import Inbox, InboxMessage
from harness.bench.ports.tap import Tap, TapReport
from harness.errors import RigError

_BLIND_S, _DROPPED, _STEP_S = 12.0, 0.2, 0.25


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
    """Take the packets out of a pcapng file whose Unix time (s) is not kept; how many they were."""
    kept, gone = list[bytes](), 0
    for block in read_blocks(path):
        if block.kind == STATISTICS:
            continue  # what it counts is no longer so; the report says what was dropped
        if block.kind == PACKET and not keeps(block.unix_s):
            gone += 1
            continue
        kept.append(block.data)
    path.write_bytes(b"".join(kept))
    return gone


def step(path: Path, from_s: float, by_s: float) -> None:
    """Stamp the packets of a pcapng file from a Unix time (s) on `by_s` later, as a clock that was
    set would.
    """
    blocks = [
        block.later(by_s) if block.kind == PACKET and block.unix_s >= from_s else block
        for block in read_blocks(path)
    ]
    path.write_bytes(b"".join(block.data for block in blocks))
