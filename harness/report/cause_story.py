"""A causal test for people: a line a play, the sentences at the end, and the same as HTML."""

import textwrap
from pathlib import Path

from harness.model.cause import CausePlan, CausePlay, CauseRuling
from harness.model.series import PlayKind
from harness.report.cause_words import sentences
from harness.report.explain import WIDTH, outcome_painted
from harness.report.markup import el, html_text
from harness.report.phrases import count


def cause_line(play: CausePlay, plan: CausePlan) -> str:
    """One play on one line: which, what was done, what came of it, where its evidence lies."""
    which = f"play {play.number:>{len(str(plan.plays))}} of {plan.plays}"
    return f"{which}  {play.arm:<7}  {_came_of(play):<28}  {play.evidence}"


def cause_text(cause: CauseRuling, record: Path | None, *, colour: bool = False) -> str:
    """What the test came to, ending with a newline; `record` is its JSON, shown as given."""
    word = outcome_painted(cause.verdict.value, colour)
    made = count(len(cause.plays), "play")
    head = f"{cause.answer.upper()}  {cause.scene_id}   {cause.device}, firmware {cause.firmware}"
    lines = [f"{head}   {made}", f"ruling: {word}"]
    for sentence in sentences(cause):
        lines += textwrap.wrap(sentence, WIDTH, break_on_hyphens=False)
    shown = worth_reading(cause)
    if shown is not None:
        folder = shown.evidence if record is None else str(record.parent / shown.evidence)
        lines.append(f"Read first: sayso explain {folder}")
    if record is not None:
        lines.append(f"Test: {record}")
    return "\n".join(lines) + "\n"


def worth_reading(cause: CauseRuling) -> CausePlay | None:
    """The play to look at first: one that proves something, else one that was left out."""
    for wanted in (
        [play for play in cause.plays if play.proven],
        [play for play in cause.plays if play.kind.value.startswith("fail")],
        [play for play in cause.plays if play.left_out],
        list(cause.plays),
    ):
        if wanted:
            return wanted[0]
    return None


def cause_html(cause: CauseRuling) -> str:
    """The test as an HTML fragment without styles or script; every text in it is escaped."""
    head = el("p", el("strong", cause.answer.upper()), f" {cause.scene_id}, {cause.device}")
    said = [
        el("p", el("strong", text) if n == 0 else text) for n, text in enumerate(sentences(cause))
    ]
    rows = [el("tr", *(el("td", cell) for cell in _cells(play))) for play in cause.plays]
    verdict = el("p", f"Ruling: {cause.verdict}")
    return html_text(el("div", head, verdict, *said, el("table", el("tbody", *rows))))


def _came_of(play: CausePlay) -> str:
    if play.left_out:
        return "left out"
    if play.kind is PlayKind.FAIL:
        return play.kind.value
    suspected = f"suspected: {' '.join(play.suspected)}" if play.suspected else play.kind.value
    return f"proven: {' '.join(play.proven)}" if play.proven else suspected


def _cells(play: CausePlay) -> tuple[str, ...]:
    return str(play.number), play.arm, _came_of(play), play.left_out or play.headline, play.evidence
