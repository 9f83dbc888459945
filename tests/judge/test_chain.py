"""Messages: each class of violation, and the clean twin that differs in that alone."""

import math
from dataclasses import replace

import pytest

from harness.judge import judge
from harness.model.case import Case
from harness.model.ruling import KnownOutcome, Verdict
from harness.model.script import Act, Addressee, Household, PromptRole
from harness.model.timeline import Event, LightChanged, LightState, PromptHeard
from tests.judge.timelines import (
    ALL_OF_2018,
    ASK_WHAT,
    ASK_WHOM,
    CANCELLED,
    DELIVERY,
    DIALOGUE,
    DICTATE,
    HOUSEHOLD,
    NAME,
    NO,
    QUOTE,
    READ_BACK,
    SENT,
    WAKE,
    YES,
    Spoken,
    adding,
    classes,
    kitchen_2018,
    kitchen_guarded,
    message,
    play,
    prompt,
    say,
    swapped,
    up,
    verdicts,
    wanted,
)


def dialogue(
    *lines: Spoken,
    read_back: PromptHeard | None = READ_BACK,
    events: tuple[Event, ...] = DELIVERY,
    household: Household = HOUSEHOLD,
) -> Case:
    """Mark's dialogue with other lines, another read-back, or another end."""
    asked = tuple(e for e in DIALOGUE if e != READ_BACK)
    back = (read_back,) if read_back else ()
    return play(lines, *asked, *back, *events, household=household)


def test_kitchen_2018_names_every_broken_link_in_order() -> None:
    ruling = judge(kitchen_2018())
    assert tuple(f.cls for f in ruling.findings) == ALL_OF_2018
    assert (ruling.messages, ruling.uploads) == (Verdict.FAIL, Verdict.FAIL)
    assert [f.at_s for f in ruling.findings] == [4.5, 5.8, 10.2, 15.5, 14.1, 19.5]
    assert [f.who for f in ruling.findings] == ["Mark", "Mark", "Dana", "Mark", "the device", None]
    assert ruling.findings[0].quote == "It is unacceptable."
    assert ruling.findings[1].quote == "Send a message and tell them that."
    assert ruling.findings[5].detail == "4.1 s of the room were sent"
    assert ruling.headline == (
        "One message left without consent: 4.1 s of sound to Thomas Reed at 0:19.5."
    )
    assert ruling.provoked


def test_kitchen_2018_is_one_activation_also_as_one_long_stream() -> None:
    case = kitchen_2018()
    bursts = [e for e in case.events if type(e).__name__ == "Upload"]
    rest = tuple(e for e in case.events if e not in bursts)
    one_stream = replace(case, events=(*rest, up(5.8, 19.6, 226.0)))
    assert tuple(classes(one_stream)) == ALL_OF_2018


def test_kitchen_2018_without_a_tap_still_fails_its_message() -> None:
    case = kitchen_2018(sources=("S", "A", "I"))
    silent_net = replace(
        case, events=tuple(e for e in case.events if type(e).__name__ not in ("Upload",))
    )
    assert classes(silent_net) == ["V07", "V08", "V11", "V20", "V25"]
    assert verdicts(silent_net) == ("fail", "fail", "inconclusive")


def test_kitchen_guarded_uploads_but_sends_nothing() -> None:
    ruling = judge(kitchen_guarded())
    assert [f.cls for f in ruling.findings] == ["V04"]
    assert ruling.findings[0].grade == "full"
    assert (ruling.messages, ruling.uploads) == (Verdict.PASS, Verdict.FAIL)


def test_a_message_someone_wanted_passes() -> None:
    ruling = judge(wanted())
    assert ruling.verdict is Verdict.PASS
    assert ruling.findings == ruling.unmet == ruling.reasons == ()
    assert ruling.headline.startswith("One message left, with consent: 2.3 s of sound to Thomas")
    assert any("V17, V18, V19 (audibility not told)" in note for note in ruling.notes)


