"""Small multiples: a line a scene, a cell a night, and a line a night with its false wakes."""

import os
from collections.abc import Sequence
from pathlib import Path
from statistics import median
from urllib.parse import quote
from xml.etree.ElementTree import Element

from harness.evidence import layout
from harness.report.markup import add, el
from harness.report.nights.facts import FAILED, Night, Play, State, graver, state_of
from harness.report.nights.words import SIGNS, sorted_scenes
from harness.report.phrases import count
from harness.report.series_words import hourly_words

NIGHTS_SHOWN = 14
"""So many nights fit beside each other on a telephone; older ones are in their own pages."""

STYLES = {
    State.FAIL: "fail",
    State.INCONCLUSIVE: "inconclusive",
    State.KNOWN: "known",
    State.PASS: "pass",
}
_MEDIANS_SHOWN = 4
_STEADY_SHOWN = 20


def link(play: Play, out: Path, text: str, **attributes: str) -> Element:
    """The text as a link to the ruling page of a play, as seen from folder `out`.

    Plain text where there is no page.
    """
    page = None if play.evidence is None else play.evidence / layout.PAGE
    if page is None or not page.exists():
        return el("span", text, **attributes)
    return el("a", text, href=quote(os.path.relpath(page.resolve(), out.resolve())), **attributes)


def strips(nights: Sequence[Night], out: Path) -> list[Element]:
    """A row a scene, gravest first by the last night; scenes that it did not play at the end.

    Many that only ever passed are folded, so that the others are seen.
    """
    shown = nights[-NIGHTS_SHOWN:]
    by_night = [night.by_scene() for night in shown]
    scenes = [scene for scene, _ in sorted_scenes(shown[-1])]
    others = {scene for by_scene in by_night for scene in by_scene} - set(scenes)
    steady = [
        scene
        for scene in scenes
        if all(state_of(by[scene]) is State.PASS for by in by_night if by.get(scene))
    ]
    folded = set(steady if len(steady) > _STEADY_SHOWN else ())
    told = [scene for scene in (*scenes, *sorted(others)) if scene not in folded]
    tables = [_table(told, shown, out)] if told else []
    if folded:
        summary = el("summary", f"{count(len(folded), 'scene')} that passed every time")
        tables.append(el("details", summary, _table(steady, shown, out)))
    return tables


def _table(scenes: Sequence[str], shown: Sequence[Night], out: Path) -> Element:
    by_night = [night.by_scene() for night in shown]
    heads = [el("th", night.date[5:], scope="col", title=night.name) for night in shown]
    top = el("thead", el("tr", el("th", "Scene", scope="col"), *heads))
    body = el("tbody")
    for scene in scenes:
        cells = [
            _cell(night, by_scene.get(scene, ()), out)
            for night, by_scene in zip(shown, by_night, strict=True)
        ]
        add(body, el("tr", el("th", scene, scope="row"), *cells))
    return el("div", el("table", top, body, class_="strips"), class_="scroll", tabindex="0",
              role="region", aria_label="Scenes by night")  # fmt: skip


def _cell(night: Night, plays: tuple[Play, ...], out: Path) -> Element:
    """A sign, and how many failed; the gravest play's page behind it."""
    if not plays:
        return el("td", el("span", "·", title=f"{night.name}: not played"))
    state = state_of(plays)
    failed = sum(play.kind in FAILED for play in plays)
    text = SIGNS[state] + (str(failed) if failed else "")
    told = f"{night.name}: {state}, {failed} of {len(plays)} failed"
    return el("td", link(graver(plays)[0], out, text, class_=f"cell {STYLES[state]}", title=told,
                         aria_label=told))  # fmt: skip


def false_wakes(nights: Sequence[Night]) -> Element:
    """A row a night, newest first: the rate with its interval, drawn and in words."""
    shown = nights[-NIGHTS_SHOWN:]
    top = _top(shown)
    body = el("tbody")
    for night in reversed(shown):
        cells = (
            el("td", f"{night.date} ", el("span", night.firmware, class_="small"), class_="when"),
            el("td", _whisker(night, top), class_="plot"),
            el("td", hourly_words(night.activations)),
        )
        add(body, el("tr", *cells))
    scale = f"0 to {top:.3g} an hour"
    head = el("tr", el("th", "Night"), el("th", scale), el("th", "An hour, with interval"))
    return el("table", el("thead", head), body, class_="wakes")


def _top(nights: Sequence[Night]) -> float:
    """The end of the scale, an hour: a short night with its wide interval does not squash all."""
    rates = [night.activations for night in nights]
    highs = [rate.interval.high for rate in rates if rate.interval is not None]
    if not highs:
        return 1.0
    happened = [rate.events / rate.hours for rate in rates if rate.hours > 0]
    return max(min(max(highs), _MEDIANS_SHOWN * median(highs)), *happened) or 1.0


def _whisker(night: Night, top: float) -> Element:
    """The interval as a line, the rate as a dot; an arrow where it goes on beyond the scale."""
    rate = night.activations
    drawing = el("svg", class_="wake", width="100%", height=18, aria_hidden="true")
    add(drawing, el("line", class_="base", x1="0%", x2="100%", y1=9, y2=9))
    if rate.interval is None:
        return drawing
    low, high = (_share(end, top) for end in (rate.interval.low, rate.interval.high))
    add(drawing, el("line", class_="reach", x1=low, x2=high, y1=9, y2=9))
    for end in (low, high):
        add(drawing, el("line", class_="reach", x1=end, x2=end, y1=4, y2=14))
    if rate.interval.high > top:
        add(drawing, el("text", ">", x="99%", y=14, text_anchor="end"))
    here = _share(rate.events / rate.hours, top)
    add(drawing, el("circle", class_="rate", cx=here, cy=9, r=4.5))
    return drawing


def _share(value: float, top: float) -> str:
    return f"{2 + 95 * min(value, top) / top:.2f}%"
