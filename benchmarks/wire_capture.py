"""Makes captures as large as wanted, and knows exactly what is in them.

A round is what a house of small devices did in six hours: 57,774 flows in 1.73 million packets,
1.5 GB. Half of the flows are TLS, two in five DNS, the others QUIC and short datagrams; a fifth is
IPv6, a twentieth has a VLAN tag, one segment in a hundred is sent twice.
"""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import IO

import numpy as np
import numpy.typing as npt

from benchmarks.wire_hellos import client_hello, dns_answer, dns_query, quic_initials, tls_record
from harness.bench.drivers.simulated_capture import pcapng_bytes

FLOWS, PACKETS, ROUND_S = 57_774, 1_730_000, 6 * 3600
FIRST_PORT = 1024
TLS, DNS, QUIC, SHORT = range(4)
_SHARES = (0.50, 0.40, 0.02)
_SEGMENT, _DATAGRAM, _CHUNK = 1448, 1200, 16_384
_START_S = 1_795_312_661
_NONE, _HELLO, _QUERY, _ANSWER, _INITIAL = range(5)
_SYN, _SYN_ACK, _ACK, _DATA, _FIN = 0x02, 0x12, 0x10, 0x18, 0x11
_HELLO_BYTES = len(tls_record(client_hello("d000.cloud.example")))

Numbers = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Truth:
    """What a round holds, a line for each flow; the flow's client port is its line + FIRST_PORT.

    The last axis is the side: from the client, from the server.
    """

    kind: Numbers
    packets: Numbers
    frame_bytes: Numbers
    payload: Numbers
    repeated: Numbers

    def name(self, flow: int) -> str | None:
        """What the client says is the server's name."""
        return _name(flow) if self.kind[flow] in (TLS, QUIC) else None


@dataclass
class _Packets:
    """Columns, a line for each packet in the order of time."""

    flow: Numbers
    ns: Numbers
    side: Numbers
    size: Numbers
    flags: Numbers
    content: Numbers
    seq: Numbers
    again: npt.NDArray[np.bool_]


def write_head(file: IO[bytes]) -> None:
    """What comes before the first packet."""
    file.write(pcapng_bytes([], dropped=None))


def write_round(file: IO[bytes], number: int, scale: float = 1.0) -> Truth:
    """Append a round, `scale` times as many flows and packets; client 10.0.0.2 + `number`."""
    drawn = np.random.default_rng(number)
    flows = round(FLOWS * scale)
    kind = np.full(flows, SHORT)
    edges = np.cumsum([round(flows * share) for share in _SHARES])
    kind[: edges[0]], kind[edges[0] : edges[1]], kind[edges[1] : edges[2]] = TLS, DNS, QUIC
    ipv6, vlan = np.arange(flows) % 5 == 0, np.arange(flows) % 20 == 1
    packets = _packets(kind, round(PACKETS * scale), number, drawn)
    heads = 14 + 4 * vlan + np.where(ipv6, 40, 20) + np.where(kind == TLS, 20, 8)
    for start in range(0, len(packets.flow), _CHUNK):
        file.write(_chunk(packets, slice(start, start + _CHUNK), number, kind, ipv6, vlan))
    return _truth(packets, kind, heads)


def _packets(kind: Numbers, wanted: int, number: int, drawn: np.random.Generator) -> _Packets:
    flows = len(kind)
    counts = np.where(kind == TLS, 8, 2)
    long = np.flatnonzero((kind == TLS) | (kind == QUIC))
    weights = drawn.lognormal(0, 1.5, len(long))
    left = wanted * 0.992 - counts.sum()
    counts[long] += np.floor(left * weights / weights.sum()).astype(np.int64)
    flow = np.repeat(np.arange(flows), counts)
    order = np.arange(len(flow)) - np.repeat(np.cumsum(counts) - counts, counts)
    made = _shape(kind[flow], flow, order, counts[flow], drawn)
    made.ns = _times(kind, counts, number, drawn)
    made.seq = _sequence(made)
    made = _with_repeats(made, kind, drawn)
    return _taken(made, np.argsort(made.ns, kind="stable"))


