"""A body taken apart: what it was compressed into undone, and its parts one by one.

All that a sender claims is checked against what is there, and everything is bounded: a compression
bomb costs `MOST_BYTES`, and is said to be unread.
"""

import re
import zlib
from dataclasses import dataclass, replace

from harness.wire.payload.body import LONGEST_HEAD, Body, parameter
from harness.wire.payload.timed import Timed

MOST_BYTES = 64 << 20
"""More than this in one body (36 minutes of telephone sound at 16 kHz) is not read."""
MOST_PARTS = 256
_DASHES = re.compile(rb"--([0-9A-Za-z'()+_,./:=? -]{1,70})\r\n")
_GZIP = b"\x1f\x8b"


@dataclass(frozen=True, slots=True)
class Leaf:
    """What cannot be taken apart any more.

    `content`: as it is once nothing is compressed any more, `wire`: how many bytes of the traffic
    brought it. `kind` as claimed. `trouble`: why it is not all there, empty where it is.
    """

    content: Timed
    wire: int
    kind: str = ""
    trouble: str = ""


def leaves(body: Body) -> list[Leaf]:
    """The parts of a body."""
    plain = _unpacked(body)
    if plain.trouble and not plain.content.data:
        return [plain]
    parts = _multipart(plain)
    if not body.whole and not plain.trouble:
        parts[-1] = replace(parts[-1], trouble="its end is missing")
    return parts


def _unpacked(body: Body) -> Leaf:
    """The body without its content encoding."""
    wire, claimed = len(body.content), body.encoding
    packed = body.content.data.startswith(_GZIP)
    if wire > MOST_BYTES:
        return Leaf(Timed(), wire, body.kind, f"its {wire} bytes are more than are read")
    if not packed and claimed in ("", "identity"):
        return Leaf(body.content, wire, body.kind)
    if not packed and claimed not in ("deflate", "gzip", "x-gzip"):
        return Leaf(Timed(), wire, body.kind, f"its encoding “{claimed[:20]}” is not read")
    return _inflated(body, packed)


def _inflated(body: Body, gzip: bool) -> Leaf:
    """Gzip, or deflate with or without a head of its own, piece by piece so that times are kept."""
    wire = len(body.content)
    raw = not gzip and body.content.data[:1] != b"\x78"
    machine = zlib.decompressobj(zlib.MAX_WBITS | 32 if not raw else -zlib.MAX_WBITS)
    pieces, total, at, trouble = list[tuple[bytes, float]](), 0, 0, ""
    for count, at_s in body.content.marks:
        try:
            more = machine.decompress(body.content.data[at:count], MOST_BYTES + 1 - total)
        except zlib.error as error:
            trouble = f"it cannot be unpacked ({error})"
            break
        pieces.append((more, at_s))
        total, at = total + len(more), count
        if total > MOST_BYTES:
            return Leaf(Timed(), wire, body.kind, f"it unpacks to more than {MOST_BYTES} bytes")
    if not trouble and not machine.eof:
        trouble = "its end is missing"
    return Leaf(Timed.of(pieces), wire, body.kind, trouble)


def _multipart(whole: Leaf) -> list[Leaf]:
    """The parts of a form; the leaf itself where it is none."""
    data = whole.content.data
    boundary = _boundary(whole)
    marks = [m.start() for m in re.finditer(re.escape(b"--" + boundary), data)] if boundary else []
    if not marks:
        return [whole]
    if len(marks) > MOST_PARTS:
        return [replace(whole, trouble=f"it has more than {MOST_PARTS} parts")]
    ratio = whole.wire / max(1, len(data))
    parts: list[Leaf] = []
    for begins, end in zip(marks, [*marks[1:], len(data)], strict=True):
        head = data.find(b"\r\n\r\n", begins, min(end, begins + LONGEST_HEAD))
        if head < 0:
            continue  # the closing mark, or no part: what of it is no head counts as unread
        last = end == len(data)
        inside = whole.content.cut(head + 4, end if last else end - 2)
        trouble = whole.trouble or ("its end is missing" if last else "")
        parts.append(Leaf(inside, round(len(inside) * ratio), _kind(data[begins:head]), trouble))
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
