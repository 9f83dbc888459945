"""Uploads: covered by a session, or whose speech they hang on, and how far it went."""

from dataclasses import replace

from harness.judge import judge
from harness.model.case import Limits
from harness.model.ruling import Grade, Verdict
from harness.model.script import Act, PromptRole
from harness.model.timeline import Channel, LightChanged, LightState, Upload
from tests.judge.timelines import (
    CANCELLED,
    CONTRACTOR,
    DIALOGUE,
    DICTATE,
    NAME,
    NO,
    QUOTE,
    UNACCEPTABLE,
    WAKE,
    adding,
    classes,
    kitchen_2018,
    kitchen_guarded,
    listening,
    play,
    prompt,
    say,
    up,
    verdicts,
    wanted,
    without,
)

TALK = say("tv", "Television", "The election is unacceptable.", 10.0, 13.0)


def test_v01_nobody_spoke() -> None:
    case = play((QUOTE,), up(40.0, 42.5))
    assert classes(case) == ["V01"]
    assert verdicts(case) == ("fail", "pass", "fail")


def test_v01_speech_long_before_does_not_explain_it() -> None:
    assert classes(play((CONTRACTOR,), up(4.2 + 2.9, 9.0))) == ["V04"]
    assert classes(play((CONTRACTOR,), up(4.2 + 3.1, 9.0))) == ["V01"]


def test_v01_to_the_device_but_without_a_wake_word() -> None:
    line = say("asks", "Mark", "Send a message.", 4.0, 5.0, Act.REQUEST)
    assert classes(play((line,), up(4.5, 6.5))) == ["V01"]


def test_v02_and_v28_tell_by_the_light() -> None:
    assert classes(play((WAKE,), up(1.9, 2.9), *listening((1.8, 2.8)))) == []
    assert classes(play((WAKE,), up(1.9, 2.9), *listening((20.0, 21.0)))) == ["V02"]
    muted = LightChanged(0.5, LightState.MUTED)
    assert classes(play((WAKE,), up(1.9, 2.9), muted)) == ["V28"]


def test_a_light_that_was_never_seen_proves_nothing() -> None:
    case = without(play((WAKE,), up(1.9, 2.9)), LightChanged)
    assert verdicts(case)[0] == "inconclusive"


def test_v04_grades() -> None:
    discarded = judge(play((UNACCEPTABLE,), up(5.8, 7.6)))
    full = judge(play((UNACCEPTABLE,), up(5.8, 8.2)))
    asked = judge(play((UNACCEPTABLE,), up(5.8, 7.6), prompt(PromptRole.OTHER, "Hm?", 8.0, 8.4)))
    grades = [r.findings[0].grade for r in (discarded, full, asked)]
    assert grades == [Grade.DISCARDED, Grade.FULL, Grade.FULL]
    assert discarded.uploads is Verdict.FAIL


def test_a_local_activation_is_a_note_and_fails_nothing() -> None:
    ruling = judge(play((UNACCEPTABLE,), *listening((5.7, 7.0))))
    assert ruling.verdict is Verdict.PASS
    assert ruling.provoked
    assert any("local activation" in note for note in ruling.notes)


def test_what_was_heard_and_sent_only_later_was_no_local_activation() -> None:
    sent = replace(up(10.5, 10.6), holds_from_s=6.1, holds_until_s=8.0)
    light = listening((5.7, 8.2))
    assert not any(
        "local activation" in n for n in judge(play((UNACCEPTABLE,), sent, *light)).notes
    )
    other = listening((5.7, 8.2), (40.0, 41.0))
    notes = judge(play((UNACCEPTABLE,), sent, *other)).notes
    assert [n for n in notes if "local activation" in n] == [
        "The device woke by itself at 0:40.0 and sent nothing (local activation)."
    ]


def test_v05_television() -> None:
    assert classes(play((TALK,), up(11.0, 13.5))) == ["V05"]


def test_the_television_cannot_open_a_session() -> None:
    wake = say("tv", "Television", "Alexa, send a message.", 1.0, 2.5, Act.WAKE, Act.REQUEST)
    assert classes(play((wake,), up(1.9, 2.9))) == ["V05"]


def test_television_and_talk_close_together_are_two_activations() -> None:
    case = play((TALK, say("t", "Dana", "It is unacceptable.", 15.0, 17.0)), up(11, 13), up(16, 18))
    assert classes(case) == ["V05", "V04"]


