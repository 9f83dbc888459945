"""A frame into the fields of `Room.packet`: VLAN tags, IPv4, IPv6, TCP and UDP headers.

Each function returns -1 when all is well, or the kind of what is wrong.
"""

from harness.wire.flows.kernel.links import IPV4, IPV6, ethertype
from harness.wire.flows.kernel.loads import clear, u8, u16, u32, u64
from harness.wire.flows.kernel.marks import inside, part
from harness.wire.flows.room import (
    AT,
    BAD_FRAME,
    BAD_IPV4,
    BAD_IPV6,
    BAD_LENGTH,
    BAD_LINK,
    BAD_TCP,
    BAD_UDP,
    BAD_VLAN,
    BESIDE,
    DST_HI,
    DST_LO,
    DST_MAC,
    DST_PORT,
    ETHERTYPE,
    FIRST_FRAGMENT,
    FRAG,
    FRAG_ID,
    FRAG_MORE,
    KEPT_END,
    LATER_FRAGMENT,
    NOT_IP,
    PROTO,
    SEQ,
    SIZE,
    SRC_HI,
    SRC_LO,
    SRC_MAC,
    SRC_PORT,
    TCP,
    TCP_FLAGS,
    UDP,
    VLAN,
    WIRE,
    Bytes,
    Int,
    Table,
)

_MAPPED = 0xFFFF << 32
_AUTHENTICATION, _FRAGMENT = 51, 44
_ORDINARY_TAGS = 8
_LEAST_BYTES, _CHECKSUM_BYTES = 46, 4
"""Shorter packets are filled up to this on Ethernet; some interfaces keep the frame's checksum."""


@part
def decode(data: Bytes, at: Int, kept: Int, wire: Int, link: Int, packet: Table) -> Int:
    """Read the frame of `kept` bytes at `at`, which had `wire` bytes on a link of that type."""
    clear(packet)
    packet[WIRE] = wire
    end = at + kept
    kind, at = ethertype(data, at, end, link, packet)
    if kind < 0:
        return BAD_LINK if at < 0 else BAD_FRAME
    tags = at
    while kind in (0x8100, 0x88A8, 0x9100):
        if at + 4 > end:
            return BAD_VLAN
        packet[VLAN] = ((packet[VLAN] << 12) | (u16(data, at) & 0xFFF)) & 0xFFFFFF
        kind = u16(data, at + 2)
        at += 4
    link_end = end + wire - kept
    packet[ETHERTYPE] = kind
    packet[BESIDE] = max(0, at - tags - _ORDINARY_TAGS)
    if kind == IPV4:
        return _ipv4(data, at, end, link_end, packet)
    if kind == IPV6:
        return _ipv6(data, at, end, link_end, packet)
    without_ip(packet)
    return -1


@inside
def without_ip(packet: Table) -> None:
    """The frame counts as a whole, between its two MAC addresses."""
    packet[SRC_HI] = packet[DST_HI] = NOT_IP - packet[ETHERTYPE]
    packet[SRC_LO], packet[DST_LO] = packet[SRC_MAC], packet[DST_MAC]
    packet[PROTO] = packet[SRC_PORT] = packet[DST_PORT] = packet[FRAG] = packet[BESIDE] = 0
    packet[SIZE] = packet[WIRE]
    packet[KEPT_END] = packet[AT] = 0


@part
def _ipv4(data: Bytes, at: Int, end: Int, link_end: Int, packet: Table) -> Int:
    if at + 20 > end:
        return BAD_IPV4
    first = u8(data, at)
    head = (first & 15) * 4
    if first >> 4 != 4 or head < 20 or at + head > end:
        return BAD_IPV4
    total, fragment = u16(data, at + 2), u16(data, at + 6)
    packet[SRC_LO] = _MAPPED | u32(data, at + 12)
    packet[DST_LO] = _MAPPED | u32(data, at + 16)
    packet[PROTO] = u8(data, at + 9)
    if fragment & 0x3FFF:
        _note_fragment(packet, u16(data, at + 4), (fragment & 0x1FFF) * 8, fragment & 0x2000)
    # Segments that the kernel joined beyond 64 KiB carry a total length of 0.
    last = at + total if total else link_end
    packet[BESIDE] += head - 20 + _behind(at, last, link_end)
    return _transport(data, at + head, end, last, link_end, packet)


@part
def _ipv6(data: Bytes, at: Int, end: Int, link_end: Int, packet: Table) -> Int:
    if at + 40 > end or u8(data, at) >> 4 != 6:
        return BAD_IPV6
    total = u16(data, at + 4)
    packet[SRC_HI], packet[SRC_LO] = u64(data, at + 8), u64(data, at + 16)
    packet[DST_HI], packet[DST_LO] = u64(data, at + 24), u64(data, at + 32)
    last = at + 40 + total if total else link_end
    packet[BESIDE] += _behind(at, last, link_end)
    proto, at = u8(data, at + 6), at + 40
    begins = at
    while proto in (0, 43, 60, _FRAGMENT, _AUTHENTICATION):
        if packet[FRAG] == LATER_FRAGMENT:
            break
        if at + 8 > end:
            return BAD_IPV6
        following = u8(data, at)
        if proto == _FRAGMENT:
            place = u16(data, at + 2)
            _note_fragment(packet, u32(data, at + 4), place & 0xFFF8, place & 1)
            at += 8
        elif proto == _AUTHENTICATION:
            at += (u8(data, at + 1) + 2) * 4
        else:
            at += (u8(data, at + 1) + 1) * 8
        proto = following
    packet[PROTO] = proto
    packet[BESIDE] += at - begins
    return _transport(data, at, end, last, link_end, packet)


@part
def _behind(at: Int, last: Int, link_end: Int) -> Int:
    """Bytes of the frame behind its packet, from `at` to `last`, that do not fill it up."""
    return max(0, link_end - max(last, at + _LEAST_BYTES) - _CHECKSUM_BYTES)


@inside
def _note_fragment(packet: Table, number: Int, offset: Int, more: Int) -> None:
    """A fragment at 0 that is not followed by others is a whole packet."""
    if offset or more:
        packet[FRAG] = LATER_FRAGMENT if offset else FIRST_FRAGMENT
        packet[FRAG_ID] = number
        packet[FRAG_MORE] = (offset << 1) | (1 if more else 0)


@part
def _transport(data: Bytes, at: Int, end: Int, last: Int, link_end: Int, packet: Table) -> Int:
    """`end`: of what was kept; `last`: of the packet; `link_end`: of the frame, on the wire."""
    if last > link_end or last < at:
        return BAD_LENGTH
    proto = packet[PROTO]
    if packet[FRAG] != LATER_FRAGMENT:
        if proto == TCP:
            if at + 14 > end:
                return BAD_TCP
            head = (u8(data, at + 12) >> 4) * 4
            if head < 20 or at + head > last:
                return BAD_TCP
            packet[SEQ], packet[TCP_FLAGS] = u32(data, at + 4), u8(data, at + 13)
            packet[SRC_PORT], packet[DST_PORT] = u16(data, at), u16(data, at + 2)
            at += head
        elif proto == UDP:
            if at + 4 > end or at + 8 > last:
                return BAD_UDP
            packet[SRC_PORT], packet[DST_PORT] = u16(data, at), u16(data, at + 2)
            at += 8
    packet[AT], packet[SIZE] = at, last - at
    packet[KEPT_END] = max(at, min(end, last))
    return -1
