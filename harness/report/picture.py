"""The timeline of a play as one SVG: lanes under one time axis, findings as flags on top.

Flags come first, joined by a thin line to what they rest on; then who spoke, what the microphone
heard, what the device said, its light, what left over the network and where to, what arrived, and
the chain of consent.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from xml.etree.ElementTree import Element

from harness.model.case import Case
from harness.model.ruling import Finding, Ruling
from harness.model.timeline import Interrupted, PromptHeard
from harness.report import lanes
from harness.report.axis import Axis, axis_for
from harness.report.heard_lane import heard_lane
from harness.report.lanes import HEIGHT_GAP, LEFT, RIGHT, WIDTH, Lane
from harness.report.markup import add, el
from harness.report.phrases import clock_time
from harness.report.sound import Outline
from harness.report.spectrogram import Spectrogram

Traffic = Sequence[tuple[float, int]]

_FLAG_W = 38.0
_FLAG_H = 17.0
_FLAG_ROW = 22.0
_AXIS_H = 26.0
_QUIET_WORDS_PX = 112.0


@dataclass(frozen=True, slots=True)
class Drawn:
    """What is drawn besides the events, each on `play_axis(case)`.

    `traffic`: (seconds, payload bytes) of outgoing packets; empty: the uploads are drawn instead.
    `heard`: by the listener's microphone. `destinations`: a lane each, instead of one for all that
    was sent. `chain`: the lane of what the messages rest on.
    """

    traffic: Traffic = ()
    heard: Outline | Spectrogram | None = None
    destinations: Sequence[Lane] = ()
    chain: Lane | None = None


_NOTHING = Drawn()


@dataclass(frozen=True, slots=True)
class _Flag:
    """A finding with its place: pixel, row of flags (0 lowest), name of the lane it rests on."""

    finding: Finding
    x: float
    row: int
    lane: str


def play_axis(case: Case) -> Axis:
    """The time axis of a play's picture."""
    return axis_for(case, LEFT, RIGHT)


def picture(case: Case, ruling: Ruling, drawn: Drawn = _NOTHING) -> Element:
    """The whole picture; flag number n leads to `#finding-n` and can be led to as `#flag-n`."""
    axis = play_axis(case)
    rows = lanes.all_lanes(case, axis, drawn.traffic)
    if drawn.heard is not None:
        rows.insert(len(case.script.cast), heard_lane(drawn.heard, ruling.listener))
    rows = [lane for row in rows for lane in _by_destination(row, drawn.destinations)]
    rows += [drawn.chain] if drawn.chain else []
    flags = _flags(case, ruling.findings, axis)
    flags_h = (max((flag.row for flag in flags), default=-1) + 1) * _FLAG_ROW
    tops: dict[str, float] = {}
    places, y = [], flags_h + _AXIS_H
    for lane in rows:
        of_network = lane in drawn.destinations
        tops.setdefault(lanes.NETWORK if of_network else lane.name, y)
        places.append(y)
        y += lane.height + HEIGHT_GAP
    height = y + _AXIS_H
    svg = el(
        "svg",
        el("title", f"Timeline of {ruling.scene_id}"),
        viewBox=f"0 0 {WIDTH:.0f} {height:.0f}",
        role="img",
        class_="timeline",
    )
    add(svg, *quiet(axis, flags_h, y), *_poles(flags, tops, flags_h), grid(axis, flags_h, y))
    add(svg, *(placed(lane, top) for lane, top in zip(rows, places, strict=True)))
    add(svg, *_rings(flags, tops, flags_h), *_interrupts(case, axis, flags_h, y))
    add(svg, *(_flag(flag, number, flags_h) for number, flag in enumerate(flags, 1)))
    return svg


def _by_destination(lane: Lane, destinations: Sequence[Lane]) -> Sequence[Lane]:
    return destinations if lane.name == lanes.NETWORK and destinations else (lane,)


def quiet(axis: Axis, flags_h: float, bottom: float) -> list[Element]:
    """The quiet end, where time is drawn closer together."""
    if not axis.folded:
        return []
    fold, top = axis.x(axis.fold_s), flags_h + _AXIS_H - 8
    x = min(fold + 6, RIGHT - _QUIET_WORDS_PX)
    return [
        el("rect", x=fold, y=top, width=RIGHT - fold, height=bottom - top, class_="quiet"),
        el("text", "watching,", x=x, y=bottom - 20, class_="small"),
        el("text", "drawn 5 times closer", x=x, y=bottom - 8, class_="small"),
    ]


_TICK_HALF_PX = 14
"""Half of a label: one nearer to the end than that would be cut off, and stands before its line."""


