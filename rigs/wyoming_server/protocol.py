"""Wyoming's events: a line of JSON, then data and payload of the lengths that it tells."""

import asyncio
import json
from dataclasses import dataclass, field
from typing import Any

_LONGEST_LINE = 1 << 16
_LONGEST_PART = 1 << 22
_VERSION = "1.2"


class ProtocolError(Exception):
    """The peer sent something that is no event; the connection is of no use any more."""


@dataclass(frozen=True, slots=True)
class Event:
    """One event. `payload` is sound where `type` is audio-chunk."""

    type: str
    data: dict[str, Any] = field(default_factory=dict)
    payload: bytes = b""


def encode(event: Event) -> bytes:
    """An event as it goes over the wire."""
    head: dict[str, Any] = {"type": event.type, "version": _VERSION}
    data = json.dumps(event.data).encode() if event.data else b""
    if data:
        head["data_length"] = len(data)
    if event.payload:
        head["payload_length"] = len(event.payload)
    return json.dumps(head).encode() + b"\n" + data + event.payload


async def read_event(reader: asyncio.StreamReader) -> Event | None:
    """The next event; None once the peer is gone. Raises `ProtocolError` for what is none."""
    try:
        line = await reader.readuntil(b"\n")
        head = _mapping(line)
        data = await reader.readexactly(_length(head, "data_length"))
        payload = await reader.readexactly(_length(head, "payload_length"))
    except (asyncio.IncompleteReadError, ConnectionError):
        return None
    except asyncio.LimitOverrunError as error:
        raise ProtocolError("a line without an end") from error
    known = head.get("data") if isinstance(head.get("data"), dict) else {}
    merged = {**(known or {}), **(_mapping(data) if data else {})}
    kind = head.get("type")
    if not isinstance(kind, str):
        raise ProtocolError(f"an event without a type: {line[:80]!r}")
    return Event(kind, merged, payload)


def _mapping(text: bytes) -> dict[str, Any]:
    if len(text) > _LONGEST_LINE:
        raise ProtocolError(f"a line of {len(text)} bytes")
    try:
        found = json.loads(text)
    except ValueError as error:
        raise ProtocolError(f"no JSON: {text[:80]!r}") from error
    if not isinstance(found, dict):
        raise ProtocolError(f"no event: {text[:80]!r}")
    return found


def _length(head: dict[str, Any], name: str) -> int:
    length = head.get(name) or 0
    if not isinstance(length, int) or not 0 <= length <= _LONGEST_PART:
        raise ProtocolError(f"{name} is {length!r}")
    return length
