"""The uploads of a capture with the way that each took, and those that only their way betrays."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from harness.model.timeline import Upload
from harness.wire.covert.allowances import Allowances
from harness.wire.covert.leaks import Outward, leaks
from harness.wire.covert.names_asked import Answered, NamesAsked
from harness.wire.covert.ways import BY_PROTOCOL, Kind, Way, Ways, quic_hosts
from harness.wire.declared import Declared
from harness.wire.flows.names import Names
from harness.wire.flows.record import Flow, flow_of
from harness.wire.flows.room import Table
from harness.wire.traffic import LinkFlows, Packets

DestinationOf = Callable[[int, bool], str]
_KNOWN = (Kind.DECLARED, Kind.IDLE)


@dataclass(frozen=True, slots=True)
class Seen:
    """What a capture holds, and how uploads call a destination, by flow and whether it is A."""

    flows: LinkFlows
    names: Names
    asked: NamesAsked
    destination: DestinationOf


def with_ways(
    uploads: Sequence[Upload], sent: Packets, seen: Seen, declared: Declared
) -> tuple[Upload, ...]:
    """The uploads, each with its way, and all that left beyond the budget of its way.

    `uploads`: as they were found by their size; `sent`: all that the device sent.
    """
    outward, called = _outward(sent, seen, declared)
    known = [_placed(upload, outward, called) for upload in uploads]
    questions = _questions(seen)
    hidden = leaks(outward, seen.asked, questions, Allowances(declared))
    alone = [upload for upload, way in known if not _told_by(hidden, upload, way)]
    return tuple(sorted([*alone, *hidden], key=lambda each: (each.start_s, each.end_s)))


def _outward(sent: Packets, seen: Seen, declared: Declared) -> tuple[Outward, list[str]]:
    """What the device sent, by time, and how an upload calls the destination of each way."""
    sent = sent.lines(sent.payload > 0)
    sent = sent.lines(np.argsort(sent.ns, kind="stable"))
    lanes, way = np.unique(2 * sent.flow + sent.from_b, return_inverse=True)
    sides = [(lane >> 1, bool(lane & 1)) for lane in lanes.tolist()]
    flows = [_flow(seen, number) for number, _ in sides]
    teller = Ways(declared, _answered(seen), quic_hosts(flows, declared))
    called = [seen.destination(number, from_b) for number, from_b in sides]
    ways = [
        teller.of(flow, from_b, name)
        for flow, (_, from_b), name in zip(flows, sides, called, strict=True)
    ]
    loose = np.ones(len(sent.ns), np.bool_)
    return Outward(sent.ns, sent.payload, way.reshape(-1), loose, ways), called


def _flow(seen: Seen, number: int) -> Flow:
    line, hello = seen.flows.line(number)
    return flow_of(line, hello, seen.names.of_address(*seen.flows.b_halves(number)))


def _answered(seen: Seen) -> Answered:
    """What answers told that came to the device; what it says itself proves nothing."""
    sides = seen.asked.sides()
    inward = seen.flows.is_inward(_sides_only(sides))
    return seen.asked.answered({(flow, from_b) for flow, from_b in sides[inward].tolist()})


def _questions(seen: Seen) -> Table:
    """The questions that the device asked, the harness's own left out."""
    lines = seen.asked.questions()
    sides = _sides_only(lines[:, 1:3])
    theirs = seen.flows.is_theirs(sides)
    # By its MAC address `asked` tells each question's own way, whichever flow it was forged into.
    return lines[theirs if seen.flows.by_mac else theirs & ~seen.flows.is_inward(sides)]


def _sides_only(sides: Table) -> Packets:
    """Packets of which only flow and side are asked."""
    nothing = np.zeros(len(sides), np.int64)
    return Packets(nothing, sides[:, 0], sides[:, 1], *5 * [nothing])


def _placed(upload: Upload, outward: Outward, called: Sequence[str]) -> tuple[Upload, Way | None]:
    """An upload with its way; its packets are an upload's from now on."""
    mine = {number for number, name in enumerate(called) if name == upload.destination}
    alike = {outward.ways[number].idle for number in mine} - {None}
    mine |= {number for number, way in enumerate(outward.ways) if way.idle in alike}
    from_ns, until_ns = round(upload.start_s * 1e9), round(upload.end_s * 1e9)
    # Seconds as a float are some hundred nanoseconds coarse.
    inside = (outward.ns >= from_ns - 1000) & (outward.ns <= until_ns + 1000)
    inside &= np.isin(outward.way, list(mine))
    outward.loose[inside] = False
    if not inside.any():
        return upload, None
    by_way = np.bincount(outward.way[inside], outward.sizes[inside])
    way = outward.ways[int(np.argmax(by_way))]
    why = "; ".join(text for text in (upload.why.rstrip("."), way.note) if text)
    told = replace(
        upload, destination=way.destination, channel=way.channel, why=f"{why}." if why else ""
    )
    return told, way


def _told_by(hidden: Sequence[Upload], upload: Upload, way: Way | None) -> bool:
    """Whether one of those found by their way tells of this upload, or would where it is one."""
    if way is None or way.kind in _KNOWN:
        return False
    return way.kind in BY_PROTOCOL or any(
        each.channel is upload.channel
        and each.start_s <= upload.start_s
        and upload.end_s <= each.end_s
        for each in hidden
    )
