"""What becomes of each packet on a poor network: one way of it, with no clock and no socket.

The real relay and the simulated link both ask this, so that they are poor alike.
"""

import random
import struct

from harness.model.network import QUEUE_BYTES, NetworkCondition

_IPV4, _IPV6, _VLAN = 0x0800, 0x86DD, 0x8100
_UDP = 17
_HTTPS = 443


class Way:
    """One way of a link that is as poor as `condition` says; `dice` draws what is lost.

    A lost packet takes no time of the link. Where it is slow, packets leave one behind the other
    as their bytes allow; one that would make more than `QUEUE_BYTES` wait is lost. Then all are
    late by the same time, so that none overtakes another.
    """

    def __init__(self, condition: NetworkCondition, dice: random.Random) -> None:
        self._condition, self._dice = condition, dice
        self._free_s = float("-inf")
        self.passed = self.lost = 0

    def put(self, now_s: float, size: int, *, udp_443: bool = False) -> float | None:
        """When a packet of `size` bytes put on it at `now_s` comes out; None when it is lost.

        `now_s` never goes back from one call to the next.
        """
        out_s = None if self._is_lost(udp_443) else self._through(now_s, size)
        if out_s is None:
            self.lost += 1
        else:
            self.passed += 1
        return out_s

    def _is_lost(self, udp_443: bool) -> bool:
        percent = self._condition.drop_percent
        if udp_443 and self._condition.no_udp_443:
            return True
        return percent > 0.0 and self._dice.random() * 100.0 < percent

    def _through(self, now_s: float, size: int) -> float | None:
        late_s = self._condition.delay_ms / 1e3
        if self._condition.kbit_s is None:
            return now_s + late_s
        a_second = self._condition.kbit_s * 1e3 / 8
        waiting = max(0.0, self._free_s - now_s) * a_second
        if waiting > 0.0 and waiting + size > QUEUE_BYTES:
            return None
        self._free_s = max(self._free_s, now_s) + size / a_second
        return self._free_s + late_s


def is_udp_443(frame: bytes) -> bool:
    """Whether an Ethernet frame holds a UDP datagram to or from port 443.

    Later fragments of a datagram name no port and are not known by it; without the first nobody
    can use them. IPv6 with extension headers is not looked into.
    """
    kind_at = 12
    if len(frame) < kind_at + 2:
        return False
    (kind,) = struct.unpack_from("!H", frame, kind_at)
    if kind == _VLAN and len(frame) >= kind_at + 6:
        kind_at += 4
        (kind,) = struct.unpack_from("!H", frame, kind_at)
    at = kind_at + 2
    if kind == _IPV4 and len(frame) >= at + 20:
        later_fragment = struct.unpack_from("!H", frame, at + 6)[0] & 0x1FFF
        is_udp, ports_at = frame[at + 9] == _UDP, at + (frame[at] & 0x0F) * 4
        is_udp = is_udp and not later_fragment
    elif kind == _IPV6 and len(frame) >= at + 40:
        is_udp, ports_at = frame[at + 6] == _UDP, at + 40
    else:
        return False
    if not is_udp or len(frame) < ports_at + 4:
        return False
    return _HTTPS in struct.unpack_from("!HH", frame, ports_at)
