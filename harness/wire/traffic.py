"""What passes on the link: canaries, bytes over time, and which flows are the harness's own."""

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass, fields

import numpy as np
import numpy.typing as npt

from harness.bench.ports.canary import CANARY_MARK, CANARY_PORT, CanaryFlow
from harness.wire.flows import Batch
from harness.wire.flows import room as r
from harness.wire.flows.names import Hello
from harness.wire.flows.record import halves
from harness.wire.flows.room import Bytes
from harness.wire.report import Traffic

_LONGEST_CANARY = 128
_CLOCK_SLACK_S = 0.05
_A, _B = range(2)
UNKNOWN, TO_DEVICE, FROM_DEVICE = range(3)
_MAC = re.compile(r"[0-9a-f]{2}(:[0-9a-f]{2}){5}")

Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Packets:
    """Columns, a line for each packet: Unix time (ns), flow, 1 if from B, bytes of the frame.

    `payload`: as in `Flow`, and all that is neither ordinary headers nor what fills up a short
    frame. `repeated`: bytes of TCP that had come before, 0 for a single one, which asks whether the
    other side is still there. `again`: 1 if it brought nothing but those. `toward`: by its own MAC
    addresses, `TO_DEVICE` or `FROM_DEVICE`, or `UNKNOWN`.
    """

    ns: r.Table
    flow: r.Table
    from_b: r.Table
    frame_bytes: r.Table
    payload: r.Table
    repeated: r.Table
    again: r.Table
    toward: r.Table

    def lines(self, chosen: "Flags | r.Table") -> "Packets":
        """Some of them."""
        return Packets(*(getattr(self, column.name)[chosen] for column in fields(self)))


class PacketLog:
    """Keeps what every packet was, canaries apart. `canaries`: Unix time (s) by nonce."""

    def __init__(self, device: str, nonces: Collection[bytes] | None = None) -> None:
        """Nothing was seen yet. `device`: its IP or its MAC address.

        `nonces`: of the canaries sent, once each; None: all are ours.
        """
        self._device = device
        self._nonces = None if nonces is None else frozenset(nonces)
        self.canaries: dict[bytes, float] = {}
        self._kept: list[r.Table] = [np.zeros((0, len(fields(Packets))), np.int64)]

    def take(self, data: Bytes, rows: r.Table) -> None:
        """Packets as a `FlowReader` hands them out."""
        keys = rows[:, r.ROW_PORTS]
        # One that could hold more is the device's.
        could = (keys >> 24) & 0xFF == r.UDP
        could &= (keys >> 32) & 0xFFFF == CANARY_PORT
        could &= rows[:, r.ROW_PAYLOAD] <= _LONGEST_CANARY
        keep = np.ones(len(rows), np.bool_)
        for line in np.flatnonzero(could):
            at, size = int(rows[line, r.ROW_AT]), int(rows[line, r.ROW_KEPT])
            content = data[at : at + size].tobytes()
            if content.startswith(CANARY_MARK):
                nonce = content[len(CANARY_MARK) :]
                keep[line] = not self._is_ours(nonce)
                self.canaries.setdefault(nonce, int(rows[line, r.ROW_NS]) / 10**9)
        repeated = rows[:, r.ROW_REPEATED] * (rows[:, r.ROW_REPEATED] > 1)
        again = (repeated > 0) & (rows[:, r.ROW_PAYLOAD] == 0)
        payload = rows[:, r.ROW_PAYLOAD] + rows[:, r.ROW_BESIDE]
        way = toward(rows, self._device)
        columns = np.column_stack([rows[:, : r.ROW_PAYLOAD], payload, repeated, again, way])
        self._kept.append(columns[keep])

    def _is_ours(self, nonce: bytes) -> bool:
        return self._nonces is None or (nonce in self._nonces and nonce not in self.canaries)

    def packets(self) -> Packets:
        """All but canaries, in the order captured."""
        return Packets(*np.concatenate(self._kept).T)


