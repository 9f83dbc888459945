"""Messages of a WebSocket connection, out of the client's direction (RFC 6455, RFC 7692)."""

from dataclasses import dataclass, field

from harness.wire.payload.body import Body
from harness.wire.payload.packed import Messages
from harness.wire.payload.timed import Timed

_CONTINUED, _BINARY, _CLOSE = 0, 2, 8
_LAST, _PACKED, _UNKNOWN = 0x80, 0x40, 0x30
_MOST_BYTES = 64 << 20
"""More than this is not unpacked of a connection."""


@dataclass(frozen=True, slots=True)
class _Frame:
    """A frame: its first byte, its content without the mask, where it ends."""

    first: int
    content: Timed
    end: int

    @property
    def code(self) -> int:
        return self.first & 0x0F


@dataclass(slots=True)
class _Kind:
    """All messages of a kind so far. `wire`: what they took; `packed`: whether any was packed."""

    parts: list[Timed] = field(default_factory=list)
    wire: int = 0
    packed: bool = False

    def add(self, content: Timed, wire: int) -> None:
        self.parts.append(content)
        self.wire += wire

    def body(self, whole: bool) -> Body:
        packed = self.wire if self.packed else 0
        return Body(Timed.joined(self.parts), whole=whole, packed=packed)


def bodies(sent: Timed) -> list[Body]:
    """All binary messages as one body, since speech comes in many; the text ones as another.

    A frame that makes no sense ends the reading, and so does a message that cannot be unpacked:
    what is left becomes a body without a kind.
    """
    heard = {True: _Kind(), False: _Kind()}
    unpacking = Messages(_MOST_BYTES)
    at, whole, left = 0, True, Timed()
    kind, packed, parts, began = heard[False], False, list[Timed](), 0
    while at < len(sent):
        frame = _frame(sent, at)
        if frame is None:
            left = sent.cut(at, len(sent))
            break
        if frame.code < _CLOSE:
            if frame.code != _CONTINUED:
                kind, began = heard[frame.code == _BINARY], at
                packed, parts = bool(frame.first & _PACKED), []
            parts.append(frame.content)
            ends = bool(frame.first & _LAST) or frame.end >= len(sent)
            if packed and ends:
                message = Timed.joined(parts)
                content = unpacking.unpacked(message)
                if content is None:
                    left = sent.cut(began, len(sent))
                    break
                kind.packed = True
                kind.add(content, len(message))
                # What goes on after the last piece is none of this message, which counted.
                packed, parts = False, []
            elif not packed:
                kind.add(frame.content, len(frame.content))
        whole, at = frame.end <= len(sent), frame.end
    found = [kind.body(whole) for kind in heard.values() if kind.parts]
    return [*found, Body(left)] if left.data else found


def _frame(sent: Timed, at: int) -> _Frame | None:
    """The frame that begins there; None where none does."""
    data = sent.data
    if at + 2 > len(data) or data[at] & _UNKNOWN:
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
    return _Frame(data[at], _unmasked(part, mask), begins + size)


def _unmasked(part: Timed, mask: bytes) -> Timed:
    if not mask or not part.data:
        return part
    size = len(part.data)
    key = int.from_bytes((mask * (size // 4 + 1))[:size], "big")
    clear = (int.from_bytes(part.data, "big") ^ key).to_bytes(size, "big")
    return Timed(clear, part.marks)
