"""What passes on the link besides uploads: canaries, bytes over time, and which are our own."""

from collections.abc import Collection
from dataclasses import dataclass

from harness.bench.ports.canary import CANARY_MARK, CANARY_PORT, CanaryFlow
from harness.wire.packets import SYN, TCP, UDP, Packet

_LONGEST_CANARY = 128
_CLOCK_SLACK_S = 0.05


@dataclass(frozen=True, slots=True)
class Traffic:
    """What passed on the link.

    `canaries`: Unix time (s) by nonce. `sent`: (Unix time, bytes of the frame) of every packet from
    the device that is not the harness's own. `received`: the same for packets to it.
    """

    canaries: dict[bytes, float]
    sent: tuple[tuple[float, int], ...]
    received: tuple[tuple[float, int], ...]


class TrafficCounter:
    """Sorts packets, in the order captured, into canaries, the harness's own and the device's."""

    def __init__(self, device_address: str, harness_flows: Collection[CanaryFlow]) -> None:
        """`harness_flows`: connections that the harness opened from the device's side."""
        self._device = device_address
        self._flows = harness_flows
        self._ours: set[tuple[int, str, int]] = set()
        self._canaries: dict[bytes, float] = {}
        self._sent: list[tuple[float, int]] = []
        self._received: list[tuple[float, int]] = []

    def take(self, packet: Packet) -> bool:
        """Count a packet; whether it is the harness's own."""
        if is_canary(packet):
            nonce = packet.payload[len(CANARY_MARK) :]
            self._canaries.setdefault(nonce, packet.unix_s)
            return True
        inward = packet.dst == self._device
        if self._is_ours(packet, inward):
            return True
        (self._received if inward else self._sent).append((packet.unix_s, packet.frame_bytes))
        return False

    def traffic(self) -> Traffic:
        """What was counted so far."""
        return Traffic(self._canaries, tuple(self._sent), tuple(self._received))

    def _is_ours(self, packet: Packet, inward: bool) -> bool:
        """Whether it belongs to a connection that the harness opened, told by its first packet."""
        if packet.proto != TCP:
            return False
        key = (
            (packet.dport, packet.src, packet.sport)
            if inward
            else (packet.sport, packet.dst, packet.dport)
        )
        if not inward and packet.tcp_flags & SYN:
            (self._ours.add if self._opens(packet) else self._ours.discard)(key)
        return key in self._ours

    def _opens(self, packet: Packet) -> bool:
        """Whether a SYN is the harness's: from its port, at its time."""
        return packet.src == self._device and any(
            flow.source_port == packet.sport
            and flow.from_unix_s - _CLOCK_SLACK_S <= packet.unix_s
            and packet.unix_s <= flow.until_unix_s + _CLOCK_SLACK_S
            for flow in self._flows
        )


def is_canary(packet: Packet) -> bool:
    """Whether it is a datagram of the harness; one that could hold more is the device's."""
    return (
        packet.proto == UDP
        and packet.dport == CANARY_PORT
        and packet.payload_bytes <= _LONGEST_CANARY
        and packet.payload.startswith(CANARY_MARK)
    )