def grid(axis: Axis, flags_h: float, bottom: float) -> Element:
    """Time ticks above and below."""
    grid = el("g", class_="grid")
    top = flags_h + _AXIS_H - 8
    for at_s in axis.ticks():
        x = axis.x(at_s)
        add(grid, el("line", x1=x, x2=x, y1=top, y2=bottom))
        label = clock_time(at_s).removesuffix(".0")
        kind = "tick last" if x > axis.right_px - _TICK_HALF_PX else "tick"
        add(grid, el("text", label, x=x, y=top - 5, class_=kind))
        add(grid, el("text", label, x=x, y=bottom + 14, class_=kind))
    return grid


def placed(lane: Lane, top: float) -> Element:
    """A lane with its name, at its height."""
    words = lanes.wrap(lane.name, LEFT - 16)
    name = [
        el("text", word, x=0, y=14 + i * lanes.LINE_H, class_="lane")
        for i, word in enumerate(words)
    ]
    rule = el("line", x1=0, x2=RIGHT, y1=-4, y2=-4, class_="rule")
    return el("g", rule, *name, *lane.marks, transform=f"translate(0 {top:.1f})")


def _flags(case: Case, findings: Iterable[Finding], axis: Axis) -> list[_Flag]:
    """Findings laid out so that no flag covers another."""
    flags: list[_Flag] = []
    for finding in findings:
        x = min(axis.x(finding.at_s), RIGHT - _FLAG_W)
        taken = {flag.row for flag in flags if abs(flag.x - x) < _FLAG_W + 4}
        row = next(number for number in range(len(flags) + 1) if number not in taken)
        flags.append(_Flag(finding, x, row, _lane_of(case, finding)))
    return flags


def _lane_of(case: Case, finding: Finding) -> str:
    """The lane that holds what a finding rests on."""
    if finding.who in {member.name for member in case.script.cast}:
        return str(finding.who)
    prompts = [event for event in case.events if isinstance(event, PromptHeard)]
    if finding.quote is not None and any(p.start_s <= finding.at_s <= p.end_s for p in prompts):
        return lanes.DEVICE
    return lanes.NETWORK if finding.part.value == "uploads" else lanes.ARRIVED


def _foot(flag: _Flag, tops: dict[str, float], flags_h: float) -> float:
    """How far down a flag's line goes: to the bars of its lane."""
    return tops.get(flag.lane, flags_h + _AXIS_H) + 8


def _poles(flags: Iterable[_Flag], tops: dict[str, float], flags_h: float) -> list[Element]:
    """Lines from flags down to what they rest on."""
    marks = []
    for flag in flags:
        top, foot = flags_h - (flag.row + 1) * _FLAG_ROW + _FLAG_H, _foot(flag, tops, flags_h)
        marks.append(el("line", x1=flag.x, x2=flag.x, y1=top, y2=foot - 3, class_="pole"))
    return marks


def _rings(flags: Iterable[_Flag], tops: dict[str, float], flags_h: float) -> list[Element]:
    """A ring where each line ends."""
    return [
        el("circle", cx=flag.x, cy=_foot(flag, tops, flags_h), r=3, class_="ring")
        for flag in flags
        if flag.lane != lanes.ARRIVED
    ]


def _flag(flag: _Flag, number: int, flags_h: float) -> Element:
    """A pennant with the class on it, which leads to its row in the table."""
    top = flags_h - (flag.row + 1) * _FLAG_ROW
    x, right = flag.x, flag.x + _FLAG_W
    points = (
        f"{x:.1f},{top:.1f} {right:.1f},{top:.1f} {right - 5:.1f},{top + _FLAG_H / 2:.1f} "
        f"{right:.1f},{top + _FLAG_H:.1f} {x:.1f},{top + _FLAG_H:.1f}"
    )
    told = f"{flag.finding.cls} {flag.finding.cause}: {flag.finding.detail}"
    return el(
        "a",
        el("title", told),
        el("polygon", points=points, class_="flag"),
        el("text", flag.finding.cls, x=x + 5, y=top + 12.5, class_="flag-text"),
        href=f"#finding-{number}",
        id=f"flag-{number}",
    )


def _interrupts(case: Case, axis: Axis, flags_h: float, bottom: float) -> list[Element]:
    """Where the run was cut short."""
    marks = []
    for event in case.events:
        if isinstance(event, Interrupted):
            x = axis.x(event.at_s)
            top = flags_h + _AXIS_H - 8
            marks.append(el("line", x1=x, x2=x, y1=top, y2=bottom, class_="cut"))
            marks.append(el("text", "interrupted", x=x - 4, y=bottom - 34, class_="cut-text"))
    return marks
