"""Totals of DNS, NTP, ICMP, multicast and neighbours over an idle time: budgets for covert ways."""

from collections.abc import Sequence

import numpy as np

from harness.wire.idle.gather import SLOT_S, IdleTraffic, is_kind
from harness.wire.idle.patterns import spread_of
from harness.wire.idle.profile import DnsIdle, KindIdle, Kinds, Tail
from harness.wire.idle.slots import Slots
from harness.wire.idle.tails import tail_of

_MOST_NAMES = 5000


def kinds_of(traffic: IdleTraffic, from_slot: int, windows_s: Sequence[float]) -> Kinds:
    """All of them, with tails over these windows; times count from slot `from_slot`."""
    kinds = {
        kind: _kind(traffic, kind, from_slot, windows_s)
        for kind in ("ntp", "icmp", "multicast", "neighbours")
    }
    return Kinds(dns=_dns(traffic, from_slot, windows_s), **kinds)


def _kind(traffic: IdleTraffic, kind: str, from_slot: int, windows_s: Sequence[float]) -> KindIdle:
    lanes = {
        number: lane
        for number, lane in traffic.lanes.items()
        if not lane.inward and is_kind(lane.far, kind)
    }
    slots, packets = traffic.of_lanes(lanes)
    if packets == 0:
        return KindIdle()
    return KindIdle(
        packets=packets,
        bytes_out=int(slots.bytes.sum()),
        longest=max(lane.longest for lane in lanes.values()),
        apart_s=spread_of(np.diff(slots.at) * SLOT_S),
        tails=_tails(slots, from_slot, windows_s),
    )


def _dns(traffic: IdleTraffic, from_slot: int, windows_s: Sequence[float]) -> DnsIdle:
    if not traffic.questions:
        return DnsIdle()
    new: dict[str, int] = {}
    for slot, name in sorted(traffic.questions):
        new.setdefault(name, slot)
    every = [(slot, len(name)) for slot, name in traffic.questions]
    first = [(slot, len(name)) for name, slot in new.items()]
    names = sorted(new)
    return DnsIdle(
        questions=len(every) + traffic.questions_left_out,
        name_bytes=sum(size for _, size in every),
        names=tuple(names[:_MOST_NAMES]),
        names_left_out=max(0, len(names) - _MOST_NAMES),
        new_name_tails=_tails(_slots(first), from_slot, windows_s),
        tails=_tails(_slots(every), from_slot, windows_s),
    )


def _slots(pairs: Sequence[tuple[int, int]]) -> Slots:
    table = np.array(pairs, np.int64)
    return Slots.of(table[:, 0], table[:, 1])


def _tails(slots: Slots, from_slot: int, windows_s: Sequence[float]) -> tuple[Tail, ...]:
    return tuple(tail_of(slots, each, None, SLOT_S, from_slot) for each in windows_s)
