"""What a stepped device puts on its cable: names, handshakes and records as TLS has them.

Sizes, order and spacing are those of the reference device on the virtual bench (OpenSSL 3, TLS 1.3,
dnsmasq). What the records hold is `tls.py`'s business.
"""

import random
import struct
from collections.abc import Callable
from dataclasses import dataclass

from harness.bench.drivers.simulated_capture import tcp_frame, udp_frame
from harness.bench.ports.stepped import Surroundings
from rigs.simulated.poor import PoorConnection, PoorLine, Told
from rigs.simulated.tls import ClosedRecords, OpenTls, Records

_FIN_ACK, _SYN, _SYN_ACK, _PUSH_ACK, _ACK = 0x11, 0x02, 0x12, 0x18, 0x10
_DNS_PORT, _TLS_PORT = 53, 443
_STEP_S = 1e-4
_NAME_S, _CONNECT_S, _SERVER_HELLO_S, _FINISHED_S = 5e-4, 1e-3, 1e-3, 1.5e-3
_FIRST_PORT, _PORTS = 49_152, 16_384


@dataclass(slots=True)
class Plug:
    """Whether the device has power: apart from what hangs on it, so that nothing holds itself."""

    alive: bool = True


class Cable:
    """The device's end of the link; `alive` until the power goes. Ports go up, one by one.

    `tls`: makes real records of an open device; None for a closed one's.
    """

    def __init__(
        self, around: Surroundings, host: str, dice: random.Random, tls: OpenTls | None = None
    ) -> None:
        self.around, self.host, self.dice, self._tls = around, host, dice, tls
        self._ports = dice.randrange(_PORTS)
        plug = self._plug = Plug()
        self.line = PoorLine(around, lambda: plug.alive)

    @property
    def alive(self) -> bool:
        """Whether the device has power."""
        return self._plug.alive

    @alive.setter
    def alive(self, alive: bool) -> None:
        self._plug.alive = alive

    def new_port(self) -> int:
        """A source port."""
        self._ports += 1
        return _FIRST_PORT + self._ports % _PORTS

    def new_records(self) -> Records:
        """What a new connection's records hold."""
        if self._tls is not None:
            return self._tls.records()
        return ClosedRecords(self.host, self.dice)

    def put(self, after_s: float, frame: bytes) -> None:
        """Put a frame on the link so many seconds from now, unless the device is off by then."""
        agenda, send = self.around.agenda, self.around.send
        agenda.do_at(agenda.now_s() + after_s, lambda: send(frame) if self.alive else None)

    def send_datagram(self, to: str | None, port: int, payload: bytes) -> None:
        """A UDP datagram to an address (None: the cloud's), now."""
        here, there = self.around.device_address, to or self.around.cloud_address
        self.put(0.0, udp_frame(here, self.new_port(), there, port, payload))

    def ask_name(self, host: str | None = None) -> float:
        """Ask for a host's addresses (None: the cloud's), old kind and new; how long that takes
        (s). As on the virtual bench, every name has the cloud's address.
        """
        for later_s, (asked, told) in zip((0.0, _STEP_S), self.questions(host), strict=True):
            self.put(later_s, asked)
            self.put(later_s + _STEP_S, told)
        return _NAME_S

    def questions(self, host: str | None = None) -> list[tuple[bytes, bytes]]:
        """The frames that ask for a host's addresses, each with the one that answers it."""
        here, there = self.around.device_address, self.around.cloud_address
        port, name = self.new_port(), _dns_name(host or self.host)
        frames = []
        for kind in (1, 28):
            number = self.dice.randrange(2**16)
            question = name + struct.pack("!HH", kind, 1)
            asked = struct.pack("!HHHHHH", number, 0x0100, 1, 0, 0, 0) + question
            told = _dns_answer(number, question, there if kind == 1 else None)
            ask = udp_frame(here, port, there, _DNS_PORT, asked)
            frames.append((ask, udp_frame(there, _DNS_PORT, here, port, told)))
        return frames


