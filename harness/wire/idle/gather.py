"""Captures of an idle device -> what it sent to whom, in slots of time.

Memory follows the slots in which something was sent, and has a limit.
"""

import ipaddress
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from harness.bench.ports.canary import CANARY_PORT
from harness.errors import RigError
from harness.wire.flows import Batch, FlowReader, read_files
from harness.wire.flows import room as r
from harness.wire.flows.messages import dns_text
from harness.wire.flows.record import halves
from harness.wire.flows.room import Bytes
from harness.wire.idle.lanes import FarEnd, far_end, is_to
from harness.wire.idle.slots import Numbers, Slots

SLOT_S = 0.1
_DNS, _NTP, _DHCP = 53, 123, (67, 68, 546, 547)
_ICMP = (1, 58)
_LOCAL = tuple(map(ipaddress.ip_network, (
    "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "169.254.0.0/16", "fc00::/7", "fe80::/10",
)))  # fmt: skip
_MOST_SLICES, _MOST_LANES, _MOST_QUESTIONS = 4_000_000, 200_000, 500_000
_LANE, _SLOT, _BYTES, _PACKETS = range(4)
_SILENT_SLOTS = 6000
_DNS_HEAD = 12


@dataclass(slots=True)
class Lane:
    """One direction of a flow that ended: where it leads, and whether to the device."""

    far: FarEnd
    inward: bool
    longest: int


@dataclass(slots=True)
class IdleTraffic:
    """What captures of an idle device held; `lanes` by number (twice the flow's, B's is odd).

    `sent`: lane, slot, payload bytes, packets. `questions`: (slot, name as it was asked for).
    """

    lanes: dict[int, Lane] = field(default_factory=dict)
    sent: Numbers = field(default_factory=lambda: np.zeros((0, 4), np.int64))
    questions: list[tuple[int, str]] = field(default_factory=list)
    questions_left_out: int = 0

    def spans(self) -> list[tuple[int, int]]:
        """First and last slot of each stretch of time without ten silent minutes.

        A longer silence is the time between two captures, for all that is known.
        """
        at = np.unique(self.sent[:, _SLOT])
        if len(at) == 0:
            return []
        first = np.flatnonzero(np.concatenate([[True], np.diff(at) > _SILENT_SLOTS]))
        last = np.append(first[1:], len(at)) - 1
        return [(int(at[a]), int(at[b]) + 1) for a, b in zip(first, last, strict=True)]

    def of_lanes(self, numbers: Collection[int]) -> tuple[Slots, int]:
        """Bytes that lanes carried, and how many packets."""
        lines = self.sent[np.isin(self.sent[:, _LANE], np.fromiter(numbers, np.int64))]
        return Slots.of(lines[:, _SLOT], lines[:, _BYTES]), int(lines[:, _PACKETS].sum())


