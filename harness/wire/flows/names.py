"""What hosts call themselves and each other: events of the compiled pass into names.

Bounded: of addresses, and of what is not whole yet, those that came last are kept.
"""

import struct
from collections import OrderedDict
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from harness.wire.flows.formats import LONGEST_NAME
from harness.wire.flows.lan_names import dhcp6_request, netbios_names
from harness.wire.flows.machine import client_hello
from harness.wire.flows.messages import (
    DhcpRequest,
    dhcp_request,
    dns_addresses,
    dns_public_names,
    dns_text,
)
from harness.wire.flows.quic import InitialReader, NotInitialError, contiguous
from harness.wire.flows.room import (
    ADDRESS,
    BAD_DHCP,
    BAD_DNS,
    BAD_FRAGMENTS,
    BAD_HELLO,
    BAD_INITIAL,
    BAD_NAME,
    FRAGMENT,
    HELLO_PIECE,
    INITIAL,
    LEASE,
    MALFORMED,
    MESSAGE,
    MULTICAST,
    N_EVENTS,
    NAMED,
    Bytes,
    Room,
)

_MOST_ADDRESSES, _MOST_NAMES, _MOST_HOSTS = 32_768, 8, 4096
_MOST_TEXTS, _MOST_UNFINISHED, _MOST_PUBLIC = 16_384, 1024, 1024
_LONGEST_HELLO, _LONGEST_DATAGRAM = 16 * 1024, 65_535
_MOST_PROTOCOLS, _LONGEST_PROTOCOL = 8, 32
_LONGEST_NAME_LIST = _MOST_PROTOCOLS * (1 + _LONGEST_PROTOCOL)


@dataclass(frozen=True, slots=True)
class Hello:
    """What a client said first: the server's name, protocols it offers, whether ECH is offered.

    `public`: DNS said of that name that clients show it instead of the one that they mean.
    """

    server_name: str | None
    protocols: tuple[str, ...]
    encrypted: bool
    public: bool = False


