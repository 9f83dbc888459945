"""Makes hours and days of what a closed device sends while nobody speaks, with uploads among it.

Real pcapng: connections that open with TLS hellos and close, heartbeats and pings with jitter,
telemetry of log-normal sizes, tickets, TCP keep-alives and segments sent twice, DNS, NTP, mDNS,
SSDP, ARP, update checks and a download. What is usual differs by the device that a seed draws.
"""

import heapq
import itertools
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from benchmarks.wire_hellos import client_hello, dns_answer, dns_query, tls_record
from harness.bench.drivers.simulated_capture import tcp_frame, udp_frame, write_capture

DEVICE, ROUTER = "192.168.7.20", "192.168.7.1"
START_S = 1_795_312_000.0
VOICE, BEAT, METRICS, LOG, UPDATE, STRANGER = (
    "voice.maker.example", "beat.maker.example", "metrics.maker.example", "log.maker.example",
    "update.maker.example", "elsewhere.example",
)  # fmt: skip
ADDRESSES = {VOICE: "198.18.0.1", BEAT: "198.18.0.2", METRICS: "198.18.0.3", LOG: "198.18.0.4",
             UPDATE: "198.18.0.5", STRANGER: "203.0.113.9"}  # fmt: skip
OPUS_16, OPUS_32, PCM = 2000.0, 4000.0, 32_000.0
_SEGMENT, _FLIGHT, _RECORD = 1448, 10, 29
_SYN, _SYN_ACK, _ACK, _DATA, _FIN = 0x02, 0x12, 0x10, 0x18, 0x11


@dataclass(frozen=True)
class Speech:
    """An upload to make: when (s since the start), how long, bytes/s, where, whether at once."""

    at_s: float
    seconds: float
    bytes_per_s: float
    host: str = VOICE
    at_once: bool = False
    slowed: float = 1.0


@dataclass
class Truth:
    """An upload as it went: Unix times (s) of its first and last packet, payload bytes."""

    speech: Speech
    start_s: float = 0.0
    end_s: float = 0.0
    bytes: int = 0


@dataclass(frozen=True)
class Habits:
    """How a device behaves while idle; times in seconds, sizes in bytes."""

    ping_s: float
    ping_bytes: int
    beat_s: float
    beat_bytes: int
    beat_opens: bool
    metrics_s: float
    metrics_bytes: float
    metrics_spread: float
    log_s: float
    reconnect_s: float
    clock_s: float
    rtt_s: float
    piece_s: float
    padded: bool = False

    @classmethod
    def drawn(cls, seed: int, padded: bool = False) -> "Habits":
        """Those of the device that a seed stands for."""
        dice = np.random.default_rng([seed, 77])

        def between(low: float, high: float) -> float:
            return float(dice.uniform(low, high))

        return cls(
            between(40, 90), round(between(60, 110)), between(20, 60), round(between(150, 450)),
            bool(dice.random() < 0.5), between(300, 900), between(1200, 3000), between(0.4, 0.7),
            between(3000, 7200), between(5000, 15000), between(256, 1024), between(0.02, 0.09),
            float(dice.choice([0.02, 0.04, 0.06, 0.1])), padded,
        )  # fmt: skip


