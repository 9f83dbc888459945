"""What a frame begins with, by link type: Ethernet, Linux cooked, raw IP, and loopback.

Numbers and layouts as the tcpdump group publishes them (LINKTYPE_, www.tcpdump.org/linktypes.html).
"""

import numpy as np

from harness.wire.flows.formats import (
    COOKED_2,
    ETHERNET,
    LINUX_COOKED,
    LOOP,
    NULL,
    RAW,
    RAW_IPV4,
    RAW_IPV6,
    RAW_OF_OLD,
)
from harness.wire.flows.kernel.loads import u8, u16, u32, u32_little
from harness.wire.flows.kernel.marks import inside, part
from harness.wire.flows.room import DST_MAC, SRC_MAC, Bytes, Int, Table

IPV4, IPV6 = 0x0800, 0x86DD
_INET, _INET6 = 2, (10, 24, 28, 30)  # families as Linux and the BSDs number them
_MAC_BYTES = 6


@part
def ethertype(data: Bytes, at: Int, end: Int, link: Int, packet: Table) -> tuple[Int, Int]:
    """What the frame carries, by EtherType, and where that begins; the frame's MAC addresses noted.

    -1 and `at` when the frame is too short for its link, -1 and -1 when nothing is known of that
    link: its frames are not read.
    """
    if link == ETHERNET:
        return _ethernet(data, at, end, packet)
    if link in LINUX_COOKED:
        return _cooked(data, at, end, link == COOKED_2, packet)
    if link in (NULL, LOOP):
        return _loopback(data, at, end)
    if link in (RAW, RAW_IPV4, RAW_IPV6) or link in RAW_OF_OLD:
        if at >= end:
            return np.int64(-1), at
        return (IPV6 if u8(data, at) >> 4 == 6 else IPV4), at
    return np.int64(-1), np.int64(-1)


@inside
def _ethernet(data: Bytes, at: Int, end: Int, packet: Table) -> tuple[Int, Int]:
    if at + 14 > end:
        return np.int64(-1), at
    packet[DST_MAC] = (u16(data, at) << 32) | u32(data, at + 2)
    packet[SRC_MAC] = (u16(data, at + 6) << 32) | u32(data, at + 8)
    return u16(data, at + 12), at + 14


@inside
def _cooked(data: Bytes, at: Int, end: Int, second: bool, packet: Table) -> tuple[Int, Int]:
    """Linux's `any`: of the two ends only the sender's address is told, where it has six bytes."""
    head, kind, size, mac = (20, 0, 10, 12) if second else (16, 14, 4, 6)
    if at + head > end:
        return np.int64(-1), at
    length = u16(data, at + size) & (0xFF if second else 0xFFFF)
    if length == _MAC_BYTES:
        packet[SRC_MAC] = (u16(data, at + mac) << 32) | u32(data, at + mac + 2)
    return u16(data, at + kind), at + head


@inside
def _loopback(data: Bytes, at: Int, end: Int) -> tuple[Int, Int]:
    """An address family before the packet, in the byte order of whoever captured it."""
    if at + 4 > end:
        return np.int64(-1), at
    family = min(u32(data, at), u32_little(data, at))
    if family == _INET:
        return np.int64(IPV4), at + 4
    return np.int64(IPV6 if family in _INET6 else 0), at + 4
