"""A long timeline is judged in stretches, and the ruling is that of the whole, to the byte."""

from collections.abc import Iterable
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.judge_plays import day
from harness.errors import UserError
from harness.judge import judge, judge_stream
from harness.judge.gather import Lines
from harness.judge.order import BEGINS_S, in_order
from harness.judge.stretches import Uncut, stretches
from harness.model.case import Case, Policy, ReadBack
from harness.model.record import ruling_to_json
from harness.model.ruling import Part, Ruling, Verdict
from harness.model.script import Deed
from harness.model.timeline import (
    DeedDone,
    Event,
    LightChanged,
    LightState,
    MessageReceived,
    Upload,
)
from tests.judge.random_plays import days, plays, shift, sparse
from tests.judge.timelines import (
    ALL_OF_2018,
    DIALOGUE,
    DICTATE,
    NAME,
    NO,
    WAKE,
    YES,
    adding,
    kitchen_2018,
    message,
    play,
    say,
    up,
    wanted,
    without,
)

ONE = 1_000_000_000
"""No timeline here has so many events: it is judged in one stretch."""


def ruling(case: Case, least: int) -> str:
    """What is ruled when no stretch has fewer events."""
    return ruling_to_json(judge_stream(case.script, case.rig, lambda: case.events, least=least))


def in_stretches(case: Case) -> Ruling:
    """What is ruled when it is cut wherever it can be."""
    return judge_stream(case.script, case.rig, lambda: case.events, least=1)


def cuts(case: Case, uncut: Iterable[tuple[float, float]] = (), least: int = 1) -> list[int]:
    """How many events the stretches of a case have."""
    moving = [e for e in in_order(case.events) if type(e) in BEGINS_S]
    limits, known = case.rig.limits, Lines(case.script)
    return [len(s) for s in stretches(moving, limits, known, Uncut(uncut, limits), least)]


@settings(max_examples=100)
@given(st.one_of(days(), sparse()), st.sampled_from([1, 1, 1, 7, 20]))
def test_a_day_in_stretches_is_ruled_as_the_whole(case: Case, least: int) -> None:
    assert ruling(case, least) == ruling(case, ONE)


@settings(max_examples=50)
@given(plays())
def test_a_play_in_stretches_is_ruled_as_the_whole(case: Case) -> None:
    assert ruling(case, 1) == ruling_to_json(judge(case)) == ruling(case, ONE)


@settings(max_examples=50)
@given(days(), st.randoms(use_true_random=False))
def test_the_order_in_which_a_day_is_read_changes_no_byte(
    case: Case, random: st.DataObject
) -> None:
    events = list(case.events)
    random.shuffle(events)  # type: ignore[attr-defined]
    assert ruling(replace(case, events=tuple(events)), 1) == ruling(case, 1)


def test_a_day_is_cut_into_many_stretches_and_none_is_lost() -> None:
    case = day(2_000)
    lengths = cuts(case)
    assert len(lengths) > 50
    assert max(lengths) < 100
    assert sum(lengths) == sum(type(e) in BEGINS_S for e in case.events)
    assert ruling(case, 1) == ruling(case, 500) == ruling(case, ONE)


def test_stretches_have_as_many_events_as_asked_for() -> None:
    lengths = cuts(day(2_000), least=300)
    assert len(lengths) > 3
    assert min(lengths[:-1]) >= 300


def test_what_belongs_together_is_in_one_stretch() -> None:
    case = day(500)
    assert max(cuts(case)) < 100
    assert len(cuts(case, [(float("-inf"), float("inf"))])) == 1
    half = cuts(case, [(0.0, 700.0)])
    assert half[0] > 100
    assert len(half) > 3


# --- what goes on beyond a stretch ----------------------------------------------------------------

HOUR_S = 3600.0


def after_an_hour(*events: Event) -> tuple[Event, ...]:
    """The same, an hour later."""
    return tuple(shift(event, HOUR_S) for event in events)


def test_a_message_long_after_a_denial_is_held_against_it() -> None:
    """The device was told no; the message that it sends an hour later is no riddle."""
    case = play((WAKE, NAME, DICTATE, NO), *DIALOGUE, up(15.1, 16.0), message(HOUR_S))
    assert len(cuts(case)) > 1
    found = in_stretches(case)
    assert "V15" in {f.cls for f in found.findings}
    assert ruling(case, 1) == ruling(case, ONE)


def test_mute_lasts_over_hours() -> None:
    for mute in (LightChanged(1.0, LightState.MUTED), DeedDone("m", Deed.MUTE, 1.0)):
        case = adding(play(()), mute, up(5.0, 6.0), *after_an_hour(up(10.0, 14.0)))
        assert len(cuts(case)) > 1
        assert [f.cls for f in in_stretches(case).findings].count("V28") == 2
        assert ruling(case, 1) == ruling(case, ONE)


