"""Which span of the room an upload holds: its connection, its sounds, where these were heard."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from harness.model.timeline import Upload
from harness.wire.payload.align import Room
from harness.wire.payload.alignment import Alignment
from harness.wire.payload.parts import Leaf
from harness.wire.payload.read import Connection
from harness.wire.payload.sounds import Sound, candidates, has_head, unreadable

_FRAMING = 0.02
"""This share of the sound may be what frames it: lengths of chunks, heads of frames."""
_PCM_BYTES = 2
_SAME_S = 1e-6
Span = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Held:
    """What an upload holds.

    `span`: the room audio in it, in seconds of the room's recording, None where it was not all
    read: then `trouble` says why. `sounds`: each sound as it was read, with where it was heard.
    """

    span: Span | None
    trouble: str
    sounds: tuple[tuple[Leaf, Sound, Alignment], ...] = ()


def held(
    upload: Upload,
    connections: Sequence[Connection],
    room: Room,
    room_unix_s: float,
    most_rest: int,
) -> Held:
    """What `upload` (Unix times) holds.

    `room_unix_s`: when the recording began. `most_rest`: an upload in which so many bytes or more
    are no sound of the room is unread: they could be anything.
    """
    there = [c for c in connections if c.holds(upload.start_s, upload.end_s)]
    if len(there) != 1:
        which = "no connection" if not there else "more than one connection"
        return Held(None, f"{which} that could be read has its packets")
    (connection,) = there
    if connection.holed:
        return Held(None, "the capture misses packets of its connection")
    if connection.changed:
        return Held(None, "it sent other bytes again under numbers of TCP that had passed")
    sounds, read, troubles = list[tuple[Leaf, Sound, Alignment]](), 0, list[str]()
    for leaf in connection.leaves:
        part = _part(leaf, upload)
        if part is None:
            # When that left which was given up whole, nobody knows: it may be why.
            troubles += [leaf.trouble] if leaf.trouble and not leaf.content.data else []
            continue
        found = heard(part, room, room_unix_s)
        if isinstance(found, str):
            troubles.append(found)
            continue
        sounds.append((part, *found))
        # Byte for byte, also where it was packed: what is beside the sound may pack badly.
        read += max(0, part.wire - max(0, len(part.content) - found[0].taken))
    framing = connection.framing(upload.start_s, upload.end_s)
    rest = upload.bytes_out - round(read * (1 + _FRAMING)) - framing
    if rest >= most_rest or not sounds:
        why = "; ".join(dict.fromkeys(troubles)) or "it could not be decrypted, or holds no sound"
        return Held(
            None, f"{rest} bytes of it are no sound that could be read: {why}", tuple(sounds)
        )
    spans = [(alignment.from_s, alignment.until_s) for _, _, alignment in sounds]
    return Held((min(a for a, _ in spans), max(b for _, b in spans)), "", tuple(sounds))


def heard(leaf: Leaf, room: Room, room_unix_s: float) -> tuple[Sound, Alignment] | str:
    """How a leaf is to be read, and where that was heard; else why it cannot be."""
    until_s = leaf.content.until_unix_s - room_unix_s
    best: Alignment | None = None
    for sound in candidates(leaf.content.data, leaf.kind):
        alignment = room.align(sound.samples, sound.rate_hz, until_s)
        if not alignment.trouble:
            return sound, alignment
        if best is None or alignment.tried > best.tried:
            best = alignment
    size = f"{len(leaf.content)} bytes"
    missing = unreadable(leaf.content.data, leaf.kind)
    if missing:
        return f"{size}: {missing}"
    if best is None:
        return leaf.trouble or f"{size} that hold no sound in a known form"
    return f"{size}: {best.trouble}" + (f"; {leaf.trouble}" if leaf.trouble else "")


def of_message(data: bytes, room: Room, until_s: float) -> Span | None:
    """The span of the room that a message's sound file holds, None where that is not known.

    Pieces that were heard in another order say something else: no span tells that, so none is told.
    `until_s`: when it had arrived, in seconds of the room's recording.
    """
    for sound in candidates(data, ""):
        alignment = room.align(sound.samples, sound.rate_hz, until_s)
        if not alignment.trouble and alignment.in_order:
            return alignment.from_s, alignment.until_s
    return None


def _part(leaf: Leaf, upload: Upload) -> Leaf | None:
    """What of a leaf left with an upload; all of it where it cannot be read in parts."""
    start, end = leaf.content.left_in(upload.start_s - _SAME_S, upload.end_s + _SAME_S)
    if start == end:
        return None
    if end - start == len(leaf.content):
        return leaf
    wire = round(leaf.wire * (end - start) / len(leaf.content))
    if has_head(leaf.content.data):
        return replace(leaf, wire=wire)
    start -= start % _PCM_BYTES  # a sample that left in two halves left with the second
    return replace(leaf, content=leaf.content.cut(start, end), wire=wire)