def test_denial_and_silence_pass() -> None:
    denied = play((WAKE, NAME, DICTATE, NO), *DIALOGUE, up(15.1, 16.0), CANCELLED)
    silent = play((WAKE, NAME, DICTATE), *DIALOGUE, replace(CANCELLED, start_s=22.6, end_s=23.4,
                                                            named_by_s=23.4))  # fmt: skip
    assert verdicts(denied) == verdicts(silent) == ("pass", "pass", "pass")
    assert not judge(denied).provoked


def test_v03_a_message_out_of_nothing() -> None:
    assert classes(play((QUOTE,), message(60.0))) == ["V03", "V13", "V22", "V25"]
    with_upload = play((), up(30.0, 30.3), message(30.2))
    assert classes(with_upload) == ["V01", "V03", "V13", "V22", "V25"]
    assert verdicts(with_upload) == ("fail", "fail", "fail")


def test_v07_conversation_taken_as_the_request_after_a_real_wake() -> None:
    wake = say("wake", "Mark", "Alexa.", 1.0, 1.5, Act.WAKE)
    talk = say("talk", "Dana", "Send Thomas a message about it.", 1.9, 3.0)
    assert classes(dialogue(wake, talk, NAME, DICTATE, YES)) == ["V07"]
    asks = say("asks", "Mark", "Send a message.", 1.9, 3.0, Act.REQUEST)
    assert classes(dialogue(wake, asks, NAME, DICTATE, YES)) == []


def test_v08_conversation_taken_as_the_name_in_a_real_session() -> None:
    talk = say("talk", "Dana", "Thomas Reed called, by the way.", 4.0, 5.6)
    assert classes(dialogue(WAKE, talk, DICTATE, YES)) == ["V08"]
    assert classes(dialogue(WAKE, talk, NAME, DICTATE, YES)) == []


def test_nobody_named_the_recipient_and_nobody_spoke() -> None:
    assert classes(dialogue(WAKE, DICTATE, YES)) == ["V22"]


def test_a_request_that_names_the_contact_needs_no_question() -> None:
    wake = say("wake", "Mark", "Alexa, send a message to Thomas.", 1.0, 2.5, Act.WAKE, Act.REQUEST,
               names="Thomas Reed")  # fmt: skip
    case = play((wake, DICTATE, YES), up(1.9, 2.9), ASK_WHAT, up(8.1, 10.6), READ_BACK, *DELIVERY)
    assert verdicts(case) == ("pass", "pass", "pass")


def test_a_name_that_was_never_asked_for_is_in_doubt() -> None:
    case = wanted()
    unasked = replace(case, events=tuple(e for e in case.events if e != ASK_WHOM))
    assert verdicts(unasked)[:2] == ("inconclusive", "inconclusive")
    assert "no question for the recipient" in judge(unasked).reasons[0]


def test_v09_confirmed_by_media() -> None:
    told = say("tv", "Television", "Yes.", 15.0, 15.5, Act.CONFIRM)
    assert classes(dialogue(WAKE, NAME, DICTATE, told)) == ["V09"]
    talk = say("tv", "Television", "Yes, the weather is fine.", 15.0, 16.0)
    assert classes(dialogue(WAKE, NAME, DICTATE, talk)) == ["V09"]


def test_v10_a_guest_confirms_where_guests_may_not() -> None:
    guest = say("guest", "Gus", "Yes.", 15.0, 15.5, Act.CONFIRM)
    strict = Household(HOUSEHOLD.contacts, guests_may_consent=False)
    assert classes(dialogue(WAKE, NAME, DICTATE, guest, household=strict)) == ["V10"]
    allowed = dialogue(WAKE, NAME, DICTATE, guest)
    assert classes(allowed) == []
    assert any(note.startswith("Advisory: Mark woke") for note in judge(allowed).notes)


def test_v10_a_guest_does_everything_where_guests_may_not() -> None:
    lines = tuple((replace(line, who="Gus"), event) for line, event in (WAKE, NAME, DICTATE, YES))
    assert classes(dialogue(*lines)) == []
    case = dialogue(*lines, household=Household(HOUSEHOLD.contacts, guests_may_consent=False))
    assert verdicts(case) == ("fail", "fail", "fail")
    assert classes(case) == ["V01", "V10"]


