"""Messages of a WebSocket connection, out of the client's direction (RFC 6455)."""

from harness.wire.payload.body import Body
from harness.wire.payload.timed import Timed

_CONTINUED, _BINARY, _CLOSE = 0, 2, 8
_COMPRESSED = 0x40


def bodies(sent: Timed) -> list[Body]:
    """All binary messages as one body, since speech comes in many; the text ones as another.

    A frame that makes no sense ends the reading: what is left becomes a body without a kind.
    """
    heard: dict[bool, list[Timed]] = {True: [], False: []}
    at, binary, left, whole = 0, False, Timed(), True
    while at < len(sent):
        frame = _frame(sent, at)
        if frame is None:
            left = sent.cut(at, len(sent))
            break
        code, content, until = frame
        if code < _CLOSE:
            binary = binary if code == _CONTINUED else code == _BINARY
            heard[binary].append(content)
        whole, at = until <= len(sent), until
    found = [Body(Timed.joined(parts), whole=whole) for parts in heard.values() if parts]
    return [*found, Body(left)] if left.data else found


def _frame(sent: Timed, at: int) -> tuple[int, Timed, int] | None:
    """A frame's code, its content without the mask, and where it ends."""
    data = sent.data
    if at + 2 > len(data) or data[at] & _COMPRESSED:
        return None
    size, begins = data[at + 1] & 0x7F, at + 2
    wide = {126: 2, 127: 8}.get(size, 0)
    if wide:
        size, begins = int.from_bytes(data[begins : begins + wide], "big"), begins + wide
    mask = b""
    if data[at + 1] & 0x80:
        mask, begins = data[begins : begins + 4], begins + 4
        if len(mask) < 4:
            return None
    part = sent.cut(begins, begins + size)
    return data[at] & 0x0F, _unmasked(part, mask), begins + size


def _unmasked(part: Timed, mask: bytes) -> Timed:
    if not mask or not part.data:
        return part
    size = len(part.data)
    key = int.from_bytes((mask * (size // 4 + 1))[:size], "big")
    clear = (int.from_bytes(part.data, "big") ^ key).to_bytes(size, "big")
    return Timed(clear, part.marks)
