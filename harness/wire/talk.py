"""Captures -> whom the device talked to: every flow under its destination, with bytes over time.

Read front to back in bounded memory; what is the harness's own is shown and marked, never hidden.
"""

import ipaddress
from collections.abc import Collection, Iterable
from pathlib import Path

from harness.bench.ports.canary import CANARY_PORT, CanaryFlow
from harness.bench.ports.capture_files import capture_files
from harness.errors import RigError
from harness.wire.flows import Batch, End, Flow, FlowReader, Reading, read_files
from harness.wire.flows import room as r
from harness.wire.peers import CANARIES, OTHERS, OverTime, Peer, Talk, Way

_MOST_PEERS, _MOST_ADDRESSES = 4096, 8
_FINE_BYTES = 64 * 10**6
_FINE_S, _COARSE_S = 0.25, 1.0
_GUESS_BYTES = 16 * 2**20
_CLOCK_SLACK_S = 0.05
_PROTOCOLS = {1: "ICMP", 2: "IGMP", 6: "TCP", 17: "UDP", 58: "ICMPv6"}
_ETHER_TYPES = {0x0806: "ARP", 0x888E: "EAPOL", 0x88CC: "LLDP"}


def read_talk(
    path: Path, device: str | None = None, harness_flows: Collection[CanaryFlow] = ()
) -> Talk:
    """Read a capture: the file `path`, or the ring that was begun as it.

    `device`: its address or MAC address; None: whoever began most connections at the capture's
    beginning. `harness_flows`: connections that the harness opened from the device's side.
    Raises `RigError` where there is no capture, or nobody to be taken for the device.
    """
    files = capture_files(path)
    if not files.paths:
        raise RigError(f"there is no capture {path}, nor a ring of files begun as that")
    device = device or _guess_device(files.paths[0])
    small = sum(each.stat().st_size for each in files.paths) < _FINE_BYTES
    slice_s = _FINE_S if small else _COARSE_S
    reader = FlowReader(slice_s=slice_s)
    ledger = _Ledger(device, harness_flows, round(slice_s * 1e9))
    for batch in read_files(files.paths, reader):
        ledger.take(batch)
    reading = reader.reading
    reading.lost_files += files.overwritten
    doubts = [*_doubts(reading)]
    if reading.packets and not ledger.saw_device:
        doubts.append(f"packets, and none from or to {device}: is that the device's address?")
    told = tuple(_unread(reading)), tuple(doubts)
    return Talk(device, ledger.peers(), reading.packets, reading.dropped, *told)


def _guess_device(path: Path) -> str:
    reader = FlowReader()
    with path.open("rb") as file:
        reader.begin_file(path)
        reader.feed(file.read(_GUESS_BYTES))
    counts: dict[str, int] = {}
    middle = 0
    for flow in reader.finish().flows():
        middle += flow.from_the_middle
        if flow.a.address and not flow.from_the_middle and flow.b.port != CANARY_PORT:
            counts[flow.a.address] = counts.get(flow.a.address, 0) + 1
    if not counts:
        raise RigError(_why_nobody(path, reader.reading, middle))
    return max(counts, key=lambda address: counts[address])


def _why_nobody(path: Path, reading: Reading, middle: int) -> str:
    """Why nobody can be taken for the device, and what to do next."""
    name_it = "name the device with --device ADDRESS (or its MAC address)"
    if reading.damage:
        first = reading.damage[0]
        return (
            f"{path} is no sound pcapng or pcap file: at byte {first.offset}, {first.why}. Unpack "
            "it where it is packed; write others anew with `editcap -F pcapng`"
        )
    if untimed := reading.malformed.get(r.KINDS[r.UNTIMED]):
        return f"{path} holds {untimed} packets without a time; capture with dumpcap or tcpdump"
    if not reading.packets:
        return f"{path} holds no packets{' that are whole' if reading.truncated else ''}"
    if reading.malformed.get(r.KINDS[r.BAD_LINK]):
        return (
            f"{path} is of a link that is not read (Ethernet, Linux cooked, raw IP and loopback "
            "are): what left there is not known. Capture on the wire, not by radio"
        )
    unread = sum(reading.malformed.values())
    why = "no packet is of IP"
    if unread:
        kinds = ", ".join(f"{number} x {kind}" for kind, number in reading.malformed.items())
        why = f"{unread} of {reading.packets} packets cannot be read ({kinds})"
    elif middle:
        why = "every connection began before the capture, so who opened it is not known"
    return f"nobody in {path} can be taken for the device: {why}; {name_it}"


def _unread(reading: Reading) -> Iterable[str]:
    """What could not be read, in words."""
    for kind, number in reading.malformed.items():
        counted = "not counted" if kind == r.KINDS[r.UNTIMED] else "counted as unreadable frames"
        yield f"{number} packets malformed ({kind}), {counted}"
    for damage in reading.damage:
        where = "" if damage.path is None else f"{damage.path.name}, "
        yield f"{where}byte {damage.offset}: {damage.why}; {damage.skipped_bytes} bytes left out"
    told = (
        (reading.truncated, "files end within a block"),
        (reading.lost_files, "files of the ring were overwritten before they were read"),
    )
    yield from (f"{number} {what}" for number, what in told if number)


