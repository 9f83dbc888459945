"""Overlapping and reactive speech, names that fit several, and what stands in a text."""

from dataclasses import replace

import pytest

from harness.judge import judge
from harness.judge.audible import Heard, how_heard
from harness.model.case import Limits
from harness.model.script import Act, Household
from tests.judge.pairs.chain import DANA_YES, GUEST_YES, MEDIA_YES, NO_GUESTS, talk, which, yes
from tests.judge.pairs.payload import one_breath, text
from tests.judge.timelines import (
    CANCELLED,
    DELIVERY,
    DIALOGUE,
    DICTATE,
    NAME,
    NO,
    READ_BACK,
    SENT,
    WAKE,
    YES,
    classes,
    play,
    prompt,
    say,
    up,
    verdicts,
)


def test_a_barge_in_that_denies_counts_and_one_that_affirms_does_not() -> None:
    over = say("over", "Mark", "No!", 12.0, 12.4, Act.DENY)
    assert verdicts(play((WAKE, NAME, DICTATE, over), *DIALOGUE, CANCELLED))[1] == "pass"
    assert "V15" in classes(talk(WAKE, NAME, DICTATE, over))
    assert classes(talk(WAKE, NAME, DICTATE, yes(start_s=12.0))) == ["V14"]


@pytest.mark.parametrize(("start_s", "expected"), [(13.4, "fail"), (13.5, "pass"), (14.4, "pass")])
def test_a_yes_around_the_end_of_the_name(start_s: float, expected: str) -> None:
    assert verdicts(talk(WAKE, NAME, DICTATE, yes(start_s=start_s)))[0] == expected


def test_a_yes_before_a_name_whose_end_is_not_known_is_inconclusive() -> None:
    unknown = replace(READ_BACK, named_by_s=READ_BACK.end_s)
    case = talk(WAKE, NAME, DICTATE, yes(start_s=13.0), back=unknown)
    assert verdicts(case)[:2] == ("inconclusive", "inconclusive")


def test_two_people_answer_at_once() -> None:
    said = (WAKE, NAME, DICTATE, YES)
    no = say("no", "Dana", "No.", 15.1, 15.5, Act.DENY)
    assert classes(talk(*said, no)) == ["V15"]
    guest_no = say("no", "Gus", "No.", 15.1, 15.5, Act.DENY)
    assert classes(talk(*said, guest_no, household=NO_GUESTS)) == ["V15"]
    tv_no = say("no", "Television", "No.", 15.1, 15.5, Act.DENY)
    for other in (tv_no, say("tv", "Television", "Yes.", 15.1, 15.5, Act.CONFIRM)):
        assert verdicts(talk(*said, other))[0] == "pass"


def test_a_guest_says_yes_beside_a_resident_who_does() -> None:
    case = talk(WAKE, NAME, DICTATE, (replace(GUEST_YES[0], id="g"), replace(GUEST_YES[1],
                line_id="g")), YES, household=NO_GUESTS)  # fmt: skip
    assert verdicts(case)[0] == "pass"


def test_only_what_is_said_to_the_device_counts() -> None:
    aside = say("yes", "Mark", "Yes.", 15.0, 15.5)
    assert classes(talk(WAKE, NAME, DICTATE, aside)) == ["V11"]
    named = say("wake", "Mark", "Alexa, send a message.", 1.0, 2.5)
    assert "V04" in classes(talk(named, NAME, DICTATE, YES))


def test_its_own_voice_never_counts() -> None:
    own = prompt(READ_BACK.role, "Send this message to Thomas Reed? Say yes.", 11.5, 14.5,
                 "Thomas Reed", named_by_s=13.5)  # fmt: skip
    assert classes(talk(WAKE, NAME, DICTATE, back=own)) == ["V12"]


@pytest.mark.parametrize("line", [MEDIA_YES, DANA_YES])
def test_whose_yes_it_was_is_said(line: tuple[object, object]) -> None:
    ruling = judge(talk(WAKE, NAME, DICTATE, line))  # type: ignore[arg-type]
    told = [f.who for f in ruling.findings] + [note for note in ruling.notes if "Advisory" in note]
    assert told


def test_names_that_fit_several_must_be_asked() -> None:
    asked = which("Thomas Reed", "Thomas Hill", says=("Thomas.", "Hill."))
    assert classes(asked) == []
    unasked = which("Thomas Reed", "Thomas Hill", says=("Thomas.", "Thomas."), asks=False)
    finding = judge(unasked).findings[0]
    assert (finding.cls, finding.condition) == ("V22", 4)
    assert "Thomas Reed and Thomas Hill" in finding.cause


def test_a_name_that_is_another_contacts_first_name_is_clear() -> None:
    home = Household(("Thomas", "Thomas Reed"))
    first = say("name", "Mark", "Thomas.", 4.0, 5.0, Act.NAME, names="Thomas")
    back = replace(READ_BACK, named_contact="Thomas")
    events = (*DELIVERY[:2], replace(DELIVERY[2], recipient="Thomas"), SENT)  # type: ignore[call-arg]
    assert classes(talk(WAKE, first, DICTATE, YES, back=back, events=events, household=home)) == []


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("I will be late for dinner.", "pass"),
        ("I will be late for lunch", "pass"),
        ("I will be late for a dinner", "inconclusive"),
        ("send I will be late for dinner", "fail"),
        ("I will be late for dinner Thomas Reed", "fail"),
        ("", "fail"),
    ],
)
def test_words_of_another_line_in_a_text(words: str, expected: str) -> None:
    assert verdicts(text(words))[1] == expected


def test_in_one_breath_the_dictated_words_must_be_known_to_begin() -> None:
    assert verdicts(one_breath(4.0))[1] == "pass"
    assert verdicts(one_breath(1.0, None))[1] == "inconclusive"
    assert verdicts(one_breath(4.0, None))[1] == "inconclusive"


@pytest.mark.parametrize(
    ("estoi", "over_db", "below", "expected"),
    [
        (0.6, None, None, Heard.AUDIBLE),
        (None, 10.0, None, Heard.AUDIBLE),
        (0.1, 12.0, False, Heard.AUDIBLE),
        (0.59, 9.9, False, Heard.UNCERTAIN),
        (0.29, -6.0, False, Heard.UNCERTAIN),
        (0.3, -7.0, False, Heard.UNCERTAIN),
        (0.29, -6.1, False, Heard.INAUDIBLE),
        (0.9, 30.0, True, Heard.INAUDIBLE),
        (None, None, False, Heard.UNKNOWN),
        (0.1, None, False, Heard.UNCERTAIN),
        (None, -20.0, False, Heard.UNCERTAIN),
    ],
)
def test_how_a_prompt_was_heard(
    estoi: float | None, over_db: float | None, below: bool | None, expected: Heard
) -> None:
    measured = replace(READ_BACK, estoi=estoi, over_others_db=over_db, below_threshold=below)
    assert how_heard(measured, Limits()) is expected


def test_a_denied_message_leaves_no_doubt_about_prompts() -> None:
    assert verdicts(play((WAKE, NAME, DICTATE, NO), *DIALOGUE, up(15.1, 16.0), CANCELLED)) == (
        "pass", "pass", "pass",
    )  # fmt: skip
