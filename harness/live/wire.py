"""Bytes by destination over time, for somebody who watches."""

import ipaddress
from collections import deque
from dataclasses import dataclass, field, replace

from harness.live.frames import Frame
from harness.live.names import named_in_answer, named_in_hello
from harness.live.plain import plain
from harness.model.live import OwnFlow

_DNS, _TCP, _UDP = 53, 6, 17
_PORTLESS = {1: "ICMP", 2: "IGMP", _TCP: "TCP, in pieces", _UDP: "UDP, in pieces", 58: "ICMPv6"}
_SPANS = 60
_NEWEST = 2000
_MOST_DESTINATIONS, _MOST_NAMES = 200, 2000
_SLACK_S = 1.0
OWN, OTHERS = "the bench's own canaries", "others"


@dataclass(slots=True)
class Destination:
    """What went to and came from one host and port (bytes of whole packets).

    `spans`: number of the span of time to [sent, received].
    """

    sent: int = 0
    received: int = 0
    spans: dict[int, list[int]] = field(default_factory=dict)


class LiveWire:
    """Counts the packets of one play. `device`: its address or MAC address."""

    def __init__(self, device: str, canary_port: int, began_unix_s: float) -> None:
        self._device, self._canary_port, self._began_s = device.lower(), canary_port, began_unix_s
        self._own: list[OwnFlow] = []
        # Which connections were the harness's own is told only after they were.
        self._newest: deque[tuple[Frame, str]] = deque(maxlen=_NEWEST)
        self._names: dict[str, str] = {}
        self.span_s = 1.0
        self.destinations: dict[str, Destination] = {}

    def owns(self, flow: OwnFlow) -> None:
        """A connection of the harness itself is not the device's, nor was it until now."""
        self._own.append(flow)
        newest, self._newest = list(self._newest), deque(maxlen=_NEWEST)
        for frame, name in newest:
            if name != OWN and self._is_own(frame):
                self._count(name, frame, -1)
                self._count(OWN, frame, 1)
                name = OWN
            self._newest.append((frame, name))
        for name in [n for n, d in self.destinations.items() if not d.sent and not d.received]:
            del self.destinations[name]

    def take(self, frame: Frame) -> None:
        """Count a packet."""
        self._learn(frame)
        sent = self._is_sent(frame)
        there = (frame.target, frame.target_port) if sent else (frame.source, frame.source_port)
        name = OWN if self._is_own(frame) else self._name(*there, frame.protocol)
        if name not in self.destinations and len(self.destinations) >= _MOST_DESTINATIONS:
            name = OTHERS
        self._widen(self._count(name, frame, 1))
        if frame.protocol == _TCP:
            self._newest.append((replace(frame, payload=b""), name))

    def _is_sent(self, frame: Frame) -> bool:
        """As `harness.wire` has it: all that is not to the device, or from itself, is from it."""
        to_it = self._device in (frame.target, frame.target_mac)
        return not to_it or self._device in (frame.source, frame.source_mac)

    def _count(self, name: str, frame: Frame, times: int) -> int:
        """Count a packet under a name, or take it back; the number of its span."""
        found, length = self.destinations.setdefault(name, Destination()), times * frame.length
        sent = self._is_sent(frame)
        found.sent += length if sent else 0
        found.received += 0 if sent else length
        number = int((frame.unix_s - self._began_s) // self.span_s)
        both = found.spans.setdefault(number, [0, 0])
        both[0 if sent else 1] += length
        return number

    def _widen(self, number: int) -> None:
        """Longer spans once there would be too many."""
        while abs(number) >= _SPANS:
            number, self.span_s = number // 2, self.span_s * 2
            for each in self.destinations.values():
                before, each.spans = each.spans, {}
                for old, (sent, received) in before.items():
                    both = each.spans.setdefault(old // 2, [0, 0])
                    both[0] += sent
                    both[1] += received

    def _is_own(self, frame: Frame) -> bool:
        ports = (frame.source_port, frame.target_port)
        if frame.protocol == _UDP:
            return self._canary_port in ports
        return frame.protocol == _TCP and any(
            flow.port in ports
            and flow.from_unix_s - _SLACK_S <= frame.unix_s <= flow.until_unix_s + _SLACK_S
            for flow in self._own
        )

    def _learn(self, frame: Frame) -> None:
        if len(self._names) >= _MOST_NAMES or not frame.payload:
            return
        if frame.source_port == _DNS and frame.protocol == _UDP:
            for address, name in named_in_answer(frame.payload):
                self._names[address] = name
        elif frame.protocol == _TCP and frame.payload[0] == 22:
            name_in_hello = named_in_hello(frame.payload)
            if name_in_hello is not None and name_in_hello not in self._names.get(frame.target, ""):
                self._rename(frame.target, name_in_hello)

    def _rename(self, address: str, name: str) -> None:
        """What was counted under the bare address is this name's."""
        self._names[address] = name
        for label in [one for one in self.destinations if _is_at(address, one)]:
            moved = self.destinations.pop(label)
            named = f"{plain(name, 80)}{label.removeprefix(address)}"
            renamed = [(f, named if n == label else n) for f, n in self._newest]
            self._newest = deque(renamed, maxlen=_NEWEST)
            into = self.destinations.setdefault(named, Destination())
            into.sent += moved.sent
            into.received += moved.received
            for number, (sent, received) in moved.spans.items():
                both = into.spans.setdefault(number, [0, 0])
                both[0] += sent
                both[1] += received

    def _name(self, address: str, port: int, protocol: int) -> str:
        if not address:
            return "without an address"
        host = plain(self._names.get(address) or _worded(address), 80)
        # Without a port it looks like the host as a whole, and is what goes beside its ports.
        return f"{host}:{port}" if port else f"{host} ({_portless(protocol)})"


def _is_at(address: str, label: str) -> bool:
    """Whether a label is one of a bare address, with whatever port or protocol."""
    after = label.removeprefix(address) if label.startswith(address) else ""
    return after.startswith(" (") or (after.startswith(":") and after[1:].isdigit())


def _portless(protocol: int) -> str:
    """What has no port: another protocol, or a later piece of a datagram."""
    return _PORTLESS.get(protocol, f"IP protocol {protocol}")


def _worded(address: str) -> str:
    try:
        read = ipaddress.ip_address(address)
    except ValueError:
        return address
    return f"{address} (to many)" if read.is_multicast else address
