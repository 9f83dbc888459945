"""Which packets are to be read for names: the beginnings of TLS and QUIC, DNS, DHCP."""

from harness.wire.flows.kernel.hellos import CLIENT_HELLO, HANDSHAKE, client_hello, dns_answer, note
from harness.wire.flows.kernel.loads import u8, u16, u32
from harness.wire.flows.kernel.marks import inside, part
from harness.wire.flows.room import (
    A_LO,
    AT,
    BAD_HELLO,
    DST_PORT,
    ECH,
    FLAGS,
    FRAG,
    FRAG_ID,
    FRAG_MORE,
    FRAGMENT,
    HELLO_BASE,
    HELLO_DONE,
    HELLO_END,
    HELLO_PIECE,
    ID,
    INITIAL,
    KEPT_END,
    LEASE,
    MALFORMED,
    MESSAGE,
    MULTICAST,
    NAMED,
    PIECES,
    PORTS,
    PROTO,
    QUIC,
    SEQ,
    SRC_MAC,
    SRC_PORT,
    SYN_A,
    TCP,
    TCP_FLAGS,
    TLS,
    UDP,
    WHOLE,
    Bytes,
    Int,
    Room,
)

_MASK = 0xFFFFFFFF
_LONGEST_HELLO, _MOST_PIECES, _MOST_INITIALS = 16384, 64, 12
_MOST_RECORDS = 20  # bytes: the heads of four more
_DNS, _MDNS, _DHCP_SERVER, _DHCP_CLIENT = 53, 5353, 67, 68
_LLMNR, _NETBIOS, _DHCP6_CLIENT, _DHCP6_SERVER = 5355, 137, 546, 547
_QUIC_1, _QUIC_2, _QUIC_29 = 1, 0x6B3343CF, 0xFF00001D


@part
def look(data: Bytes, room: Room, slot: Int, side: Int) -> None:
    """Whether the payload is to be read for names."""
    packet, flow = room.packet, room.flows[slot]
    if packet[FRAG] != WHOLE:
        sender = (flow[PORTS] >> (32 if side else 48)) & 0xFFFF
        if packet[PROTO] == UDP and sender == _DNS:
            at = packet[AT]
            note(room, FRAGMENT, packet[FRAG_ID], side, at, packet[KEPT_END] - at,
                 packet[FRAG_MORE], flow[ID])  # fmt: skip
        return
    if packet[PROTO] == TCP:
        if packet[SRC_PORT] == _DNS:
            _look_at_dns_segment(data, room, slot, side)
        elif not flow[FLAGS] & HELLO_DONE:
            _look_for_hello(data, room, slot, side)
    elif packet[PROTO] == UDP:
        _look_at_datagram(data, room, slot, side)


@inside
def _look_at_dns_segment(data: Bytes, room: Room, slot: Int, side: Int) -> None:
    """An answer that fills a segment, as most do."""
    at, end = room.packet[AT], room.packet[KEPT_END]
    if end - at > 2 and u16(data, at) == end - at - 2:
        note(room, MESSAGE, room.flows[slot, ID], side, at + 2, end - at - 2, 0, 0)


@inside
def _look_for_hello(data: Bytes, room: Room, slot: Int, side: Int) -> None:
    packet, flow = room.packet, room.flows[slot]
    at, end = packet[AT], packet[KEPT_END]
    if flow[FLAGS] & SYN_A:
        if side == 1:
            return
    elif flow[HELLO_END] == 0:
        flow[HELLO_BASE] = packet[SEQ]
    # What a SYN brings along (TCP Fast Open) begins one number after its own.
    begins = packet[SEQ] + (packet[TCP_FLAGS] >> 1 & 1)
    place = (begins - flow[HELLO_BASE]) & _MASK
    if flow[HELLO_END] == 0 and place == 0 and not _begins_hello(data, room, slot, side):
        flow[FLAGS] |= HELLO_DONE
        return
    limit = flow[HELLO_END] if flow[HELLO_END] > 0 else _LONGEST_HELLO
    if place >= limit or flow[PIECES] >= _MOST_PIECES:
        flow[FLAGS] |= HELLO_DONE if place < 1 << 31 else 0
    elif not flow[FLAGS] & HELLO_DONE:
        flow[PIECES] += 1
        note(room, HELLO_PIECE, flow[ID], side, at, end - at, place, 0)


@inside
def _begins_hello(data: Bytes, room: Room, slot: Int, side: Int) -> bool:
    """Whether the first bytes may be a ClientHello; one that lies in one segment is read."""
    packet, flow = room.packet, room.flows[slot]
    at, end = packet[AT], packet[KEPT_END]
    if u8(data, at) != HANDSHAKE or (end - at > 1 and u8(data, at + 1) != 3):
        return False
    flow[HELLO_END] = _LONGEST_HELLO
    if end - at < 9:
        return True
    if u8(data, at + 5) != CLIENT_HELLO:
        return False
    size = u32(data, at + 5) & 0xFFFFFF
    flow[FLAGS] |= TLS
    flow[HELLO_END] = min(_LONGEST_HELLO, 9 + size + _MOST_RECORDS)
    if u16(data, at + 3) >= 4 + size and at + 9 + size <= end:
        flow[FLAGS] |= HELLO_DONE
        sound, name, length, alpn, alpn_size, hidden = client_hello(data, at + 9, at + 9 + size)
        if not sound:
            room.counters[MALFORMED + BAD_HELLO] += 1
        else:
            flow[FLAGS] |= ECH if hidden else 0
            note(room, NAMED, flow[ID], side, name, length, alpn, alpn_size)
    return True


@inside
def _look_at_datagram(data: Bytes, room: Room, slot: Int, side: Int) -> None:
    packet, flow = room.packet, room.flows[slot]
    at, end, port = packet[AT], packet[KEPT_END], packet[DST_PORT]
    if packet[SRC_PORT] == _DNS:
        dns_answer(room, data, at, end, flow[ID])
    elif packet[SRC_PORT] == _MDNS or port == _MDNS:
        note(room, MULTICAST, flow[ID], side, at, end - at, 0, 0)
    elif port in (_DHCP_SERVER, _DHCP_CLIENT):
        note(room, LEASE, flow[ID], side, at, end - at, 0, packet[SRC_MAC])
    elif port in (_DHCP6_SERVER, _DHCP6_CLIENT):
        note(room, LEASE, flow[ID], side, at, end - at, 1, packet[SRC_MAC])
    elif packet[SRC_PORT] == _LLMNR or port == _NETBIOS:
        note(room, MULTICAST, flow[ID], side, at, end - at, int(port == _NETBIOS), 0)
    elif side == 0 and end - at >= 32 and u8(data, at) & 0xC0 == 0xC0:
        version, kind = u32(data, at + 1), u8(data, at) & 0x30
        if version in (_QUIC_1, _QUIC_2, _QUIC_29):
            flow[FLAGS] |= QUIC
            if kind == (0x10 if version == _QUIC_2 else 0) and flow[PIECES] < _MOST_INITIALS:
                flow[PIECES] += 1
                note(room, INITIAL, flow[ID], side, at, end - at, flow[A_LO], 0)
