"""Names out of packets: the ClientHello of TLS, the answers of DNS.

Both come from the device, so nothing in them is trusted: what makes no sense gives no name.
"""

from harness.wire.flows.formats import LONGEST_NAME
from harness.wire.flows.kernel.loads import u8, u16, u32, u64
from harness.wire.flows.kernel.marks import inside
from harness.wire.flows.room import (
    ADDRESS,
    BAD_DNS,
    MALFORMED,
    MESSAGE,
    N_EVENTS,
    TIME_NS,
    Bytes,
    Int,
    Room,
)

CLIENT_HELLO, HANDSHAKE = 1, 22
_SERVER_NAME, _ALPN, _ENCRYPTED_HELLO = 0, 16, 0xFE0D
_A, _AAAA, _SVCB, _HTTPS = 1, 28, 64, 65
_MAPPED = 0xFFFF << 32
_MOST_ANSWERS = 32


@inside
def client_hello(data: Bytes, at: Int, end: Int) -> tuple[bool, Int, Int, Int, Int, bool]:
    """The body of a ClientHello: is it sound, server name (place, size), ALPN list, whether ECH.

    Sizes are 0 where there is none. The name's letters are not looked at.
    """
    none = (False, 0, 0, 0, 0, False)
    name_at: Int = 0
    name_size: Int = 0
    alpn_at: Int = 0
    alpn_size: Int = 0
    hidden = False
    at += 34  # version and random
    if at + 1 > end:
        return none
    at += 1 + u8(data, at)  # session id
    if at + 2 > end:
        return none
    at += 2 + u16(data, at)  # cipher suites
    if at + 1 > end:
        return none
    at += 1 + u8(data, at)  # compression
    if at == end:
        return True, 0, 0, 0, 0, False
    if at + 2 > end or at + 2 + u16(data, at) > end:
        return none
    last = at + 2 + u16(data, at)
    at += 2
    while at + 4 <= last:
        kind, size = u16(data, at), u16(data, at + 2)
        at += 4
        if at + size > last:
            return none
        if kind == _SERVER_NAME and size >= 5 and u8(data, at + 2) == 0:
            name_at, name_size = at + 5, u16(data, at + 3)
            if name_size > size - 5:
                return none
        elif kind == _ALPN and size >= 2:
            alpn_at, alpn_size = at + 2, min(size - 2, u16(data, at))
        elif kind == _ENCRYPTED_HELLO:
            hidden = True
        at += size
    return True, name_at, name_size, alpn_at, alpn_size, hidden


@inside
def note(
    room: Room, kind: Int, flow: Int, from_b: Int, at: Int, size: Int, more: Int, last: Int
) -> None:
    """Keep something for slower code; there must be room for it."""
    n = room.counters[N_EVENTS]
    event = room.events[n]
    event[0], event[1], event[2], event[3] = kind, flow, from_b, at
    event[4], event[5], event[6], event[7] = size, more, last, room.packet[TIME_NS]
    room.counters[N_EVENTS] = n + 1


@inside
def _name_end(data: Bytes, at: Int, end: Int) -> Int:
    """Where a name ends that is written out or ends in a pointer; -1 when it makes no sense."""
    while at < end:
        size = u8(data, at)
        if size == 0:
            return at + 1
        if size >= 0xC0:
            return at + 2
        if size > 63:
            return -1
        at += 1 + size
    return -1


@inside
def dns_answer(room: Room, data: Bytes, at: Int, end: Int, flow: Int) -> None:
    """Note every address in an answer; a message of an uncommon shape, or with records of
    services, goes to slower code.
    """
    begin = room.counters[N_EVENTS]
    if end - at < 12:
        room.counters[MALFORMED + BAD_DNS] += 1
        return
    if not u16(data, at + 2) & 0x8000:
        return
    answers = u16(data, at + 6)
    if u16(data, at + 4) != 1 or answers > _MOST_ANSWERS:
        note(room, MESSAGE, flow, 1, at, end - at, 0, 0)
        return
    name = at + 12
    at = _name_end(data, name, end)
    size = at - name
    if at < 0 or size > LONGEST_NAME or (size >= 2 and u8(data, at - 1) != 0):
        room.counters[MALFORMED + BAD_DNS] += 1
        return
    message = name - 12
    services = False
    at += 4
    for _ in range(answers):
        at = _name_end(data, at, end)
        if at < 0 or at + 10 > end or at + 10 + u16(data, at + 8) > end:
            room.counters[N_EVENTS] = begin
            room.counters[MALFORMED + BAD_DNS] += 1
            return
        kind, length = u16(data, at), u16(data, at + 8)
        at += 10
        if kind == _A and length == 4:
            note(room, ADDRESS, flow, 1, name, size, 0, _MAPPED | u32(data, at))
        elif kind == _AAAA and length == 16:
            note(room, ADDRESS, flow, 1, name, size, u64(data, at), u64(data, at + 8))
        elif kind in (_SVCB, _HTTPS):
            services = True
        at += length
    if services:
        note(room, MESSAGE, flow, 1, message, end - message, 0, 0)