class Idle:
    """A device's link, played through event by event; `truths` are the uploads among it."""

    def __init__(self, habits: Habits, hours: float, seed: int) -> None:
        """Nothing has been sent yet. `seed`: of this stretch of time, not of the device."""
        self.habits, self._end_s = habits, hours * 3600
        self._dice = np.random.default_rng([seed, 78])
        self.frames: list[tuple[float, bytes]] = []
        self.truths: list[Truth] = []
        self._due: list[tuple[float, int, Callable[[float], None]]] = []
        self._count = itertools.count()
        self._port = 32_768
        self._held: dict[str, _Connection] = {}

    def write(self, path: Path, speeches: Sequence[Speech] = ()) -> list[Truth]:
        """Play it through and write the capture; what was uploaded."""
        self._habits()
        for speech in speeches:
            self._speech(speech)
        while self._due:
            at_s, _, deed = heapq.heappop(self._due)
            if at_s < self._end_s:
                deed(at_s)
        self.frames.sort(key=lambda frame: frame[0])
        write_capture(path, self.frames)
        return self.truths

    # What it does ----------------------------------------------------------------------------

    def _habits(self) -> None:
        h = self.habits
        if h.padded:
            self._every(0.1, 0.02, lambda t: self._held_to(VOICE, t).send(t, 560))
        else:
            self._every(h.ping_s, 0.1, self._ping)
        self._every(h.beat_s, 0.05, self._beat)
        self._every(h.metrics_s, 0.2, lambda t: self._post(METRICS, t, self._size(h.metrics_bytes)))
        self._every(h.log_s, 0.5, lambda t: self._post(LOG, t, self._size(6 * h.metrics_bytes)))
        self._every(h.reconnect_s, 0.6, lambda t: self._held.pop(VOICE, None) and None)
        self._every(4 * 3600, 0.1, lambda t: self._post(UPDATE, t, 600, 20_000))
        self._every(20 * 3600, 0.2, lambda t: self._post(UPDATE, t, 700, 3_000_000))
        self._every(h.clock_s, 0.02, self._clock)
        self._every(120, 0.2, lambda t: self._crowd(t, "224.0.0.251", 5353, 180, 420))
        self._every(900, 0.1, lambda t: self._crowd(t, "239.255.255.250", 1900, 120, 130))
        self._every(60, 0.3, self._arp)

    def _every(self, period_s: float, jitter: float, deed: Callable[[float], object]) -> None:
        def again(at_s: float) -> None:
            deed(at_s)
            self._at(at_s + period_s * (1 + jitter * self._dice.uniform(-1, 1)), again)

        self._at(period_s * self._dice.random(), again)

    def _at(self, at_s: float, deed: Callable[[float], None]) -> None:
        heapq.heappush(self._due, (at_s, next(self._count), deed))

    def _size(self, median: float) -> int:
        return round(median * float(self._dice.lognormal(0, self.habits.metrics_spread)))

    def _ping(self, at_s: float) -> None:
        connection = self._held_to(VOICE, at_s)
        connection.send(at_s, self.habits.ping_bytes + int(self._dice.integers(0, 12)))
        connection.receive(at_s + self.habits.rtt_s, 64)
        if self._dice.random() < 0.3:
            connection.keep_alive(at_s + 20.0)

    def _beat(self, at_s: float) -> None:
        size = self.habits.beat_bytes + int(self._dice.integers(0, 40))
        if self.habits.beat_opens:
            self._post(BEAT, at_s, size, 200)
        else:
            connection = self._held_to(BEAT, at_s)
            connection.send(at_s, size)
            connection.receive(at_s + self.habits.rtt_s, 120)

    def _post(self, host: str, at_s: float, size: int, back: int = 350) -> None:
        """A connection of its own for one request."""
        connection = self._open(host, at_s)
        done_s = connection.send(connection.ready_s, size)
        done_s = connection.receive(done_s + 2 * self.habits.rtt_s, back)
        connection.close(done_s + 0.01)

    def _clock(self, at_s: float) -> None:
        self._datagram(at_s, DEVICE, ROUTER, 123, b"\x23" + bytes(47))
        self._datagram(at_s + 0.02, ROUTER, DEVICE, 123, b"\x24" + bytes(47), to_port=123)

    def _crowd(self, at_s: float, group: str, port: int, low: int, high: int) -> None:
        count = int(self._dice.integers(1, 4))
        for n in range(count):
            size = int(self._dice.integers(low, high))
            self._datagram(at_s + 0.25 * n, DEVICE, group, port, bytes(12) + b"\0" * size)

    def _arp(self, at_s: float) -> None:
        self.put(at_s, b"\xff" * 6 + bytes(6) + b"\x08\x06" + bytes(28))

    # What it uploads -------------------------------------------------------------------------

    def _speech(self, speech: Speech) -> None:
        truth = Truth(speech)
        self.truths.append(truth)
        if speech.at_once:
            self._at(speech.at_s, lambda t: self._at_once(truth, t))
            return
        self._at(speech.at_s, lambda t: self._stream(truth, t))

    def _at_once(self, truth: Truth, at_s: float) -> None:
        connection = self._to(truth, at_s)
        size = round(truth.speech.bytes_per_s * truth.speech.seconds)
        end_s = connection.send(max(at_s, connection.ready_s), size)
        self._note(truth, max(at_s, connection.ready_s), end_s, size)

    def _to(self, truth: Truth, at_s: float) -> "_Connection":
        """The connection for an upload; one that is opened for it begins with its hello."""
        host, held = truth.speech.host, self._held.get(truth.speech.host)
        connection = self._held_to(host, at_s) if host == VOICE else self._open(host, at_s)
        truth.start_s = START_S + connection.hello_s if connection is not held else 0.0
        return connection

    def _stream(self, truth: Truth, at_s: float) -> None:
        speech, piece_s = truth.speech, self.habits.piece_s
        connection = self._to(truth, at_s)
        begin_s = max(at_s, connection.ready_s)
        size = round(speech.bytes_per_s * piece_s)

        def piece(number: int) -> Callable[[float], None]:
            def send(t: float) -> None:
                taken = size + (0 if self.habits.padded else _RECORD)
                held = self._held.get(VOICE, connection) if speech.host == VOICE else connection
                if not self.habits.padded:  # else it goes where padding would have gone
                    held.send(t, taken)
                self._note(truth, t, t, taken)

            return send

        for number in range(round(speech.seconds / piece_s)):
            jitter_s = float(self._dice.uniform(0, 0.3)) * piece_s
            self._at(begin_s + number * piece_s * speech.slowed + jitter_s, piece(number))

    def _note(self, truth: Truth, from_s: float, until_s: float, size: int) -> None:
        truth.start_s = truth.start_s or START_S + from_s
        truth.end_s, truth.bytes = START_S + until_s, truth.bytes + size

    # The link --------------------------------------------------------------------------------

    def _held_to(self, host: str, at_s: float) -> "_Connection":
        if host not in self._held:
            self._held[host] = self._open(host, at_s)
        return self._held[host]

    def _open(self, host: str, at_s: float) -> "_Connection":
        asked_s = self._datagram(at_s - 0.2, DEVICE, ROUTER, 53, dns_query(host))
        raw = bytes(map(int, ADDRESSES[host].split(".")))
        self._datagram(asked_s + 0.015, ROUTER, DEVICE, 53, dns_answer(host, [raw]), answer=True)
        self._port = self._port + 1 if self._port < 60_000 else 32_768
        return _Connection(self, host, self._port, at_s - 0.15)

    def _datagram(
        self, at_s: float, source: str, to: str, port: int, payload: bytes,
        to_port: int | None = None, answer: bool = False,
    ) -> float:  # fmt: skip
        ours = 40_053 if port == 53 else port
        ends = (source, port, to, ours) if answer else (source, ours, to, port)
        if to_port is not None:
            ends = (source, port, to, to_port)
        self.put(at_s, udp_frame(*ends, payload))
        return at_s

    def put(self, at_s: float, frame: bytes) -> None:
        """A frame passes."""
        self.frames.append((START_S + max(0.0, at_s), frame))

    def chance(self, share: float) -> bool:
        """Whether something that happens to this share happens now."""
        return bool(self._dice.random() < share)


