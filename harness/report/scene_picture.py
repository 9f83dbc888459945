"""A scene as a picture before it was ever played: who says what to whom, and when.

A lane for everybody who speaks, one for what is asked of the device, one for what is done to it.
Times are reckoned (`harness.stage.rehearsal`): a device may answer later, or not at all.
"""

import textwrap
from collections.abc import Sequence
from xml.etree.ElementTree import Element, tostring

from harness.model.script import Addressee, Script
from harness.report.axis import Axis
from harness.report.markup import add, el
from harness.report.phrases import clock_time
from harness.stage.rehearsal import Kind, Moment, length_s

_WIDTH, _LEFT, _TOP = 1200.0, 150.0, 58.0
_BAR_H, _LINE_H, _GAP = 14.0, 14.0, 14.0
_CHAR_PX = 6.4
_MOST_LINES = 4
_DEVICE, _DONE = "Device is to ask", "Done to the device"

_CSS = """
svg{color-scheme:light dark;font:12px system-ui,"Segoe UI",Arial,"DejaVu Sans",sans-serif}
.paper{fill:#fdfcf9}text{fill:#1c1b19}.soft{fill:#615e57}.head{font-size:16px;font-weight:600}
.lane{font-weight:600}.rule{stroke:#d9d5cb}.room{fill:#3b6ea5}.device{fill:#1f3e63}
.prompt{fill:none;stroke:#5b4a8a;stroke-dasharray:4 3}.deed{stroke:#a8201a;stroke-width:2}
@media (prefers-color-scheme:dark){.paper{fill:#17181a}text{fill:#ece9e2}.soft{fill:#a9a59b}
.rule{stroke:#3a3b3e}.room{fill:#7fb0e3}.device{fill:#cfe3fa}.prompt{stroke:#b3a1e6}
.deed{stroke:#f0766c}}
"""


def scene_picture(script: Script, moments: Sequence[Moment]) -> str:
    """The picture as a whole SVG file."""
    axis = Axis(0.0, _end(moments), _end(moments), _LEFT, _WIDTH - 14)
    marks: list[Element] = []
    y = _TOP
    for name, said in _lanes(script, moments):
        lane, height = _lane(script, name, said, axis, y)
        marks += lane
        y += height + _GAP
    svg = el("svg", xmlns="http://www.w3.org/2000/svg", viewBox=f"0 0 {_WIDTH:.0f} {y:.0f}",
             role="img", aria_label=f"Timeline of {script.title}")  # fmt: skip
    add(svg, el("style", _CSS), el("rect", width=_WIDTH, height=y, class_="paper"))
    add(svg, el("text", script.title, x=14, y=24, class_="head"), *_ticks(axis, y), *marks)
    return tostring(svg, encoding="unicode") + "\n"


def _end(moments: Sequence[Moment]) -> float:
    return length_s(moments) + 1.0


def _lanes(script: Script, moments: Sequence[Moment]) -> list[tuple[str, list[Moment]]]:
    """Each lane with what stands in it; lanes with nothing in them are left out."""
    of_cast = [
        (member.name, [m for m in moments if m.kind is Kind.LINE and m.who == member.name])
        for member in script.cast
    ]
    prompts = (_DEVICE, [m for m in moments if m.kind is Kind.PROMPT])
    deeds = (_DONE, [m for m in moments if m.kind is Kind.DEED])
    return [lane for lane in (*of_cast, prompts, deeds) if lane[1]]


def _lane(
    script: Script, name: str, said: Sequence[Moment], axis: Axis, y: float
) -> tuple[list[Element], float]:
    """The marks of a lane whose top is at `y`, and its height."""
    marks = [el("text", name, x=14, y=y + 12, class_="lane")]
    deepest = 1
    for number, moment in enumerate(said):
        x = axis.x(moment.start_s)
        follows = said[number + 1].start_s if number + 1 < len(said) else axis.until_s
        room_px = max(axis.x(follows) - x - 8, 60.0)
        words = textwrap.wrap(
            _words(script, moment),
            max(8, int(room_px / _CHAR_PX)),
            max_lines=_MOST_LINES,
            placeholder=" ...",
        )
        deepest = max(deepest, len(words))
        marks.append(_mark(script, moment, axis, y))
        marks += [
            el("text", line, x=x, y=y + _BAR_H + _LINE_H * (row + 1) - 2)
            for row, line in enumerate(words)
        ]
    return marks, _BAR_H + _LINE_H * deepest


def _words(script: Script, moment: Moment) -> str:
    """The words; an arrow before what is said to the device: colour alone says nothing."""
    if moment.kind is Kind.LINE and script.line(moment.id).to is Addressee.DEVICE:
        return f"\N{RIGHTWARDS ARROW} {moment.text}"
    return moment.text


def _mark(script: Script, moment: Moment, axis: Axis, y: float) -> Element:
    x, width = axis.x(moment.start_s), axis.x(moment.end_s) - axis.x(moment.start_s)
    told = el("title", f"{clock_time(moment.start_s)} {moment.who} {moment.text}")
    if moment.kind is Kind.DEED:
        return el("line", told, x1=x, x2=x, y1=y, y2=y + _BAR_H - 1, class_="deed")
    style = "prompt"
    if moment.kind is Kind.LINE:
        to_device = script.line(moment.id).to is Addressee.DEVICE
        style = "device" if to_device else "room"
        told.text = f"{told.text} (to the {script.line(moment.id).to})"
    return el("rect", told, x=x, y=y + 1, width=max(width, 3.0), height=_BAR_H - 3, rx=2,
              class_=style)  # fmt: skip


def _ticks(axis: Axis, until_y: float) -> list[Element]:
    marks: list[Element] = []
    for at_s in axis.ticks():
        x = axis.x(at_s)
        marks.append(el("line", x1=x, x2=x, y1=_TOP - 8, y2=until_y - 6, class_="rule"))
        label = clock_time(at_s).removesuffix(".0")
        marks.append(el("text", label, x=x, y=_TOP - 14, class_="soft", text_anchor="middle"))
    return marks
