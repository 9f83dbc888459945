"""A causal test for people: a line a play, the sentences at the end."""

import textwrap
from pathlib import Path

from harness.model.cause import CausePlan, CausePlay, CauseRuling
from harness.model.series import StopReason
from harness.report.cause_words import came_of, sentences
from harness.report.explain import WIDTH, outcome_painted
from harness.report.phrases import count


def cause_line(play: CausePlay, plan: CausePlan) -> str:
    """One play on one line: which, what was done, what came of it, where its evidence lies."""
    which = f"play {play.number:>{len(str(plan.plays))}} of {plan.plays}"
    return f"{which}  {play.arm:<7}  {came_of(play):<28}  {play.evidence}"


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
        if cause.stop is not StopReason.PLAYED:
            lines.append(f"Go on with it: the same command with --resume {record}")
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
