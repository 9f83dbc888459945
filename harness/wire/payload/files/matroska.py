"""WebM and Matroska (RFC 9559): the packets of the first track of sound that can be read.

Lengths of elements that hold others are not asked for, since a stream that is sent as it is made
does not say them: such elements are entered, all others passed over.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

from harness.wire.payload.files.frames import Framed
from harness.wire.payload.files.packets import AAC, OPUS, Track, framed_packets

EBML = b"\x1a\x45\xdf\xa3"
_HOLDERS = frozenset({0x18538067, 0x1F43B675, 0x1654AE6B, 0xAE, 0xE1, 0xA0})
"""Segment, cluster, tracks, track, sound of a track, group of blocks."""
_TRACK, _NUMBER, _CODEC, _PRIVATE = 0xAE, 0xD7, 0x86, 0x63A2
_BLOCKS = (0xA3, 0xA1)
_LACED, _MOST_TRACKS = 0x06, 64
_BLOCK_HEAD = 4
"""A block's name and its length, which are all that needs to stand between two."""
_CODECS = {b"A_OPUS": OPUS, b"A_AAC": AAC}


@dataclass(slots=True)
class _Found:
    """A track as far as its elements told."""

    number: int = 0
    codec: bytes = b""
    private: bytes = b""
    packets: list[bytes] = field(default_factory=list)


def open_matroska(data: bytes) -> Framed | None:
    """A file by the packets of its first track of Opus or AAC; None where it has none."""
    tracks, left, at = list[_Found](), list[bytes](), 0
    for kind, begins, end in _elements(data):
        content = data[begins:end]
        if kind == _TRACK:
            if len(tracks) == _MOST_TRACKS:
                return None
            tracks.append(_Found())
        elif kind == _NUMBER and tracks:
            tracks[-1].number = int.from_bytes(content[:8])
        elif kind == _CODEC and tracks:
            tracks[-1].codec = content.rstrip(b"\0")
        elif kind == _PRIVATE and tracks:
            tracks[-1].private = content
        elif kind in _BLOCKS:
            block = _block(content, tracks)
            if block is not None:
                track, head = block
                track.packets.append(content[head:])
                left.append(data[at:begins])
                at = end
    left.append(data[at:])
    known = _first(tracks)
    if known is None:
        return None
    # What stands between blocks frames them; more than their heads is something else.
    others = [packet for track in tracks if track is not known for packet in track.packets]
    spare = b"".join([piece for piece in left if len(piece) > _BLOCK_HEAD] + others)
    return framed_packets(Track(_CODECS[known.codec], known.private), known.packets, spare)


def _first(tracks: list[_Found]) -> _Found | None:
    known = (track for track in tracks if track.codec in _CODECS and track.packets)
    return next(known, None)


def _block(content: bytes, tracks: list[_Found]) -> tuple[_Found, int] | None:
    """Whose track a block is of, and where its packet begins; None where it holds no single one."""
    number = _number(content, 0, keep_mark=False)
    if number is None or len(content) < number[1] + 4 or content[number[1] + 2] & _LACED:
        return None
    track = next((t for t in tracks if t.number == number[0]), None)
    return None if track is None else (track, number[1] + 3)


def _elements(data: bytes) -> Iterator[tuple[int, int, int]]:
    """Name of each element, and from where to where its content goes."""
    at = 0
    while at < len(data):
        name = _number(data, at, keep_mark=True)
        size = None if name is None else _number(data, name[1], keep_mark=False)
        if name is None or size is None:
            return
        begins = size[1]
        end = begins if name[0] in _HOLDERS else min(len(data), begins + size[0])
        yield name[0], begins, end
        at = end


def _number(data: bytes, at: int, keep_mark: bool) -> tuple[int, int] | None:
    """A number as EBML writes it, and where what follows begins; None where there is none."""
    if at >= len(data) or data[at] == 0:
        return None
    width = 9 - data[at].bit_length()
    if at + width > len(data):
        return None
    value = int.from_bytes(data[at : at + width])
    return (value if keep_mark else value & ((1 << 7 * width) - 1)), at + width
