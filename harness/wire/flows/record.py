"""What a reader hands out: flows that ended, their bytes in slices of time, and counts."""

import socket
import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from harness.wire.flows import room as r
from harness.wire.flows.names import Hello

# Names under which public resolvers answer DNS over HTTPS; their subdomains too.
DOH_NAMES = frozenset({
    "dns.google", "dns.google.com", "dns64.dns.google", "cloudflare-dns.com", "one.one.one.one",
    "cloudflare-gateway.com", "quad9.net", "opendns.com", "umbrella.com", "nextdns.io",
    "cleanbrowsing.org", "adguard-dns.com", "dns.adguard.com", "dns.sb", "dns.mullvad.net",
    "doh.mullvad.net", "doh.xfinity.com", "dns.alidns.com", "doh.pub", "doh.360.cn",
    "controld.com", "doh.libredns.gr", "dns0.eu", "doh.applied-privacy.net", "dnsforge.de",
})  # fmt: skip
_TLS_DNS_PORT, _HTTPS_PORT = 853, 443


@dataclass(frozen=True, slots=True)
class End:
    """One end of a flow and what it sent.

    `address` is empty where there is no IP. `frame_bytes` are those of whole frames on the link,
    `payload_bytes` what TCP, UDP or another protocol over IP carried, what a TCP connection
    repeated not counted; that is `repeated_bytes`. Without IP the whole frame is payload.
    """

    address: str
    port: int
    mac: str
    packets: int
    frame_bytes: int
    payload_bytes: int
    repeated_bytes: int


@dataclass(frozen=True, slots=True)
class Flow:
    """A flow: packets between the same addresses and ports; a TCP connection is one of its own.

    `number` counts flows in the order in which they began. `a` sent first, as far as was seen.
    `protocol`: of IP; 0 where there is no IP, or none that can be read (then `ether_type` is 0).
    `first_s`, `last_s`: Unix times (s) of its packets. `server_name`: what the client asked for in
    its ClientHello (TLS, QUIC); under `ech` it may be another's, and is, where it is one that DNS
    told clients to show instead (`ech_public`). `offered`: protocols of its ALPN.
    `names`: what DNS or multicast DNS called the address of `b`. `encrypted_dns`: "dot", "doh",
    "doq". `from_the_middle`: a TCP connection whose beginning was not seen.
    """

    number: int
    protocol: int
    ether_type: int
    vlans: tuple[int, ...]
    a: End
    b: End
    first_s: float
    last_s: float
    server_name: str | None
    offered: tuple[str, ...]
    names: tuple[str, ...]
    tls: bool
    quic: bool
    ech: bool
    ech_public: bool
    encrypted_dns: str | None
    fragments: bool
    from_the_middle: bool

    @property
    def host(self) -> str:
        """The name of `b`, or its address. Of several names from DNS none is claimed."""
        if self.server_name is not None:
            return self.server_name
        return self.names[0] if len(self.names) == 1 else self.b.address or self.b.mac


@dataclass(frozen=True)
class Batch:
    """Flows that ended, and what flows had in slices of time, since the batch before.

    `table`: columns as in `room.py`, a line for a flow; `hellos` and `names` go with its lines.
    `slices`: flow, start (ns), packets from a and b, frame bytes, payload bytes. A flow may have
    several lines for one slice: their sum is meant.
    """

    table: r.Table
    hellos: Sequence[Hello | None]
    names: Sequence[tuple[str, ...]]
    slices: r.Table

    def flows(self) -> Iterator[Flow]:
        """The flows that ended."""
        for line, hello, names in zip(self.table.tolist(), self.hellos, self.names, strict=True):
            yield flow_of(line, hello, names)


@dataclass(frozen=True, slots=True)
class Damage:
    """A part of a file that could not be read: where (byte), why, how much of it was left out."""

    path: Path | None
    offset: int
    why: str
    skipped_bytes: int


@dataclass(slots=True)
class Reading:
    """What was read so far, and what could not be.

    `packets`, `frame_bytes`: of all frames. `malformed`: packets by what was wrong with their
    headers; `unnamed`: by what was wrong in what should have held a name. `damage`: of the files.
    `truncated`: files that end within a block. `dropped`: packets lost by the capture's own count,
    None when it says nothing. `backwards`: packets stamped earlier than one before them.
    `stray_fragments`: those whose first was not seen before, without ports therefore. `evicted`:
    flows ended only since too many were open. `forgotten_names`: names there was no room for.
    `lost_files`: of a ring, overwritten before they were read. `cooked`: some were captured on all
    interfaces at once (Linux's `any`): a packet that passed two of them is there twice.
    """

    packets: int = 0
    frame_bytes: int = 0
    malformed: dict[str, int] = field(default_factory=dict)
    unnamed: dict[str, int] = field(default_factory=dict)
    damage: list[Damage] = field(default_factory=list)
    truncated: int = 0
    dropped: int | None = None
    backwards: int = 0
    stray_fragments: int = 0
    evicted: int = 0
    forgotten_names: int = 0
    lost_files: int = 0
    cooked: bool = False

    @property
    def sound(self) -> bool:
        """Whether all that the files hold could be read."""
        return not (self.malformed or self.damage or self.truncated or self.lost_files)


