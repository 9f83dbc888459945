"""What the compiled reader works on: tables of 64-bit numbers, and the meaning of their columns.

Every address is two numbers, as IPv6 writes it (IPv4 as ::ffff:a.b.c.d). A frame without a
readable IP header belongs to its two MAC addresses: high is then `NOT_IP` less its EtherType.
"""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

Bytes = npt.NDArray[np.uint8]
Flags = npt.NDArray[np.bool_]
Table = npt.NDArray[np.int64]
Int = int | np.int64

NOT_IP = -1
TCP, UDP = 6, 17

# Columns of `flows`. A is the end that sent first, as far as was seen; B the other.
A_HI, A_LO, B_HI, B_LO, PORTS = range(5)
FIRST_NS, LAST_NS, A_MAC, B_MAC, FLAGS, ID = range(5, 11)
PACKETS, FRAME_BYTES, PAYLOAD, AGAIN = 11, 13, 15, 17  # each: from A, from B
NEXT, HOLES = 19, 21  # of the TCP stream: number expected next, first hole; -1 for none
HELLO_BASE, HELLO_END, PIECES = 23, 24, 25
SLICE = 26  # number of the slice of time at hand, which is negative before 1970
NO_SLICE = -(2**63) + 1
SLICE_PACKETS, SLICE_FRAME_BYTES, SLICE_PAYLOAD = 27, 29, 31
FLOW_COLUMNS = 33

# Bits of FLAGS.
SYN_A, FIN_A, FIN_B, RESET, REPLACED = 1, 2, 4, 8, 16
HELLO_DONE, TLS, ECH, QUIC, FRAGMENTS, MIDDLE = 32, 64, 128, 256, 512, 1024
NO_NAME = 2048

# Columns of `slices`: flow, start of the slice, then packets, frame bytes, payload from A and B.
SLICE_COLUMNS = 8
# Columns of `rows`: what one packet was. Payload as it counts, where it begins, what was kept;
# ports as in `flows`, the sender's first; bytes that its TCP connection had sent before; bytes that
# are neither ordinary headers nor payload; MAC addresses, 0 where the link tells none.
ROW_NS, ROW_FLOW, ROW_FROM_B, ROW_FRAME_BYTES, ROW_PAYLOAD, ROW_AT, ROW_KEPT, ROW_PORTS = range(8)
ROW_REPEATED, ROW_BESIDE, ROW_SRC_MAC, ROW_DST_MAC = range(8, 12)
ROW_COLUMNS = 12

# Columns of `events`: things to be read by slower code, before the buffer goes.
E_KIND, E_FLOW, E_FROM_B, E_AT, E_SIZE, E_MORE, E_LAST, E_NS = range(8)
EVENT_COLUMNS = 8
NAMED, HELLO_PIECE, INITIAL, ADDRESS, MESSAGE, MULTICAST, LEASE, FRAGMENT = range(1, 9)

# Columns of `interfaces`: link type, ticks a second, offset (s).
LINK, TICKS, OFFSET_S = range(3)
INTERFACE_COLUMNS = HOLE_COLUMNS = 3

# Fields of `counters`.
(
    N_FLOWS, N_EVENTS, N_SLICES, N_ROWS, N_HOLES, FREE_HOLE, HOLES_LEFT, NEXT_ID,
    PACKETS_READ, BYTES_READ, LATEST_NS, BACKWARDS, SLICE_NS, FRAGMENTS_LOST, ENDED_AT,
    LOST_BEFORE,
) = range(16)  # fmt: skip
MALFORMED = 16
KINDS = (
    "frame cut short", "VLAN tag cut short", "IPv4 header", "IPv6 header", "IP length",
    "TCP header", "UDP header", "link type", "lengths of the record", "untimed packet",
    "TLS hello", "DNS message", "name", "DHCP message", "QUIC Initial", "fragments",
)  # fmt: skip
(
    BAD_FRAME, BAD_VLAN, BAD_IPV4, BAD_IPV6, BAD_LENGTH, BAD_TCP, BAD_UDP, BAD_LINK, BAD_RECORD,
    UNTIMED, BAD_HELLO, BAD_DNS, BAD_NAME, BAD_DHCP, BAD_INITIAL, BAD_FRAGMENTS,
) = range(16)  # fmt: skip
COUNTERS = MALFORMED + len(KINDS)

# Fields of `packet`, the one at hand.
(
    SRC_HI, SRC_LO, DST_HI, DST_LO, SRC_PORT, DST_PORT, PROTO, VLAN, SRC_MAC, DST_MAC,
    AT, SIZE, KEPT_END, SEQ, TCP_FLAGS, FRAG, FRAG_ID, FRAG_MORE, ETHERTYPE, WIRE, TIME_NS, BESIDE,
) = range(22)  # fmt: skip
PACKET_FIELDS = 22
WHOLE, FIRST_FRAGMENT, LATER_FRAGMENT = range(3)

# How a pass over a buffer ended.
MORE, OTHER_BLOCK, DAMAGE, FULL, FLOWS_FULL, HOLES_FULL = range(6)

EVENT_MARGIN, HOLE_MARGIN = 40, 4
_FRAGMENT_PLACES = 256
FRAGMENT_COLUMNS = 7


class Room(NamedTuple):
    """All tables of a reader."""

    counters: Table
    flows: Table
    slots: Table
    holes: Table
    fragments: Table
    events: Table
    slices: Table
    rows: Table
    interfaces: Table
    packet: Table


def new_room(flows: int, holes: int, events: int, rows: int, slice_ns: int) -> Room:
    """Empty tables of that many lines each; `rows` 0 keeps no packets. `flows`: a power of two."""
    counters = np.zeros(COUNTERS, np.int64)
    counters[FREE_HOLE], counters[HOLES_LEFT], counters[SLICE_NS] = -1, holes, slice_ns
    return Room(
        counters,
        np.zeros((flows, FLOW_COLUMNS), np.int64),
        np.zeros(4 * flows, np.int64),
        np.zeros((holes, HOLE_COLUMNS), np.int64),
        np.full((_FRAGMENT_PLACES, FRAGMENT_COLUMNS), -1, np.int64),
        np.zeros((events, EVENT_COLUMNS), np.int64),
        np.zeros((events, SLICE_COLUMNS), np.int64),
        np.zeros((rows, ROW_COLUMNS), np.int64),
        np.zeros((0, INTERFACE_COLUMNS), np.int64),
        np.zeros(PACKET_FIELDS, np.int64),
    )
