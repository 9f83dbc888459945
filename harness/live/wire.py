"""Bytes by destination over time, for somebody who watches."""

import ipaddress
from dataclasses import dataclass, field

from harness.live.frames import Frame
from harness.live.names import named_in_answer, named_in_hello
from harness.live.plain import plain
from harness.model.live import OwnFlow

_DNS, _TCP, _UDP = 53, 6, 17
_SPANS = 60
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
        self._names: dict[str, str] = {}
        self.span_s = 1.0
        self.destinations: dict[str, Destination] = {}

    def owns(self, flow: OwnFlow) -> None:
        """A connection of the harness itself is not the device's."""
        self._own.append(flow)

    def take(self, frame: Frame) -> None:
        """Count a packet."""
        self._learn(frame)
        sent = self._device in (frame.source, frame.source_mac)
        there = (frame.target, frame.target_port) if sent else (frame.source, frame.source_port)
        name = OWN if self._is_own(frame) else self._name(*there)
        if name not in self.destinations and len(self.destinations) >= _MOST_DESTINATIONS:
            name = OTHERS
        found = self.destinations.setdefault(name, Destination())
        found.sent += frame.length if sent else 0
        found.received += 0 if sent else frame.length
        number = int((frame.unix_s - self._began_s) // self.span_s)
        both = found.spans.setdefault(number, [0, 0])
        both[0 if sent else 1] += frame.length
        self._widen(number)

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
        for label in [one for one in self.destinations if one.rpartition(":")[0] == address]:
            moved = self.destinations.pop(label)
            into = self.destinations.setdefault(
                f"{plain(name)}:{label.rpartition(':')[2]}", Destination()
            )
            into.sent += moved.sent
            into.received += moved.received
            for number, (sent, received) in moved.spans.items():
                both = into.spans.setdefault(number, [0, 0])
                both[0] += sent
                both[1] += received

    def _name(self, address: str, port: int) -> str:
        if not address:
            return "without an address"
        host = plain(self._names.get(address) or _worded(address), 80)
        return f"{host}:{port}" if port else host


def _worded(address: str) -> str:
    try:
        read = ipaddress.ip_address(address)
    except ValueError:
        return address
    return f"{address} (to many)" if read.is_multicast else address
