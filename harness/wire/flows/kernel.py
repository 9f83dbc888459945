"""The pass over a buffer: every packet into its flow, its slice of time, and what is to be read."""

from harness.wire.flows.compiled import inside, part
from harness.wire.flows.decode import decode, without_ip
from harness.wire.flows.hellos import CLIENT_HELLO, HANDSHAKE, client_hello, dns_answer, note
from harness.wire.flows.loads import Bytes, clear, u8, u16, u32
from harness.wire.flows.room import (
    A_LO,
    AGAIN,
    AT,
    BACKWARDS,
    BAD_HELLO,
    BAD_RECORD,
    BYTES_READ,
    DST_LO,
    DST_PORT,
    ECH,
    ETHERTYPE,
    FIN_A,
    FIRST_FRAGMENT,
    FIRST_NS,
    FLAGS,
    FRAG,
    FRAG_ID,
    FRAG_MORE,
    FRAGMENT,
    FRAGMENTS,
    FRAGMENTS_LOST,
    FRAME_BYTES,
    HELLO_BASE,
    HELLO_DONE,
    HELLO_END,
    HELLO_PIECE,
    ID,
    INITIAL,
    KEPT_END,
    LAST_NS,
    LATER_FRAGMENT,
    LATEST_NS,
    LEASE,
    MALFORMED,
    MESSAGE,
    MIDDLE,
    MULTICAST,
    N_ROWS,
    N_SLICES,
    NAMED,
    NEXT,
    NO_SLICE,
    PACKETS,
    PACKETS_READ,
    PAYLOAD,
    PIECES,
    PORTS,
    PROTO,
    QUIC,
    REPLACED,
    RESET,
    SEQ,
    SIZE,
    SLICE,
    SLICE_FRAME_BYTES,
    SLICE_NS,
    SLICE_PACKETS,
    SLICE_PAYLOAD,
    SRC_HI,
    SRC_LO,
    SRC_MAC,
    SRC_PORT,
    SYN_A,
    TCP,
    TCP_FLAGS,
    TIME_NS,
    TLS,
    UDP,
    VLAN,
    WHOLE,
    WIRE,
    Int,
    Room,
)
from harness.wire.flows.segments import begin, forget, fresh
from harness.wire.flows.table import find, open_flow, ports

_FIN, _SYN, _RST, _ACK = 1, 2, 4, 16
_MASK = 0xFFFFFFFF
_LONGEST_HELLO, _MOST_PIECES, _MOST_INITIALS = 16384, 64, 12
_MOST_RECORDS = 20  # bytes: the heads of four more
_DNS, _MDNS, _DHCP_SERVER, _DHCP_CLIENT = 53, 5353, 67, 68
_LLMNR, _NETBIOS, _DHCP6_CLIENT, _DHCP6_SERVER = 5355, 137, 546, 547
_QUIC_1, _QUIC_2, _QUIC_29 = 1, 0x6B3343CF, 0xFF00001D


@part
def take(data: Bytes, at: Int, kept: Int, wire: Int, link: Int, ns: Int, room: Room) -> None:
    """Count one frame. There must be room for a flow, holes, events, slices and a row."""
    counters, packet = room.counters, room.packet
    wrong: Int = -1
    if kept > wire:
        wrong, wire = BAD_RECORD, kept
        clear(packet)
        packet[WIRE] = wire
    else:
        wrong = decode(data, at, kept, wire, link, packet)
    packet[TIME_NS] = ns
    if wrong >= 0:
        _spoilt(room, wrong)
    counters[PACKETS_READ] += 1
    counters[BYTES_READ] += wire
    if ns < counters[LATEST_NS]:
        counters[BACKWARDS] += 1
    else:
        counters[LATEST_NS] = ns
    slot, side = _flow(room)
    new = _count(room, slot, side)
    if packet[SIZE] > 0 and packet[KEPT_END] > packet[AT]:
        _look(data, room, slot, side)
    if len(room.rows) > 0:
        n = counters[N_ROWS]
        row = room.rows[n]
        row[0], row[1], row[2], row[3] = ns, room.flows[slot, ID], side, wire
        row[4], row[5], row[6] = new, packet[AT], packet[KEPT_END] - packet[AT]
        row[7] = ports(packet[SRC_PORT], packet[DST_PORT], packet[PROTO], packet[VLAN])
        counters[N_ROWS] = n + 1


@inside
def _spoilt(room: Room, kind: Int) -> None:
    """Headers that contradict themselves: counted by kind, and the frame counts as it came."""
    room.counters[MALFORMED + kind] += 1
    room.packet[ETHERTYPE] = 0
    without_ip(room.packet)


@part
def _flow(room: Room) -> tuple[Int, Int]:
    """Slot of the packet's flow, opened if need be, and whether it comes from B."""
    packet = room.packet
    if packet[FRAG] != WHOLE:
        slot, side = _of_fragment(room)
        if slot >= 0:
            return slot, side
    slot, side, place, tag = find(room)
    if packet[PROTO] != TCP or packet[FRAG] == LATER_FRAGMENT:
        if slot < 0:
            slot, side = open_flow(room, place, tag, False), 0
    else:
        slot, side = _connection(room, slot, side, place, tag)
    if packet[FRAG] == FIRST_FRAGMENT:
        _remember_fragment(room, slot, side)
    return slot, side


