"""A body taken apart: what it was compressed into undone, and its parts one by one.

All that a sender claims is checked against what is there, and everything is bounded: a compression
bomb costs `MOST_BYTES`, and is said to be unread.
"""

import re
import zlib
from collections.abc import Sequence
from dataclasses import dataclass, replace

from harness.wire.payload.body import LONGEST_HEAD, Body, parameter
from harness.wire.payload.grpc import fields
from harness.wire.payload.in_json import strings
from harness.wire.payload.packed import unpacked
from harness.wire.payload.timed import Timed

MOST_BYTES = 64 << 20
"""More than this in one body (36 minutes of telephone sound at 16 kHz) is not read."""
MOST_PARTS = 256
_PACKING_BYTES = 1024
_DASHES = re.compile(rb"--([0-9A-Za-z'()+_,./:=? -]{1,70})\r\n")


@dataclass(frozen=True, slots=True)
class Leaf:
    """What cannot be taken apart any more.

    `content`: as it is once nothing is compressed any more, `wire`: how many bytes of the traffic
    brought it. `kind` as claimed. `trouble`: why it is not all there, empty where it is. `note`:
    what became of it on its way, where that is worth telling.
    """

    content: Timed
    wire: int
    kind: str = ""
    trouble: str = ""
    note: str = ""


def leaves(body: Body) -> list[Leaf]:
    """The parts of a body."""
    plain, *others = _unpacked(body)
    if plain.trouble and not plain.content.data:
        return [plain, *others]
    parts = _fields(plain) or _strings(plain) or _multipart(plain)
    if not body.whole and not plain.trouble:
        parts[-1] = replace(parts[-1], trouble="its end is missing")
    return parts + others


def _unpacked(body: Body) -> list[Leaf]:
    """The body without its content encoding, then what of it lies behind the end of that."""
    wire, size = body.wire, len(body.content)
    if wire > MOST_BYTES:
        return [Leaf(Timed(), wire, body.kind, f"its {wire} bytes are more than are read")]
    found = unpacked(body.content, body.encoding, MOST_BYTES)
    if found is None:
        return [Leaf(body.content, wire, body.kind)]
    if not found.content.data:
        return [Leaf(Timed(), wire, body.kind, found.trouble)]
    used = round(found.used * wire / size)
    # No packing makes sound longer: what a packed body has beyond that is something else.
    most = len(found.content) + len(found.content) // 50 + _PACKING_BYTES
    sound = min(round((found.used - found.spare) * wire / size), most)
    plain = Leaf(found.content, sound, body.kind, found.trouble)
    behind = body.content.cut(found.used, size)
    return [plain, Leaf(behind, wire - used)] if behind.data else [plain]


def _fields(plain: Leaf) -> list[Leaf]:
    """The fields of bytes of gRPC's messages; none where it is none."""
    found = fields(plain.content, MOST_BYTES)
    if found is None:
        return []
    streams = found.streams[:MOST_PARTS]
    contents = [(stream.content, stream.framing) for stream in streams]
    other = found.other + sum(len(s.content) + s.framing for s in found.streams[MOST_PARTS:])
    is_packed = found.packed or plain.wire != len(plain.content)
    wires = _shares(plain.wire, contents, other) if is_packed else _sizes(contents)
    trouble = plain.trouble or found.trouble
    return [Leaf(s.content, wire, "", trouble) for s, wire in zip(streams, wires, strict=True)]


def _strings(plain: Leaf) -> list[Leaf]:
    """What JSON carries as base64; none where it is none, or carries none."""
    found = strings(plain.content)[:MOST_PARTS]
    wires = _sizes([(each.content, each.framing) for each in found])
    if plain.wire != len(plain.content):
        # Packed, letters that are base64 take about what their bytes would.
        contents = [(each.content, 0) for each in found]
        wires = _shares(plain.wire, contents, len(plain.content) - sum(wires))
    return [
        Leaf(each.content, wire, each.kind, plain.trouble)
        for each, wire in zip(found, wires, strict=True)
    ]


def _sizes(contents: Sequence[tuple[Timed, int]]) -> list[int]:
    return [len(content) + framing for content, framing in contents]


def _shares(wire: int, contents: Sequence[tuple[Timed, int]], other: int) -> list[int]:
    """What of `wire` packed bytes brought each content with its framing, beside `other` bytes.

    By what each packs to alone: by length, much silence would excuse a little of something else.
    """
    packed = [len(zlib.compress(content.data, 1)) + framing for content, framing in contents]
    total = max(1, sum(packed) + other)
    return [round(wire * size / total) for size in packed]


def _multipart(whole: Leaf) -> list[Leaf]:
    """The parts of a form; the leaf itself where it is none."""
    data = whole.content.data
    boundary = _boundary(whole)
    marks = [m.start() for m in re.finditer(re.escape(b"--" + boundary), data)] if boundary else []
    if not marks:
        return [whole]
    if len(marks) > MOST_PARTS:
        return [replace(whole, trouble=f"it has more than {MOST_PARTS} parts")]
    parts: list[Leaf] = []
    for begins, end in zip(marks, [*marks[1:], len(data)], strict=True):
        head = data.find(b"\r\n\r\n", begins, min(end, begins + LONGEST_HEAD))
        if head < 0:
            continue  # the closing mark, or no part: what of it is no head counts as unread
        last = end == len(data)
        inside = whole.content.cut(head + 4, end if last else end - 2)
        trouble = whole.trouble or ("its end is missing" if last else "")
        parts.append(Leaf(inside, len(inside), _kind(data[begins:head]), trouble))
    if whole.wire != len(data):
        contents = [(part.content, 0) for part in parts]
        other = len(data) - sum(part.wire for part in parts)
        wires = _shares(whole.wire, contents, other)
        parts = [replace(part, wire=wire) for part, wire in zip(parts, wires, strict=True)]
    return parts or [whole]


def _boundary(whole: Leaf) -> bytes:
    """What parts a form: by its kind, else by how it begins, which no kind is needed for."""
    claimed = parameter(whole.kind, "boundary").encode("latin-1", "replace")
    if claimed and b"--" + claimed in whole.content.data[:LONGEST_HEAD]:
        return claimed
    begins = _DASHES.match(whole.content.data)
    return b"" if begins is None else begins[1]


def _kind(head: bytes) -> str:
    for row in head.split(b"\r\n"):
        name, _, value = row.decode("latin-1").partition(":")
        if name.strip().lower() == "content-type":
            return value.strip()
    return ""