class TlsConnection:
    """One connection to the cloud, opened when made. `ready_s`: seconds until it is open.

    `poorly`: over a poor network, by `open_poorly`.
    """

    def __init__(self, cable: Cable, *, poorly: bool = False) -> None:
        self._cable = cable
        self.source_port = cable.new_port()
        self._sent = cable.dice.randrange(2**32)
        self._received = cable.dice.randrange(2**32)
        self._records = cable.new_records()
        self._poor: PoorConnection | None = None
        self.ready_s = 0.0 if poorly else self._open(cable.ask_name())

    def send(self, content: bytes, then: Callable[[], None] = lambda: None) -> None:
        """Content leaves, in records, and is acknowledged.

        `then`, when they are at the other end: on a good network at once.
        """
        payload = self._records.up(content)
        if self._is_poor():
            self._poorly().send(True, payload, then)
        else:
            self._up(0.0, payload)
            then()

    def receive(self, content: bytes, then: Callable[[], None] = lambda: None) -> None:
        """Content comes, in records, and is acknowledged; `then` as above."""
        payload = self._records.down(content)
        if self._is_poor():
            self._poorly().send(False, payload, then)
        else:
            self._down(0.0, payload)
            then()

    def open_poorly(self, step_s: float, then: Told) -> None:
        """Open it over a poor network; `then` once: whether that went well.

        `step_s`: how long each step of it is waited for before it is given up.
        """
        line, connection = self._cable.line, self._poorly()

        def named(came: bool) -> None:
            if came:
                connection.open(step_s, self._shake_hands, opened)
            else:
                then(False)

        def opened(well: bool) -> None:
            if not well:
                connection.abort()
            then(well)

        line.ask_all(self._cable.questions(), named)

    def _shake_hands(self, then: Told) -> None:
        """As `_open` does, each flight when that before it has come."""
        connection, records = self._poorly(), self._records

        def came() -> None:
            connection.send(False, records.server_hello(), helloed)

        def helloed() -> None:
            connection.send(True, records.finished(), finished)
            then(True)

        def finished() -> None:
            connection.send(False, records.tickets(), lambda: None)

        connection.send(True, records.hello(), came)

    def abort(self) -> None:
        """The device lets go of it without a last word."""
        if self._poor is not None:
            self._poor.abort()

    def _is_poor(self) -> bool:
        """Whether it goes over a poor network; once it did, it goes on in the same way."""
        return self._poor is not None or self._cable.around.network_is_poor()

    def _poorly(self) -> PoorConnection:
        if self._poor is None:
            line, port = self._cable.line, self.source_port
            self._poor = PoorConnection(line, port, self._sent, self._received)
        return self._poor

    def close(self, after_s: float = 0.0) -> None:
        """Hang up, in order."""
        if self._poor is not None:
            self._poor.close()
            return
        self._frame(after_s, True, _FIN_ACK)
        self._sent += 1
        self._frame(after_s + _STEP_S, False, _FIN_ACK)
        self._received += 1
        self._frame(after_s + 2 * _STEP_S, True, _ACK)

    def _open(self, at_s: float) -> float:
        self._frame(at_s, True, _SYN)
        self._sent += 1
        self._frame(at_s + _STEP_S, False, _SYN_ACK)
        self._received += 1
        self._frame(at_s + 2 * _STEP_S, True, _ACK)
        at_s += _CONNECT_S
        self._up(at_s, self._records.hello())
        at_s += _SERVER_HELLO_S
        self._down(at_s, self._records.server_hello())
        at_s += _FINISHED_S
        self._up(at_s, self._records.finished())
        at_s += 5e-4
        self._down(at_s, self._records.tickets())
        return at_s + 3e-4

    def _up(self, after_s: float, payload: bytes) -> None:
        self._frame(after_s, True, _PUSH_ACK, payload)
        self._sent += len(payload)
        self._frame(after_s + _STEP_S, False, _ACK)

    def _down(self, after_s: float, payload: bytes) -> None:
        self._frame(after_s, False, _PUSH_ACK, payload)
        self._received += len(payload)
        self._frame(after_s + _STEP_S, True, _ACK)

    def _frame(self, after_s: float, upward: bool, flags: int, payload: bytes = b"") -> None:
        around = self._cable.around
        device = around.device_address, self.source_port
        cloud = around.cloud_address, _TLS_PORT
        ends = (*device, *cloud) if upward else (*cloud, *device)
        numbers = (self._sent, self._received) if upward else (self._received, self._sent)
        seen = 0 if flags == _SYN else numbers[1]
        for piece in _pieces(payload):
            frame = tcp_frame(*ends, numbers[0], piece, flags, seen)
            numbers = numbers[0] + len(piece), numbers[1]
            self._cable.put(after_s, frame)


# The kernel hands TCP over in pieces of up to 64 KiB on a link that needs no checksums.
_LARGEST_SEGMENT = 64_000


def _pieces(payload: bytes) -> list[bytes]:
    starts = range(0, max(1, len(payload)), _LARGEST_SEGMENT)
    return [payload[start : start + _LARGEST_SEGMENT] for start in starts]


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
