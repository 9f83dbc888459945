"""Requests of HTTP/2, out of the client's direction: its data frames, stream by stream (RFC 9113).

Heads are compressed by a state that both ends keep, and only claim what a body is: they are not
read. What a body is, its content says (`sounds.py`), which no head is asked for in any protocol.
"""

from dataclasses import dataclass, field

from harness.wire.payload.body import Body
from harness.wire.payload.timed import Timed

PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
_DATA, _LAST_KIND = 0, 0x1F
_END, _PADDED = 1, 8
_HEAD = 9
_MOST_STREAMS = 100_000


@dataclass(slots=True)
class _Stream:
    parts: list[Timed] = field(default_factory=list)
    whole: bool = False


def bodies(sent: Timed) -> list[Body]:
    """The bodies of all streams, in the order in which these began, and at last what is left."""
    streams: dict[int, _Stream] = {}
    at = len(PREFACE)
    while at + _HEAD <= len(sent) and len(streams) < _MOST_STREAMS:
        size = int.from_bytes(sent.data[at : at + 3], "big")
        kind, flags = sent.data[at + 3], sent.data[at + 4]
        if kind > _LAST_KIND:
            break
        begins, until = at + _HEAD, at + _HEAD + size
        if kind == _DATA:
            number = int.from_bytes(sent.data[at + 5 : at + 9], "big") & 0x7FFFFFFF
            stream = streams.setdefault(number, _Stream())
            stream.parts.append(_content(sent, begins, until, flags))
            stream.whole |= bool(flags & _END) and until <= len(sent)
        at = until
    found = [Body(Timed.joined(s.parts), whole=s.whole) for s in streams.values()]
    left = sent.cut(at, len(sent))
    return [*found, Body(left)] if left.data else found


def _content(sent: Timed, begins: int, until: int, flags: int) -> Timed:
    if not flags & _PADDED or begins >= len(sent):
        return sent.cut(begins, until)
    return sent.cut(begins + 1, max(begins + 1, until - sent.data[begins]))
