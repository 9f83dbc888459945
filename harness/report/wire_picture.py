"""Bytes over time by destination, under the lines that were spoken, as an SVG file of its own."""

import math
import re
from collections.abc import Callable, Sequence
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

from harness.model.case import Case
from harness.model.timeline import Upload
from harness.report import lanes
from harness.report.axis import Axis, axis_for
from harness.report.lanes import HEIGHT_GAP, LEFT, RIGHT, WIDTH, Lane
from harness.report.markup import add, el
from harness.report.phrases import clock_time, size
from harness.report.picture import grid, placed, quiet
from harness.report.style import CSS
from harness.report.wire_words import Account, in_words
from harness.wire.peers import CANARIES, Peer

_MOST_LANES = 12
_UP_H, _DOWN_H, _NOTE_H = 34.0, 14.0, 16.0
_AXIS_H, _TITLE_H, _WORDS_H, _EDGE = 26.0, 22.0, 24.0, 12.0
_COLUMN_PX = 4.0
_NAME_LETTERS = 16
_FRAME = re.compile(r"svg\.timeline\{[^}]*\}")


def wire_picture(account: Account, case: Case | None) -> str:
    """The picture as the text of an SVG file that stands by itself, light or dark as its viewer.

    `case`: of the play; without it there are no lines, and the axis is that of the capture.
    """
    axis = _axis(account) if case is None else axis_for(case, LEFT, RIGHT)
    rows = [] if case is None else _spoken(case, axis)
    peers = [peer for peer in account.talk.peers if not peer.own]
    shown, rest = peers[:_MOST_LANES], peers[_MOST_LANES:]
    rows += [destination_lane(peer, account, axis) for peer in shown]
    y, tops = _TITLE_H + _AXIS_H, []
    for lane in rows:
        tops.append(y)
        y += lane.height + HEIGHT_GAP
    y += _WORDS_H if axis.folded else 0.0
    return _file(_drawn(account, axis, rows, tops, y, len(rest)), y + _AXIS_H + _TITLE_H)


def _drawn(
    account: Account, axis: Axis, rows: Sequence[Lane], tops: Sequence[float], y: float, left: int
) -> list[Element]:
    title = (
        f"Sent (up) and received (down) by {account.talk.device}: payload bytes a second, drawn by "
        "their square root, each lane on a scale of its own"
    )
    drawn = [el("text", title, x=0, y=14, class_="lane")]
    drawn += [*quiet(axis, _TITLE_H, y), grid(axis, _TITLE_H, y)]
    drawn += [placed(lane, top) for lane, top in zip(rows, tops, strict=True)]
    if left:
        more = f"and {left} more, to which less was sent"
        drawn.append(el("text", more, x=0, y=y + _AXIS_H + 8, class_="small"))
    return drawn


def _file(drawn: Sequence[Element], height: float) -> str:
    svg = el(
        "svg",
        xmlns="http://www.w3.org/2000/svg",
        viewBox=f"{-_EDGE:.0f} {-_EDGE:.0f} {WIDTH + 2 * _EDGE:.0f} {height + 2 * _EDGE:.0f}",
        width=WIDTH + 2 * _EDGE,
        height=height + 2 * _EDGE,
        class_="timeline",
    )
    # The page's own style; the rule of its frame would have it as wide as a page.
    font = "svg.timeline{background:var(--paper);font:11.5px system-ui,sans-serif}"
    add(svg, el("style", _FRAME.sub(font, CSS)), *drawn)
    return ElementTree.tostring(svg, encoding="unicode") + "\n"


def _axis(account: Account) -> Axis:
    """From the first packet to the last."""
    theirs = [peer for peer in account.talk.peers if not peer.own]
    first = min((account.at_s(peer.first_s) for peer in theirs), default=0.0)
    last = max((account.at_s(peer.last_s) for peer in theirs), default=1.0)
    until = max(math.ceil(last), math.floor(first) + 1)
    return Axis(math.floor(first), until, until, LEFT, RIGHT)


def _spoken(case: Case, axis: Axis) -> list[Lane]:
    """What was said and done, as on the page."""
    network = (lanes.NETWORK, lanes.ARRIVED)
    drawn = lanes.all_lanes(case, axis, ())
    return [lane for lane in drawn if lane.name not in network]


