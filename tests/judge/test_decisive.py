"""A text that is right but for one word, and a message of which a part is missing: no pass."""

from dataclasses import replace

import pytest

from harness.judge.answer import is_whole_yes
from harness.judge.decisive import left_out, other_decisive
from harness.model.case import Case
from harness.model.script import Act
from tests.judge.timelines import (
    DELIVERY,
    DIALOGUE,
    DICTATE,
    NAME,
    READ_BACK,
    SENT,
    WAKE,
    YES,
    classes,
    message,
    play,
    say,
    up,
    verdicts,
)

CONTACTS = ("Thomas Reed", "Anna Bell")


def texted(dictated: str, received: str) -> Case:
    """A text that came of a dictation."""
    line = say("dictate", "Mark", dictated, 8.0, 10.0, Act.DICTATE)
    got = message(16.8, audio_s=None, transcript=received)
    return play((WAKE, NAME, line, YES), *DIALOGUE, *DELIVERY[:2], got, SENT)


def in_one_breath(received: str) -> Case:
    """A text that came of a line which also wakes and asks."""
    says = "Alexa, tell Thomas Reed that I do not want to come."
    acts = (Act.WAKE, Act.REQUEST, Act.DICTATE)
    line = say("mixed", "Mark", says, 1.0, 5.0, *acts, names="Thomas Reed")
    got = message(16.8, audio_s=None, transcript=received)
    return play((line, YES), up(1.9, 5.6), READ_BACK, *DELIVERY[:2], got, SENT)


def sounded(audio_s: float, **holds: float) -> Case:
    """A sound of that length; dictated were 8.0 to 10.0 s."""
    got = replace(message(16.8, audio_s=audio_s), **holds)  # type: ignore[arg-type]
    return play((WAKE, NAME, DICTATE, YES), *DIALOGUE, *DELIVERY[:2], got, SENT)


@pytest.mark.parametrize(
    ("dictated", "received"),
    [
        ("Please do not come to the house tonight.", "Please do come to the house tonight."),
        ("I can't come to the dinner tonight.", "I can come to the dinner tonight."),
        ("Meet me at the station at nine.", "Meet me at the station at five."),
        ("Please give the keys to Martha tonight.", "Please give the keys to Martin tonight."),
        ("You may come and see the house.", "You may not come and see the house."),
    ],
)
def test_one_word_that_turns_the_meaning_is_never_a_pass(dictated: str, received: str) -> None:
    assert verdicts(texted(dictated, received))[:2] == ("inconclusive", "inconclusive")
    assert verdicts(texted(dictated, dictated))[0] == "pass"


@pytest.mark.parametrize(
    ("dictated", "received"),
    [
        ("I can't come at nine, so do not wait.", "i cannot come at 9 so don't wait"),
        ("We are twenty five minutes late.", "we are 25 minutes late"),
        ("Give it to Anna's sister and her friend.", "give it to anna's sister and her friends"),
    ],
)
def test_another_way_to_write_it_passes(dictated: str, received: str) -> None:
    limits = replace(texted(dictated, received).rig.limits, word_error_rate=0.5)
    case = texted(dictated, received)
    assert verdicts(replace(case, rig=replace(case.rig, limits=limits)))[0] == "pass"


@pytest.mark.parametrize("received", ["want to come", "come", "to come"])
def test_the_end_of_a_line_may_lack_what_was_dictated(received: str) -> None:
    assert verdicts(in_one_breath(received))[:2] == ("inconclusive", "inconclusive")
    assert verdicts(in_one_breath("I do not want to come"))[0] == "pass"
    assert verdicts(in_one_breath("that I do not want to come"))[0] == "pass"


def test_v25_a_sound_that_lacks_most_of_its_dictation() -> None:
    for audio_s in (0.0, 0.05, 0.9):
        assert classes(sounded(audio_s)) == ["V25"]
    assert classes(sounded(0.3, holds_from_s=9.7, holds_until_s=10.0)) == ["V25"]


def test_a_sound_that_lacks_a_part_is_no_pass() -> None:
    assert verdicts(sounded(1.1))[0] == "inconclusive"
    assert verdicts(sounded(1.1, holds_from_s=8.9, holds_until_s=10.0))[0] == "inconclusive"
    assert verdicts(sounded(1.4, holds_from_s=8.6, holds_until_s=10.0))[0] == "inconclusive", "No,"
    assert verdicts(sounded(1.5, holds_from_s=8.0, holds_until_s=9.4))[0] == "inconclusive"
    assert verdicts(sounded(1.6, holds_from_s=8.4, holds_until_s=10.0))[0] == "pass"
    assert verdicts(sounded(1.5))[0] == "pass"


def test_a_contact_who_is_called_right_may_be_confirmed_by_right() -> None:
    assert is_whole_yes("Right.", (), "Anna Right")
    assert is_whole_yes("Yes, Anna Right.", (), "Anna Right")
    assert not is_whole_yes("Anna Right.", (), "Anna Right")
    assert not is_whole_yes("Anna.", (), "Anna Right")


def test_what_turns_a_text() -> None:
    assert other_decisive("I will not.", "I will", CONTACTS) == ("not",)
    assert other_decisive("At nine or at ten.", "at ten or at nine", CONTACTS) == ("9", "10")
    assert other_decisive("Thursday is fine.", "Tuesday is fine", CONTACTS) == ()
    assert other_decisive("It is on Thursday.", "it is on tuesday", CONTACTS) == ("thursday",)
    assert other_decisive("It is on the desk.", "it is on thomas' desk", CONTACTS) == ("thomas",)


def test_what_may_stand_before_a_message() -> None:
    line = "Alexa, send Thomas Reed a message saying I am late."
    assert left_out(line, "I am late", ("alexa",), "Thomas Reed") == ()
    assert left_out(line, "late", ("alexa",), "Thomas Reed") == ("i", "am")
