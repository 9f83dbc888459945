"""A ruling as a fragment of HTML, for Allure's description: the words of `explain`, set as HTML."""

from collections.abc import Iterable
from pathlib import Path
from xml.etree.ElementTree import Element

from harness.model.ruling import Ruling
from harness.report.markup import add, el, html_text
from harness.report.story import Row, Story, tell


def describe(ruling: Ruling, evidence: Path | None = None) -> str:
    """The ruling as an HTML fragment without styles or script; every text in it is escaped."""
    story = tell(ruling)
    box = el("div", _head(story), el("p", _verdicts(story)))
    headline = [el("p", el("strong", story.headline))]
    ruled = [*_table(story.rows), *_list(story.unmet)]
    parts = [*_proof(story), *headline, *ruled] if story.proof_first else [
        *headline, *ruled, *_proof(story)]  # fmt: skip
    after = [el("p", text) for text in (story.known, *story.notes, *story.blind) if text]
    add(box, *parts, *after, *_foot(story, evidence))
    return html_text(box)


def _head(story: Story) -> Element:
    """Outcome, scene, device, length."""
    rest = f" {story.scene_id}, {story.device}, {story.lasted}"
    return el("p", el("strong", story.word), rest)


def _verdicts(story: Story) -> str:
    """The verdicts of both parts."""
    return f"messages: {story.messages}, uploads: {story.uploads}"


def _proof(story: Story) -> list[Element]:
    """What broke, and what to do."""
    broken = [
        f"{b.name} ({b.phase}){f' [{b.measured}]' if b.measured else ''}: {b.detail}"
        for b in story.broken
    ]
    intro = "Not everything that left would have been seen. These controls did not hold:"
    return [*([el("p", intro)] if broken else []), *_list((*broken, *story.reasons))]


def _list(texts: Iterable[str]) -> list[Element]:
    """Sentences as a list; nothing when there are none."""
    items = [el("li", text) for text in texts]
    return [el("ul", *items)] if items else []


def _table(rows: Iterable[Row]) -> list[Element]:
    """Violations as a table; nothing when there are none."""
    lines = [
        el("tr", el("td", el("strong", row.cls)), *(el("td", cell) for cell in _cells(row)))
        for row in rows
    ]
    return [el("table", el("tbody", *lines))] if lines else []


def _cells(row: Row) -> tuple[str, str, str]:
    """Cause, time, and the quote with who said it or else the facts."""
    return row.cause, row.at, f"{row.said} {row.by}".strip()


def _foot(story: Story, evidence: Path | None) -> list[Element]:
    """What was done, heard, sent and received; how sure that is; where the evidence lies."""
    parts = [
        el("p", f"{story.done} {story.heard} {story.sent} {story.received}".strip()),
        el("p", f"{story.controls} {story.observable}"),
    ]
    if evidence is not None:
        parts.append(el("p", f"Evidence: {evidence}"))
    return parts
