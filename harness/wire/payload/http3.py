"""Requests of HTTP/3: the data frames of each stream (RFC 9114).

Heads are compressed as in HTTP/2, and not read for the same reason. A stream that does not begin as
a request does is handed on as it is: something else than HTTP may run over QUIC.
"""

from collections.abc import Mapping

from harness.wire.payload.body import Body
from harness.wire.payload.timed import Timed

_DATA, _HEADS = 0, 1
_ONE_WAY = 2
_OWN_STREAMS = (0, 2, 3)
"""What HTTP/3 says of itself: settings, and the states of its heads."""
_RESERVED_STEP, _RESERVED_FIRST = 0x1F, 0x21


def bodies(streams: Mapping[int, tuple[Timed, bool]]) -> list[Body]:
    """The bodies of streams, each by its number with its bytes and whether it came to its end."""
    found: list[Body] = []
    for number, (sent, ended) in sorted(streams.items()):
        kind = varint(sent.data, 0)
        if kind is None:
            continue
        if number & _ONE_WAY:
            if kind[0] not in _OWN_STREAMS:
                found.append(Body(sent, whole=ended))
        elif kind[0] == _HEADS or _is_reserved(kind[0]):
            found.append(_request(sent, ended))
        else:
            found.append(Body(sent, whole=ended))
    return found


def _request(sent: Timed, ended: bool) -> Body:
    parts, at = list[Timed](), 0
    while at < len(sent):
        kind = varint(sent.data, at)
        size = varint(sent.data, kind[1]) if kind else None
        if kind is None or size is None:
            return Body(Timed.joined(parts), whole=False)
        count, begins = size
        if kind[0] == _DATA:
            parts.append(sent.cut(begins, begins + count))
        at = begins + count
    return Body(Timed.joined(parts), whole=ended and at == len(sent))


def _is_reserved(kind: int) -> bool:
    """Kinds that mean nothing, and that senders put in so that nobody relies on knowing all."""
    return kind >= _RESERVED_FIRST and (kind - _RESERVED_FIRST) % _RESERVED_STEP == 0


def varint(data: bytes, at: int) -> tuple[int, int] | None:
    """A number as QUIC writes it, and where what follows begins; None where it is cut short."""
    if at >= len(data):
        return None
    end = at + (1 << (data[at] >> 6))
    if end > len(data):
        return None
    return int.from_bytes(data[at:end], "big") & ((1 << (8 * (end - at) - 2)) - 1), end
