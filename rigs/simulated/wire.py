"""What a stepped device puts on its cable: names, handshakes and records as TLS has them.

Sizes, order and spacing are those of the reference device on the virtual bench (OpenSSL 3, TLS 1.3,
dnsmasq). What records hold is drawn by chance: on the wire a closed device shows no more.
"""

import random
import struct

from harness.bench.drivers.simulated_capture import tcp_frame, udp_frame
from harness.bench.ports.stepped import Surroundings

_FIN_ACK, _SYN, _SYN_ACK, _PUSH_ACK, _ACK = 0x11, 0x02, 0x12, 0x18, 0x10
_DNS_PORT, _TLS_PORT = 53, 443
_HELLO_BYTES = 512
_RECORD_OVERHEAD = 17  # the kind of content, and the tag of AES-GCM
_LARGEST_RECORD = 16_384
_STEP_S = 1e-4
_NAME_S, _CONNECT_S, _SERVER_HELLO_S, _FINISHED_S = 5e-4, 1e-3, 1e-3, 1.5e-3
_FIRST_PORT, _PORTS = 49_152, 16_384


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

    def send_datagram(self, to: str | None, port: int, payload: bytes) -> None:
        """A UDP datagram to an address (None: the cloud's), now."""
        here, there = self.around.device_address, to or self.around.cloud_address
        self.put(0.0, udp_frame(here, self.new_port(), there, port, payload))

    def ask_name(self, host: str | None = None) -> float:
        """Ask for a host's addresses (None: the cloud's), old kind and new; how long that takes
        (s). As on the virtual bench, every name has the cloud's address.
        """
        here, there = self.around.device_address, self.around.cloud_address
        port, name = self.new_port(), _dns_name(host or self.host)
        for kind, later_s in ((1, 0.0), (28, _STEP_S)):
            number = self.dice.randrange(2**16)
            question = name + struct.pack("!HH", kind, 1)
            asked = struct.pack("!HHHHHH", number, 0x0100, 1, 0, 0, 0) + question
            self.put(later_s, udp_frame(here, port, there, _DNS_PORT, asked))
            told = _dns_answer(number, question, there if kind == 1 else None)
            self.put(later_s + _STEP_S, udp_frame(there, _DNS_PORT, here, port, told))
        return _NAME_S


class TlsConnection:
    """One connection to the cloud, opened when made. `ready_s`: seconds until it is open."""

    def __init__(self, cable: Cable) -> None:
        self._cable = cable
        self.source_port = cable.new_port()
        self._sent = cable.dice.randrange(2**32)
        self._received = cable.dice.randrange(2**32)
        self.ready_s = self._open(cable.ask_name())

    def send(self, content_bytes: int, after_s: float = 0.0) -> None:
        """So many bytes of content leave, in records, and are acknowledged."""
        self._up(after_s, self._records(content_bytes))

    def receive(self, content_bytes: int, after_s: float = 0.0) -> None:
        """So many bytes of content come, in records, and are acknowledged."""
        self._down(after_s, self._records(content_bytes))

    def close(self, after_s: float = 0.0) -> None:
        """Hang up, in order."""
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
        self._up(at_s, _client_hello(self._cable.host, self._cable.dice))
        at_s += _SERVER_HELLO_S
        self._down(at_s, self._server_hello())
        at_s += _FINISHED_S
        self._up(at_s, b"\x14\x03\x03\x00\x01\x01" + self._record(69))
        at_s += 5e-4
        self._down(at_s, self._record(282) + self._record(282))  # two session tickets
        return at_s + 3e-4

    def _server_hello(self) -> bytes:
        hello = b"\x16\x03\x03\x00\x7a\x02\x00\x00\x76\x03\x03" + self._cable.dice.randbytes(116)
        rest = (28, 23, 543, 96, 69)  # extensions, certificate, its proof, finished
        return hello + b"\x14\x03\x03\x00\x01\x01" + b"".join(map(self._record, rest))

    def _records(self, content_bytes: int) -> bytes:
        whole, rest = divmod(content_bytes, _LARGEST_RECORD)
        sizes = [_LARGEST_RECORD] * whole + ([rest] if rest else [])
        return b"".join(self._record(size + _RECORD_OVERHEAD) for size in sizes)

    def _record(self, size: int) -> bytes:
        return b"\x17\x03\x03" + struct.pack("!H", size) + self._cable.dice.randbytes(size)

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


def _client_hello(host: str, dice: random.Random) -> bytes:
    name = host.encode()
    server_name = struct.pack("!HHHBH", 0, len(name) + 5, len(name) + 3, 0, len(name)) + name
    head = b"\x03\x03" + dice.randbytes(32) + b"\x20" + dice.randbytes(32)
    head += struct.pack("!HHHH", 6, 0x1302, 0x1303, 0x1301) + b"\x01\x00"
    padding = _HELLO_BYTES - 4 - len(head) - 2 - len(server_name) - 4
    extensions = server_name + struct.pack("!HH", 21, padding) + bytes(padding)
    body = head + struct.pack("!H", len(extensions)) + extensions
    handshake = b"\x01" + len(body).to_bytes(3, "big") + body
    return b"\x16\x03\x01" + struct.pack("!H", len(handshake)) + handshake


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