@part
def _connection(room: Room, slot: Int, side: Int, place: Int, tag: Int) -> tuple[Int, Int]:
    """The TCP flow: a SYN with another number than the one before begins a new one."""
    packet, flows = room.packet, room.flows
    opens = packet[TCP_FLAGS] & (_SYN | _ACK) == _SYN
    if slot >= 0 and opens:
        first = (packet[SEQ] + 1) & _MASK
        # The same number once data has been sent is no repeated SYN: some stacks begin alike.
        again = side == 0 and flows[slot, FLAGS] & SYN_A != 0 and flows[slot, HELLO_BASE] == first
        if not again or flows[slot, PAYLOAD] > 0:
            flows[slot, FLAGS] |= REPLACED
            slot = -1
    if slot < 0:
        answered = packet[TCP_FLAGS] & (_SYN | _ACK) == (_SYN | _ACK)
        slot, side = open_flow(room, place, tag, answered), 1 if answered else 0
        if opens:
            flows[slot, FLAGS] |= SYN_A
            flows[slot, HELLO_BASE] = (packet[SEQ] + 1) & _MASK
        elif not answered:
            flows[slot, FLAGS] |= MIDDLE
    return slot, side


@inside
def _remember_fragment(room: Room, slot: Int, side: Int) -> None:
    packet = room.packet
    place = (packet[FRAG_ID] ^ (packet[FRAG_ID] >> 8) ^ packet[SRC_LO]) & (len(room.fragments) - 1)
    kept = room.fragments[place]
    kept[0], kept[1], kept[2], kept[3] = slot, side, packet[FRAG_ID], packet[PROTO]
    kept[4], kept[5], kept[6] = packet[SRC_HI], packet[SRC_LO], packet[DST_LO]


@inside
def _of_fragment(room: Room) -> tuple[Int, Int]:
    """The flow that the first fragment of the same packet went to; -1 when it was not seen."""
    packet = room.packet
    if packet[FRAG] == FIRST_FRAGMENT:
        return -1, 0
    place = (packet[FRAG_ID] ^ (packet[FRAG_ID] >> 8) ^ packet[SRC_LO]) & (len(room.fragments) - 1)
    kept = room.fragments[place]
    if (
        kept[0] >= 0
        and kept[2] == packet[FRAG_ID]
        and kept[3] == packet[PROTO]
        and kept[4] == packet[SRC_HI]
        and kept[5] == packet[SRC_LO]
        and kept[6] == packet[DST_LO]
    ):
        return kept[0], kept[1]
    room.counters[FRAGMENTS_LOST] += 1
    return -1, 0


@part
def _count(room: Room, slot: Int, side: Int) -> Int:
    """Add the packet to its flow and slice; how many of its payload bytes are new."""
    packet, flow = room.packet, room.flows[slot]
    size = packet[SIZE]
    new: Int = size
    if packet[PROTO] == TCP and packet[FRAG] != LATER_FRAGMENT:
        new = _stream(room, slot, side)
    if packet[FRAG] != WHOLE:
        flow[FLAGS] |= FRAGMENTS
    ns, wire = packet[TIME_NS], packet[WIRE]
    flow[FIRST_NS], flow[LAST_NS] = min(flow[FIRST_NS], ns), max(flow[LAST_NS], ns)
    flow[PACKETS + side] += 1
    flow[FRAME_BYTES + side] += wire
    flow[PAYLOAD + side] += new
    flow[AGAIN + side] += size - new
    part = ns // room.counters[SLICE_NS]
    if part != flow[SLICE]:
        if flow[SLICE] != NO_SLICE:
            end_slice(room, slot)
        flow[SLICE] = part
    flow[SLICE_PACKETS + side] += 1
    flow[SLICE_FRAME_BYTES + side] += wire
    flow[SLICE_PAYLOAD + side] += new
    return new


@inside
def end_slice(room: Room, slot: Int) -> None:
    """Hand out what the flow had in its slice of time, and clear that."""
    counters, flow = room.counters, room.flows[slot]
    n = counters[N_SLICES]
    line = room.slices[n]
    line[0], line[1] = flow[ID], flow[SLICE] * counters[SLICE_NS]
    for column in range(6):
        line[2 + column] = flow[SLICE_PACKETS + column]
        flow[SLICE_PACKETS + column] = 0
    counters[N_SLICES] = n + 1


@part
def _stream(room: Room, slot: Int, side: Int) -> Int:
    packet, flow = room.packet, room.flows[slot]
    flags = packet[TCP_FLAGS]
    sequence = (packet[SEQ] + (1 if flags & _SYN else 0)) & _MASK
    if flags & _FIN:
        flow[FLAGS] |= FIN_A << side
    if flags & _RST:
        flow[FLAGS] |= RESET
    started = (flow[NEXT + side] - flow[PAYLOAD + side]) & _MASK
    # Rather count twice what another SYN brings again than take new bytes for old ones.
    if flow[NEXT + side] == -1 or (flags & _SYN and started != sequence):
        forget(room, slot, side)
        begin(room, slot, side, sequence, not flags & _SYN)
    return fresh(room, slot, side, sequence, packet[SIZE])


@part
def _look(data: Bytes, room: Room, slot: Int, side: Int) -> None:
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
    place = (packet[SEQ] - flow[HELLO_BASE]) & _MASK
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