def _shape(
    kind: Numbers, flow: Numbers, order: Numbers, count: Numbers, drawn: np.random.Generator
) -> _Packets:
    """Side, size, flags and content of each packet."""
    n = len(flow)
    tls, quic = kind == TLS, kind == QUIC
    side = (drawn.random(n) < 0.55).astype(np.int64)
    full = drawn.random(n) < np.where(side == 1, 0.88, 0.12)
    part = drawn.integers(1, _SEGMENT, n) * (side | (drawn.random(n) < 0.1))
    size = np.where(full, np.where(tls, _SEGMENT, _DATAGRAM), np.minimum(part, _DATAGRAM))
    size = np.where(quic, np.maximum(size, 25), size)
    flags = np.where(size > 0, _DATA, _ACK)
    content = np.zeros(n, np.int64)
    for mask, values in (
        (tls & (order == 0), (0, 0, _SYN, _NONE)),
        (tls & (order == 1), (1, 0, _SYN_ACK, _NONE)),
        (tls & (order == 2), (0, 0, _ACK, _NONE)),
        (tls & (order == 3), (0, _HELLO_BYTES, _DATA, _HELLO)),
        (tls & (order == count - 3), (0, 0, _FIN, _NONE)),
        (tls & (order == count - 2), (1, 0, _FIN, _NONE)),
        (tls & (order == count - 1), (0, 0, _ACK, _NONE)),
        (quic & (order == 0), (0, _DATAGRAM, 0, _INITIAL)),
        ((kind == SHORT) & (order == 0), (0, 48, 0, _NONE)),
        ((kind == SHORT) & (order == 1), (1, 48, 0, _NONE)),
        ((kind == DNS) & (order == 0), (0, len(dns_query(_name(0))), 0, _QUERY)),
        ((kind == DNS) & (order == 1), (1, len(dns_answer(_name(0), [bytes(4)])), 0, _ANSWER)),
    ):
        side[mask], size[mask], flags[mask], content[mask] = values
    wide = (content == _ANSWER) & (_named(flow, kind) % 5 == 0)
    size[wide] = len(dns_answer(_name(0), [bytes(16)]))
    return _Packets(flow, flow, side, size, flags, content, flow, np.zeros(n, np.bool_))


def _named(flow: Numbers, kind: Numbers) -> Numbers:
    """The flow whose server a lookup asks for."""
    return np.where(kind == DNS, flow - np.min(flow[kind == DNS]), flow)


def _times(kind: Numbers, counts: Numbers, number: int, drawn: np.random.Generator) -> Numbers:
    """Stamps (ns) of each packet, growing within a flow; a lookup comes before its flow."""
    start_s = drawn.random(len(kind)) * (ROUND_S - 600)
    asks = np.flatnonzero(kind == DNS)
    start_s[asks] = start_s[: len(asks)]
    start_s[kind != DNS] += 1.0
    gaps = drawn.exponential(0.02, counts.sum()) + 1e-6
    since = np.cumsum(gaps)
    firsts = np.cumsum(counts) - counts
    since -= np.repeat(since[firsts], counts)
    whole = (np.repeat(start_s, counts) + since + number * ROUND_S) * 1e9
    found: Numbers = whole.astype(np.int64) + _START_S * 10**9
    return found


def _sequence(made: _Packets) -> Numbers:
    """TCP sequence numbers: what the same side sent before in the flow; SYN and FIN count one."""
    lane = 2 * made.flow + made.side
    order = np.argsort(lane, kind="stable")
    taken = (made.size + ((made.flags & 3) > 0))[order]
    before = np.cumsum(taken) - taken
    first = np.flatnonzero(np.diff(lane[order], prepend=-1))
    before -= np.repeat(before[first], np.diff(np.append(first, len(lane))))
    sequence = np.empty_like(before)
    sequence[order] = before + (lane[order] * 2654435761) % 2**32
    return sequence % 2**32


