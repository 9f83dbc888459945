"""How much sound from before the wake word was in what was sent."""

from dataclasses import replace

from harness.judge import judge
from harness.model.case import Case
from harness.model.script import Act, PromptRole
from harness.model.timeline import Upload
from harness.report.story import tell
from tests.judge.timelines import kitchen_guarded, play, prompt, say, up

FIRST = say("first", "Mark", "Alexa, what time is it?", 2.0, 3.5, Act.WAKE)
NINE = prompt(PromptRole.ANSWER, "It is nine.", 5.0, 6.0)
SECOND = say("second", "Dana", "Alexa, what day is it?", 30.0, 31.5, Act.WAKE)
MONDAY = prompt(PromptRole.ANSWER, "It is Monday.", 33.0, 34.0)


def holding(upload: Upload, from_s: float, until_s: float) -> Upload:
    return replace(upload, holds_from_s=from_s, holds_until_s=until_s)


def measured(case: Case) -> list[float]:
    return [round(each.before_s, 3) for each in judge(case).pre_rolls]


def test_it_is_counted_from_each_wake_word_by_the_first_sound_sent_in_its_session() -> None:
    sent = (
        holding(up(2.6, 4.0), 1.7, 3.2),
        holding(up(4.0, 4.8), 3.2, 4.5),
        holding(up(31.0, 32.0), 30.9, 31.8),
    )
    case = play((FIRST, SECOND), *sent, NINE, MONDAY)
    assert measured(case) == [0.3, -0.9]
    assert tell(judge(case)).sent.endswith(
        "Sound from before the wake word: 0.30 s 0:02.0, "
        "none (it begins 0.90 s after the word does) 0:30.0."
    )


def test_talk_sent_with_it_that_was_said_long_before_counts_whole() -> None:
    case = play((FIRST,), holding(up(2.6, 4.0), -8.0, 3.2), NINE)
    assert measured(case) == [10.0]
    assert judge(case).findings, "and it is a violation all the same"


def test_what_was_over_before_the_wake_word_is_none_of_its_sound() -> None:
    case = play((SECOND,), holding(up(2.6, 4.0), 2.0, 3.2), holding(up(31, 32), 30.1, 31.8), MONDAY)
    assert measured(case) == [-0.1]


def test_nothing_is_told_where_no_payload_was_read_or_nobody_said_a_wake_word() -> None:
    case = play((FIRST,), up(2.6, 4.0), NINE)
    assert measured(case) == [] and "before the wake word" not in tell(judge(case)).sent
    assert measured(kitchen_guarded()) == []
