"""Whom a device talked to, as facts: without what reads captures, which is slow to import."""

from dataclasses import dataclass, field

_MOST_SPANS = 4096
OTHERS, CANARIES = "others", "port of the harness's canaries"


@dataclass(slots=True)
class Way:
    """What went one way: packets, bytes of whole frames, payload bytes, bytes sent again."""

    packets: int = 0
    frame_bytes: int = 0
    payload_bytes: int = 0
    repeated_bytes: int = 0


@dataclass(slots=True)
class OverTime:
    """Payload bytes sent and received in equal spans of time; the spans grow with the length.

    `spans`: number of the span to [sent, received]; a span is `span_ns` long and begins at its
    number times that, in Unix time. There are `most` of them at most.
    """

    span_ns: int
    spans: dict[int, list[int]] = field(default_factory=dict)
    most: int = _MOST_SPANS

    def add(self, at_ns: int, sent: int, received: int) -> None:
        """So many bytes at a Unix time."""
        both = self.spans.setdefault(at_ns // self.span_ns, [0, 0])
        both[0] += sent
        both[1] += received
        while len(self.spans) > self.most:
            self._widen()

    def merge(self, other: "OverTime", turned: bool) -> None:
        """Add another's; `turned`: what it calls sent was received."""
        while self.span_ns < other.span_ns:
            self._widen()
        for number, (sent, received) in other.spans.items():
            ways = (received, sent) if turned else (sent, received)
            self.add(number * other.span_ns, *ways)

    def _widen(self) -> None:
        before, self.spans, self.span_ns = self.spans, {}, 2 * self.span_ns
        for number, (sent, received) in before.items():
            both = self.spans.setdefault(number // 2, [0, 0])
            both[0] += sent
            both[1] += received


@dataclass(slots=True)
class Peer:
    """Whom the device talked to: a host and port, by one protocol.

    `host`: its name, where the device asked for it by one or one only leads to its address; else
    that address, or what kind of frames these are. `addresses`: the first few. `port`: the host's;
    of a connection that the host opened (`opened_by_peer`), the device's. `marks`: what is
    remarkable, in words. `own`: the harness's, not the device's. Times are Unix seconds.
    """

    host: str
    port: int
    protocol: str
    opened_by_peer: bool
    own: bool
    over_time: OverTime
    addresses: dict[str, None] = field(default_factory=dict)
    marks: dict[str, None] = field(default_factory=dict)
    flows: int = 0
    sent: Way = field(default_factory=Way)
    received: Way = field(default_factory=Way)
    first_s: float = float("inf")
    last_s: float = 0.0

    @property
    def destination(self) -> str:
        """As an `Upload` names it."""
        return f"{self.host}:{self.port}" if self.port else self.host


@dataclass(frozen=True, slots=True)
class Talk:
    """All that a capture says: peers, the device's before the harness's, those sent most to first.

    `device`: its address or MAC address. `dropped`: by the capture's own count, None when it says
    nothing. In words, and empty where all is well: `unread`: what could not be read; `doubts`: what
    was counted, and is not as it should be.
    """

    device: str
    peers: tuple[Peer, ...]
    packets: int
    dropped: int | None
    unread: tuple[str, ...]
    doubts: tuple[str, ...] = ()
