"""MP4 (ISO/IEC 14496-12), whole or in fragments: the packets of its first track of sound.

Tables say where packets lie: only what lies within the file, and in no box that is read here, is
taken, each byte once. Edit lists are not followed: what is there is taken as played.
"""

import struct
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, field
from operator import itemgetter

from harness.wire.payload.files.frames import Framed
from harness.wire.payload.files.packets import AAC, OPUS, Track, framed_packets

MP4, MP4_AT = b"ftyp", 4
_HEAD, _LONG_HEAD, _MOST_TRACKS = 8, 16, 64
_MOST_ROWS = 1_000_000
"""Of all tables together; a file that claims more is not read."""
_HOLDERS = (b"moov", b"trak", b"mdia", b"minf", b"stbl", b"moof", b"traf")
_READ = (b"tkhd", b"stsd", b"stsz", b"stsc", b"stco", b"co64", b"tfhd", b"trun")
_ENTRY = 36
"""A description of sound: 8 bytes of its box, 28 before the boxes in it."""
_CODECS = {b"mp4a": AAC, b"Opus": OPUS}
_BASE, _DESCRIBED, _LENGTH, _SIZE = 0x01, 0x02, 0x08, 0x10
_OFFSET, _FIRST_FLAGS = 0x01, 0x04
_EACH = (0x100, 0x200, 0x400, 0x800)
_DECODER = 0x04
_OWN_WORDS = 0x05


@dataclass(slots=True)
class _Found:
    """A track as far as its boxes told. `places`: (where a packet begins, its size)."""

    number: int = 0
    track: Track | None = None
    sizes: list[int] = field(default_factory=list)
    runs: list[tuple[int, int]] = field(default_factory=list)
    chunks: list[int] = field(default_factory=list)
    size: int = 0
    places: list[tuple[int, int]] = field(default_factory=list)


def open_mp4(data: bytes) -> Framed | None:
    """A file by the packets of its first track of AAC or Opus; None where it has none."""
    try:
        tracks, media = _tracks(data)
    except (struct.error, IndexError):
        return None  # it is damaged, or claims too much
    known = next((t for t in tracks if t.track is not None and t.places), None)
    if known is None or known.track is None:
        return None
    packets, left, at = list[bytes](), list[bytes](), 0
    for begins, size in known.places:
        inside = any(low <= begins and begins + size <= high for low, high in media)
        if begins >= at and inside:
            left.append(data[at:begins])
            packets.append(data[begins : begins + size])
            at = begins + size
    left.append(data[at:])
    return framed_packets(known.track, packets, b"".join(left))


def _tracks(data: bytes) -> tuple[list[_Found], list[tuple[int, int]]]:
    """All tracks, and from where to where the boxes of media go."""
    tracks, media, moof, now, rows = list[_Found](), list[tuple[int, int]](), 0, _Found(), 0
    for kind, box, begins, end in _boxes(data):
        if kind == b"trak":
            now = _Found()
            tracks.append(now)
        elif kind == b"moof":
            moof = box
        elif kind == b"mdat":
            media.append((begins, end))
        elif kind in _READ:
            body = data[begins:end]
            rows += _rows(kind, body)
            if rows > _MOST_ROWS or len(tracks) > _MOST_TRACKS:
                raise IndexError
            now = _read(kind, body, tracks, now, moof)
    for track in tracks:
        track.places += _placed(track)
    return tracks, media


def _rows(kind: bytes, body: bytes) -> int:
    """How many rows a table claims to have."""
    at = {b"stsz": 8, b"stsc": 4, b"stco": 4, b"co64": 4, b"trun": 4}.get(kind)
    return 1 if at is None else 1 + int.from_bytes(body[at : at + 4])


def _read(kind: bytes, body: bytes, tracks: list[_Found], now: _Found, moof: int) -> _Found:
    """What a box says of the track `now`; the track that it and the next ones are about."""
    if kind == b"tkhd":
        (now.number,) = struct.unpack_from("!I", body, 20 if body[0] else 12)
    elif kind == b"stsd":
        now.track = _described(body)
    elif kind == b"tfhd":
        return _fragment(tracks, body)
    elif kind == b"trun":
        now.places += _run(now, body, moof)
    else:
        _table(now, kind, body)
    return now


