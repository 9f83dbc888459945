"""By which way each side of a flow leaves: told by addresses, ports, protocol and declared hosts.

A name in a ClientHello is the device's own word: a host counts as declared by it only where DNS
gave that address for that name. Where DNS gave others the host is not the one it says; where no
answer was seen the way is not told. Only answers to the device count, not what it says itself.
"""

import ipaddress
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import lru_cache

from harness.model.timeline import Channel
from harness.wire.covert.names_asked import Answered
from harness.wire.declared import Declared
from harness.wire.flows.record import End, Flow

_TCP, _UDP = 6, 17
_ICMP = (1, 58)
_DNS, _NTP, _HTTPS = 53, 123, 443
_DHCP = (67, 547)
_LINK_ONLY = (0x0806, 0x888E, 0x88CC)  # ARP, EAPOL, LLDP
_LOCAL = tuple(
    ipaddress.ip_network(each)
    for each in (
        "10.0.0.0/8", "100.64.0.0/10", "169.254.0.0/16", "172.16.0.0/12", "192.168.0.0/16",
        "fc00::/7", "fe80::/10",
    )
)  # fmt: skip
_BROADCAST = ipaddress.ip_address("255.255.255.255")


class Kind(StrEnum):
    """What has a budget of its own."""

    DECLARED = "declared"
    IDLE = "idle"
    DNS = "dns"
    NTP = "ntp"
    ICMP = "icmp"
    DHCP = "dhcp"
    FRAMES = "frames"
    GROUP = "group"
    NEIGHBOUR = "neighbour"
    UDP = "udp"
    HOST = "host"
    UNREADABLE = "unreadable"


_CHANNELS = {
    Kind.DNS: Channel.DNS,
    Kind.NTP: Channel.NTP,
    Kind.ICMP: Channel.ICMP,
    Kind.DHCP: Channel.LAN,
    Kind.FRAMES: Channel.LAN,
    Kind.GROUP: Channel.LAN,
    Kind.NEIGHBOUR: Channel.LAN,
    Kind.UDP: Channel.QUIC,
    Kind.HOST: Channel.UNKNOWN,
    Kind.UNREADABLE: Channel.UNKNOWN,
}
BY_PROTOCOL = frozenset({Kind.DNS, Kind.NTP, Kind.ICMP, Kind.DHCP, Kind.FRAMES, Kind.GROUP})
"""Ways that are told by the protocol alone, whatever a rig declares; each has a use of its own, so
that no burst is an upload by its size."""


@dataclass(frozen=True, slots=True)
class Way:
    """A way out. `destination`: as an upload names it. `channel`: None where it is not told.

    `note`: what is remarkable about it, for the sentence that says why something counts. `idle`:
    its number in the idle profile, None where that does not hold it.
    """

    kind: Kind
    destination: str
    channel: Channel | None
    note: str = ""
    idle: int | None = None