class Names:
    """Names by flow and by address, as far as packets told them."""

    def __init__(self) -> None:
        """Nothing is known yet."""
        self.forgotten = 0
        self.hosts: dict[int, DhcpRequest] = {}
        self._public: OrderedDict[str, None] = OrderedDict()
        self._hellos: dict[int, Hello] = {}
        self._pieces: OrderedDict[int, dict[int, bytes]] = OrderedDict()
        self._initials: OrderedDict[int, InitialReader] = OrderedDict()
        self._fragments: OrderedDict[tuple[int, int], dict[int, bytes]] = OrderedDict()
        self._by_address: OrderedDict[tuple[int, int], dict[str, None]] = OrderedDict()
        self._texts: dict[bytes, str | None] = {}
        self._alike: dict[tuple[bytes, bytes, bool], Hello] = {}

    def take(self, data: Bytes, room: Room) -> None:
        """Read what the pass noted in `data`; what makes no sense is counted by its kind."""
        count = int(room.counters[N_EVENTS])
        if count == 0:
            return
        view = data.data
        for kind, flow, from_b, at, size, more, last, _ in room.events[:count].tolist():
            said = bytes(view[at : at + size])
            if kind == ADDRESS:
                name = self._texts.get(said) or self._dns_name(said)
                wrong = BAD_NAME if name is None else self._learn((more, last), name)
            elif kind == NAMED:
                wrong = self._hello(flow, said, bytes(view[more : more + last]), False)
            else:
                wrong = self._rare(kind, flow, from_b, said, more, last)
            if wrong >= 0:
                room.counters[MALFORMED + wrong] += 1
        room.counters[N_EVENTS] = 0

    def hello(self, flow: int) -> Hello | None:
        """What the client of a flow that ends said first; asked once."""
        hello = self._hellos.pop(flow, None)
        if hello is None:
            self._pieces.pop(flow, None)
            self._initials.pop(flow, None)
            return None
        name = hello.server_name
        is_public = bool(self._public) and name is not None and name.lower() in self._public
        return replace(hello, public=True) if is_public else hello

    def of_address(self, high: int, low: int) -> tuple[str, ...]:
        """Names that were answered with this address."""
        return tuple(self._by_address.get((high, low), ()))

    def _rare(self, kind: int, flow: int, from_b: int, data: bytes, more: int, last: int) -> int:
        """Kind of what was wrong, -1 for nothing."""
        if kind == HELLO_PIECE:
            return self._piece(flow, more, data)
        if kind == INITIAL:
            return self._initial(flow, data)
        if kind == MULTICAST and more:
            return self._told(netbios_names(data))
        if kind in (MESSAGE, MULTICAST):
            return self._message(data, is_asked=kind == MESSAGE)
        if kind == LEASE:
            return self._lease(data, last, is_6=bool(more))
        if kind == FRAGMENT:
            return self._fragment((last, flow), more >> 1, bool(more & 1), data)
        return -1

    def _learn(self, address: tuple[int, int], name: str) -> int:
        known = self._by_address.get(address)
        if known is None:
            known = self._by_address[address] = {}
            if len(self._by_address) > _MOST_ADDRESSES:
                self._by_address.popitem(last=False)
                self.forgotten += 1
        else:
            self._by_address.move_to_end(address)
        if name in known:
            return -1
        if len(known) < _MOST_NAMES:
            known[name] = None
        else:
            self.forgotten += 1
        return -1

    def _dns_name(self, wire: bytes) -> str | None:
        try:
            return self._texts[wire]
        except KeyError:
            if len(self._texts) >= _MOST_TEXTS:
                self._texts.clear()
            text = self._texts[wire] = dns_text(wire)
            return text

    def _hello(self, flow: int, name: bytes, protocols: bytes, encrypted: bool) -> int:
        if len(name) > LONGEST_NAME:
            self._hellos[flow] = Hello(None, _protocols(protocols), encrypted)
            return BAD_NAME
        key = name, protocols[:_LONGEST_NAME_LIST], encrypted
        hello = self._alike.get(key)
        if hello is None:
            if len(self._alike) >= _MOST_TEXTS:
                self._alike.clear()
            hello = self._alike[key] = _hello(*key)
        self._hellos[flow] = hello
        return BAD_NAME if name and hello.server_name is None else -1

    def _piece(self, flow: int, place: int, data: bytes) -> int:
        if flow in self._hellos:
            return -1
        pieces = self._pieces.setdefault(flow, {})
        pieces[place] = max(pieces.get(place, b""), data[:_LONGEST_HELLO], key=len)
        self._forget_oldest(self._pieces)
        message = _handshake(contiguous(pieces))
        if message is None:
            return -1
        del self._pieces[flow]
        return self._message_of_hello(flow, message)

    def _initial(self, flow: int, datagram: bytes) -> int:
        if flow in self._hellos:
            return -1
        reader = self._initials.setdefault(flow, InitialReader())
        self._forget_oldest(self._initials)
        try:
            message = reader.take(datagram)
        except NotInitialError:
            return BAD_INITIAL
        if message is None:
            return -1
        del self._initials[flow]
        return self._message_of_hello(flow, message)

    def _message_of_hello(self, flow: int, message: bytes) -> int:
        """`message`: a ClientHello with its header of four bytes, whole."""
        data = np.frombuffer(bytearray(message), np.uint8)
        end = 4 + int.from_bytes(message[1:4], "big")
        sound, at, size, alpn, alpn_size, hidden = client_hello(data, 4, end)
        if message[0] != 1 or not sound:
            self._hellos[flow] = Hello(None, (), False)
            return BAD_HELLO
        offered = message[alpn : alpn + alpn_size]
        return self._hello(flow, message[at : at + size], offered, hidden)

    def _message(self, data: bytes, is_asked: bool) -> int:
        wrong = self._told(dns_addresses(data, is_asked))
        if wrong >= 0 or not is_asked:
            return wrong
        try:
            for name in dns_public_names(data):
                self._public[name] = None
                if len(self._public) > _MOST_PUBLIC:
                    self._public.popitem(last=False)
                    self.forgotten += 1
        except (struct.error, IndexError, UnicodeDecodeError):
            return BAD_DNS
        return -1

    def _told(self, addresses: Iterator[tuple[bytes, str]]) -> int:
        try:
            for address, name in addresses:
                self._learn(_halves(address), name)
        except (struct.error, IndexError, UnicodeDecodeError):
            return BAD_DNS
        return -1

    def _forget_oldest(self, unfinished: OrderedDict[Any, Any]) -> None:
        if len(unfinished) > _MOST_UNFINISHED:
            unfinished.popitem(last=False)
            self.forgotten += 1

    def _lease(self, data: bytes, mac: int, is_6: bool) -> int:
        try:
            request = dhcp6_request(data, mac) if is_6 else dhcp_request(data)
        except (struct.error, IndexError, UnicodeDecodeError):
            return BAD_DHCP
        if request is not None and (request.mac in self.hosts or len(self.hosts) < _MOST_HOSTS):
            self.hosts[request.mac] = _together(self.hosts.get(request.mac), request)
        return -1

    def _fragment(self, key: tuple[int, int], offset: int, more: bool, data: bytes) -> int:
        """Of a DNS answer; offsets count from the UDP header."""
        pieces = self._fragments.setdefault(key, {})
        pieces[offset if offset == 0 else offset - 8] = data
        if not more:
            pieces[-1] = len(data).to_bytes(4, "big") + (offset - 8).to_bytes(4, "big")
        self._forget_oldest(self._fragments)
        if sum(map(len, pieces.values())) > _LONGEST_DATAGRAM:
            del self._fragments[key]
            return BAD_FRAGMENTS
        if -1 not in pieces:
            return -1
        size = int.from_bytes(pieces[-1][:4], "big") + int.from_bytes(pieces[-1][4:], "big")
        whole = contiguous({place: piece for place, piece in pieces.items() if place >= 0})
        if len(whole) < size:
            return -1
        del self._fragments[key]
        return self._message(whole, is_asked=True)


