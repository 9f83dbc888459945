"""Where what was said is not wholly known, nothing passes and nothing is held against a device."""

from dataclasses import replace

import pytest

from harness.model.timeline import Interrupted, LineSpoken, PromptHeard
from tests.judge.timelines import adding, kitchen_2018, verdicts, wanted

WANTED = wanted()
SPEECH = [e for e in WANTED.events if isinstance(e, (LineSpoken, PromptHeard))]


@pytest.mark.parametrize("event", SPEECH, ids=lambda e: type(e).__name__ + str(e.start_s))
def test_an_unreadable_line_or_prompt(event: LineSpoken | PromptHeard) -> None:
    rest = tuple(e for e in WANTED.events if e != event)
    bad = replace(WANTED, events=(*rest, replace(event, start_s=float("nan"))))
    assert verdicts(bad)[0] == "inconclusive"


@pytest.mark.parametrize("event", [e for e in SPEECH if isinstance(e, LineSpoken)])
def test_a_line_lost_from_the_timeline(event: LineSpoken) -> None:
    lost = replace(WANTED, events=tuple(e for e in WANTED.events if e != event))
    assert verdicts(lost)[0] == "inconclusive"


def test_a_proven_violation_outlives_a_lost_line_of_conversation() -> None:
    case = kitchen_2018()
    last = next(e for e in case.events if isinstance(e, LineSpoken) and e.line_id == "quote")
    assert verdicts(replace(case, events=tuple(e for e in case.events if e != last)))[0] == "fail"


def test_a_message_before_an_interrupt_is_still_a_violation() -> None:
    yes = next(e for e in SPEECH if isinstance(e, LineSpoken) and e.line_id == "yes")
    cut = replace(WANTED, events=tuple(e for e in WANTED.events if e != yes))
    assert verdicts(adding(cut, Interrupted(17.0, "Ctrl-C")))[0] == "fail"
