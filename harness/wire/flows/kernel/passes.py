"""Front to back over a buffer of a capture file, until something is needed that is not here."""

import numpy as np

from harness.wire.flows.formats import (
    LARGEST_BLOCK,
    OLD_PACKET_BLOCK,
    PACKET_BLOCK,
    SECRETS,
    SECTION,
)
from harness.wire.flows.kernel.counting import end_slice, take
from harness.wire.flows.kernel.loads import file_u16, file_u32
from harness.wire.flows.kernel.marks import inside, part
from harness.wire.flows.kernel.segments import forget
from harness.wire.flows.room import (
    DAMAGE,
    EVENT_MARGIN,
    FLOWS_FULL,
    FULL,
    HOLE_MARGIN,
    HOLES_FULL,
    HOLES_LEFT,
    LINK,
    LOST_BEFORE,
    MORE,
    N_EVENTS,
    N_FLOWS,
    N_ROWS,
    N_SLICES,
    NO_SLICE,
    OFFSET_S,
    OTHER_BLOCK,
    SLICE,
    TICKS,
    Bytes,
    Int,
    Room,
)

_GIGA = 10**9
_DROP_COUNT, _UNKNOWN = 4, 0xFFFF


@part
def _shortage(room: Room) -> Int:
    """What there is too little of for one more packet; `MORE` when there is enough."""
    counters = room.counters
    if counters[N_EVENTS] + EVENT_MARGIN > len(room.events) or counters[N_SLICES] + 1 > len(
        room.slices
    ):
        return FULL
    if len(room.rows) > 0 and counters[N_ROWS] >= len(room.rows):
        return FULL
    if counters[N_FLOWS] >= len(room.flows):
        return FLOWS_FULL
    if counters[HOLES_LEFT] < HOLE_MARGIN:
        return HOLES_FULL
    return MORE


@part
def _nanoseconds(high: Int, low: Int, ticks: Int, offset_s: Int) -> Int:
    """Unix time of a stamp in `ticks` a second; a stamp beyond 2262 wraps."""
    stamp = (high << 32) | low
    if ticks == _GIGA:
        return stamp + offset_s * _GIGA
    if ticks == 1_000_000:
        return stamp * 1000 + offset_s * _GIGA
    seconds, part = stamp // ticks, stamp % ticks
    return (seconds + offset_s) * _GIGA + np.int64(np.float64(part) / np.float64(ticks) * 1e9)


@part
def _lost_before(data: Bytes, at: Int, end: Int, big: bool) -> Int:
    """How many packets the options of a block, which follow its packet, say were lost before it."""
    while at + 12 <= end:
        code, size = file_u16(data, at, big), file_u16(data, at + 2, big)
        if code == 0:
            return 0
        if code == _DROP_COUNT and size == 8:
            high, low = (at + 4, at + 8) if big else (at + 8, at + 4)
            # One that is beyond counting is a lie, and no reason to trust the rest either.
            return max(file_u32(data, low, big), min(file_u32(data, high, big), 1) << 32)
        at += 4 + (size + 3) // 4 * 4
    return 0


@inside
def pcapng_pass(data: Bytes, at: Int, end: Int, big: bool, room: Room) -> tuple[Int, Int]:
    """Read blocks from `at`; where it stopped, and why (`MORE`: the next is not all there)."""
    interfaces = room.interfaces
    while True:
        if at + 12 > end:
            return at, MORE
        kind, length = file_u32(data, at, big), file_u32(data, at + 4, big)
        if kind == SECTION:
            return at, OTHER_BLOCK
        if length < 12 or length & 3 or length > LARGEST_BLOCK:
            return at, DAMAGE
        if at + length > end:
            return at, MORE
        if file_u32(data, at + length - 4, big) != length:
            return at, DAMAGE
        if kind != PACKET_BLOCK and kind != OLD_PACKET_BLOCK:
            return at, OTHER_BLOCK
        if length < 32:
            return at, DAMAGE
        number, kept = file_u32(data, at + 8, big), file_u32(data, at + 20, big)
        lost: Int = 0
        if kind == OLD_PACKET_BLOCK:
            number, lost = file_u16(data, at + 8, big), file_u16(data, at + 10, big)
        if number >= len(interfaces) or kept > length - 32:
            return at, DAMAGE
        short = _shortage(room)
        if short != MORE:
            return at, short
        if kind == PACKET_BLOCK:
            room.counters[LOST_BEFORE] += _lost_before(
                data, at + 28 + (kept + 3) // 4 * 4, at + length - 4, big
            )
        elif lost != _UNKNOWN:
            room.counters[LOST_BEFORE] += lost
        face = interfaces[number]
        high, low = file_u32(data, at + 12, big), file_u32(data, at + 16, big)
        ns = _nanoseconds(high, low, face[TICKS], face[OFFSET_S])
        wire = file_u32(data, at + 24, big)
        take(data, at + 28, kept, wire, face[LINK], ns, room)
        at += length


@inside
def pcap_pass(data: Bytes, at: Int, end: Int, big: bool, room: Room) -> tuple[Int, Int]:
    """Read records of a pcap file from `at`; where it stopped, and why."""
    face = room.interfaces[0]
    while True:
        if at + 16 > end:
            return at, MORE
        kept, wire = file_u32(data, at + 8, big), file_u32(data, at + 12, big)
        part = file_u32(data, at + 4, big)
        if kept > LARGEST_BLOCK or part >= face[TICKS]:
            return at, DAMAGE
        if at + 16 + kept > end:
            return at, MORE
        short = _shortage(room)
        if short != MORE:
            return at, short
        ns = file_u32(data, at, big) * _GIGA + part * (_GIGA // face[TICKS])
        take(data, at + 16, kept, wire, face[LINK], ns, room)
        at += 16 + kept


@inside
def next_block(data: Bytes, at: Int, end: Int, big: bool) -> Int:
    """Where the next sound block of a damaged pcapng file begins; `end` - 11 when none is here."""
    while at + 12 <= end:
        kind, length = file_u32(data, at, big), file_u32(data, at + 4, big)
        if (
            ((kind <= SECRETS and kind > 0) or kind == SECTION)
            and length >= 12
            and length & 3 == 0
            and length <= LARGEST_BLOCK
            and at + length <= end
            and file_u32(data, at + length - 4, big) == length
        ):
            return at
        at += 4
    return at


@inside
def release(room: Room, keep: Bytes) -> None:
    """Give back what flows hold that are not kept; their last slices are handed out before."""
    for slot in range(room.counters[N_FLOWS]):
        if not keep[slot]:
            forget(room, slot, 0)
            forget(room, slot, 1)


@inside
def end_slices(room: Room, keep: Bytes, slot: Int) -> Int:
    """Hand out the open slices of flows not kept, from `slot` on; where it stopped for space."""
    while slot < room.counters[N_FLOWS] and room.counters[N_SLICES] < len(room.slices):
        if not keep[slot] and room.flows[slot, SLICE] != NO_SLICE:
            end_slice(room, slot)
            room.flows[slot, SLICE] = NO_SLICE
        slot += 1
    return slot