def _doubts(reading: Reading) -> Iterable[str]:
    """What is not quite as it should be, although every byte was counted."""
    for kind, number in reading.unnamed.items():
        yield f"{number} x {kind} that names nothing, or makes no sense"
    told = (
        (reading.backwards, "packets are stamped earlier than one before them"),
        (reading.stray_fragments, "fragments without their first"),
        (reading.evicted, "flows were ended since too many were open"),
        (reading.forgotten_names, "names there was no room for"),
    )
    yield from (f"{number} {what}" for number, what in told if number)
    if reading.cooked:
        yield "captured on all interfaces: what passed two of them counts twice, but for TCP"


class _Ledger:
    """Adds up flows by destination as they end; slices of those still open wait."""

    def __init__(self, device: str, harness_flows: Collection[CanaryFlow], span_ns: int) -> None:
        self._device, self._harness_flows = device.lower(), harness_flows
        self._span_ns = span_ns
        self._open: dict[int, OverTime] = {}
        self._peers: dict[tuple[object, ...], Peer] = {}
        self.saw_device = False

    def take(self, batch: Batch) -> None:
        for flow, at_ns, *counts in batch.slices.tolist():
            spans = self._open.get(flow)
            if spans is None:
                spans = self._open[flow] = OverTime(self._span_ns)
            spans.add(at_ns, counts[4], counts[5])
        for flow in batch.flows():
            spans = self._open.pop(flow.number, None) or OverTime(self._span_ns)
            self._add(flow, spans)

    def peers(self) -> tuple[Peer, ...]:
        return tuple(
            sorted(
                self._peers.values(),
                key=lambda peer: (peer.own, -peer.sent.payload_bytes, peer.destination),
            )
        )

    def _add(self, flow: Flow, spans: OverTime) -> None:
        turned = self._is_device(flow.b) and not self._is_device(flow.a)
        self.saw_device |= turned or self._is_device(flow.a)
        here, there = (flow.b, flow.a) if turned else (flow.a, flow.b)
        protocol, own = _protocol(flow), self._is_own(flow)
        host = _host(flow, there, turned)
        port = flow.b.port
        key: tuple[object, ...] = host, port, protocol, turned, own
        peer = self._peers.get(key)
        if peer is None:
            if len(self._peers) >= _MOST_PEERS:
                key, host, port, protocol = (OTHERS,), OTHERS, 0, "any"
            peer = self._peers.setdefault(
                key, Peer(host, port, protocol, turned, own, OverTime(self._span_ns))
            )
        peer.flows += 1
        _count(peer.sent, here)
        _count(peer.received, there)
        peer.first_s, peer.last_s = min(peer.first_s, flow.first_s), max(peer.last_s, flow.last_s)
        if len(peer.addresses) < _MOST_ADDRESSES:
            peer.addresses[there.address or there.mac] = None
        peer.marks.update(dict.fromkeys(_marks(flow, here, there, self._device)))
        peer.over_time.merge(spans, turned)

    def _is_device(self, end: End) -> bool:
        return self._device in (end.address, end.mac)

    def _is_own(self, flow: Flow) -> bool:
        return self._is_device(flow.a) and any(
            flow.a.port == mine.source_port
            and mine.from_unix_s - _CLOCK_SLACK_S <= flow.first_s
            and flow.first_s <= mine.until_unix_s + _CLOCK_SLACK_S
            for mine in self._harness_flows
            if flow.protocol == r.TCP and not flow.from_the_middle
        )


def _count(way: Way, end: End) -> None:
    """Add what one end of a flow sent."""
    way.packets += end.packets
    way.frame_bytes += end.frame_bytes
    way.payload_bytes += end.payload_bytes
    way.repeated_bytes += end.repeated_bytes


def _protocol(flow: Flow) -> str:
    if flow.quic:
        return "QUIC"
    if flow.protocol:
        return _PROTOCOLS.get(flow.protocol, f"IP protocol {flow.protocol}")
    return _ETHER_TYPES.get(flow.ether_type, f"frames of type {flow.ether_type:04x}")


def _host(flow: Flow, there: End, turned: bool) -> str:
    if not there.address:
        return there.mac if flow.ether_type else "unreadable frames"
    return there.address if turned else flow.host


def _marks(flow: Flow, here: End, there: End, device: str) -> Iterable[str]:
    """What a person should know of a flow."""
    if flow.b.port == CANARY_PORT and flow.protocol == r.UDP:
        yield CANARIES
    if flow.tls and not flow.quic:
        yield "TLS"
    if flow.ech_public:
        yield "encrypted ClientHello: the name is the public one that DNS gave for another"
    elif flow.ech:
        yield "offers an encrypted ClientHello: the name may be another's"
    if flow.encrypted_dns is not None:
        yield f"encrypted DNS ({flow.encrypted_dns})"
    if flow.fragments:
        yield "in fragments"
    if flow.from_the_middle:
        yield "began before the capture"
    if ":" not in device and "." in device and here.address not in ("", device):
        yield f"from {here.address}, not the device's address"
    if len(flow.names) > 1 and flow.server_name is None:
        yield f"one of {len(flow.names)} names"
    if there.address:
        address = ipaddress.ip_address(there.address)
        if address.is_multicast or there.address == "255.255.255.255":
            yield "to many"
        elif address.is_private:
            yield "private address"
