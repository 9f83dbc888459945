"""Packets -> uploads: bursts of data from the device, too much to be its idle traffic.

A burst is what one flow (TCP connection, UDP pair) sends with no pause longer than `gap_s`. It is
an upload when it holds at least `min_bytes` of payload, TLS and HTTP included. What cannot be
read (malformed packets, protocols without ports) is a flow of its own: unreadable is not idle.
"""

from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

from harness.bench.ports.canary import CanaryFlow
from harness.model.timeline import Upload
from harness.wire.hosts import NotTlsError, dns_answers, server_name
from harness.wire.packets import SYN, TCP, UDP, Packet, PacketReader
from harness.wire.pcapng import Capture
from harness.wire.streams import TcpStream
from harness.wire.traffic import Traffic, TrafficCounter

_LONGEST_HELLO = 16 * 1024
_DNS_PORT = 53


@dataclass(frozen=True, slots=True)
class UploadLimits:
    """What separates uploads from idle traffic; set in the rig file for the device at hand."""

    gap_s: float = 1.0
    min_bytes: int = 6000


@dataclass(frozen=True, slots=True)
class WireReport:
    """What a capture says. `uploads` carry Unix times (s), in the order in which they began.

    `truncated`: the file ends within a block. `malformed`: packets that could not be read.
    `dropped`: packets lost by the capture's own count, None when it says nothing.
    """

    uploads: tuple[Upload, ...]
    traffic: Traffic
    truncated: bool
    malformed: int
    dropped: int | None


def read_wire(
    path: Path,
    device_address: str,
    harness_flows: Collection[CanaryFlow] = (),
    limits: UploadLimits | None = None,
) -> WireReport:
    """Read a capture of the device's link. Raises `RigError` when it is no sound capture.

    `harness_flows`: connections that the harness opened from the device's side for its canaries.
    """
    reader = PacketReader(Capture(path))
    counter = TrafficCounter(device_address, harness_flows)
    finder = _UploadFinder(device_address, limits or UploadLimits())
    for packet in reader.packets():
        finder.take(packet, ours=counter.take(packet))
    capture = reader.capture
    return WireReport(
        finder.uploads(), counter.traffic(), capture.truncated, reader.malformed, capture.dropped
    )


class _Flow:
    """What one flow has sent so far: its present burst, and the bursts that were uploads."""

    def __init__(self, packet: Packet, limits: UploadLimits) -> None:
        self._limits = limits
        self._start_s = self._end_s = packet.unix_s
        self._bytes = 0
        self._stream: TcpStream | None = None
        self._hello: bytes | None = b"" if packet.proto == TCP else None
        self._address, self._port = packet.dst, packet.dport
        self._proto = packet.proto
        self._name: str | None = None
        self._bursts: list[tuple[float, float, int]] = []

    def take(self, packet: Packet) -> None:
        fresh = packet.payload_bytes if packet.proto else packet.frame_bytes
        if packet.proto == TCP:
            fresh = self._fresh(packet)
        if fresh == 0:
            return
        if self._bytes and packet.unix_s - self._end_s > self._limits.gap_s:
            self.end_burst()
        if self._bytes == 0:
            self._start_s = packet.unix_s
        self._end_s = packet.unix_s
        self._bytes += fresh

    def end_burst(self) -> None:
        if self._bytes >= self._limits.min_bytes:
            self._bursts.append((self._start_s, self._end_s, self._bytes))
        self._bytes = 0

    def uploads(self, names: dict[str, set[str]]) -> list[Upload]:
        self.end_burst()
        destination = self._destination(names)
        return [Upload(start, end, count, destination) for start, end, count in self._bursts]

    def _destination(self, names: dict[str, set[str]]) -> str:
        if self._proto == 0:
            return "unreadable frames"
        known = names.get(self._address, set())
        # Several names for one address: which one was meant is not known, so none is claimed.
        host = self._name or (next(iter(known)) if len(known) == 1 else self._address)
        return f"{host}:{self._port}" if self._port else f"{host} (IP protocol {self._proto})"

    def _fresh(self, packet: Packet) -> int:
        sequence = packet.tcp_seq + (1 if packet.tcp_flags & SYN else 0)
        if self._stream is None:
            self._stream = TcpStream(sequence)
        if packet.payload_bytes and self._hello is not None:
            self._look_for_name(packet, self._stream.in_order(sequence % 2**32))
        return self._stream.take(sequence % 2**32, packet.payload_bytes)

    def _look_for_name(self, packet: Packet, in_order: bool) -> None:
        if not in_order or self._hello is None:
            return
        self._hello += packet.payload[:_LONGEST_HELLO]
        try:
            self._name = server_name(self._hello)
        except NotTlsError:
            self._hello = None
        else:
            if self._name is not None or len(self._hello) > _LONGEST_HELLO:
                self._hello = None


_Key = tuple[int, str, int, str, int]


class _UploadFinder:
    """Sorts packets into flows. On a link of its own, all that is not to the device is from it."""

    def __init__(self, device: str, limits: UploadLimits) -> None:
        self._device = device
        self._limits = limits
        self._flows: dict[_Key, _Flow] = {}
        self._ended: list[_Flow] = []
        self._names: dict[str, set[str]] = {}

    def take(self, packet: Packet, ours: bool) -> None:
        """`ours`: whether the packet is the harness's own."""
        if packet.dst == self._device:
            if packet.proto == UDP and packet.sport == _DNS_PORT:
                for address, name in dns_answers(packet.payload):
                    self._names.setdefault(address, set()).add(name)
            return
        if not ours:
            self._flow(packet).take(packet)

    def _flow(self, packet: Packet) -> _Flow:
        key = (packet.proto, packet.src, packet.sport, packet.dst, packet.dport)
        flow = self._flows.get(key)
        opens = packet.proto == TCP and packet.tcp_flags & SYN
        if flow is None or opens:
            if flow is not None:
                self._ended.append(flow)
            flow = self._flows[key] = _Flow(packet, self._limits)
        return flow

    def uploads(self) -> tuple[Upload, ...]:
        flows = [*self._ended, *self._flows.values()]
        found = [upload for flow in flows for upload in flow.uploads(self._names)]
        return tuple(sorted(found, key=lambda upload: (upload.start_s, upload.end_s)))