def flow_of(line: Sequence[int], hello: Hello | None, names: tuple[str, ...]) -> Flow:
    """A line of the table as a flow."""
    key, flags = line[r.PORTS], line[r.FLAGS]
    b_port, protocol = (key >> 32) & 0xFFFF, (key >> 24) & 0xFF
    server_name = None if hello is None else hello.server_name
    offered = () if hello is None else hello.protocols
    has_ip = not r.NOT_IP - 0xFFFF <= line[r.A_HI] <= r.NOT_IP
    ech = bool(flags & r.ECH) or (hello is not None and hello.encrypted)
    return Flow(
        line[r.ID],
        protocol if has_ip else 0,
        0 if has_ip else r.NOT_IP - line[r.A_HI],
        tuple(tag for tag in ((key >> 12) & 0xFFF, key & 0xFFF) if tag),
        _end(line, 0, (key >> 48) & 0xFFFF, has_ip),
        _end(line, 1, b_port, has_ip),
        line[r.FIRST_NS] / 10**9,
        line[r.LAST_NS] / 10**9,
        server_name,
        offered,
        names,
        bool(flags & r.TLS),
        bool(flags & r.QUIC),
        ech,
        ech and hello is not None and hello.public,
        _encrypted_dns(protocol, b_port, server_name, offered, names),
        bool(flags & r.FRAGMENTS),
        bool(flags & r.MIDDLE),
    )


def _end(line: Sequence[int], side: int, port: int, has_ip: bool) -> End:
    hi, lo = (r.B_HI, r.B_LO) if side else (r.A_HI, r.A_LO)
    mac = line[r.A_MAC + side]
    return End(
        address(line[hi], line[lo]) if has_ip else "",
        port,
        ":".join(f"{byte:02x}" for byte in mac.to_bytes(6, "big")),
        line[r.PACKETS + side],
        line[r.FRAME_BYTES + side],
        line[r.PAYLOAD + side],
        line[r.AGAIN + side],
    )


def address(high: int, low: int) -> str:
    """An address of the tables as text."""
    raw = struct.pack("!qq", high, low)
    if raw[:12] == bytes(10) + b"\xff\xff":
        return socket.inet_ntop(socket.AF_INET, raw[12:])
    return socket.inet_ntop(socket.AF_INET6, raw)


def halves(text: str) -> tuple[int, int]:
    """An address written as text as the tables have it."""
    if ":" not in text:
        return 0, (0xFFFF << 32) | int.from_bytes(socket.inet_aton(text), "big")
    high, low = struct.unpack("!qq", socket.inet_pton(socket.AF_INET6, text))
    return high, low


def _encrypted_dns(
    protocol: int, port: int, name: str | None, offered: Sequence[str], names: Sequence[str]
) -> str | None:
    if "doq" in offered or (protocol == r.UDP and port == _TLS_DNS_PORT):
        return "doq"
    if "dot" in offered or (protocol == r.TCP and port == _TLS_DNS_PORT):
        return "dot"
    told = (name,) if name is not None else names
    if port == _HTTPS_PORT and any(_resolver(each.lower()) for each in told):
        return "doh"
    return None


def _resolver(name: str) -> bool:
    parts = name.split(".")
    return any(".".join(parts[start:]) in DOH_NAMES for start in range(len(parts)))


def counted(counters: r.Table, reading: Reading) -> Reading:
    """`reading` with the counts of the compiled pass."""
    reading.packets, reading.frame_bytes = (
        int(counters[r.PACKETS_READ]),
        int(counters[r.BYTES_READ]),
    )
    reading.backwards = int(counters[r.BACKWARDS])
    reading.stray_fragments = int(counters[r.FRAGMENTS_LOST])
    kinds = {kind: int(counters[r.MALFORMED + n]) for n, kind in enumerate(r.KINDS)}
    wrong = {kind: count for kind, count in kinds.items() if count}
    names = set(r.KINDS[r.BAD_HELLO :])
    reading.malformed = {kind: count for kind, count in wrong.items() if kind not in names}
    reading.unnamed = {kind: count for kind, count in wrong.items() if kind in names}
    return reading


def empty_table(columns: int) -> r.Table:
    """No lines."""
    return np.zeros((0, columns), np.int64)