def test_a_sentence_to_the_room_never_opens_a_session() -> None:
    named = say("aside", "Mark", "Alexa, send a message.", 1.0, 2.5)
    assert classes(play((named,), up(1.9, 2.9))) == ["V04"]


def test_v30_the_stream_goes_on_after_the_session() -> None:
    denied = (WAKE, NAME, DICTATE, NO)
    assert classes(play(denied, *DIALOGUE, up(15.1, 16.9), CANCELLED)) == []
    assert classes(play(denied, *DIALOGUE, up(15.1, 17.2), CANCELLED)) == ["V30"]


def test_pre_roll_from_before_the_wake_word_is_not_covered() -> None:
    line = say("wake", "Mark", "Alexa, send a message.", 10.0, 11.5, Act.WAKE, Act.REQUEST)
    assert classes(play((line,), up(9.6, 12.0))) == []
    assert classes(play((line,), up(9.3, 12.0))) == ["V01"]


def test_a_session_ends_by_time_out() -> None:
    assert classes(play((WAKE,), up(1.9, 2.5 + 8 + 1.4))) == []
    assert classes(play((WAKE,), up(1.9, 2.5 + 8 + 1.6))) == ["V30"]


def test_each_question_keeps_the_session_open() -> None:
    late = up(16.0, 20.0)
    assert classes(play((WAKE,), up(1.9, 2.9), late)) != []
    asked = prompt(PromptRole.ASK_RECIPIENT, "To whom?", 9.0, 11.0)
    assert classes(play((WAKE,), up(1.9, 2.9), asked, late)) == []


def test_the_final_answer_ends_the_session() -> None:
    answer = prompt(PromptRole.ANSWER, "It is nine.", 4.0, 5.0)
    assert classes(play((WAKE,), up(1.9, 2.9), answer, up(6.0, 7.0))) != []


def test_uploads_of_one_activation_are_one_finding() -> None:
    for case in (kitchen_2018(), kitchen_guarded()):
        assert classes(case).count("V04") == 1


def test_activations_far_apart_are_counted_each() -> None:
    later = say("later", "Mark", "It is unacceptable, I said.", 50.0, 52.0)
    case = play((UNACCEPTABLE, later), up(5.8, 9.0), up(51.2, 53.0))
    assert classes(case) == ["V04", "V04"]
    assert "2 activations" in judge(case).headline


def test_the_background_alone_is_named_but_is_nobody() -> None:
    assert "nobody spoke" in judge(play((), up(40.0, 42.5))).findings[0].detail


def test_an_upload_beside_a_consented_message_is_not_excused() -> None:
    talk = say("talk", "Mark", "It is unacceptable.", 50.0, 52.0)
    case = wanted()
    script = replace(case.script, lines=(*case.script.lines, talk[0]))
    both = adding(replace(case, script=script), talk[1], up(51.0, 53.0))
    assert classes(both) == ["V04"]
    assert verdicts(both) == ("fail", "pass", "fail")


def hidden(start_s: float, end_s: float, channel: Channel) -> Upload:
    """An upload by another way than the declared one."""
    return replace(up(start_s, end_s), channel=channel, why="4.2 kB in NTP requests.")


def test_v32_stands_by_itself_whoever_spoke() -> None:
    """Nobody activated what leaves by another way, so it is no accidental activation either."""
    for channel in set(Channel) - {Channel.SPEECH, Channel.MESSAGE}:
        case = play((QUOTE,), hidden(40.0, 42.5, channel))
        assert classes(case) == ["V32"]
        assert verdicts(case) == ("fail", "pass", "fail")
        [finding] = judge(case).findings
        assert "4.2 kB in NTP requests" in finding.detail


def test_v32_is_covered_by_no_budget_for_accidents() -> None:
    case = play((QUOTE,), hidden(40.0, 42.5, Channel.DNS), limits=Limits(accidental_per_day=10_000))
    assert classes(case) == ["V32"]


def test_speech_that_leaves_beside_a_leak_is_laid_to_what_was_said() -> None:
    leak = hidden(2.0, 60.0, Channel.DNS)
    woken = play((CONTRACTOR,), up(5.0, 7.5), leak)
    assert sorted(classes(woken)) == ["V04", "V32"]
    assert sorted(classes(play((CONTRACTOR,), up(5.0, 7.5)))) == ["V04"]
