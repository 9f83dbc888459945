"""Events of the Wyoming protocol, out of one direction of a plain connection.

A line of JSON, then data and payload of the lengths that it tells; sound is the payload of
`audio-chunk`. Whoever asked for it, each stream of sound becomes one leaf. Where no event can be
read the reading goes on at the next one, so that a capture may begin in mid-stream; what was passed
over, and what lies in other events, is unread. Of heads that is excused which the one before said,
too, and as much more as numbers that count on take.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from harness.wire.payload.body import LONGEST_HEAD
from harness.wire.payload.parts import Leaf
from harness.wire.payload.timed import Timed

_MOST_FRAME = 256
"""Head and data of a piece of sound take 140 to 160 bytes; beyond this they could hold anything."""
_MOST_NUMBER, _LEAST_SHARE = 20, 16
"""A stamp in nanoseconds takes up to 20 letters; and no more than this part of a piece of sound."""
_BEGINS = re.compile(rb'\{"type": ?"')
_SOUND = "audio-chunk"
_PARTING = ("run-pipeline", "audio-start", "audio-stop", "streaming-started", "streaming-stopped")
_FORM = ("rate", "width", "channels")


@dataclass(frozen=True, slots=True)
class Event:
    """An event: its span in the bytes sent, its data, and its payload (cut short where it was)."""

    start: int
    end: int
    type: str
    data: dict[str, Any]
    payload: Timed
    whole: bool


@dataclass(slots=True)
class _Stream:
    form: tuple[object, ...]
    parts: list[Timed] = field(default_factory=list)
    wire: int = 0
    whole: bool = True

    def add(self, event: Event, frame: bytes, before: bytes) -> None:
        """Another piece of sound, whose head is `frame`; `before`: that of the one before."""
        self.parts.append(event.payload)
        self.wire += len(event.payload) + _excused(frame, before, len(event.payload))
        self.whole &= event.whole


def speaks(sent: Timed) -> bool:
    """Whether a connection carries Wyoming events, from its beginning or from later on."""
    found = _BEGINS.search(sent.data)
    return found is not None and _event(sent, found.start()) is not None


def events(sent: Timed) -> Iterator[Event]:
    """All events that can be read, in order."""
    at = 0
    while (begins := _BEGINS.search(sent.data, at)) is not None:
        event = _event(sent, begins.start())
        at = begins.end() if event is None else event.end
        if event is not None:
            yield event


def leaves(sent: Timed) -> tuple[Leaf, ...]:
    """Its streams of sound, and what else was sent beside the heads of events."""
    found: list[Leaf] = []
    stream: _Stream | None = None
    at, before = 0, b""
    for event in events(sent):
        found += _unread(sent.cut(at, event.start))
        at = event.end
        form = tuple(event.data.get(key) for key in _FORM)
        sound = event.type == _SOUND
        if stream is not None and (event.type in _PARTING or (sound and form != stream.form)):
            found.append(_leaf(stream))
            stream = None
        if sound:
            stream = stream or _Stream(form)
            frame = sent.data[event.start : event.end - len(event.payload)]
            stream.add(event, frame, before)
            before = frame
        else:
            found += _unread(event.payload)
    if stream is not None:
        found.append(_leaf(stream))
    return (*found, *_unread(sent.cut(at, len(sent))))


def _excused(frame: bytes, before: bytes, sound: int) -> int:
    """How many bytes of a head around so many of sound say nothing but that there is more."""
    most = min(len(frame), _MOST_FRAME)
    if not before:
        return most
    same = _alike(frame, before)
    same += _alike(frame[same:][::-1], before[same:][::-1])
    return min(most, same + min(_MOST_NUMBER, sound // _LEAST_SHARE))


def _alike(one: bytes, other: bytes) -> int:
    """How many bytes both begin with."""
    shorter = min(len(one), len(other))
    return next((at for at in range(shorter) if one[at] != other[at]), shorter)


def _leaf(stream: _Stream) -> Leaf:
    rate, width, channels = stream.form
    plain = width == 2
    kind = f"audio/L16; rate={rate}; channels={channels}" if plain else ""
    trouble = "" if stream.whole else "its end is missing"
    return Leaf(Timed.joined(stream.parts), stream.wire, kind, trouble)


def _unread(left: Timed) -> list[Leaf]:
    return [Leaf(left, len(left), trouble="it is no sound of a Wyoming event")] if left.data else []


def _event(sent: Timed, start: int) -> Event | None:
    line_end = sent.data.find(b"\n", start, start + LONGEST_HEAD)
    head = _mapping(sent.data[start:line_end]) if line_end >= 0 else None
    if head is None or not isinstance(head.get("type"), str):
        return None
    lengths = head.get("data_length") or 0, head.get("payload_length") or 0
    if not all(isinstance(each, int) and each >= 0 for each in lengths):
        return None
    data_at = line_end + 1
    payload_at = data_at + lengths[0]
    more = _mapping(sent.data[data_at:payload_at]) if lengths[0] else {}
    given = head.get("data")
    known = given if isinstance(given, dict) else {}
    claimed = payload_at + lengths[1]
    end = min(claimed, len(sent))
    payload = sent.cut(payload_at, end)
    return Event(start, end, head["type"], {**known, **(more or {})}, payload, claimed <= len(sent))


def _mapping(text: bytes) -> dict[str, Any] | None:
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None
