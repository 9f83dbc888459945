"""Whom the device talked to, in words and as JSON: what `sayso wire` prints."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from harness.model.timeline import Upload
from harness.report.phrases import clock_time, count, size, span
from harness.wire.peers import Peer, Talk

_WIDEST = 46


@dataclass(frozen=True, slots=True)
class Account:
    """What is told of a capture.

    `at_s`: a Unix time (s) on the run's clock. `uploads`: on that clock, in order of time; None
    where nobody could look for them. `by`: how they came to count as uploads, where they do not say
    so themselves. `note`: what a reader must know of all this.
    """

    talk: Talk
    uploads: Sequence[Upload] | None
    at_s: Callable[[float], float]
    by: str
    note: str = ""


def wire_text(account: Account) -> str:
    """The whole account, lines of at most some 120 columns."""
    talk = account.talk
    theirs = [peer for peer in talk.peers if not peer.own]
    sent = sum(peer.sent.payload_bytes for peer in theirs)
    received = sum(peer.received.payload_bytes for peer in theirs)
    lost = "says nothing of lost packets" if talk.dropped is None else f"lost {talk.dropped}"
    lines = [
        f"The device {talk.device} sent {size(sent)} to {count(len(theirs), 'destination')} "
        f"and received {size(received)}.",
        f"{talk.packets} packets captured; the capture {lost}.",
        *([account.note] if account.note else []),
        "",
        *_table(account),
        "",
        *_uploads(account),
    ]
    if talk.unread:
        lines += ["", "Not read, or not to be trusted, so that what left there is not known:"]
        lines += [f"  {what}" for what in talk.unread]
    if talk.doubts:
        lines += ["", "Counted, but not as it should be:", *(f"  {what}" for what in talk.doubts)]
    return "\n".join(lines)


def _table(account: Account) -> list[str]:
    peers = account.talk.peers
    if not peers:
        return ["Nothing was captured."]
    width = min(_WIDEST, max(len(_named(peer)) for peer in peers))
    head = f"{'to':{width}}  {'by':8} {'sent':>8} {'received':>9} {'packets':>8}  when"
    return [head, *(line for peer in peers for line in _row(peer, account, width))]


def _row(peer: Peer, account: Account, width: int) -> list[str]:
    packets = peer.sent.packets + peer.received.packets
    first, last = account.at_s(peer.first_s), account.at_s(peer.last_s)
    line = (
        f"{_named(peer):{width}}  {peer.protocol:8} {size(peer.sent.payload_bytes):>8} "
        f"{size(peer.received.payload_bytes):>9} {packets:>8}  "
        f"{clock_time(first)} to {clock_time(last)}"
    )
    told = _remarks(peer)
    return [line, f"    {told}"] if told else [line]


def _named(peer: Peer) -> str:
    return f"{peer.destination} (its own port)" if peer.opened_by_peer else peer.destination


def _remarks(peer: Peer) -> str:
    told = ["the harness's own"] if peer.own else []
    addresses = [each for each in peer.addresses if each != peer.host]
    if addresses:
        told.append(f"at {', '.join(addresses)}")
    told += peer.marks
    if peer.opened_by_peer:
        told.append("opened by the other side")
    if peer.flows > 1:
        told.append(f"{peer.flows} flows")
    again = peer.sent.repeated_bytes
    if again:
        told.append(f"{size(again)} sent again, not counted")
    return "; ".join(told)


def _uploads(account: Account) -> list[str]:
    if account.uploads is None:
        return ["What of this is an upload is not known."]
    if not account.uploads:
        return [f"Nothing counts as an upload ({account.by})."]
    return [
        f"{count(len(account.uploads), 'upload')} ({account.by}):",
        *(f"  {in_words(upload)}" for upload in account.uploads),
    ]


def in_words(upload: Upload) -> str:
    """When, how much, whereto, and why that counts as an upload, where it says so itself."""
    told = (
        f"{clock_time(upload.start_s)} to {clock_time(upload.end_s)}  "
        f"{size(upload.bytes_out)} in {span(upload.end_s - upload.start_s)} "
        f"to {upload.destination}"
    )
    if upload.channel is not None:
        told += f", by way of {upload.channel}"
    if upload.holds_from_s is not None and upload.holds_until_s is not None:
        told += (
            f", holding sound of {clock_time(upload.holds_from_s)} "
            f"to {clock_time(upload.holds_until_s)}"
        )
    reason = _reason(upload)
    return f"{told}: {reason}" if reason else told


def _reason(upload: Upload) -> str:
    return str(getattr(upload, "why", ""))


def wire_json(account: Account) -> str:
    """The same for programs: times in seconds on the run's clock, sizes in bytes."""
    talk = account.talk
    content = {
        "device": talk.device,
        "packets": talk.packets,
        "dropped": talk.dropped,
        "unread": list(talk.unread),
        "doubts": list(talk.doubts),
        "peers": [_peer_facts(peer, account.at_s) for peer in talk.peers],
        "uploads": None
        if account.uploads is None
        else [_upload_facts(upload, account.by) for upload in account.uploads],
    }
    return json.dumps(content, indent=1, ensure_ascii=False)


def _peer_facts(peer: Peer, at_s: Callable[[float], float]) -> dict[str, Any]:
    width_s = peer.over_time.span_ns / 1e9
    return {
        "host": peer.host,
        "port": peer.port,
        "protocol": peer.protocol,
        "addresses": list(peer.addresses),
        "own": peer.own,
        "opened_by_peer": peer.opened_by_peer,
        "marks": list(peer.marks),
        "flows": peer.flows,
        "first_s": round(at_s(peer.first_s), 6),
        "last_s": round(at_s(peer.last_s), 6),
        **{
            name: {
                "packets": way.packets,
                "frame_bytes": way.frame_bytes,
                "payload_bytes": way.payload_bytes,
                "repeated_bytes": way.repeated_bytes,
            }
            for name, way in (("sent", peer.sent), ("received", peer.received))
        },
        "over_time": {
            "span_s": width_s,
            "spans": [
                [round(at_s(number * width_s), 6), *counts]
                for number, counts in sorted(peer.over_time.spans.items())
            ],
        },
    }


def _upload_facts(upload: Upload, by: str) -> dict[str, Any]:
    return {
        "start_s": upload.start_s,
        "end_s": upload.end_s,
        "bytes_out": upload.bytes_out,
        "destination": upload.destination,
        "channel": upload.channel,
        "why": _reason(upload) or by,
    }
