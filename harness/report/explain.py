"""A ruling as text for a terminal and for `ruling.txt`: at most 100 columns, aligned."""

import textwrap
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TextIO

from harness.model.ruling import Ruling
from harness.report.phrases import shortened
from harness.report.story import Row, Story, tell

WIDTH = 100
_MAX_CAUSE = 40
_MAX_BY = 34
_MIN_SAID = 20

_COLOURS = {"pass": "32", "inconclusive": "33", "fail": "31", "fail (known)": "35"}


def explain(ruling: Ruling, evidence: Path | None = None, *, colour: bool = False) -> str:
    """The ruling in plain English, ending with a newline.

    `evidence` is the run's folder, shown as given. `colour` adds ANSI colours: for a terminal
    only, so ask `wants_colour`.
    """
    story = tell(ruling)
    blocks = [_head(story, colour), *_body(story, colour), _foot(story, evidence)]
    return "\n".join(line for block in blocks for line in block) + "\n"


def wants_colour(stream: TextIO, environ: Mapping[str, str]) -> bool:
    """Whether colours are welcome: a terminal that is not dumb, and no `NO_COLOR` set."""
    if environ.get("NO_COLOR") or environ.get("TERM") == "dumb":
        return False
    return stream.isatty()


def outcome_painted(outcome: str, colour: bool) -> str:
    """An outcome as the word that stands first: `FAIL (known)`."""
    first, _, rest = outcome.partition(" ")
    return _painted(f"{first.upper()} {rest}".rstrip(), "1;" + _COLOURS[outcome], colour)


def _painted(text: str, code: str, colour: bool) -> str:
    """The text in an ANSI colour, or as it is."""
    return f"\x1b[{code}m{text}\x1b[0m" if colour else text


def _head(story: Story, colour: bool) -> list[str]:
    """Outcome, scene, device and the verdicts of the two parts."""
    parts = [f"{story.word}  {story.scene_id}", story.device, story.lasted]
    line = "   ".join(parts)
    lines = [line] if len(line) <= WIDTH else [parts[0], "  " + "   ".join(parts[1:])]
    code = "1;" + _COLOURS[story.outcome]
    lines[0] = _painted(story.word, code, colour) + lines[0][len(story.word) :]
    return [*lines, f"messages: {story.messages}   uploads: {story.uploads}"]


def _body(story: Story, colour: bool) -> list[list[str]]:
    """Headline, violations, unmet expectations and what broke; the proof first when it failed."""
    headline = _wrapped(story.headline)
    proof = _broken_lines(story) + _bullets(story.reasons)
    ruled = _table(story.rows, colour) + _bullets(story.unmet)
    notes = (*story.notes, *story.blind)
    after = _wrapped(story.known) + [line for note in notes for line in _wrapped(note)]
    if story.proof_first:
        return [proof, headline, ruled, after]
    return [headline, ruled, proof, after]


def _broken_lines(story: Story) -> list[str]:
    """The controls that did not hold and what to do about each."""
    if not story.broken:
        return []
    lines = ["Not everything that left would have been seen. These controls did not hold:"]
    for broken in story.broken:
        measured = f" [{broken.measured}]" if broken.measured else ""
        text = f"{broken.name} ({broken.phase}){measured}: {broken.detail}"
        lines += textwrap.wrap(text, WIDTH, initial_indent="  ", subsequent_indent="    ")
    return lines


def _bullets(sentences: Sequence[str]) -> list[str]:
    """Sentences, each indented on lines of its own."""
    return [
        line
        for text in sentences
        for line in textwrap.wrap(text, WIDTH, initial_indent="  ", subsequent_indent="    ")
    ]


def _wrapped(text: str) -> list[str]:
    """The text in lines of at most `WIDTH` columns; none for an empty text."""
    return textwrap.wrap(text, WIDTH, break_on_hyphens=False, break_long_words=False)


def _table(rows: Sequence[Row], colour: bool) -> list[str]:
    """Violations in aligned columns: class, cause, time, what was said, by whom."""
    if not rows:
        return []
    at_w = max(len(row.at) for row in rows)
    by_w = min(_MAX_BY, max((len(row.by) + 2 for row in rows if row.is_quote), default=0))
    fixed = 2 + 4 + 2 + at_w + 2
    cause_max = min(_MAX_CAUSE, WIDTH - fixed - by_w - _MIN_SAID)
    causes = [textwrap.wrap(row.cause, cause_max) or [""] for row in rows]
    cause_w = max(len(line) for cause in causes for line in cause)
    before = fixed + cause_w
    said_w = max((len(row.said) for row in rows if row.is_quote), default=0)
    said_w = min(said_w, WIDTH - before - by_w)
    lines: list[str] = []
    for row, cause in zip(rows, causes, strict=True):
        cls = _painted(row.cls, _COLOURS["fail"], colour)
        said = _said(row, said_w, WIDTH - before)
        lines.append(f"  {cls} {cause[0]:<{cause_w}}  {row.at:>{at_w}}  {said}".rstrip())
        lines += [f"      {more}" for more in cause[1:]]
    return lines


def _said(row: Row, said_w: int, all_w: int) -> str:
    """The last two columns of a row: the quote and who spoke, or the facts in both."""
    if not row.is_quote:
        return shortened(row.said, all_w)
    quote = '"' + shortened(row.said[1:-1], said_w - 2) + '"'
    return f"{quote:<{said_w}}  {shortened(row.by, _MAX_BY - 2)}"


def _foot(story: Story, evidence: Path | None) -> list[str]:
    """What was done, heard, sent and received; how sure that is; where the evidence lies."""
    seen = [story.done, story.heard, story.sent, story.received]
    first = _sentences([text for text in seen if text])
    second = _sentences([story.controls, story.observable])
    if evidence is None:
        return first + second
    # A path is never broken, so that it can be copied.
    where = f"Evidence: {evidence}"
    joined = f"{second[-1]} {where}"
    return first + ([*second[:-1], joined] if len(joined) <= WIDTH else [*second, where])


def _sentences(sentences: Sequence[str]) -> list[str]:
    """Sentences on as few lines as hold them whole; only one longer than a line is broken."""
    lines: list[str] = []
    for text in sentences:
        joined = f"{lines[-1]} {text}" if lines else text
        if lines and len(joined) <= WIDTH:
            lines[-1] = joined
        else:
            lines += _wrapped(text)
    return lines
