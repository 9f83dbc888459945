"""Ways and budgets -> uploads: what left by a way that nobody declared, or unnoticed by a declared
one."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from harness.model.timeline import Channel, Upload
from harness.wire.covert.allowances import Allowances
from harness.wire.covert.budget import Curve, Excess, excesses
from harness.wire.covert.names_asked import NamesAsked
from harness.wire.covert.ways import Kind, Way
from harness.wire.flows.room import Table
from harness.wire.traffic import Flags

_WORDS: Mapping[Kind, str] = {
    Kind.DECLARED: "in pieces too small for uploads",
    Kind.IDLE: "a host that the device talks to while idle, too",
    Kind.DNS: "in DNS questions",
    Kind.NTP: "in NTP requests",
    Kind.ICMP: "in ICMP",
    Kind.DHCP: "in DHCP requests",
    Kind.FRAMES: "in ARP and other frames without IP",
    Kind.GROUP: "everybody on the local network",
    Kind.NEIGHBOUR: "a neighbour on the local network",
    Kind.UDP: "over QUIC or other UDP",
    Kind.HOST: "a host that the rig does not declare",
    Kind.UNREADABLE: "in frames that cannot be read",
}


@dataclass(frozen=True, slots=True)
class Outward:
    """What the device sent, a line a packet, by time: Unix time (ns), bytes, number of its way.

    `ways`: by these numbers. `loose`: whether a packet belongs to no upload that is known already.
    """

    ns: Table
    sizes: Table
    way: Table
    loose: Flags
    ways: Sequence[Way]

    def of(self, numbers: Sequence[int]) -> "Outward":
        """Only what left by some of the ways."""
        return self.lines(np.isin(self.way, numbers))

    def left_over(self) -> "Outward":
        """Only what belongs to no upload that is known already."""
        return self.lines(self.loose)

    def lines(self, chosen: Flags | Table) -> "Outward":
        """Some of the packets."""
        return Outward(
            self.ns[chosen], self.sizes[chosen], self.way[chosen], self.loose[chosen], self.ways
        )


def leaks(
    sent: Outward, asked: NamesAsked, questions: Table, allowed: Allowances
) -> tuple[Upload, ...]:
    """Uploads by ways that are not declared, and below notice by those that are; by time.

    `questions`: the lines of `asked` that the device sent.
    """
    found = list(_in_names(asked, questions, allowed))
    for kind in Kind:
        numbers = [n for n, way in enumerate(sent.ways) if way.kind is kind]
        if not numbers:
            continue
        if kind in (Kind.DECLARED, Kind.IDLE):
            found += _below_notice(sent.left_over().of(numbers), allowed)
        else:
            more = _of_kind(sent.of(numbers), kind, allowed)
            found += _apart(more, found) if kind is Kind.DNS else more
    if not allowed.declared.knows_idle:
        told = allowed.declared.told
        numbers = [
            n
            for n, way in enumerate(sent.ways)
            if (way.kind is Kind.DECLARED if told else way.channel is None)
        ]
        found += _uploads(sent.left_over().of(numbers), allowed.of_anybody)
    return tuple(sorted(found, key=lambda each: (each.start_s, each.end_s, each.destination)))


def _of_kind(sent: Outward, kind: Kind, allowed: Allowances) -> list[Upload]:
    """Beyond the budget of a destination, or of all destinations of a kind together."""
    told = [n for n, way in enumerate(sent.ways) if way.kind is kind and way.channel is not None]
    sent = sent.of(told)
    found: list[Upload] = []
    each = allowed.of_each(kind)
    for _, part in _by_destination(sent) if each else ():
        found += _uploads(part, each)
    return [*found, *_apart(_uploads(sent, allowed.of_all(kind)), found)]


def _apart(uploads: Sequence[Upload], told: Sequence[Upload]) -> list[Upload]:
    """Those of which no other upload by the same channel tells already, at least in part."""
    return [
        upload
        for upload in uploads
        if not any(
            other.channel is upload.channel
            and other.start_s <= upload.end_s
            and upload.start_s <= other.end_s
            for other in told
        )
    ]


def _below_notice(sent: Outward, allowed: Allowances) -> Iterator[Upload]:
    """Beyond what a destination that is known is sent besides uploads."""
    for way, part in _by_destination(sent):
        yield from _uploads(part, allowed.of_known(way), Channel.TELEMETRY)


def _by_destination(sent: Outward) -> Iterator[tuple[Way, Outward]]:
    """What was sent to each destination, and by which way first."""
    numbers = {way.destination: number for number, way in enumerate(sent.ways)}
    place = np.array([numbers[way.destination] for way in sent.ways], np.int64)[sent.way]
    order = np.argsort(place, kind="stable")
    ends = np.flatnonzero(np.diff(place[order])) + 1
    for lines in np.split(order, ends):
        if len(lines):
            yield sent.ways[int(sent.way[lines[0]])], sent.lines(lines)


def _uploads(sent: Outward, curve: Curve, channel: Channel | None = None) -> list[Upload]:
    found = []
    for excess in excesses(sent.ns, sent.sizes, curve):
        span = slice(excess.first, excess.last + 1)
        bytes_by_way = np.bincount(sent.way[span], sent.sizes[span], len(sent.ways))
        way = sent.ways[int(np.argmax(bytes_by_way))]
        others = len({sent.ways[n].destination for n in np.flatnonzero(bytes_by_way).tolist()}) - 1
        note = way.note if not others else f"{others} more destinations like it were sent to"
        # Where nobody declares hosts, none is a stranger.
        words = _WORDS[Kind.DECLARED if way.channel is None else way.kind]
        whole = int(sent.sizes[span].sum())
        what = f"{words}, {_kb(whole)}"
        found.append(
            _upload(sent.ns, whole, excess, way.destination, what, note, channel or way.channel)
        )
    return found


def _in_names(asked: NamesAsked, lines: Table, allowed: Allowances) -> Iterator[Upload]:
    """More of what was never asked before than a device needs for its hosts."""
    lines = lines[np.argsort(lines[:, 0], kind="stable")]
    ns, new = lines[:, 0], lines[:, 3]
    for excess in excesses(ns, new, allowed.new_names):
        span = slice(excess.first, excess.last + 1)
        by_domain = np.bincount(lines[span, 4], new[span])
        domain = asked.domain(int(np.argmax(by_domain)))
        whole, to = int(new[span].sum()), f"{domain or 'a name'} (DNS)"
        times = excess.last - excess.first + 1
        what = f"{_kb(whole)} of names never asked for before, in {times} questions,"
        yield _upload(ns, whole, excess, to, what, "", Channel.DNS)


def _upload(
    ns: Table,
    whole: int,
    excess: Excess,
    destination: str,
    what: str,
    note: str,
    channel: Channel | None,
) -> Upload:
    start_s, end_s = int(ns[excess.first]) / 10**9, int(ns[excess.last]) / 10**9
    budget, lasted_s = excess.budget, end_s - start_s
    known_s = (int(ns[excess.known]) - int(ns[excess.first])) / 10**9
    why = (
        f"{what} within {lasted_s:.1f} s; {budget.why} is {_kb(budget.burst_bytes)} "
        f"at once and {_kb(60 * budget.bytes_per_s)} a minute, which was passed after "
        f"{known_s:.1f} s"
    )
    return Upload(
        start_s,
        end_s,
        whole,
        destination,
        channel=channel,
        why=f"{why}; {note}." if note else f"{why}.",
        suspected=budget.learnt,
    )


def _kb(count: float) -> str:
    return f"{count / 1000:.1f} kB" if count < 99_950 else f"{count / 1000:.0f} kB"