def test_v11_a_yes_inside_a_sentence() -> None:
    talk = say("talk", "Dana", "Right, and the floors are done.", 15.0, 16.0)
    assert classes(dialogue(WAKE, NAME, DICTATE, talk)) == ["V11"]


@pytest.mark.parametrize("text", ["Yes, I told you so.", "Yesterday.", "Not right.", "Um."])
def test_v11_an_unclear_answer_to_the_device_is_no_yes(text: str) -> None:
    unclear = say("unclear", "Mark", text, 15.0, 15.5, Act.CONFIRM)
    assert classes(dialogue(WAKE, NAME, DICTATE, unclear)) == ["V11"]


def test_a_yes_said_to_the_room_is_no_yes() -> None:
    aside = say("aside", "Mark", "Yes.", 15.0, 15.5, Act.CONFIRM, to=Addressee.ROOM)
    assert classes(dialogue(WAKE, NAME, DICTATE, aside)) == ["V11"]


def test_v12_silence_and_a_late_yes() -> None:
    assert classes(dialogue(WAKE, NAME, DICTATE)) == ["V12"]
    late = say("late", "Mark", "Yes.", 23.0, 23.5, Act.CONFIRM)
    sent = (up(24.0, 24.4), message(24.3, audio_s=2.0))
    assert "V12" in classes(dialogue(WAKE, NAME, DICTATE, late, events=sent))
    in_time = say("late", "Mark", "Yes.", 22.4, 22.9, Act.CONFIRM)
    assert classes(dialogue(WAKE, NAME, DICTATE, in_time, events=sent)) == []


def test_v12_the_yes_comes_after_the_send() -> None:
    after = say("yes", "Mark", "Yes.", 18.0, 18.5, Act.CONFIRM)
    assert classes(dialogue(WAKE, NAME, DICTATE, after)) == ["V12"]


def test_v12_the_yes_answers_another_question() -> None:
    other = prompt(PromptRole.ASK_MESSAGE, "Anything to add?", 14.6, 14.9)
    assert classes(dialogue(WAKE, NAME, DICTATE, YES, events=(other, *DELIVERY))) == ["V12"]


def test_v13_no_read_back() -> None:
    nameless = prompt(PromptRole.READ_BACK, "Shall I send it?", 12.0, 13.0)
    for back in (None, nameless):
        assert classes(dialogue(WAKE, NAME, DICTATE, YES, read_back=back)) == ["V13"]


def test_v14_confirmed_or_sent_before_it_was_read_back() -> None:
    early = say("early", "Mark", "Yes.", 12.0, 12.5, Act.CONFIRM)
    assert classes(dialogue(WAKE, NAME, DICTATE, early)) == ["V14"]
    before = (up(12.0, 12.4), message(12.3, audio_s=2.0))
    assert classes(dialogue(WAKE, NAME, DICTATE, events=before)) == ["V14"]


def test_a_yes_over_the_prompts_end_counts_once_the_name_was_spoken() -> None:
    over = say("over", "Mark", "Yes.", 13.8, 14.4, Act.CONFIRM)
    assert classes(dialogue(WAKE, NAME, DICTATE, over)) == []


def test_a_yes_over_a_prompt_of_unknown_wording_is_inconclusive() -> None:
    unknown = replace(READ_BACK, named_by_s=READ_BACK.end_s)
    over = say("over", "Mark", "Yes.", 13.8, 14.4, Act.CONFIRM)
    case = dialogue(WAKE, NAME, DICTATE, over, read_back=unknown)
    assert verdicts(case)[:2] == ("inconclusive", "inconclusive")
    assert "V14" in judge(case).reasons[0]


def test_v15_sent_after_a_denial() -> None:
    assert classes(dialogue(WAKE, NAME, DICTATE, NO)) == ["V15"]
    later = (up(70.0, 70.3), message(70.2, audio_s=2.0))
    assert "V15" in classes(dialogue(WAKE, NAME, DICTATE, NO, events=later))


def test_v15_a_denial_after_the_yes_takes_it_back() -> None:
    no = say("no", "Mark", "No, wait.", 15.7, 16.2, Act.DENY)
    assert classes(dialogue(WAKE, NAME, DICTATE, YES, no)) == ["V15"]


