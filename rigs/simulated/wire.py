"""What a stepped device puts on its cable: handshakes and records as TLS has them.

Sizes, order and spacing are those of the reference device on the virtual bench (OpenSSL 3, TLS 1.3,
dnsmasq). What records hold is drawn by chance: on the wire a closed device shows no more.

On a good network all is there as soon as it is sent, at fixed steps. On a poor one each frame is
put on it by itself, and what follows waits until that has come.
"""

import random
import struct
from collections.abc import Callable

from harness.bench.drivers.simulated_capture import tcp_frame
from rigs.simulated.cable import Cable
from rigs.simulated.stream import PoorStream

_FIN_ACK, _SYN, _SYN_ACK, _PUSH_ACK, _ACK = 0x11, 0x02, 0x12, 0x18, 0x10
_TLS_PORT = 443
_HELLO_BYTES = 512
_RECORD_OVERHEAD = 17  # the kind of content, and the tag of AES-GCM
_LARGEST_RECORD = 16_384
_STEP_S = 1e-4
_CONNECT_S, _SERVER_HELLO_S, _FINISHED_S = 1e-3, 1e-3, 1.5e-3
_CONNECTED_AGAIN_S = (1.0, 2.0, 4.0)
_GONE = 0x14  # reset


class TlsConnection:
    """One connection to the cloud, opened when made. `ready_s`: seconds until it is open.

    `poorly`: it is not; `open_poorly` opens it.
    """

    def __init__(self, cable: Cable, *, poorly: bool = False) -> None:
        self._cable = cable
        self.source_port = cable.new_port()
        self._sent = cable.dice.randrange(2**32)
        self._received = cable.dice.randrange(2**32)
        self._streams: dict[bool, PoorStream] = {}
        self.ready_s = 0.0 if poorly else self._open(cable.ask_name())

    def open_poorly(self, step_s: float, then: Callable[[bool], None]) -> None:
        """Open it on a poor network; `then` tells whether that went well.

        `step_s`: how long each step of it is waited for, before it is given up.
        """
        syn = self._one_frame(True, _SYN)
        self._sent += 1
        ack = self._one_frame(False, _SYN_ACK)
        self._received += 1
        told = False

        def tell(well: bool) -> None:
            nonlocal told
            if not told:
                told = True
                if not well:
                    self.abort()
                then(well)

        def named(came: bool) -> None:
            if not came:
                tell(False)
                return
            self._cable.later(step_s, lambda: None if self._streams else tell(False))
            self._cable.exchange(syn, ack, _CONNECTED_AGAIN_S, connected)

        def connected(came: bool) -> None:
            if told or not came:
                tell(False)
                return
            hello = _client_hello(self._cable.host, self._cable.dice)
            self._cable.later(step_s, lambda: tell(False))
            self._poor(True).send(
                hello, lambda: self._poor(False).send(self._server_hello(), helloed)
            )

        def helloed() -> None:
            self._poor(True).send(b"\x14\x03\x03\x00\x01\x01" + self._record(69), ticketed)
            tell(True)

        def ticketed() -> None:
            self._poor(False).send(self._record(282) + self._record(282), lambda: None)

        self._cable.ask_name_poorly(named)

    def send(self, content_bytes: int, then: Callable[[], None] = lambda: None) -> None:
        """So many bytes of content leave, in records; `then`, when they are at the other end.

        On a good network that is at once.
        """
        self._pass(True, content_bytes, then)

    def receive(self, content_bytes: int, then: Callable[[], None] = lambda: None) -> None:
        """So many bytes of content come, in records; `then`, when they are here."""
        self._pass(False, content_bytes, then)

    def _pass(self, upward: bool, content_bytes: int, then: Callable[[], None]) -> None:
        payload = self._records(content_bytes)
        if self._streams or self._cable.around.network_is_poor():
            self._poor(upward).send(payload, then)
            return
        (self._up if upward else self._down)(0.0, payload)
        then()

    def abort(self) -> None:
        """The device lets go of it without a last word: what it has not sent yet is not sent."""
        if True in self._streams:
            self._streams[True].stop()
            self._cable.carry(self._one_frame(True, _GONE), True, lambda: None)

    def _poor(self, upward: bool) -> PoorStream:
        """The stream of that way, from now on; a connection that had one goes on by it."""
        if not self._streams:
            self._streams = {
                True: PoorStream(self, True, self._sent),
                False: PoorStream(self, False, self._received),
            }
        return self._streams[upward]

    # What its streams ask of it ------------------------------------------------------------------

    def now_s(self) -> float:
        """Unix time (s)."""
        return self._cable.around.agenda.now_s()

    def later(self, after_s: float, deed: Callable[[], None]) -> None:
        """Do something so many seconds from now."""
        self._cable.later(after_s, deed)

    def carry(self, upward: bool, start: int, payload: bytes, came: Callable[[], None]) -> None:
        """Put a segment on the link now."""
        seen = self._received if upward else self._sent
        frame = tcp_frame(*self._ends(upward), start, payload, _PUSH_ACK, seen)
        if upward:
            self._sent = max(self._sent, start + len(payload))
        else:
            self._received = max(self._received, start + len(payload))
        self._cable.carry(frame, upward, came)

    def acknowledge(self, upward: bool, end: int, came: Callable[[], None]) -> None:
        """Put an acknowledgement of what goes `upward` on the link now: it goes the other way."""
        here = self._received if upward else self._sent
        frame = tcp_frame(*self._ends(not upward), here, b"", _ACK, end)
        self._cable.carry(frame, not upward, came)

    def _ends(self, upward: bool) -> tuple[str, int, str, int]:
        around = self._cable.around
        device, cloud = around.device_address, around.cloud_address
        if upward:
            return device, self.source_port, cloud, _TLS_PORT
        return cloud, _TLS_PORT, device, self.source_port

    def _one_frame(self, upward: bool, flags: int) -> bytes:
        numbers = (self._sent, self._received) if upward else (self._received, self._sent)
        seen = 0 if flags == _SYN else numbers[1]
        return tcp_frame(*self._ends(upward), numbers[0], b"", flags, seen)

    # Opened and closed -----------------------------------------------------------------------

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
        ends = self._ends(upward)
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
