"""Hands packets from one socket to another and back, as late, slow and lossy as it is told.

A process of its own. Both are packet sockets that see whole frames, each behind the kernel's own
note on it (`PACKET_VNET_HDR`: checksums still to be made, segments still to be cut), which is
handed on with it. What it is told comes as JSON lines on standard input, each with an `id`:
`{"relay": CONDITION}` (null: hand nothing on; what waits goes at once), `{"quit": true}`.
Usage: python -m harness.bench.drivers.link_relay DEVICE_SIDE CLOUD_SIDE SEED, two descriptors
"""

import heapq
import json
import os
import random
import selectors
import socket
import sys
import time
from dataclasses import dataclass, field
from typing import Any

from harness.bench.drivers.pulse_server import raise_priority
from harness.bench.shaping import Way, is_udp_443
from harness.model.network import NetworkCondition

NOTE_BYTES = 10
"""What the kernel puts before each frame."""
_PRIORITY = 50
_LARGEST = NOTE_BYTES + 65_600
_AT_ONCE = 256  # frames taken from one socket before anything else has its turn
_OUTGOING = 4
_Address = tuple[str, int, int, int, bytes]


@dataclass(slots=True)
class Direction:
    """From one socket to the other; `waiting`: (when it goes, its number, note and frame)."""

    source: socket.socket
    target: socket.socket
    way: Way
    waiting: list[tuple[float, int, bytes]] = field(default_factory=list)
    count: int = 0
    trouble: int = 0

    def take(self, now_s: float) -> None:
        """Take what has come; it waits, or is lost."""
        for packet in _received(self.source):
            frame = packet[NOTE_BYTES:]
            out_s = self.way.put(now_s, len(frame), udp_443=is_udp_443(frame))
            if out_s is not None:
                self.count += 1
                heapq.heappush(self.waiting, (out_s, self.count, packet))

    def give(self, until_s: float) -> None:
        """Hand on what is due by then."""
        while self.waiting and self.waiting[0][0] <= until_s:
            packet = heapq.heappop(self.waiting)[2]
            try:
                self.target.send(packet)
            except OSError:  # the other end is down, as a cable that is cut
                self.trouble += 1


class Relay:
    """Both directions; hands nothing on before it is told to."""

    def __init__(self, device: socket.socket, cloud: socket.socket, seed: int) -> None:
        self._dice = random.Random(seed)
        self._sockets = device, cloud
        self._directions: tuple[Direction, ...] = ()

    def condition(self, told: dict[str, Any] | None) -> None:
        """From now on as poor as `told`; what waits goes at once, in its order."""
        for direction in self._directions:
            direction.take(time.monotonic())
            direction.give(float("inf"))
        if not self._directions:
            for source in self._sockets:
                _received(source, everything=True)  # has gone its way without us
        if told is None:
            self._directions = ()
            return
        device, cloud = self._sockets
        poor = NetworkCondition(**told)
        ends = ((device, cloud), (cloud, device))
        self._directions = tuple(
            Direction(source, target, Way(poor, random.Random(self._dice.getrandbits(64))))
            for source, target in ends
        )

    def counts(self) -> dict[str, list[int]]:
        """Packets passed and lost under the present condition: from the device, and to it."""
        return {
            "passed": [direction.way.passed for direction in self._directions],
            "lost": [direction.way.lost for direction in self._directions],
            "unsendable": [direction.trouble for direction in self._directions],
        }

    def turn(self) -> None:
        """Take what has come and hand on what is due."""
        now_s = time.monotonic()
        for direction in self._directions:
            direction.take(now_s)
        for direction in self._directions:
            direction.give(time.monotonic())
        if not self._directions:
            for source in self._sockets:
                _received(source)

    def due_in_s(self) -> float | None:
        """Seconds until something is due; None when nothing waits."""
        due = [direction.waiting[0][0] for direction in self._directions if direction.waiting]
        return max(0.0, min(due) - time.monotonic()) if due else None


def _received(source: socket.socket, *, everything: bool = False) -> list[bytes]:
    """What has come in at a socket, but for what went out there."""
    packets: list[bytes] = []
    for _ in range(1_000_000 if everything else _AT_ONCE):
        try:
            packet, address = source.recvfrom(_LARGEST)
        except BlockingIOError:
            break
        except OSError:  # its interface went down, which is told once
            break
        if address[2] != _OUTGOING:
            packets.append(packet)
    return packets


def main() -> int:
    """Serve until standard input closes."""
    device, cloud = (socket.socket(fileno=int(number)) for number in sys.argv[1:3])
    relay = Relay(device, cloud, int(sys.argv[3]))
    realtime = raise_priority(os.getpid(), _PRIORITY)  # a busy machine makes nothing later
    for end in (device, cloud):
        end.setblocking(False)
    os.set_blocking(sys.stdin.fileno(), False)
    print(json.dumps({"ready": True, "realtime": realtime}), flush=True)
    told = b""
    with selectors.DefaultSelector() as selector:
        for file in (device, cloud, sys.stdin):
            selector.register(file, selectors.EVENT_READ)
        while True:
            ready = {key.fileobj for key, _ in selector.select(relay.due_in_s())}
            relay.turn()
            if sys.stdin in ready:
                more = os.read(sys.stdin.fileno(), 65_536)
                *lines, told = (told + more).split(b"\n")
                if not more or not all(_serve(relay, json.loads(line)) for line in lines):
                    return 0


def _serve(relay: Relay, command: dict[str, Any]) -> bool:
    """Do one thing that was told; False when it is to end."""
    if "quit" in command:
        return False
    answer = {"id": command["id"], **relay.counts()}
    if "relay" in command:
        relay.condition(command["relay"])
    print(json.dumps(answer), flush=True)
    return True


if __name__ == "__main__":
    sys.exit(main())
