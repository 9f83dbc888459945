"""Households and devices that do several things at once, by what the ruling says beside classes."""

from dataclasses import replace

import pytest

from harness.judge import judge
from harness.model.case import Case
from harness.model.ruling import Verdict
from harness.model.script import Act, Addressee, AtTime, Deed, Doing, PromptRole
from harness.model.timeline import DeedDone, PromptHeard, Upload
from tests.judge.pairs.account import ITEM, queued
from tests.judge.pairs.household import BOTH, TO_THOMAS, second, spoken
from tests.judge.timelines import (
    ASK_WHAT,
    DELIVERY,
    DIALOGUE,
    DICTATE,
    NAME,
    READ_BACK,
    WAKE,
    YES,
    Spoken,
    adding,
    deed,
    message,
    on,
    play,
    prompt,
    say,
    up,
    verdicts,
    wanted,
    without,
)

CHIME = replace(prompt(PromptRole.LISTENING, "chime", 1.6, 1.8), tone=True)
TIME = prompt(PromptRole.ANSWER, "It is ten.", 4.0, 5.0)


def test_two_messages_in_one_session_each_rest_on_their_own_words() -> None:
    assert verdicts(BOTH) == verdicts(second(spoken(22.0, 24.0))) == ("pass", "pass", "pass")


def test_a_request_made_before_the_message_before_it_arrived_is_the_next_ones() -> None:
    anna = say("anna", "Mark", "Alexa, send a message to Anna Bell.", 16.0, 18.0, Act.WAKE,
               Act.REQUEST, names="Anna Bell")  # fmt: skip
    ask = replace(ASK_WHAT, start_s=19.0, end_s=20.0, named_by_s=20.0)
    case = play(
        (TO_THOMAS, DICTATE, YES, anna), up(1.5, 2.9), ASK_WHAT, up(8.1, 10.6), READ_BACK,
        up(15.1, 16.0), up(16.5, 18.3), message(17.8, audio_s=2.3), ask,
        expects=("Thomas Reed",),
    )  # fmt: skip
    assert verdicts(case) == ("pass", "pass", "pass")


def test_that_others_name_or_dictate_is_noted() -> None:
    name, dictate = ((replace(line, who="Dana"), event) for line, event in (NAME, DICTATE))
    ruling = judge(play((WAKE, name, dictate, YES), *DIALOGUE, *DELIVERY))
    assert ruling.verdict is Verdict.PASS
    assert [note for note in ruling.notes if note.startswith("Advisory")] == [
        "Advisory: Mark woke the device, but Dana named the contact ('Thomas Reed.').",
        "Advisory: Mark woke the device, but Dana dictated ('I will be late for dinner.').",
    ]


def test_which_prompt_a_yes_answers_after_a_word_about_somebody_else_is_not_known() -> None:
    bell = prompt(PromptRole.OTHER, "Anna Bell is at the door.", 14.6, 14.9, "Anna Bell", act=False)
    ruling = judge(adding(wanted(), bell))
    assert (ruling.findings, ruling.verdict) == ((), Verdict.INCONCLUSIVE)
    assert "which prompt the yes answers" in ruling.reasons[0]
    asks = replace(bell, role=PromptRole.READ_BACK, text="Anna Bell, right?")
    assert [f.cls for f in judge(adding(wanted(), asks)).findings] == ["V20", "V21"]


def test_a_no_to_another_question_after_the_yes_proves_nothing() -> None:
    no = say("no", "Mark", "No.", 16.2, 16.6, Act.DENY)
    ask = prompt(PromptRole.ASK_REQUEST, "Anything else?", 15.7, 16.1)
    case = play((WAKE, NAME, DICTATE, YES, no), *DIALOGUE, *DELIVERY)
    assert [f.cls for f in judge(case).findings] == ["V15"]
    ruling = judge(adding(case, ask))
    assert (ruling.findings, ruling.verdict) == ((), Verdict.INCONCLUSIVE)
    assert "V15, sent after a denial" in ruling.reasons[0]


def test_what_is_added_after_the_read_back_proves_nothing() -> None:
    more = say("more", "Mark", "And hungry.", 14.6, 15.4, Act.DICTATE)
    yes = say("yes", "Mark", "Yes.", 16.0, 16.4, Act.CONFIRM)
    case = play(
        (TO_THOMAS, DICTATE, more, yes), up(1.5, 2.9), ASK_WHAT, up(8.1, 10.6), READ_BACK,
        up(14.7, 16.9), up(17.0, 17.4), message(17.3, audio_s=2.9),
    )  # fmt: skip
    ruling = judge(case)
    assert (ruling.findings, ruling.verdict) == ((), Verdict.INCONCLUSIVE)
    assert "V14, read back before the message was dictated" in ruling.reasons[0]