def _boxes(data: bytes) -> Iterator[tuple[bytes, int, int, int]]:
    """Kind of each box, where it begins, and from where to where its content goes."""
    at = 0
    while at + _HEAD <= len(data):
        size, kind = int.from_bytes(data[at : at + 4]), data[at + 4 : at + _HEAD]
        begins = at + _HEAD
        if size == 1:
            size, begins = int.from_bytes(data[begins : at + _LONG_HEAD]), at + _LONG_HEAD
        if size < begins - at:
            # To the end of the file, or no box.
            if size == 0 and kind == b"mdat":
                yield kind, at, begins, len(data)
            return
        end = min(len(data), at + size)
        yield kind, at, begins, end
        at = begins if kind in _HOLDERS else end


def _described(body: bytes) -> Track | None:
    """What the first entry of a table of descriptions says."""
    entry = body[8:]
    codec = _CODECS.get(entry[4:8])
    if codec is None:
        return None
    for kind, _, begins, end in _boxes(entry[_ENTRY : int.from_bytes(entry[:4])]):
        if kind == b"esds":
            return Track(codec, _own_words(entry[_ENTRY:][begins:end]))
    return Track(codec)


def _own_words(body: bytes) -> bytes:
    """The codec's own words out of descriptors in descriptors (ISO/IEC 14496-1)."""
    at = 4
    while at < len(body):
        kind, at, size = body[at], at + 1, 0
        while body[at] & 0x80:
            size, at = size << 7 | body[at] & 0x7F, at + 1
        size, at = size << 7 | body[at], at + 1
        if kind == _OWN_WORDS:
            return body[at : at + size]
        at += 13 if kind == _DECODER else 3
    return b""


def _table(track: _Found, kind: bytes, body: bytes) -> None:
    """Sizes of packets, how many are in each chunk, where chunks begin."""
    if kind == b"stsz":
        each, count = struct.unpack_from("!II", body, 4)
        track.sizes = [each] * count if each else list(struct.unpack_from(f"!{count}I", body, 12))
        return
    (count,) = struct.unpack_from("!I", body, 4)
    if kind == b"stsc":
        rows = struct.iter_unpack("!III", body[8 : 8 + 12 * count])
        track.runs = sorted((first, many) for first, many, _ in rows)
    else:
        form = "I" if kind == b"stco" else "Q"
        track.chunks = list(struct.unpack_from(f"!{count}{form}", body, 8))


def _placed(track: _Found) -> Iterator[tuple[int, int]]:
    """Where the packets of a track lie that is no fragment's."""
    sizes = iter(track.sizes)
    for number, begins in enumerate(track.chunks, 1):
        run = bisect_right(track.runs, number, key=itemgetter(0))
        for _ in range(track.runs[run - 1][1] if run else 0):
            size = next(sizes, 0)
            if not size:
                return
            yield begins, size
            begins += size


def _fragment(tracks: list[_Found], body: bytes) -> _Found:
    """Whose fragment it is, and how large its packets are where no table says."""
    flags, number = int.from_bytes(body[1:4]), int.from_bytes(body[4:8])
    track = next((t for t in tracks if t.number == number), _Found())
    at = 8 + 8 * bool(flags & _BASE) + 4 * bool(flags & _DESCRIBED) + 4 * bool(flags & _LENGTH)
    if flags & _SIZE:
        (track.size,) = struct.unpack_from("!I", body, at)
    return track


def _run(track: _Found, body: bytes, moof: int) -> Iterator[tuple[int, int]]:
    """Where the packets of a run lie, counted from the fragment's own beginning."""
    flags, (count,) = int.from_bytes(body[1:4]), struct.unpack_from("!I", body, 4)
    at, begins = 8, moof
    if flags & _OFFSET:
        (offset,) = struct.unpack_from("!i", body, at)
        begins, at = moof + offset, at + 4
    at += 4 if flags & _FIRST_FLAGS else 0
    width = 4 * sum(bool(flags & each) for each in _EACH)
    place = 4 * bool(flags & _EACH[0])
    for _ in range(count):
        size = track.size
        if flags & _EACH[1]:
            (size,) = struct.unpack_from("!I", body, at + place)
        if size <= 0:
            return
        yield begins, size
        begins, at = begins + size, at + width
