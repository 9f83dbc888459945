"""Deeds of the bench: done as the scene says, or nothing is proven; and what they take back."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.judge import judge
from harness.model.network import NetworkCondition
from harness.model.script import Act, Deed
from harness.model.timeline import DeedDone, LineUnsaid
from tests.judge.pairs.chain import delivered, talk
from tests.judge.timelines import (
    DIALOGUE,
    DICTATE,
    NAME,
    QUOTE,
    WAKE,
    YES,
    adding,
    classes,
    deed,
    message,
    play,
    say,
    up,
    verdicts,
    without,
)

MUTED = play((QUOTE,), deed(Deed.MUTE, 10.0), deed(Deed.UNMUTE, 20.0))


def test_deeds_by_themselves_prove_nothing_bad() -> None:
    assert verdicts(MUTED)[0] == "pass"


@pytest.mark.parametrize(
    "case",
    [
        without(MUTED, DeedDone),
        adding(without(MUTED, DeedDone), LineUnsaid("mute-10.0", 9.0, "no prompt came")),
        adding(MUTED, DeedDone("mute-10.0", Deed.MUTE, 30.0)),
        adding(MUTED, DeedDone("elsewhere", Deed.UNPLUG, 30.0)),
        adding(MUTED, DeedDone("unmute-20.0", Deed.PLUG_IN, 30.0)),
        adding(MUTED, DeedDone("mute-10.0", Deed.MUTE, float("nan"))),
    ],
)
def test_a_deed_not_done_done_twice_or_unasked_is_inconclusive(case: object) -> None:
    assert verdicts(case)[0] == "inconclusive"  # type: ignore[arg-type]


def test_what_the_bench_gives_back_after_the_watch_is_its_own_affair() -> None:
    back = adding(MUTED, DeedDone("restored-unmute", Deed.UNMUTE, 91.0))
    assert verdicts(back)[0] == "pass"


def test_mute_ends_the_session_and_a_new_one_begins_clean() -> None:
    again = tuple(
        (replace(line, id=f"{line.id}2"), replace(event, line_id=f"{line.id}2",
                                                  start_s=event.start_s + 30.0,
                                                  end_s=event.end_s + 30.0))
        for line, event in (WAKE, NAME, DICTATE, YES)
    )  # fmt: skip
    later = tuple(
        replace(e, **{n: getattr(e, n) + 30.0 for n in ("start_s", "end_s", "named_by_s")
                      if hasattr(e, n)})
        for e in DIALOGUE
    )  # fmt: skip
    sent = (up(45.1, 46.0), up(46.5, 46.9, 70.0), message(46.8, audio_s=2.3))
    first = (WAKE, NAME)
    case = play(
        (*first, *again), *DIALOGUE[:3], deed(Deed.MUTE, 6.5), deed(Deed.UNMUTE, 20.0),
        *later, *sent, until_s=120.0,
    )  # fmt: skip
    assert verdicts(case) == ("pass", "pass", "pass")


def test_a_yes_given_before_mute_is_gone_after_it() -> None:
    events = (deed(Deed.MUTE, 15.7), deed(Deed.UNMUTE, 18.0), *delivered(22.0))
    assert classes(talk(WAKE, NAME, DICTATE, YES, events=events)) == ["V16"]


def test_queued_through_a_restart_both_links_are_named() -> None:
    events = (deed(Deed.UNPLUG, 15.7), deed(Deed.PLUG_IN, 30.0), *delivered(40.0))
    ruling = judge(talk(WAKE, NAME, DICTATE, YES, events=events))
    assert [f.cls for f in ruling.findings] == ["V16"]


def test_a_queued_send_names_what_had_been_away() -> None:
    events = (deed(Deed.NETWORK_OFF, 15.8), deed(Deed.NETWORK_ON, 35.0), *delivered(36.0))
    finding = judge(talk(WAKE, NAME, DICTATE, YES, events=events)).findings[0]
    assert finding.cause == "queued and sent after the network was gone"
    assert "network off at 0:15.8" in finding.rests_on
    assert ("sent_after_s", 20.5, "s") in finding.values
    assert ("send_within_s", 10.0, "s") in finding.values


SLOW = NetworkCondition(kbit_s=16.0)
POOR = (deed(Deed.NETWORK_POOR, 15.6, SLOW), deed(Deed.NETWORK_ON, 60.0))


def test_what_left_in_time_and_was_held_up_by_the_bench_is_not_sent_late() -> None:
    """Only what carried it tells when it left; half of that in time is not proven either way."""
    held_up = (up(1.7, 2.5), up(15.9, 17.5, 70.0), message(40.0, audio_s=2.3))
    slowly = (up(1.7, 2.5), up(15.9, 29.5, 70.0), message(40.0, audio_s=2.3))
    said = (WAKE, NAME, DICTATE, YES)
    assert verdicts(talk(*said, events=(*POOR, *held_up)))[:2] == ("pass", "pass")
    assert classes(talk(*said, events=held_up))[:1] == ["V27"]
    assert verdicts(talk(*said, events=(*POOR, *slowly)))[1] == "inconclusive"


@given(
    left_s=st.floats(15.7, 50.0),
    took_s=st.floats(0.05, 9.0),
    under_way_s=st.floats(0.0, 40.0),
)
def test_a_poor_network_excuses_nothing_that_left_too_late(
    left_s: float, took_s: float, under_way_s: float
) -> None:
    gone_s = left_s + took_s
    sent = (up(1.7, 2.5), up(left_s, gone_s, 70.0), message(gone_s + under_way_s, audio_s=2.3))
    poor = (POOR[0], deed(Deed.NETWORK_ON, 110.0))
    ruling = judge(talk(WAKE, NAME, DICTATE, YES, events=(*poor, *sent)))
    in_time_until_s = 15.5 + 10.0
    if ruling.messages.value == "pass":
        assert gone_s <= in_time_until_s + 1e-3
    if any(finding.cls == "V27" for finding in ruling.findings):
        assert left_s > in_time_until_s - 1e-3 or under_way_s > SLOW.longest_s + 1.4


def test_what_left_late_on_a_poor_network_names_that() -> None:
    lifted = (deed(Deed.NETWORK_POOR, 15.6, SLOW), deed(Deed.NETWORK_ON, 35.0))
    set_before = (deed(Deed.NETWORK_POOR, 0.5, SLOW), deed(Deed.NETWORK_ON, 35.0))
    for network in (lifted, set_before, POOR):
        ruling = judge(talk(WAKE, NAME, DICTATE, YES, events=(*network, *delivered(36.0))))
        assert [finding.cls for finding in ruling.findings][:1] == ["V27"]
        assert ruling.findings[0].cause == "queued and sent after the network was poor"
    assert "network poor (16 kbit/s) at 0:15.6" in ruling.findings[0].rests_on


def test_a_network_made_otherwise_than_the_scene_says_proves_nothing() -> None:
    case = play((QUOTE,), *POOR)
    assert verdicts(case)[0] == "pass"
    script = replace(
        case.script,
        doings=tuple(replace(d, network=NetworkCondition(64.0)) for d in case.script.doings[:1])
        + case.script.doings[1:],
    )
    assert verdicts(replace(case, script=script))[0] == "inconclusive"


def test_a_message_on_its_way_when_the_hand_comes_is_inconclusive() -> None:
    events = (*delivered(17.0), deed(Deed.UNPLUG, 16.9))
    case = talk(WAKE, NAME, DICTATE, YES, events=events)
    assert verdicts(case)[:2] == ("inconclusive", "inconclusive")


def test_a_device_that_was_muted_or_unplugged_need_not_answer() -> None:
    wake = say("wake", "Mark", "Alexa, what time is it?", 30.0, 31.0, Act.WAKE)
    silent = play((wake,), expect_answer=True)
    assert verdicts(silent)[0] == "fail"
    for taken, back_by in ((Deed.MUTE, Deed.UNMUTE), (Deed.UNPLUG, Deed.PLUG_IN)):
        deaf = play((wake,), deed(taken, 20.0), expect_answer=True)
        assert verdicts(deaf)[0] == "pass"
        back = play((wake,), deed(taken, 20.0), deed(back_by, 25.0), expect_answer=True)
        assert verdicts(back)[0] == "fail"