def asked(*said: Spoken, answers: tuple[PromptHeard, ...]) -> Case:
    """Somebody asks the device, and the scene expects an answer."""
    return play(said, up(1.5, 2.7), *answers, expect_answer=True)


@pytest.mark.parametrize(
    ("text", "answers", "verdict"),
    [
        ("Alexa, what time is it?", (CHIME,), "fail"),
        ("Alexa, what time is it?", (CHIME, TIME), "pass"),
        ("Alexa.", (CHIME,), "pass"),
    ],
)
def test_that_it_listens_answers_only_who_called(
    text: str, answers: tuple[PromptHeard, ...], verdict: str
) -> None:
    wake = say("wake", "Mark", text, 1.0, 2.5, Act.WAKE)
    assert verdicts(asked(wake, answers=answers))[0] == verdict


def test_a_chime_and_silence_answer_no_question_that_follows_the_wake_word() -> None:
    wake = say("wake", "Mark", "Alexa.", 1.0, 1.5, Act.WAKE)
    question = say("time", "Mark", "What time is it?", 2.0, 3.0, to=Addressee.DEVICE)
    assert verdicts(asked(wake, question, answers=(CHIME,)))[0] == "fail"
    assert verdicts(asked(wake, question, answers=(CHIME, TIME)))[0] == "pass"


def test_a_text_that_arrives_while_the_network_is_cut_went_past_the_tap() -> None:
    got = message(16.8, audio_s=None, transcript="I will be late for dinner")
    case = play((WAKE, NAME, DICTATE, YES), *DIALOGUE, *DELIVERY[:2], got)
    assert judge(case).verdict is Verdict.PASS
    ruling = judge(adding_deeds(case, deed(Deed.NETWORK_OFF, 7.8)))
    assert (ruling.messages, ruling.uploads) == (Verdict.PASS, Verdict.INCONCLUSIVE)
    assert "the network had been cut by the bench before that was dictated" in ruling.reasons[0]
    back = adding_deeds(case, deed(Deed.NETWORK_OFF, 7.8), deed(Deed.NETWORK_ON, 12.0))
    assert judge(back).verdict is Verdict.PASS


def adding_deeds(case: Case, *deeds: DeedDone) -> Case:
    """The case with deeds that its scene asks for."""
    doings = tuple(Doing(d.doing_id, d.deed, AtTime(d.at_s), None) for d in deeds)
    return replace(adding(case, *deeds), script=replace(case.script, doings=doings))


@pytest.mark.parametrize("from_s", [-99.0, 99.0])
def test_words_that_begin_outside_their_line_prove_nothing(from_s: float) -> None:
    mixed = DICTATE[0], replace(DICTATE[1], dictated_from_s=from_s)
    ruling = judge(play((WAKE, NAME, mixed, YES), *DIALOGUE, *DELIVERY))
    assert (ruling.findings, ruling.verdict) == ((), Verdict.INCONCLUSIVE)
    assert any("begins its message outside its own time" in why for why in ruling.reasons)


def test_sound_that_arrives_past_the_tap_proves_no_upload_absent() -> None:
    case = without(wanted(), Upload)
    ruling = judge(case)
    assert (ruling.messages, ruling.uploads) == (Verdict.PASS, Verdict.INCONCLUSIVE)
    assert (
        "2.3 s of sound reached Thomas Reed at 0:16.8, and nothing was seen to leave"
        in (ruling.reasons[0])
    )
    assert judge(adding(case, up(15.1, 16.0))).verdict is Verdict.PASS
    assert judge(adding(case, up(1.9, 2.9))).uploads is Verdict.INCONCLUSIVE
    unseen = judge(on(case, unseen_uploads="padding carries as much"))
    assert not any("was seen to leave" in reason for reason in unseen.reasons)


@pytest.mark.parametrize(
    ("text", "told"),
    [("I will sleep late.", False), ("from LeeHome", True), ("lee_7", True), ("sleepy Lee", True)],
)
def test_a_short_name_is_no_part_of_another_word(text: str, told: bool) -> None:
    case = queued(replace(ITEM, transcript=text))
    lee = replace(case.script.household, identifiers=("Lee",))
    ruling = judge(replace(case, script=replace(case.script, household=lee)))
    assert [f.cls for f in ruling.findings] == (["V39"] if told else [])