class Ways:
    """Tells the way of one side of a flow after another."""

    def __init__(
        self, declared: Declared, answered: Answered, quic: Collection[tuple[str, int]] = ()
    ) -> None:
        """`quic`: (address, port) where a QUIC handshake named a declared host."""
        self._declared, self._answered, self._quic = declared, answered, frozenset(quic)

    def of(self, flow: Flow, from_b: bool, destination: str) -> Way:
        """The way of what one side of a flow sends. `destination`: what an upload calls it."""
        to = flow.a if from_b else flow.b
        if self._declared.allows_port(to.address, to.port):
            return self._with_idle(Way(Kind.DECLARED, destination, Channel.SPEECH), flow, to)
        kind = _by_protocol(flow, to)
        if kind in BY_PROTOCOL:
            return Way(kind, destination, _CHANNELS[kind])
        if not self._declared.told:
            return Way(Kind.HOST, destination, None)
        if kind is not None:
            return Way(kind, destination, _CHANNELS[kind])
        return self._by_host(flow, to, None if from_b else flow.server_name, destination)

    def _by_host(self, flow: Flow, to: End, said: str | None, destination: str) -> Way:
        name, note = self._declared_name(said, to)
        if name is not None and (flow.protocol != _UDP or self._is_quic(to)):
            channel = None if note else Channel.SPEECH
            way = Way(Kind.DECLARED, f"{name}:{to.port}", channel, note)
            return self._with_idle(way, flow, to)
        if not note:
            known = self._with_idle(Way(Kind.IDLE, destination, self._idle_channel), flow, to)
            if known.idle is not None:
                return known
        if name is not None:
            note = f"UDP to {name} without a QUIC handshake that names it"
            return Way(Kind.UDP, f"{name}:{to.port}", Channel.QUIC, note)
        return self._stranger(flow, to, destination, note)

    def _stranger(self, flow: Flow, to: End, destination: str, note: str) -> Way:
        if _is_local(to.address):
            kind = Kind.NEIGHBOUR
        elif flow.protocol == _UDP and (to.port == _HTTPS or flow.quic):
            kind = Kind.UDP
        else:
            kind = Kind.HOST
        told = f"{to.address}:{to.port}" if note else destination
        if flow.encrypted_dns is not None and not note:
            note = f"encrypted DNS ({flow.encrypted_dns}) to a resolver that is not declared"
        return Way(kind, told, _CHANNELS[kind], note)

    @property
    def _idle_channel(self) -> Channel:
        """What leaves for a host of the idle profile: speech, unless others are declared for it."""
        return Channel.SPEECH if self._declared.destinations is None else Channel.TELEMETRY

    def _with_idle(self, way: Way, flow: Flow, to: End) -> Way:
        names = self._answered.of(to.address)
        idle = self._declared.idle_number(names, to.address, to.port, flow.protocol)
        return replace(way, idle=idle)

    def _declared_name(self, said: str | None, to: End) -> tuple[str | None, str]:
        """The declared host that an end is, None for none, and what is to be said of it."""
        if self._declared.allows(to.address, to.port):
            return to.address, ""
        names = self._answered.of(to.address)
        if said is None:
            return self._first_declared(names, to.port), ""
        if not self._declared.allows(said, to.port):
            return None, ""
        if said in names:
            return said, ""
        if self._answered.gave(said):
            return None, f"it calls this host {said}, which DNS gave other addresses"
        return said, f"only the device says that this is {said}: no DNS answer was seen"

    def _first_declared(self, names: Sequence[str], port: int) -> str | None:
        return next((name for name in names if self._declared.allows(name, port)), None)

    def _is_quic(self, to: End) -> bool:
        return (to.address, to.port) in self._quic


def quic_hosts(flows: Iterable[Flow], declared: Declared) -> frozenset[tuple[str, int]]:
    """(address, port) of each QUIC connection whose handshake names a declared host."""
    return frozenset(
        (flow.b.address, flow.b.port)
        for flow in flows
        if flow.quic and flow.server_name and declared.allows(flow.server_name, flow.b.port)
    )


def _by_protocol(flow: Flow, to: End) -> Kind | None:
    """The kind of what needs no host to be known; None where that decides."""
    if flow.protocol == 0 and not to.address:
        return Kind.FRAMES if flow.ether_type in _LINK_ONLY else Kind.UNREADABLE
    if flow.protocol in (_TCP, _UDP) and to.port == _DNS:
        return Kind.DNS
    if flow.protocol == _UDP and to.port == _NTP:
        return Kind.NTP
    if flow.protocol in _ICMP:
        return Kind.ICMP
    if flow.protocol == _UDP and to.port in _DHCP:
        return Kind.DHCP
    return Kind.GROUP if _is_group(to.address) else None


@lru_cache(4096)
def _is_local(address: str) -> bool:
    found = ipaddress.ip_address(address)
    return any(found in each for each in _LOCAL if each.version == found.version)


@lru_cache(4096)
def _is_group(address: str) -> bool:
    """Multicast, or broadcast to all of the link; a subnet's own is not told from an address."""
    found = ipaddress.ip_address(address)
    return found.is_multicast or found == _BROADCAST
