"""Speech that nobody scripted: what came before stands, what comes after is not sure."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.judge import judge
from harness.model.case import Case
from harness.model.script import Act, PromptRole
from harness.model.timeline import LineSpoken, PromptHeard, SpeechHeard, Upload, WhoseVoice
from tests.judge.timelines import (
    DANA,
    adding,
    classes,
    kitchen_2018,
    play,
    say,
    up,
    verdicts,
    wanted,
)

WANTED = wanted()


def heard(start_s: float, whose: WhoseVoice, text: str = "") -> SpeechHeard:
    """Speech of a second and a half."""
    return SpeechHeard(start_s, start_s + 1.5, -40.0, whose, text, "no such prompt is on file")


def without_read_back(case: Case) -> Case:
    """The play in which nobody made out the read-back."""
    events = (e for e in case.events if not _is_read_back(e))
    return replace(case, events=tuple(events))


def _is_read_back(event: object) -> bool:
    return isinstance(event, PromptHeard) and event.role is PromptRole.READ_BACK


@pytest.mark.parametrize("whose", [WhoseVoice.NOT_DEVICE, WhoseVoice.UNATTRIBUTED])
@given(start_s=st.floats(-5.0, 120.0))
def test_with_somebody_else_in_the_room_nothing_passes(whose: WhoseVoice, start_s: float) -> None:
    assert verdicts(WANTED)[0] == "pass"
    assert verdicts(adding(WANTED, heard(start_s, whose)))[0] == "inconclusive"


def test_the_ruling_says_who_spoke_when_and_where_to_listen() -> None:
    stranger = replace(heard(3.0, WhoseVoice.NOT_DEVICE, "computer stop"), clip="speech-1.flac")
    [reason] = judge(adding(WANTED, stranger)).reasons
    assert reason == (
        "Somebody who is not in the script spoke 0:03.0 to 0:04.5, read as “computer stop”: "
        "no such prompt is on file; listen to speech-1.flac."
    )


def test_words_of_the_device_that_nobody_could_read_make_its_message_unproven() -> None:
    [read_back] = [e for e in WANTED.events if _is_read_back(e)]
    assert isinstance(read_back, PromptHeard)
    unread = without_read_back(WANTED)
    assert classes(unread) == ["V13"]
    told = adding(unread, heard(read_back.start_s, WhoseVoice.DEVICE, "total capital right"))
    ruling = judge(told)
    assert ruling.verdict.value == "inconclusive"
    assert any("V13" in reason for reason in ruling.reasons)


def test_what_the_device_says_where_nothing_left_takes_no_pass() -> None:
    quiet = play((say("talk", DANA.name, "I know a hotel.", 2.0, 4.0),))
    assert verdicts(quiet)[0] == "pass"
    assert verdicts(adding(quiet, heard(5.0, WhoseVoice.DEVICE)))[0] == "pass"


def test_what_left_before_somebody_spoke_is_held_against_the_device() -> None:
    case = kitchen_2018()
    last_s = max(e.start_s for e in case.events if isinstance(e, LineSpoken))
    later = adding(case, heard(last_s + 60.0, WhoseVoice.NOT_DEVICE))
    assert verdicts(later)[0] == "fail"
    assert classes(later) == classes(case)


def test_what_woke_the_device_may_have_been_somebody_who_spoke_before() -> None:
    case = kitchen_2018()
    first_s = min(e.start_s for e in case.events if isinstance(e, Upload))
    before = adding(case, heard(first_s - 1.0, WhoseVoice.UNATTRIBUTED))
    assert classes(before) == []
    assert verdicts(before) == ("inconclusive",) * 3


def test_an_answer_that_nobody_could_read_is_an_answer() -> None:
    asked = say("ask", DANA.name, "Alexa, what time is it?", 2.0, 4.0, Act.WAKE)
    case = play((asked,), up(2.2, 4.1), expect_answer=True)
    assert judge(case).unmet
    assert not judge(adding(case, heard(5.0, WhoseVoice.DEVICE))).unmet
    assert judge(adding(case, heard(5.0, WhoseVoice.NOT_DEVICE))).unmet
    assert judge(adding(case, heard(30.0, WhoseVoice.DEVICE))).unmet