def _with_repeats(made: _Packets, kind: Numbers, drawn: np.random.Generator) -> _Packets:
    could = (kind[made.flow] == TLS) & (made.content == _NONE) & (made.size > 0)
    chosen = np.flatnonzero(could & (drawn.random(len(could)) < 0.013))
    repeated = _taken(made, chosen)
    repeated.ns = repeated.ns + 40_000_000
    repeated.again = np.ones(len(chosen), np.bool_)
    return _Packets(*(np.concatenate([vars(made)[n], vars(repeated)[n]]) for n in vars(made)))


def _taken(made: _Packets, lines: Numbers) -> _Packets:
    return _Packets(*(column[lines] for column in vars(made).values()))


def _truth(made: _Packets, kind: Numbers, heads: Numbers) -> Truth:
    lane, flows = 2 * made.flow + made.side, len(kind)

    def summed(values: Numbers) -> Numbers:
        total = np.bincount(lane, weights=values, minlength=2 * flows)
        return total.astype(np.int64).reshape(flows, 2)

    return Truth(
        kind,
        summed(np.ones_like(lane)),
        summed(made.size + heads[made.flow]),
        summed(np.where(made.again, 0, made.size)),
        summed(np.where(made.again, made.size, 0)),
    )


def _chunk(
    made: _Packets, span: slice, number: int, kind: Numbers, ipv6: Numbers, vlan: Numbers
) -> bytes:
    """Packet blocks of some packets."""
    part = _Packets(*(column[span] for column in vars(made).values()))
    flow = part.flow
    head = 14 + 4 * vlan[flow] + np.where(ipv6[flow], 40, 20) + np.where(kind[flow] == TLS, 20, 8)
    length = head + part.size
    block = 32 + (length + 3) // 4 * 4
    at = np.cumsum(block) - block
    out = np.full(int(block.sum()), 0x41, np.uint8)
    _put(out, at, _block_heads(part.ns, length, block))
    _put(out, at + block - 4, block.astype("<u4").view(np.uint8).reshape(-1, 4))
    for tcp in (False, True):
        for six in (False, True):
            for tagged in (False, True):
                mask = (kind[flow] == TLS) == tcp
                mask &= (ipv6[flow] == six) & (vlan[flow] == tagged)
                lines = _taken(part, np.flatnonzero(mask))
                if len(lines.flow) == 0:
                    continue
                _put(out, at[mask] + 28, _heads(lines, number, kind, tcp, six, tagged))
    for line in np.flatnonzero(part.content):
        start = at[line] + 28 + head[line]
        content = _content(int(part.content[line]), int(flow[line]), kind)
        out[start : start + len(content)] = np.frombuffer(content, np.uint8)
    return out.tobytes()


def _put(out: npt.NDArray[np.uint8], at: Numbers, content: npt.NDArray[np.uint8]) -> None:
    out[at[:, None] + np.arange(content.shape[1])] = content


def _block_heads(ns: Numbers, length: Numbers, block: Numbers) -> npt.NDArray[np.uint8]:
    columns = np.full_like(ns, 6), block, 0 * ns, ns >> 32, ns & 0xFFFFFFFF, length, length
    return np.stack(columns, axis=1).astype("<u4", order="C").view(np.uint8).reshape(-1, 28)


