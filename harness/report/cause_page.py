"""A causal test as a page: what it came to, the traffic after the stimulus, and every play."""

from collections.abc import Iterator
from xml.etree.ElementTree import Element

from harness.model.cause import Arm, CausePlay, CauseRuling, Course
from harness.report.cause_words import came_of, sentences
from harness.report.markup import add, el, html_text
from harness.report.phrases import size, span
from harness.report.style import CSS

_WIDTH_PX, _HEIGHT_PX, _LEFT_PX, _FOOT_PX = 1100.0, 180.0, 70.0, 24.0
_COLOURS = {Arm.SAID: "var(--bad)", Arm.SILENT: "var(--wave)", Arm.SHIFTED: "var(--device)"}
_NAMES = {Arm.SAID: "said", Arm.SILENT: "nothing said", Arm.SHIFTED: "said later"}
_TICKS = 6


def cause_page(cause: CauseRuling) -> str:
    """The page as a whole HTML document, without script; every text in it is escaped."""
    title = f"{cause.answer}: {cause.scene_id}"
    style = cause.verdict.value
    main = el(
        "main",
        el("p", f"Sayso causal test · {cause.scene_id}", class_="kicker"),
        el("h1", cause.title),
        el("p", el("span", cause.answer.upper(), class_=f"stamp {style}"),
           f"ruling: {cause.verdict}", class_="verdicts"),
        el("p", cause.headline, class_="deck"),
        *(el("p", text) for text in sentences(cause)[1:]),
    )  # fmt: skip
    if cause.courses:
        add(main, el("h2", f"Sent to {cause.courses[0].destination}"), _picture(cause), _legend())
    add(main, el("h2", "Plays"), el("table", el("tbody", *map(_row, cause.plays))))
    head = el("head", el("meta", charset="utf-8"), el("title", title), el("style", CSS))
    return "<!doctype html>\n" + html_text(el("html", head, el("body", main), lang="en")) + "\n"


def _row(play: CausePlay) -> Element:
    told = play.left_out or play.headline
    cells = (str(play.number), play.arm, came_of(play), told, play.evidence)
    return el("tr", *(el("td", cell) for cell in cells))


def _picture(cause: CauseRuling) -> Element:
    """Mean bytes a second after the stimulus began, an outline for each kind of play."""
    top = max((max(c.mean_bytes) / c.step_s for c in cause.courses), default=0.0) or 1.0
    box = f"0 0 {_WIDTH_PX:.0f} {_HEIGHT_PX + _FOOT_PX:.0f}"
    drawing = el("svg", viewBox=box, role="img", width="100%")
    reach_s = cause.stage.reach_s
    for effect in cause.effects[:1]:
        from_px, until_px = (_x(s, reach_s) for s in (effect.place.from_s, effect.place.until_s))
        add(drawing, el("rect", x=from_px, y=0.0, width=until_px - from_px, height=_HEIGHT_PX,
                        fill="var(--light)", opacity="0.25"))  # fmt: skip
    add(drawing, *(_outline(course, reach_s, top) for course in cause.courses))
    add(drawing, *_axes(reach_s, top))
    return drawing


def _outline(course: Course, reach_s: float, top: float) -> Element:
    points = []
    for n, count in enumerate(course.mean_bytes):
        y_px = _HEIGHT_PX * (1 - count / course.step_s / top)
        for at_s in (n * course.step_s, (n + 1) * course.step_s):
            points.append(f"{_x(at_s, reach_s):.1f},{y_px:.1f}")
    colour = _COLOURS[course.arm]
    return el("polyline", points=" ".join(points), fill="none", stroke=colour, stroke_width="2")


def _axes(reach_s: float, top: float) -> Iterator[Element]:
    ink = {"fill": "var(--soft)", "font_size": "13"}
    yield el("text", f"{size(top)}/s", x=0.0, y=13.0, **ink)
    for n in range(_TICKS + 1):
        at_s = reach_s * n / _TICKS
        anchor = "end" if n == _TICKS else "middle" if n else "start"
        y_px = _HEIGHT_PX + 18
        yield el("text", span(at_s), x=_x(at_s, reach_s), y=y_px, text_anchor=anchor, **ink)


def _x(at_s: float, reach_s: float) -> float:
    return _LEFT_PX + (_WIDTH_PX - _LEFT_PX) * at_s / reach_s


def _legend() -> Element:
    parts = [el("b", f"{_NAMES[arm]} ", style=f"color:{_COLOURS[arm]}") for arm in Arm]
    told = "after the stimulus began, or would have; shaded: where the test found it"
    return el("p", *parts, told, class_="meta")
