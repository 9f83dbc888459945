"""The pass over a buffer: every packet into its flow and its slice of time."""

from harness.wire.flows.kernel.decode import decode, without_ip
from harness.wire.flows.kernel.loads import clear
from harness.wire.flows.kernel.looking import look
from harness.wire.flows.kernel.marks import inside, part
from harness.wire.flows.kernel.segments import begin, forget, fresh
from harness.wire.flows.kernel.table import find, open_flow, ports
from harness.wire.flows.room import (
    AGAIN,
    AT,
    BACKWARDS,
    BAD_RECORD,
    BESIDE,
    BYTES_READ,
    DST_LO,
    DST_MAC,
    DST_PORT,
    ETHERTYPE,
    FIN_A,
    FIRST_FRAGMENT,
    FIRST_NS,
    FLAGS,
    FRAG,
    FRAG_ID,
    FRAGMENTS,
    FRAGMENTS_LOST,
    FRAME_BYTES,
    HELLO_BASE,
    ID,
    KEPT_END,
    LAST_NS,
    LATER_FRAGMENT,
    LATEST_NS,
    MALFORMED,
    MIDDLE,
    N_ROWS,
    N_SLICES,
    NEXT,
    NO_SLICE,
    PACKETS,
    PACKETS_READ,
    PAYLOAD,
    PROTO,
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
    VLAN,
    WHOLE,
    WIRE,
    Bytes,
    Int,
    Room,
)

_FIN, _SYN, _RST, _ACK = 1, 2, 4, 16
_MASK = 0xFFFFFFFF


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
        look(data, room, slot, side)
    if len(room.rows) > 0:
        n = counters[N_ROWS]
        row = room.rows[n]
        row[0], row[1], row[2], row[3] = ns, room.flows[slot, ID], side, wire
        row[4], row[5], row[6] = new, packet[AT], packet[KEPT_END] - packet[AT]
        row[7] = ports(packet[SRC_PORT], packet[DST_PORT], packet[PROTO], packet[VLAN])
        row[8], row[9] = packet[SIZE] - new, packet[BESIDE]
        row[10], row[11] = packet[SRC_MAC], packet[DST_MAC]
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
