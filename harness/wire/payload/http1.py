"""Requests of HTTP/1.1, out of one direction of a connection (RFC 9112).

What cannot be understood ends the reading: the rest is handed on as a body without a kind, since it
may hold anything. Lengths are claims: a body is never longer than what is there.
"""

import re

from harness.wire.payload import websocket
from harness.wire.payload.body import LONGEST_HEAD, Body
from harness.wire.payload.timed import Timed

_REQUEST = re.compile(rb"[A-Z]{1,20} \S+ HTTP/1\.[01]")
_CHUNK = re.compile(rb"([0-9a-fA-F]{1,15})[ \t]*(;[^\r\n]*)?\r\n")
_LONGEST_CHUNK_LINE = 1024
_BLANK = b"\r\n\r\n"
Heads = dict[str, str]


def speaks(sent: Timed) -> bool:
    """Whether a connection begins with a request."""
    return _REQUEST.match(sent.data) is not None


def bodies(sent: Timed) -> list[Body]:
    """The bodies of all requests, in order."""
    found: list[Body] = []
    at = 0
    while at < len(sent):
        end = sent.data.find(_BLANK, at, at + LONGEST_HEAD)
        first, *rows = sent.data[at : max(end, at)].split(b"\r\n")
        if end < 0 or not _REQUEST.fullmatch(first):
            return [*found, Body(sent.cut(at, len(sent)))]
        heads, begins = _heads(rows), end + len(_BLANK)
        if heads.get("upgrade", "").lower() == "websocket":
            return found + websocket.bodies(sent.cut(begins, len(sent)))
        body, until = _body(sent, begins, heads)
        found.append(body)
        at = until
    return found


def _heads(rows: list[bytes]) -> Heads:
    pairs = (row.decode("latin-1").partition(":") for row in rows)
    return {name.strip().lower(): value.strip() for name, _, value in pairs}


def _body(sent: Timed, begins: int, heads: Heads) -> tuple[Body, int]:
    """A request's body, and where it ends."""
    kind, encoding = heads.get("content-type", ""), heads.get("content-encoding", "").lower()
    if "chunked" in heads.get("transfer-encoding", "").lower():
        content, until, whole = _chunks(sent, begins)
    else:
        claimed = heads.get("content-length", "0")
        length = int(claimed) if claimed.isascii() and claimed.isdigit() else 0
        until = min(begins + length, len(sent))
        content, whole = sent.cut(begins, until), begins + length == until
    return Body(content, kind, encoding, whole), until


def _chunks(sent: Timed, at: int) -> tuple[Timed, int, bool]:
    """Content in chunks: it, where it ends, and whether the last one came."""
    parts: list[Timed] = []
    while at < len(sent):
        line = _CHUNK.match(sent.data, at, at + _LONGEST_CHUNK_LINE)
        if line is None:
            break
        size, begins = int(line[1], 16), line.end()
        if size == 0:
            # Trailers end as heads do; most often there are none.
            end = sent.data.find(_BLANK, begins - 2, begins + LONGEST_HEAD)
            until = len(sent) if end < 0 else end + len(_BLANK)
            return Timed.joined(parts), until, end >= 0
        parts.append(sent.cut(begins, begins + size))
        at = begins + size + 2
    return Timed.joined(parts), min(at, len(sent)), False
