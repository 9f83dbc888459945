"""The tables of the page: everything that happened in words, the controls, the limits."""

from collections.abc import Iterable, Sequence
from xml.etree.ElementTree import Element

from harness.model.case import Case
from harness.model.ruling import Ruling
from harness.model.timeline import (
    DeedDone,
    LightChanged,
    LineSpoken,
    LineUnsaid,
    MessageReceived,
    PromptHeard,
    SpeechHeard,
    Upload,
)
from harness.report.hearing import audible, speaker
from harness.report.markup import el
from harness.report.phrases import clock_time, quoted, sentence, size, span
from harness.report.story import SOURCES, Story, control_measure, control_name

PROOF = "proof"
"""The anchor of the controls."""


def table(headings: Sequence[str], rows: Iterable[Sequence[Element]], style: str) -> Element:
    """A table that can be scrolled sideways where it is too wide.

    Of style `stack` its cells stand below each other on a telephone, each behind its heading.
    """
    top = el("thead", el("tr", *(el("th", heading) for heading in headings)))
    body = el("tbody", *(el("tr", *_labelled(cells, headings, style)) for cells in rows))
    return el("div", el("table", top, body, class_=style), class_="scroll")


def _labelled(cells: Sequence[Element], headings: Sequence[str], style: str) -> Sequence[Element]:
    if style == "stack":
        for cell, heading in zip(cells, headings, strict=True):
            if heading:
                cell.set("data-label", heading)
    return cells


def transcript(case: Case, ruling: Ruling) -> list[Element]:
    """Everything said and sent, in order, with the violations that rest on it."""
    marks = [(f.at_s, f.who, f.cls, n) for n, f in enumerate(ruling.findings, 1)]
    rows = []
    for start_s, end_s, who, what in sorted(_happenings(case)):
        name = who.split(",")[0]
        cells = [
            el("a", cls, class_="cls", href=f"#finding-{number}")
            for at_s, by, cls, number in marks
            if by == name and start_s - 0.05 <= at_s <= end_s
        ]
        rows.append([el("td", clock_time(start_s), class_="n"), el("td", who),
                     el("td", what, " " if cells else "", *cells)])  # fmt: skip
    return [el("h2", "In words", id="words"), table(("At", "Who", "What"), rows, "words")]


def _happenings(case: Case) -> Iterable[tuple[float, float, str, str]]:
    """Start, end, who, what."""
    for event in case.events:
        if isinstance(event, LineSpoken):
            line = case.script.line(event.line_id)
            who = f"{line.who}, to the {line.to}"
            heard = "" if event.heard else " (not heard at the microphone)"
            yield event.start_s, event.end_s, who, quoted(line.says) + heard
        elif isinstance(event, LineUnsaid):
            line = case.script.line(event.line_id)
            yield event.at_s, event.at_s, line.who, f"left unsaid: {event.reason}"
        elif isinstance(event, PromptHeard):
            yield event.start_s, event.end_s, "the device", quoted(event.text) + audible(event)
        elif isinstance(event, SpeechHeard):
            said = quoted(event.text) if event.text else "speech"
            yield event.start_s, event.end_s, speaker(event), f"{said}: {event.trouble}"
        elif isinstance(event, MessageReceived):
            sound = "a text" if event.audio_s is None else f"{event.audio_s:.1f} s of sound"
            yield event.at_s, event.at_s, "message", f"{sound} arrived with {event.recipient}"
        elif isinstance(event, LightChanged):
            yield event.at_s, event.at_s, "its light", event.state.value
        elif isinstance(event, Upload):
            until = f"until {clock_time(event.end_s)}"
            what = f"{size(event.bytes_out)} to {event.destination}, {until}"
            yield event.start_s, event.end_s, "the network", what
        elif isinstance(event, DeedDone):
            yield event.at_s, event.at_s, "the bench", event.in_words


def proof(story: Story, ruling: Ruling) -> list[Element]:
    """The controls, held and broken."""
    rows = [
        [
            el("td", "✓ held" if c.held else "✗ broken", class_="pass" if c.held else "fail"),
            el("td", control_name(c)),
            el("td", c.phase),
            el("td", control_measure(c), class_="n"),
            el("td", sentence(c.detail)),
        ]
        for c in ruling.controls
    ]
    headings = ("", "Control", "When", "Measured", "In words")
    letters = ", ".join(f"{letter} {name}" for letter, name in SOURCES.items())
    blind = [el("li", note) for note in story.blind]
    told = [el("ul", *blind, class_="meta"),
            el("p", f"Letters: {letters}.", class_="caption")] if blind else []  # fmt: skip
    return [el("h2", "Would we have seen it?", id=PROOF),
            el("p", f"{story.controls} {story.observable}"), *told,
            *([table(headings, rows, "stack")] if rows else [])]  # fmt: skip


def limits(ruling: Ruling) -> list[Element]:
    """The numbers of the rule that this ruling used."""
    if not ruling.limits:
        return []
    rows = [
        [el("td", name.removesuffix("_s").replace("_", " ")),
         el("td", span(value) if unit == "s" else f"{value:g} {unit}".strip(), class_="n")]
        for name, value, unit in ruling.limits
    ]  # fmt: skip
    return [el("h2", "Limits used"), table(("Limit", "Value"), rows, "")]