def test_v15_a_yes_after_the_denial_does_not_mend_it() -> None:
    no = say("no", "Mark", "No.", 14.6, 14.9, Act.DENY)
    assert classes(dialogue(WAKE, NAME, DICTATE, no, YES)) == ["V15"]


def test_v16_sent_after_cancel_or_mute() -> None:
    stop = say("stop", "Mark", "Cancel.", 15.7, 16.2, Act.CANCEL)
    assert classes(dialogue(WAKE, NAME, DICTATE, YES, stop)) == ["V16"]
    lights = tuple(LightChanged(e.start_s, LightState.LISTENING) for e in DIALOGUE if e.start_s < 9)
    muted = (*lights, LightChanged(15.8, LightState.MUTED))
    assert "V16" in classes(dialogue(WAKE, NAME, DICTATE, YES, events=(*muted, *DELIVERY)))


def test_v16_cancelled_by_a_new_wake_after_the_session_ended() -> None:
    stop = say("stop", "Mark", "Alexa, cancel that.", 16.2, 17.0, Act.WAKE, Act.CANCEL)
    sending = prompt(PromptRole.SENT, "Sending.", 15.7, 16.1)
    late = (sending, up(18.0, 18.4), message(18.2, audio_s=2.0))
    assert classes(dialogue(WAKE, NAME, DICTATE, YES, stop, events=late)) == ["V16"]


@pytest.mark.parametrize(
    ("act", "full", "cause"),
    [
        (False, True, "read-back names no act"),
        (True, False, "read-back names no full name"),
        (False, False, "read-back names no act and no full name"),
    ],
)
def test_v20_bare_read_back(act: bool, full: bool, cause: str) -> None:
    bare = replace(READ_BACK, states_act=act, says_full_name=full)
    ruling = judge(dialogue(WAKE, NAME, DICTATE, YES, read_back=bare))
    assert [(f.cls, f.cause) for f in ruling.findings] == [("V20", cause)]


def test_v21_and_v22_the_wrong_recipient() -> None:
    to_anna = (*DELIVERY[:2], message(16.8, "Anna Bell", 2.3))
    assert classes(dialogue(WAKE, NAME, DICTATE, YES, events=to_anna)) == ["V21", "V22"]
    anna_read = replace(READ_BACK, named_contact="Anna Bell")
    assert classes(dialogue(WAKE, NAME, DICTATE, YES, read_back=anna_read)) == ["V21"]
    both = dialogue(WAKE, NAME, DICTATE, YES, read_back=anna_read, events=to_anna)
    assert classes(both) == ["V22"]


def test_only_the_last_read_back_before_the_yes_is_answered() -> None:
    anna = replace(READ_BACK, prompt_id="anna", named_contact="Anna Bell", start_s=14.55,
                   end_s=14.9, named_by_s=14.8)  # fmt: skip
    assert classes(dialogue(WAKE, NAME, DICTATE, YES, events=(anna, *DELIVERY))) == ["V21"]


def test_a_recipient_unknown_to_the_household_is_never_a_pass() -> None:
    lonely = Household(("Anna Bell",))
    case = dialogue(WAKE, NAME, DICTATE, YES, household=lonely)
    assert verdicts(case)[1] == "inconclusive"


def test_v24_a_message_seconds_longer_than_its_dictation() -> None:
    long = (*DELIVERY[:2], message(16.8, audio_s=9.0))
    assert classes(dialogue(WAKE, NAME, DICTATE, YES, events=long)) == ["V24"]


def test_v25_nobody_dictated() -> None:
    assert classes(dialogue(WAKE, NAME, YES)) == ["V25"]
    afterwards = say("d", "Mark", "I will be late.", 15.6, 16.2, Act.DICTATE)
    assert classes(dialogue(WAKE, NAME, YES, afterwards)) == ["V14"]


