"""The table of open flows: found by addresses, ports, protocol and VLAN, from either end."""

import numpy as np

from harness.wire.flows.kernel.loads import clear
from harness.wire.flows.kernel.marks import inside, part
from harness.wire.flows.room import (
    A_HI,
    A_LO,
    A_MAC,
    B_HI,
    B_LO,
    B_MAC,
    DST_HI,
    DST_LO,
    DST_MAC,
    DST_PORT,
    FIRST_NS,
    FLAGS,
    HOLES,
    ID,
    LAST_NS,
    N_FLOWS,
    NEXT,
    NEXT_ID,
    NO_SLICE,
    PORTS,
    PROTO,
    REPLACED,
    SLICE,
    SRC_HI,
    SRC_LO,
    SRC_MAC,
    SRC_PORT,
    TIME_NS,
    VLAN,
    Int,
    Room,
)

# Odd numbers with no pattern in their bits.
_ONE, _TWO = np.uint64(0x9E3779B97F4A7C15), np.uint64(0xC2B2AE3D27D4EB4F)
_THREE, _FOUR = np.uint64(0x165667B19E3779F9), np.uint64(0xD6E8FEB86659FD93)
_HALF_WORD, _TAG = np.uint64(32), np.uint64(33)
_SLOT = 0xFFFFFFFF


@part
def ports(first: Int, second: Int, proto: Int, vlan: Int) -> Int:
    """Everything of a flow's key but its addresses, as one number."""
    return (first << 48) | (second << 32) | (proto << 24) | vlan


@part
def _mixed(high: Int, low: Int, port: Int) -> np.uint64:
    mixed = np.uint64(high) * _ONE ^ (np.uint64(low) + np.uint64(port) * _TWO) * _THREE
    return (mixed ^ (mixed >> _HALF_WORD)) * _FOUR


@part
def _hash(key: Int, a_hi: Int, a_lo: Int, b_hi: Int, b_lo: Int) -> np.uint64:
    """The same number whichever end is A."""
    both = _mixed(a_hi, a_lo, (key >> 48) & 0xFFFF) + _mixed(b_hi, b_lo, (key >> 32) & 0xFFFF)
    both = (both ^ np.uint64(key & 0xFFFFFFFF)) * _TWO
    return (both ^ (both >> _HALF_WORD)) * _ONE


@part
def find(room: Room) -> tuple[Int, Int, Int, Int]:
    """Slot of the flow of the packet at hand (-1: none), whether from B, place and tag of it."""
    packet, flows, index = room.packet, room.flows, room.slots
    src_hi, src_lo = packet[SRC_HI], packet[SRC_LO]
    dst_hi, dst_lo = packet[DST_HI], packet[DST_LO]
    there = ports(packet[SRC_PORT], packet[DST_PORT], packet[PROTO], packet[VLAN])
    back = ports(packet[DST_PORT], packet[SRC_PORT], packet[PROTO], packet[VLAN])
    number = _hash(there, src_hi, src_lo, dst_hi, dst_lo)
    tag, mask = np.int64(number >> _TAG), len(index) - 1
    place = np.int64(number & np.uint64(mask))
    while index[place] != 0:
        if index[place] >> 32 == tag:
            slot = (index[place] & _SLOT) - 1
            flow = flows[slot]
            if (
                flow[PORTS] == there
                and flow[A_LO] == src_lo
                and flow[B_LO] == dst_lo
                and flow[A_HI] == src_hi
                and flow[B_HI] == dst_hi
            ):
                return slot, 0, place, tag
            if (
                flow[PORTS] == back
                and flow[A_LO] == dst_lo
                and flow[B_LO] == src_lo
                and flow[A_HI] == dst_hi
                and flow[B_HI] == src_hi
            ):
                return slot, 1, place, tag
        place = (place + 1) & mask
    return -1, 0, place, tag


@inside
def open_flow(room: Room, place: Int, tag: Int, answered: bool) -> Int:
    """A new flow for the packet at hand; `answered`: it comes from B. There must be room for it."""
    counters, packet = room.counters, room.packet
    slot: Int = counters[N_FLOWS]
    counters[N_FLOWS] += 1
    flow = room.flows[slot]
    clear(flow)
    a, b = (DST_HI, SRC_HI) if answered else (SRC_HI, DST_HI)
    flow[A_HI], flow[A_LO], flow[B_HI], flow[B_LO] = (
        packet[a],
        packet[a + 1],
        packet[b],
        packet[b + 1],
    )
    first, second = packet[SRC_PORT], packet[DST_PORT]
    flow[A_MAC], flow[B_MAC] = packet[SRC_MAC], packet[DST_MAC]
    if answered:
        first, second = second, first
        flow[A_MAC], flow[B_MAC] = packet[DST_MAC], packet[SRC_MAC]
    flow[PORTS] = ports(first, second, packet[PROTO], packet[VLAN])
    flow[FIRST_NS] = flow[LAST_NS] = packet[TIME_NS]
    for column in range(NEXT, HOLES + 2):
        flow[column] = -1
    flow[SLICE] = NO_SLICE
    flow[ID] = counters[NEXT_ID]
    counters[NEXT_ID] += 1
    room.slots[place] = (tag << 32) | (slot + 1)
    return slot


@inside
def index_again(room: Room) -> None:
    """Fill the index from the flows there are; those replaced by a later one are left out."""
    index, mask = room.slots, len(room.slots) - 1
    clear(index)
    for slot in range(room.counters[N_FLOWS]):
        flow = room.flows[slot]
        if flow[FLAGS] & REPLACED:
            continue
        number = _hash(flow[PORTS], flow[A_HI], flow[A_LO], flow[B_HI], flow[B_LO])
        place = np.int64(number & np.uint64(mask))
        while index[place] != 0:
            place = (place + 1) & mask
        index[place] = (np.int64(number >> _TAG) << 32) | (slot + 1)