def _heads(
    part: _Packets, number: int, kind: Numbers, tcp: bool, six: bool, tagged: bool
) -> npt.NDArray[np.uint8]:
    """Ethernet, VLAN, IP and TCP or UDP headers."""
    n, back = len(part.flow), part.side == 1
    device, router = bytes.fromhex("025341590002"), bytes.fromhex("025341590001")
    macs = [np.where(back[:, None], _bytes(a), _bytes(b))
            for a, b in ((device, router), (router, device))]  # fmt: skip
    columns = [*macs]
    if tagged:
        columns.append(np.tile(_bytes(b"\x81\x00\x00\x07"), (n, 1)))
    body = part.size + (20 if tcp else 8)
    client = np.tile(_bytes(_client(number, six)), (n, 1))
    server = _servers(part.flow, kind[part.flow], six)
    ends = [np.where(back[:, None], server, client), np.where(back[:, None], client, server)]
    if six:
        columns += [np.tile(_bytes(b"\x86\xdd\x60\0\0\0"), (n, 1)), _big(body, 2)]
        columns.append(np.tile(_bytes(bytes([6 if tcp else 17, 64])), (n, 1)))
    else:
        columns += [np.tile(_bytes(b"\x08\x00\x45\0"), (n, 1)), _big(body + 20, 2)]
        columns.append(np.tile(_bytes(bytes([0, 0, 0, 0, 64, 6 if tcp else 17, 0, 0])), (n, 1)))
    ours, theirs = part.flow + FIRST_PORT, _server_port(kind[part.flow])
    ports = [_big(np.where(back, theirs, ours), 2), _big(np.where(back, ours, theirs), 2)]
    columns += [*ends, *ports]
    if tcp:
        rest = np.tile(_bytes(b"\0\0\0\0\x50"), (n, 1))
        columns += [_big(part.seq, 4), rest, _big(part.flags, 1)]
        columns.append(np.tile(_bytes(b"\xff\xff\0\0\0\0"), (n, 1)))
    else:
        columns += [_big(body, 2), np.zeros((n, 2), np.uint8)]
    return np.concatenate(columns, axis=1)


def _bytes(raw: bytes) -> npt.NDArray[np.uint8]:
    return np.frombuffer(raw, np.uint8)


def _big(values: Numbers, width: int) -> npt.NDArray[np.uint8]:
    return values.astype(">u8").view(np.uint8).reshape(-1, 8)[:, 8 - width :]


def _client(number: int, six: bool) -> bytes:
    return (b"\xfd" + bytes(14) if six else b"\x0a\0\0") + bytes([2 + number])


def _servers(flow: Numbers, kind: Numbers, six: bool) -> npt.NDArray[np.uint8]:
    """The resolver for lookups, an address of its own for every other flow."""
    lookup = (kind == DNS)[:, None]
    if six:
        net = np.tile(_bytes(bytes.fromhex("20010db8") + bytes(10)), (len(flow), 1))
        own = np.concatenate([net, _big(flow, 2)], axis=1)
        return np.where(lookup, _bytes(bytes.fromhex("fd") + bytes(14) + b"\1"), own)
    own = np.concatenate([np.tile(_bytes(bytes([198, 18])), (len(flow), 1)), _big(flow, 2)], axis=1)
    return np.where(lookup, _bytes(bytes([10, 0, 0, 1])), own)


def _server_port(kind: Numbers) -> Numbers:
    return np.select([kind == DNS, kind == SHORT], [53, 123], 443)


def _content(what: int, flow: int, kind: Numbers) -> bytes:
    if what == _HELLO:
        return tls_record(client_hello(_name(flow)))
    if what == _INITIAL:
        connection = hashlib.sha256(flow.to_bytes(8, "big")).digest()[:8]
        return quic_initials(client_hello(_name(flow), ("h3",)), connection)[0]
    target = flow - int(np.argmax(kind == DNS))
    six = target % 5 == 0
    if what == _QUERY:
        return dns_query(_name(target), 28 if six else 1)
    raw = _servers(np.array([target]), np.array([TLS]), six)[0].tobytes()
    return dns_answer(_name(target), [raw])


def _name(flow: int) -> str:
    """One of 500, all of the same length."""
    return f"d{flow % 500:03d}.cloud.example"


def rounds(file: IO[bytes], count: int, scale: float = 1.0) -> Iterator[Truth]:
    """Write a capture of so many rounds; what each holds, as it has been written."""
    write_head(file)
    for number in range(count):
        yield write_round(file, number, scale)
