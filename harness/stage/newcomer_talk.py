"""Whom a device has sent packets to so far, from a capture that is still being written."""

from dataclasses import dataclass
from pathlib import Path

from harness.bench.rig import Rig
from harness.wire.peers import CANARIES


@dataclass(frozen=True, slots=True)
class Sent:
    """Packets and payload bytes that went to one destination; `last_unix_s`: the last of them."""

    destination: str
    protocol: str
    packets: int
    payload_bytes: int
    last_unix_s: float


def sent_to(capture: Path, rig: Rig) -> tuple[Sent, ...]:
    """Whom the rig's device has sent to, most bytes first; the harness's own packets left out.

    Empty where nothing was captured yet.
    """
    if not capture.exists() or not capture.stat().st_size:
        return ()
    from harness.wire.talk import read_talk  # compiled code is loaded only where a capture is read

    talk = read_talk(capture, rig.device_address, rig.canary_flows())
    return tuple(
        Sent(p.destination, p.protocol, p.sent.packets, p.sent.payload_bytes, p.last_s)
        for p in talk.peers
        if p.sent.packets and not p.own and CANARIES not in p.marks
    )