def _together(before: DhcpRequest | None, now: DhcpRequest) -> DhcpRequest:
    """What a host says now, and where it says nothing, what it said before."""
    if before is None:
        return now
    return DhcpRequest(
        now.mac,
        now.host_name or before.host_name,
        now.vendor_class or before.vendor_class,
        now.address or before.address,
    )


def _hello(name: bytes, protocols: bytes, encrypted: bool) -> Hello:
    text = name.decode("ascii", "replace").lower().removesuffix(".")  # as DNS compares names
    sound = text.isascii() and text.isprintable()
    return Hello(text if sound and text else None, _protocols(protocols), encrypted)


def _halves(address: bytes) -> tuple[int, int]:
    """An address as the tables have it."""
    whole = address if len(address) == 16 else bytes(10) + b"\xff\xff" + address
    high, low = struct.unpack("!qq", whole)
    return high, low


def _protocols(listed: bytes) -> tuple[str, ...]:
    found: list[str] = []
    at = 0
    while at < len(listed) and len(found) < _MOST_PROTOCOLS:
        if listed[at] <= _LONGEST_PROTOCOL:
            found.append(listed[at + 1 : at + 1 + listed[at]].decode("ascii", "replace"))
        at += 1 + listed[at]
    return tuple(found)


def _handshake(stream: bytes) -> bytes | None:
    """The first handshake message that the TLS records carry, once it is whole."""
    carried, at = b"", 0
    while at + 5 <= len(stream) and stream[at] == 22:
        size = int.from_bytes(stream[at + 3 : at + 5], "big")
        carried += stream[at + 5 : at + 5 + size]
        at += 5 + size
    if len(carried) < 4 or len(carried) < 4 + int.from_bytes(carried[1:4], "big"):
        return None
    return carried