class LinkFlows:
    """The flows of a device's link. All that is not to the device is from it."""

    def __init__(
        self, table: r.Table, hellos: Sequence[Hello | None], device: str, ours: Flags
    ) -> None:
        """`table`: in the order of numbers, without gaps; `ours`: flows that the harness opened."""
        self._table, self._hellos, self._ours = table, hellos, ours
        self._device = device

    @classmethod
    def of(
        cls, batches: Sequence[Batch], device: str, harness_flows: Collection[CanaryFlow]
    ) -> "LinkFlows":
        """Those of a whole capture."""
        table = np.concatenate([batch.table for batch in batches])
        hellos = [hello for batch in batches for hello in batch.hellos]
        order = np.argsort(table[:, r.ID])
        table = table[order]
        ours = _opened(table, device, harness_flows)
        return cls(table, [hellos[line] for line in order], device, ours)

    def line(self, number: int) -> tuple[list[int], Hello | None]:
        """A flow's line of the table, and what its client said."""
        return self._table[number].tolist(), self._hellos[number]

    def b_halves(self, number: int) -> tuple[int, int]:
        """The address of B, as the tables have it."""
        return int(self._table[number, r.B_HI]), int(self._table[number, r.B_LO])

    def theirs(self, packets: Packets) -> Packets:
        """Without those of the harness's own connections."""
        return packets.lines(self.is_theirs(packets))

    def is_theirs(self, packets: Packets) -> Flags:
        """Which are of no connection of the harness's own."""
        theirs: Flags = ~self._ours[packets.flow]
        return theirs

    def is_inward(self, packets: Packets) -> Flags:
        """Which are to the device, and not from itself, by the addresses that each of them has."""
        table = self._table[packets.flow]
        at_a, at_b = (_is_device(table, side, self._device) for side in (_A, _B))
        by_flow = (at_a != at_b) & np.where(packets.from_b == 1, at_a, at_b)
        inward: Flags = np.where(packets.toward == UNKNOWN, by_flow, packets.toward == TO_DEVICE)
        return inward

    @property
    def by_mac(self) -> bool:
        """Whether the device is known by its MAC address."""
        return _MAC.fullmatch(self._device) is not None

    def has_ip(self, packets: Packets) -> Flags:
        """Which have an IP header that could be read."""
        high = self._table[packets.flow, r.A_HI]
        known: Flags = (high > r.NOT_IP) | (high < r.NOT_IP - 0xFFFF)
        return known

    def traffic(self, packets: Packets, canaries: dict[bytes, float]) -> Traffic:
        """Bytes over time to and from the device."""
        inward = self.is_inward(packets)
        return Traffic(
            canaries, _over_time(packets.lines(~inward)), _over_time(packets.lines(inward))
        )


def toward(rows: r.Table, device: str) -> r.Table:
    """`TO_DEVICE` or `FROM_DEVICE` for each packet of a `FlowReader`; `UNKNOWN` where the device is
    known by its IP address, or the link tells no receiver.

    Not by its flow: who forges IP addresses can have a packet join whichever he likes.
    """
    if not _MAC.fullmatch(device):
        return np.full(len(rows), UNKNOWN, np.int64)
    mac = int(device.replace(":", ""), 16)
    inward = (rows[:, r.ROW_DST_MAC] == mac) & (rows[:, r.ROW_SRC_MAC] != mac)
    told = np.where(inward, TO_DEVICE, FROM_DEVICE)
    return np.where(rows[:, r.ROW_DST_MAC] == 0, UNKNOWN, told)


def _is_device(table: r.Table, side: int, device: str) -> Flags:
    """Of which flows the device is side A (0) or B (1); `device`: its IP or its MAC address."""
    if _MAC.fullmatch(device):
        known: Flags = table[:, r.A_MAC + side] == int(device.replace(":", ""), 16)
        return known
    high, low = halves(device)
    at = (r.A_HI, r.B_HI)[side]
    same: Flags = (table[:, at] == high) & (table[:, at + 1] == low)
    return same


def _opened(table: r.Table, device: str, harness_flows: Collection[CanaryFlow]) -> Flags:
    """Connections from the harness's ports, at its times."""
    from_device = _is_device(table, _A, device) & ((table[:, r.FLAGS] & r.SYN_A) != 0)
    port, first_s = table[:, r.PORTS] >> 48 & 0xFFFF, table[:, r.FIRST_NS] / 1e9
    ours = np.zeros(len(table), np.bool_)
    for flow in harness_flows:
        ours |= (
            (port == flow.source_port)
            & (flow.from_unix_s - _CLOCK_SLACK_S <= first_s)
            & (first_s <= flow.until_unix_s + _CLOCK_SLACK_S)
        )
    ours &= from_device
    return ours


def _over_time(packets: Packets) -> tuple[tuple[float, int], ...]:
    return tuple(
        (ns / 10**9, count)
        for ns, count in zip(packets.ns.tolist(), packets.frame_bytes.tolist(), strict=True)
    )
