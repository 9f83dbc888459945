"""The device's end of the simulated cable: what is put on it, and names that are asked over it."""

import random
import struct
from collections.abc import Callable

from harness.bench.drivers.simulated_capture import udp_frame
from harness.bench.ports.stepped import Surroundings

_DNS_PORT = 53
_STEP_S, _NAME_S = 1e-4, 5e-4
_FIRST_PORT, _PORTS = 49_152, 16_384
_ASKED_AGAIN_S = (2.0, 2.0)  # as the resolver of the bench does


class Cable:
    """The device's end of the link; `alive` until the power goes. Ports go up, one by one."""

    def __init__(self, around: Surroundings, host: str, dice: random.Random) -> None:
        self.around, self.host, self.dice = around, host, dice
        self._ports = dice.randrange(_PORTS)
        self.alive = True

    def new_port(self) -> int:
        """A source port."""
        self._ports += 1
        return _FIRST_PORT + self._ports % _PORTS

    def put(self, after_s: float, frame: bytes) -> None:
        """Put a frame on the link so many seconds from now, unless the device is off by then."""
        agenda, send = self.around.agenda, self.around.send
        agenda.do_at(agenda.now_s() + after_s, lambda: send(frame) if self.alive else None)

    def carry(self, frame: bytes, upward: bool, came: Callable[[], None]) -> None:
        """Put a frame on a link that may be poor; one of the device's only while that is on."""
        if self.alive or not upward:
            self.around.put(frame, upward, came)

    def later(self, after_s: float, deed: Callable[[], None]) -> None:
        """Do something so many seconds from now."""
        self.around.agenda.do_at(self.around.agenda.now_s() + after_s, deed)

    def ask_name(self) -> float:
        """Ask for the host's addresses, old kind and new; how long the answers take (s)."""
        for later_s, (asked, told) in zip((0.0, _STEP_S), self._names(), strict=True):
            self.put(later_s, asked)
            self.put(later_s + _STEP_S, told)
        return _NAME_S

    def ask_name_poorly(self, then: Callable[[bool], None]) -> None:
        """The same on a poor network; `then` once: whether both answers came."""
        came = []

        def answered(in_time: bool) -> None:
            came.append(in_time)
            if len(came) == 2:
                then(all(came))

        for asked, told in self._names():
            self.exchange(asked, told, _ASKED_AGAIN_S, answered)

    def exchange(
        self,
        asked: bytes,
        told: bytes,
        again_s: tuple[float, ...],
        then: Callable[[bool], None],
    ) -> None:
        """Ask by one frame until another comes back; `then` once: whether it came in time.

        `again_s`: how long each try is waited for.
        """
        over = False

        def come(in_time: bool) -> None:
            nonlocal over
            if not over:
                over = True
                then(in_time)

        def ask(tried: int) -> None:
            if over:
                return
            if tried == len(again_s):
                come(False)
                return
            self.carry(asked, True, lambda: self.carry(told, False, lambda: come(True)))
            self.later(again_s[tried], lambda: ask(tried + 1))

        ask(0)

    def _names(self) -> list[tuple[bytes, bytes]]:
        """Each question for the host's addresses, and its answer."""
        here, there = self.around.device_address, self.around.cloud_address
        port, name = self.new_port(), _dns_name(self.host)
        frames = []
        for kind in (1, 28):
            number = self.dice.randrange(2**16)
            question = name + struct.pack("!HH", kind, 1)
            asked = struct.pack("!HHHHHH", number, 0x0100, 1, 0, 0, 0) + question
            told = _dns_answer(number, question, there if kind == 1 else None)
            frames.append(
                (
                    udp_frame(here, port, there, _DNS_PORT, asked),
                    udp_frame(there, _DNS_PORT, here, port, told),
                )
            )
        return frames


def _dns_name(host: str) -> bytes:
    labels = [label.encode() for label in host.split(".")]
    return b"".join(bytes([len(label)]) + label for label in labels) + b"\0"


def _dns_answer(number: int, question: bytes, address: str | None) -> bytes:
    found = address is not None
    head = struct.pack("!HHHHHH", number, 0x8580 if found else 0x8185, 1, int(found), 0, 0)
    if address is None:
        return head + question
    packed = bytes(int(part) for part in address.split("."))
    return head + question + struct.pack("!HHHIH", 0xC00C, 1, 1, 0, 4) + packed