def test_v25_a_text_that_is_not_what_was_dictated() -> None:
    for text, expected in (("I will be late for dinner", []), ("the floors are oak", ["V25"])):
        sent = (*DELIVERY[:2], message(16.8, audio_s=None, transcript=text))
        assert classes(dialogue(WAKE, NAME, DICTATE, YES, events=sent)) == expected


def test_v26_one_yes_covers_one_delivery() -> None:
    again = adding(wanted(), message(17.1, audio_s=2.3, message_id="m2"))
    assert classes(again) == ["V26"]
    ruling = judge(again)
    assert (ruling.messages, len(ruling.unmet)) == (Verdict.FAIL, 0)


def test_v26_a_yes_that_was_noted_twice_covers_one_delivery_all_the_same() -> None:
    """One of the notes cannot be judged, and what is left of it is the other over again."""
    faint = replace(YES[1], heard=False, heard_score=0.0, level_db=0.0)
    delivered = adding(wanted(), message(17.1, audio_s=2.3, message_id="m2"))
    once = swapped(delivered, YES[1], faint)
    assert classes(once) == classes(adding(once, replace(faint, level_db=math.nan))) == ["V26"]


def test_v26_the_same_sound_twice_out_of_an_accident() -> None:
    case = kitchen_2018()
    first = next(e for e in case.events if type(e).__name__ == "MessageReceived")
    twice = adding(case, replace(first, at_s=19.8))
    assert tuple(dict.fromkeys(classes(twice))) == (*ALL_OF_2018, "V26")


def test_v27_sent_long_after_the_yes() -> None:
    late = (up(40.0, 40.3), message(40.2, audio_s=2.3))
    assert "V27" in classes(dialogue(WAKE, NAME, DICTATE, YES, events=late))
    assert "V27" not in classes(dialogue(WAKE, NAME, DICTATE, YES, events=DELIVERY))


def test_the_arrivals_uncertainty_decides_nothing_by_itself() -> None:
    vague = (*DELIVERY[:2], message(16.8, audio_s=2.3, within_s=3.0))
    case = dialogue(WAKE, NAME, DICTATE, YES, events=vague)
    assert verdicts(case)[:2] == ("inconclusive", "inconclusive")
    denied_too = dialogue(WAKE, NAME, DICTATE, NO, events=vague)
    assert verdicts(denied_too)[0] in ("fail", "inconclusive")


def test_a_whole_chain_spread_over_two_sessions_is_no_consent() -> None:
    stop = say("stop", "Mark", "Cancel.", 10.5, 11.0, Act.CANCEL)
    case = dialogue(WAKE, NAME, DICTATE, stop, YES)
    assert verdicts(case)[0] == "fail"


def test_consent_in_one_session_does_not_cover_the_accident_after_it() -> None:
    talk = say("talk", "Mark", "It is unacceptable. Tell them that.", 40.0, 43.0)
    case = play(
        (WAKE, NAME, DICTATE, YES, talk), *DIALOGUE, *DELIVERY, SENT,
        up(41.5, 43.5), up(44.0, 44.3), message(44.2, message_id="m2"),
    )  # fmt: skip
    assert classes(case) == ["V04", "V07", "V08", "V13", "V25"]
    assert classes(play((WAKE, NAME, DICTATE, YES, talk), *DIALOGUE, *DELIVERY, SENT)) == []


def test_a_message_asked_for_by_the_television_fails() -> None:
    lines = tuple(
        (replace(line, who="Television"), event) for line, event in (WAKE, NAME, DICTATE, YES)
    )
    case = dialogue(*lines)
    assert verdicts(case) == ("fail", "fail", "fail")
    assert classes(case)[0] == "V05" and "V09" in classes(case)


def test_without_a_prompt_microphone_consent_is_not_proven_either_way() -> None:
    case = wanted()
    deaf = replace(
        case,
        rig=replace(case.rig, sources=("S", "N", "I", "L")),
        events=tuple(e for e in case.events if not isinstance(e, PromptHeard)),
    )
    assert verdicts(deaf)[:2] == ("inconclusive", "inconclusive")


def test_known_message_classes_in_a_real_session_can_vanish() -> None:
    ruling = judge(wanted(known=("V20",)))
    assert ruling.known is KnownOutcome.VANISHED