@dataclass
class _Connection:
    """A TLS connection that the device opens at `at_s` (its SYN) and uses from `ready_s` on."""

    idle: Idle
    host: str
    port: int
    at_s: float
    ready_s: float = 0.0
    hello_s: float = 0.0
    _sent: int = 1000
    _got: int = 5000
    _busy_s: float = field(default=0.0)

    def __post_init__(self) -> None:
        rtt_s = self.idle.habits.rtt_s
        self._out(self.at_s, b"", _SYN)
        self._sent += 1
        self._in(self.at_s + rtt_s, b"", _SYN_ACK)
        self._got += 1
        self.hello_s = self.at_s + rtt_s + 0.001
        self._data(self.hello_s, tls_record(client_hello(self.host, pad=180)))
        self.receive(self.hello_s + rtt_s, 3200)
        self.ready_s = self.hello_s + 2 * rtt_s + 0.002
        self._data(self.ready_s, b"\x14\x03\x03\0\1\1" + b"\x17" + bytes(73))
        self.receive(self.ready_s + rtt_s, 510)
        self.ready_s += 0.001

    def send(self, at_s: float, size: int) -> float:
        """So many bytes from the device, a flight each round trip; when the last has gone."""
        at_s = max(at_s, self._busy_s)
        for number in range(-(-size // _SEGMENT)):
            if number and number % _FLIGHT == 0:
                at_s += self.idle.habits.rtt_s
            self._data(at_s, b"\x17" * min(_SEGMENT, size - number * _SEGMENT))
            at_s += 0.0002
        self._busy_s = at_s
        self._in(at_s + self.idle.habits.rtt_s, b"", _ACK)
        return at_s

    def receive(self, at_s: float, size: int) -> float:
        """So many bytes to the device; when the last has come."""
        for number in range(-(-size // _SEGMENT)):
            self._in(at_s, b"\x17" * min(_SEGMENT, size - number * _SEGMENT), _DATA)
            at_s += 0.0006
            if number % 2:
                self._out(at_s, b"", _ACK)
        return at_s

    def keep_alive(self, at_s: float) -> None:
        """A probe: the byte before the next, which has been sent before."""
        frame = tcp_frame(DEVICE, self.port, ADDRESSES[self.host], 443, self._sent - 1, b"\x17")
        self.idle.put(at_s, frame)

    def close(self, at_s: float) -> None:
        """Both ends are done."""
        self._data(at_s, bytes(31))
        self._out(at_s + 0.001, b"", _FIN)
        self._in(at_s + 0.03, b"", _FIN)

    def _data(self, at_s: float, payload: bytes) -> None:
        frame = self._out(at_s, payload, _DATA)
        self._sent += len(payload)
        if self.idle.chance(0.006):
            self.idle.put(at_s + 0.25, frame)

    def _out(self, at_s: float, payload: bytes, flags: int) -> bytes:
        address = ADDRESSES[self.host]
        frame = tcp_frame(DEVICE, self.port, address, 443, self._sent, payload, flags, self._got)
        self.idle.put(at_s, frame)
        return frame

    def _in(self, at_s: float, payload: bytes, flags: int) -> None:
        address = ADDRESSES[self.host]
        frame = tcp_frame(address, 443, DEVICE, self.port, self._got, payload, flags, self._sent)
        self.idle.put(at_s, frame)
        self._got += len(payload)