class IdleReader:
    """Reads captures one after another; `traffic` gives what they held."""

    def __init__(self, device: Collection[str], from_s: float = 0.0) -> None:
        """`device`: its addresses. What was sent before `from_s` (Unix time) only gives names."""
        self._device = frozenset(halves(each) for each in device)
        self._from_slot = round(from_s / SLOT_S)
        self._reader = FlowReader(SLOT_S, on_packets=self._look)
        self._traffic = IdleTraffic()
        self._pieces: list[Numbers] = []
        self._count = 0
        self._longest: dict[int, int] = {}
        self._canaries: set[int] = set()

    def read(self, paths: Iterable[Path]) -> IdleTraffic:
        """All that finished captures hold, in the order given.

        Raises `RigError` for one that is damaged, or when there is more than memory is meant for.
        """
        for batch in read_files(paths, self._reader):
            self._take(batch)
        reading = self._reader.reading
        if reading.damage:
            first = reading.damage[0]
            raise RigError(
                f"idle profile: {first.path} is not a sound capture: at byte {first.offset}, "
                f"{first.why}; nothing is learnt from it, capture again"
            )
        kept = np.concatenate(self._pieces) if self._pieces else self._traffic.sent
        lanes = np.fromiter(self._traffic.lanes, np.int64)
        kept = kept[(kept[:, _SLOT] >= self._from_slot) & np.isin(kept[:, _LANE], lanes)]
        self._traffic.sent = kept
        return self._traffic

    def _look(self, data: Bytes, rows: r.Table) -> None:
        """Note the longest payload of each lane, and the names asked for."""
        lane = 2 * rows[:, r.ROW_FLOW] + rows[:, r.ROW_FROM_B]
        order = np.lexsort((rows[:, r.ROW_PAYLOAD], lane))
        last = np.flatnonzero(np.diff(lane[order], append=-1))
        for line in order[last].tolist():
            number, size = int(lane[line]), int(rows[line, r.ROW_PAYLOAD])
            if size > self._longest.get(number, -1):
                self._longest[number] = size
        keys = rows[:, r.ROW_PORTS]
        asks = ((keys >> 32) & 0xFFFF == _DNS) & ((keys >> 24) & 0xFF == r.UDP)
        for line in np.flatnonzero(asks & (rows[:, r.ROW_KEPT] > _DNS_HEAD)).tolist():
            self._ask(data, rows[line])

    def _ask(self, data: Bytes, row: r.Table) -> None:
        at, kept = int(row[r.ROW_AT]), int(row[r.ROW_KEPT])
        name = dns_text(data[at + _DNS_HEAD : at + kept].tobytes())
        slot = int(row[r.ROW_NS]) // round(SLOT_S * 1e9)
        if name and slot >= self._from_slot:
            if len(self._traffic.questions) < _MOST_QUESTIONS:
                self._traffic.questions.append((slot, name))
            else:
                self._traffic.questions_left_out += 1

    def _take(self, batch: Batch) -> None:
        lines = zip(batch.table.tolist(), batch.hellos, strict=True)
        for line, hello in lines:
            if _is_canary(line):
                continue
            for side in (0, 1):
                number = 2 * line[r.ID] + side
                if line[r.PACKETS + side]:
                    far = far_end(line, hello, self._reader.names, bool(side))
                    inward = is_to(line, bool(side), self._device)
                    longest = self._longest.pop(number, 0)
                    self._traffic.lanes[number] = Lane(far, inward, longest)
        self._keep(batch.slices)
        if self._count > _MOST_SLICES or len(self._traffic.lanes) > _MOST_LANES:
            raise RigError(
                "idle profile: these captures hold more than can be learnt from at once "
                f"({self._count} slots with traffic, {len(self._traffic.lanes)} lanes); give fewer "
                "hours of them"
            )

    def _keep(self, slices: r.Table) -> None:
        slot = slices[:, 1] // round(SLOT_S * 1e9)
        for side in (0, 1):
            lines = np.stack(
                [2 * slices[:, 0] + side, slot, slices[:, 6 + side], slices[:, 2 + side]], axis=1
            )
            lines = lines[lines[:, _PACKETS] > 0]
            self._pieces.append(lines)
            self._count += len(lines)


def _is_canary(line: list[int]) -> bool:
    """The harness's own datagrams, by their port: a device that used it is a stranger then."""
    key = line[r.PORTS]
    return (key >> 32) & 0xFFFF == CANARY_PORT and (key >> 24) & 0xFF == r.UDP


def is_kind(far: FarEnd, kind: str) -> bool:
    """Whether a lane's packets are of a kind: ntp, icmp, multicast or neighbours."""
    if kind == "ntp":
        return far.protocol == r.UDP and far.port == _NTP
    if kind == "icmp":
        return far.protocol in _ICMP
    try:
        address = ipaddress.ip_address(far.address)
    except ValueError:
        return False
    crowd = address.is_multicast or str(address) == "255.255.255.255"
    if kind == "multicast":
        return crowd
    service = far.port in (_DNS, _NTP, *_DHCP)
    return not crowd and not service and any(address in network for network in _LOCAL)
