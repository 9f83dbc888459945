"""Sessions where people call the device again before it has answered."""

from harness.model.script import Act, Addressee, PromptRole
from tests.judge.timelines import classes, play, prompt, say, up

ASKED = say("asks", "Mark", "Alexa, what time is it?", 1.0, 2.5, Act.WAKE)
AGAIN = say("again", "Mark", "Alexa.", 4.0, 4.6, Act.WAKE)
TOMORROW = say("tomorrow", "Mark", "And tomorrow?", 5.4, 6.6, to=Addressee.DEVICE)
TALK = say("talk", "Dana", "We should get going soon.", 12.0, 14.0)
LATER = prompt(PromptRole.ANSWER, "Tomorrow, too.", 8.0, 9.0)


def test_a_wake_word_over_the_beginning_of_an_answer_opens_a_session_of_its_own() -> None:
    answer = prompt(PromptRole.ANSWER, "It is nine.", 4.2, 5.0)
    lines = (ASKED, AGAIN, TOMORROW)
    assert classes(play(lines, up(1.9, 2.9), up(4.3, 7.0), answer, LATER)) == []
    assert classes(play(lines[:2], up(1.9, 2.9), up(4.3, 7.0), answer)) == []


def test_a_wake_word_in_the_middle_of_an_answer_does_so_too() -> None:
    answer = prompt(PromptRole.ANSWER, "It is nine.", 3.5, 5.0)
    case = play((ASKED, AGAIN, TOMORROW), up(1.9, 2.9), up(4.3, 7.0), answer, LATER)
    assert classes(case) == []


def test_it_takes_in_nobody_once_it_has_answered_both() -> None:
    answer = prompt(PromptRole.ANSWER, "It is nine.", 4.2, 5.0)
    lines = (ASKED, AGAIN, TOMORROW, TALK)
    case = play(lines, up(1.9, 2.9), up(4.3, 7.0), answer, LATER, up(12.6, 15.0))
    assert classes(case) == ["V04"]


def test_a_wake_word_that_the_answer_is_to_opens_no_second_one() -> None:
    answer = prompt(PromptRole.ANSWER, "Yes?", 5.4, 5.9)
    assert classes(play((ASKED, AGAIN), up(1.9, 2.9), up(4.3, 9.0), answer)) == ["V30"]