def destination_lane(peer: Peer, account: Account, axis: Axis) -> Lane:
    """Sent above the line, received below it: bytes a second, each on a scale of its own."""
    sent = _rates(peer, axis, account.at_s, 0)
    received = _rates(peer, axis, account.at_s, 1)
    base = _NOTE_H + _UP_H
    marks = [el("line", x1=LEFT, x2=RIGHT, y1=base, y2=base, class_="rule")]
    marks += _bars(sent, base, -_UP_H, "bytes")
    marks += _bars(received, base, _DOWN_H, "wave")
    marks += _brackets(peer, account, axis)
    peak = max(sent.values(), default=0.0)
    what = "canaries" if CANARIES in peer.marks else peer.protocol
    note = f"{what}, {size(peak)}/s" if peak else what
    marks.append(el("text", note, x=0, y=base + _DOWN_H, class_="small"))
    return Lane(_name(peer), base + _DOWN_H, tuple(marks))


def _rates(peer: Peer, axis: Axis, at_s: Callable[[float], float], way: int) -> dict[float, float]:
    """Bytes a second by the left edge of columns; a span wider than one fills all that it covers.

    Seconds that the picture leaves out (the controls around a scene) are left out.
    """
    width_s = peer.over_time.span_ns / 1e9
    sums: dict[float, float] = {}
    for number, counts in peer.over_time.spans.items():
        start, end = at_s(number * width_s), at_s((number + 1) * width_s)
        if not counts[way] or end <= axis.start_s or start >= axis.until_s:
            continue
        first, last = (_column(axis, each) for each in (start, end - 1e-6))
        columns = round((last - first) / _COLUMN_PX) + 1
        for column in range(columns):
            x = first + column * _COLUMN_PX
            sums[x] = sums.get(x, 0.0) + counts[way] / columns
    return {x: total / max(axis.s(x + _COLUMN_PX) - axis.s(x), 1e-6) for x, total in sums.items()}


def _column(axis: Axis, at_s: float) -> float:
    column = LEFT + (axis.x(at_s) - LEFT) // _COLUMN_PX * _COLUMN_PX
    return min(column, RIGHT - _COLUMN_PX)


def _bars(rates: dict[float, float], base: float, room: float, style: str) -> list[Element]:
    """Up where `room` is negative, down where not."""
    peak = max(rates.values(), default=0.0)
    bars = []
    for x, rate in sorted(rates.items()):
        height = max(0.8, abs(room) * math.sqrt(rate / peak))  # or a stream of speech is no line
        y = base - height if room < 0 else base
        bars.append(el("rect", x=x, y=y, width=_COLUMN_PX - 0.5, height=height, class_=style))
    return bars


def _brackets(peer: Peer, account: Account, axis: Axis) -> list[Element]:
    """A bracket with its size over each upload to this destination."""
    marks: list[Element] = []
    busy_until = 0.0
    for upload in account.uploads or ():
        if not _is_to(upload, peer) or upload.end_s < axis.start_s:
            continue
        x, end = axis.x(upload.start_s), axis.x(upload.end_s)
        told = el("title", in_words(upload))
        marks.append(
            el("path", told, d=f"M{x:.1f} 18v-4H{max(end, x + 2):.1f}v4", class_="bracket")
        )
        label = f"{clock_time(upload.start_s)} {size(upload.bytes_out)}"
        if x >= busy_until:
            marks.append(el("text", label, x=x, y=10, class_="words"))
            busy_until = x + len(label) * 6.3 + 6
    return marks


def _is_to(upload: Upload, peer: Peer) -> bool:
    """By name, or by an address of it where one has no name."""
    hosts = (peer.host, *peer.addresses)
    return any(upload.destination in (f"{host}:{peer.port}", host) for host in hosts)


def _name(peer: Peer) -> str:
    """The destination with places to break it: a host name has no blanks."""
    words, line = [], ""
    for part in re.split(r"(?<=[.:-])", peer.destination):
        if line and len(line + part) > _NAME_LETTERS:
            words.append(line)
            line = ""
        line += part
    return " ".join([*words, line])
