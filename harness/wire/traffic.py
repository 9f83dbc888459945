"""One pass over a capture for what is needed besides uploads: canaries, and bytes over time."""

from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

from harness.bench.ports.canary import CANARY_MARK, CANARY_PORT, CanaryFlow
from harness.wire.packets import UDP, PacketReader
from harness.wire.pcapng import Capture


@dataclass(frozen=True, slots=True)
class Traffic:
    """What passed on the link.

    `canaries`: Unix time (s) by nonce. `sent`: (Unix time, bytes of the frame) of every packet from
    the device that is not the harness's own. `received`: the same for packets to it.
    """

    canaries: dict[bytes, float]
    sent: tuple[tuple[float, int], ...]
    received: tuple[tuple[float, int], ...]


def read_traffic(path: Path, device_address: str, flows: Collection[CanaryFlow] = ()) -> Traffic:
    """Read a capture of the device's link. Raises `RigError` when it is no sound capture."""
    canaries: dict[bytes, float] = {}
    sent: list[tuple[float, int]] = []
    received: list[tuple[float, int]] = []
    ports = {flow.source_port: flow for flow in flows}
    for packet in PacketReader(Capture(path)).packets():
        outward = packet.dst != device_address
        to_canary = packet.proto == UDP and packet.dport == CANARY_PORT
        if to_canary and packet.payload.startswith(CANARY_MARK):
            canaries.setdefault(packet.payload[len(CANARY_MARK) :], packet.unix_s)
            continue
        flow = ports.get(packet.sport if outward else packet.dport)
        if flow is not None and flow.from_unix_s - 1 <= packet.unix_s <= flow.until_unix_s + 1:
            continue
        (sent if outward else received).append((packet.unix_s, packet.frame_bytes))
    return Traffic(canaries, tuple(sent), tuple(received))
