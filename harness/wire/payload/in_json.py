"""Bytes that a body of JSON carries as base64, found without knowing what its keys mean.

A body is one value or many, one after the other, as messages of a WebSocket and lines of a log are.
Every string that is base64 to the letter is bytes; those under the same key belong together, since
speech comes in many pieces. All else of a body is what it says besides, and excuses nothing but
itself: what a message repeats of the one before, letter by letter, says nothing new.
"""

import re
from base64 import b64decode, b64encode
from binascii import Error
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from harness.wire.payload.timed import Timed

SHORTEST = 64
"""Letters. What is shorter is a name or a number."""
_TOKEN = re.compile(rb'"([^"\\]*+(?:\\.[^"\\]*+)*+)(?:"|\\?\Z)|[{}\[\]]', re.DOTALL)
_IS_KEY = re.compile(rb"\s*+:")
_DATA_URL = re.compile(rb"data:([\w.+/=;-]{0,120}?);base64,")
_LETTERS = re.compile(rb"(?:[A-Za-z0-9+/]*|[A-Za-z0-9_-]*)={0,2}")
_STANDARD = bytes.maketrans(b"-_", b"+/")
_MOST_TOKENS = 500_000
_LOOKED_AT = 64


@dataclass(frozen=True, slots=True)
class Strings:
    """What stood under one key, one after the other.

    `kind`: the media type that the first claims, empty where it claims none. `framing`: how many
    bytes of the body did nothing but bring it: base64's own, and what messages repeat.
    """

    key: str
    kind: str
    content: Timed
    framing: int


@dataclass(frozen=True, slots=True)
class _Value:
    """A string that is base64: where it stands, from quote to quote, and what it says.

    `framing`: how much longer its letters and quotes are than what they say.
    """

    key: bytes
    kind: str
    begins: int
    until: int
    content: Timed
    framing: int


def strings(content: Timed) -> list[Strings]:
    """The bytes in a body by key, the longest first; none where it is no JSON, or holds none."""
    if content.data[:_LOOKED_AT].lstrip()[:1] not in (b"{", b"["):
        return []
    found: dict[bytes, list[_Value]] = {}
    framing: dict[bytes, int] = {}
    before = b""
    for values, around in _messages(content):
        for value in values:
            found.setdefault(value.key, []).append(value)
            framing[value.key] = framing.get(value.key, 0) + value.framing
        if values and around == before:
            # The quotes of each value are of its own framing.
            framing[values[0].key] += len(around) - 2 * len(values)
        before = around
    made = [
        Strings(
            key.decode("utf-8", "replace"),
            values[0].kind,
            Timed.joined([value.content for value in values]),
            framing[key],
        )
        for key, values in found.items()
    ]
    return sorted(made, key=lambda each: -len(each.content))


def _messages(content: Timed) -> Iterator[tuple[list[_Value], bytes]]:
    """Each value of the body: what of it is base64, and all else of it."""
    begins, depth, key = 0, 0, b""
    values: list[_Value] = []
    for count, token in enumerate(_TOKEN.finditer(content.data)):
        if count >= _MOST_TOKENS:
            return
        if token[1] is not None:
            if _IS_KEY.match(content.data, token.end()):
                key = token[1]
            elif token.end(1) - token.start(1) >= SHORTEST:
                value = _value(content, token, key)
                values += [value] if value else []
            continue
        depth += 1 if token[0] in b"{[" else -1
        if depth <= 0:
            yield values, _around(content.data[begins : token.end()], begins, values)
            begins, depth, key, values = token.end(), 0, b"", []
    yield values, _around(content.data[begins:], begins, values)


def _around(data: bytes, begins: int, values: Sequence[_Value]) -> bytes:
    """A message without what is base64 in it; an equal one has it at the same places."""
    parts, at = list[bytes](), 0
    for value in values:
        parts += [data[at : value.begins - begins], b'""']
        at = value.until - begins
    return b"".join([*parts, data[at:]])


def _value(content: Timed, token: re.Match[bytes], key: bytes) -> _Value | None:
    """What a string says; None where it is no base64, or base64 as nothing writes it.

    A string that the body breaks off in says what it says until there.
    """
    begins, until = token.span(1)
    text = _plain(content, begins, until)
    if url := _DATA_URL.match(text.data):
        text = text.cut(url.end(), len(text))
    ends = content.data[until : token.end()] == b'"'
    letters = text.data if ends else text.data[: len(text) // 4 * 4]
    said = _said(letters)
    if said is None:
        return None
    timed = Timed(said, _marks(text, len(said)))
    kind = url[1].decode("ascii") if url else ""
    framing = len(letters) + 2 - len(said)
    return _Value(key, kind, token.start(), token.end(), timed, framing)


def _plain(content: Timed, begins: int, until: int) -> Timed:
    """A string's letters; some write a slash with a stroke before it."""
    if b"\\" not in content.data[begins:until]:
        return content.cut(begins, until)
    strokes = [m.start() for m in re.finditer(rb"\\/", content.data[begins:until])]
    edges = [begins, *(begins + at + 1 for at in strokes), until + 1]
    return Timed.joined([content.cut(start, end - 1) for start, end in pairwise(edges)])


def _said(letters: bytes) -> bytes | None:
    """The bytes of base64, with either alphabet, filled up or not; None where it is none."""
    if not _LETTERS.fullmatch(letters):
        return None
    bare = letters.rstrip(b"=").translate(_STANDARD)
    try:
        said = b64decode(bare + b"=" * (-len(bare) % 4), validate=True)
    except Error:
        return None
    # Spare bits of the last letter could say something.
    return said if b64encode(said).rstrip(b"=") == bare else None


def _marks(text: Timed, most: int) -> tuple[tuple[int, float], ...]:
    """When what letters say had left: six bits a letter."""
    found: dict[int, float] = {}
    for count, at_s in text.marks:
        said = min(most, count * 6 // 8)
        if said:
            found.setdefault(said, at_s)
    if most and most not in found:
        found[most] = text.marks[-1][1]
    return tuple(found.items())