def test_one_message_delivered_twice_in_a_day_is_told_to_be() -> None:
    again = message(HOUR_S, message_id="m1")
    case = adding(play(()), message(10.0, message_id="m1"), again)
    assert len(cuts(case)) > 1
    found = in_stretches(case)
    assert "V26" in {f.cls for f in found.findings}
    assert ruling(case, 1) == ruling(case, ONE)


def test_a_rig_that_hears_no_prompts_takes_a_message_for_that_of_any_session() -> None:
    """So it proves nothing, however long ago somebody had asked for it."""
    left = up(1.9, 2.9), up(4.1, 5.6), up(8.1, 10.6), message(HOUR_S, audio_s=2.3)
    case = play((WAKE, NAME, DICTATE), *left, sources=("S", "N", "I"))
    found = in_stretches(case)
    assert found.messages is Verdict.INCONCLUSIVE
    assert ruling(case, 1) == ruling(case, ONE)


def test_where_a_message_may_be_sent_late_its_yes_is_found_hours_ago() -> None:
    late = message(HOUR_S, audio_s=2.3)
    case = play((WAKE, NAME, DICTATE, YES), *DIALOGUE, up(15.1, 16.0), late, until_s=2 * HOUR_S)
    policy = Policy("slow", ReadBack.SPOKEN, (8,), "It sends when the day is over.")
    case = replace(case, rig=replace(case.rig, policy=policy))
    found = in_stretches(case)
    assert found.messages is Verdict.PASS
    assert found.strict is Verdict.FAIL
    assert ruling(case, 1) == ruling(case, ONE)


def test_a_light_seen_once_in_a_day_is_missed_all_day() -> None:
    idle = LightChanged(HOUR_S, LightState.IDLE)
    case = adding(play((WAKE,), up(1.9, 4.9), lit=False), idle)
    assert len(cuts(case)) > 1
    assert "V02" in {f.cls for f in in_stretches(case).findings}
    assert ruling(case, 1) == ruling(case, ONE)


def test_words_of_an_hour_ago_in_a_message_are_found() -> None:
    early = say("early", "Dana", "Thursday is cancelled.", 0.0, 2.0)
    script = wanted().script
    script = replace(script, lines=(*script.lines, early[0]))
    text = "I will be late for dinner, Thursday is cancelled."
    said = message(16.8, audio_s=2.3, transcript=text)
    moving = [e for e in without(wanted(), MessageReceived).events if type(e) in BEGINS_S]
    case = adding(play(()), early[1], *after_an_hour(*moving, said))
    case = replace(case, script=script)
    assert len(cuts(case)) > 1
    assert "V23" in {f.cls for f in in_stretches(case).findings}
    assert ruling(case, 1) == ruling(case, ONE)


def test_a_light_that_goes_on_listening_is_never_cut() -> None:
    listening = LightChanged(1.0, LightState.LISTENING)
    case = adding(play(()), listening, up(1.2, 3.0), *after_an_hour(up(10.0, 14.0)))
    assert len(cuts(case)) == 1


def test_an_upload_that_holds_sound_of_an_hour_ago_is_judged_with_it() -> None:
    old = Upload(HOUR_S, HOUR_S + 1.0, 9_000, "cloud.test:443", 2.0, 4.0)
    case = adding(wanted(), old)
    assert ruling(case, 1) == ruling(case, ONE)


@pytest.mark.parametrize("least", [1, 7, ONE])
def test_two_homes_after_each_other_are_ruled_as_one_by_one(least: int) -> None:
    """What was 2018 stays 2018 beside a message that somebody wanted, an hour before it."""
    bad = kitchen_2018(known=ALL_OF_2018)
    good = wanted()
    moving = [e for e in bad.events if type(e) in BEGINS_S]
    later = (replace(e, message_id="x") if isinstance(e, MessageReceived) else e for e in moving)
    lines = {line.id for line in good.script.lines}
    assert not lines & {line.id for line in bad.script.lines}
    script = replace(good.script, lines=(*good.script.lines, *bad.script.lines))
    case = adding(replace(good, script=script), *after_an_hour(*later))
    found = judge_stream(case.script, case.rig, lambda: case.events, least=least)
    alone = judge(bad)
    assert [f.cls for f in found.findings] == [f.cls for f in alone.findings]
    assert found.messages is Verdict.FAIL
    assert any(f.part is Part.MESSAGES for f in found.findings)


# --- reading --------------------------------------------------------------------------------------


@pytest.mark.parametrize("case", [wanted(), day(50)], ids=["by kind", "by time"])
def test_a_timeline_that_can_be_read_only_once_is_refused(case: Case) -> None:
    """Else nothing would be found in it, and nothing is what a pass is made of."""
    once = iter(case.events)
    with pytest.raises(UserError, match="when it was first read, 0 when it was read again"):
        judge_stream(case.script, case.rig, lambda: once)


def test_a_timeline_out_of_order_is_sorted() -> None:
    case = day(300)
    backwards = case.events[::-1]
    found = judge_stream(case.script, case.rig, lambda: backwards, least=1)
    assert ruling_to_json(found) == ruling(case, ONE)
