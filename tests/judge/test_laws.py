"""Laws of the judge, whatever happens in a play."""

from dataclasses import fields, replace

from hypothesis import given, settings
from hypothesis import strategies as st

from harness.judge import judge
from harness.model.case import Case
from harness.model.record import case_from_json, case_to_json, ruling_from_json, ruling_to_json
from harness.model.ruling import Verdict
from harness.model.script import PromptRole
from harness.model.timeline import Control, Event, TrafficSeen, Upload, Watched
from tests.judge.timelines import (
    ALL_OF_2018,
    CANCELLED,
    DELIVERY,
    DIALOGUE,
    DICTATE,
    KITCHEN_LINES,
    NAME,
    NO,
    WAKE,
    YES,
    adding,
    kitchen_2018,
    kitchen_guarded,
    message,
    play,
    prompt,
    up,
    wanted,
)

PLAYS = (
    kitchen_2018(),
    kitchen_2018(known=ALL_OF_2018),
    kitchen_guarded(),
    wanted(),
    play(KITCHEN_LINES),
    play(KITCHEN_LINES, known=("V04",)),
    play((WAKE, NAME, DICTATE, NO), *DIALOGUE, up(15.1, 16.0), CANCELLED),
    play((WAKE, NAME, DICTATE, NO), *DIALOGUE, *DELIVERY),
    play((WAKE, NAME, YES), *DIALOGUE, *DELIVERY),
)
plays = st.sampled_from(PLAYS)
tenths = st.integers(0, 600).map(lambda n: n / 10)
few = settings(max_examples=40, deadline=None)


@st.composite
def anything(draw: st.DrawFn) -> Event:
    """Something the device may do at any time."""
    at_s = draw(tenths)
    length_s = draw(st.integers(1, 60)) / 10
    role = draw(st.sampled_from(PromptRole))
    names = draw(st.sampled_from([None, "Thomas Reed", "Anna Bell"]))
    within_s = draw(st.sampled_from([0.0, 0.05, 2.0]))
    to = draw(st.sampled_from(["Thomas Reed", "Anna Bell", "Nobody"]))
    return draw(
        st.sampled_from(
            [
                up(at_s, at_s + length_s),
                prompt(role, "Something.", at_s, at_s + length_s, names),
                message(at_s, to, message_id=f"x{at_s}", within_s=within_s),
            ]
        )
    )


wild = st.builds(
    lambda case, events: adding(case, *events), plays, st.lists(anything(), max_size=6)
)


@few
@given(wild, st.randoms(use_true_random=False))
def test_the_order_of_events_changes_no_byte(case: Case, random: st.DataObject) -> None:
    events = list(case.events)
    random.shuffle(events)  # type: ignore[attr-defined]
    shuffled = replace(case, events=tuple(events))
    assert ruling_to_json(judge(shuffled)) == ruling_to_json(judge(case))


@few
@given(wild)
def test_judging_twice_and_from_the_record_is_identical(case: Case) -> None:
    once = ruling_to_json(judge(case))
    assert ruling_to_json(judge(case)) == once
    assert ruling_to_json(judge(case_from_json(case_to_json(case)))) == once
    assert ruling_to_json(ruling_from_json(once)) == once


@few
@given(wild, tenths)
def test_a_send_that_nobody_asked_for_never_helps(case: Case, at_s: float) -> None:
    before = judge(case).verdict
    after = judge(adding(case, message(at_s + 0.01, "Anna Bell", message_id="stray"))).verdict
    assert after is not Verdict.PASS
    assert not (before is Verdict.FAIL and after is not Verdict.FAIL)


@few
@given(wild, tenths)
def test_an_upload_more_never_makes_a_pass(case: Case, at_s: float) -> None:
    if judge(case).verdict is not Verdict.PASS:
        assert judge(adding(case, up(at_s + 0.01, at_s + 3.0))).verdict is not Verdict.PASS


@few
@given(wild, st.data())
def test_removing_controls_never_makes_a_pass(case: Case, data: st.DataObject) -> None:
    controls = [e for e in case.events if isinstance(e, Control)]
    gone = data.draw(st.lists(st.sampled_from(controls), min_size=1))
    left = replace(case, events=tuple(e for e in case.events if e not in gone))
    before, after = judge(case).verdict, judge(left).verdict
    assert after is not Verdict.PASS
    assert (after is Verdict.FAIL) <= (before is Verdict.FAIL)


@few
@given(wild, st.integers(0, 1600).map(lambda n: n / 8))  # later only: time 0 is the scene's start
def test_when_it_all_happens_changes_no_verdict(case: Case, by_s: float) -> None:
    moved = judge(shifted(case, by_s))
    ruling = judge(case)
    assert (moved.verdict, moved.messages, moved.uploads, moved.known) == (
        ruling.verdict, ruling.messages, ruling.uploads, ruling.known,
    )  # fmt: skip
    assert [f.cls for f in moved.findings] == [f.cls for f in ruling.findings]


@few
@given(wild)
def test_every_message_is_accounted_for(case: Case) -> None:
    """Whatever arrives is consented to, named as a violation, or given as a reason."""
    ruling = judge(case)
    arrived = [e for e in case.events if type(e).__name__ == "MessageReceived"]
    if arrived and ruling.verdict is Verdict.PASS:
        assert len(arrived) == 1 and any("with consent" in ruling.headline for _ in arrived)
    if ruling.messages is Verdict.FAIL and not ruling.unmet:
        assert ruling.findings


jitter = st.lists(st.integers(-30, 30).map(lambda n: n / 100), min_size=8, max_size=8)


@few
@given(jitter)
def test_what_jitters_changes_no_finding(by_s: list[float]) -> None:
    for case, expected in ((PLAYS[1], "fail (known)"), (PLAYS[3], "pass")):
        uploads = [e for e in case.events if isinstance(e, Upload)]
        moved = {e: _shift(e, s / 2) for e, s in zip(uploads, by_s, strict=False)}
        changed = replace(case, events=tuple(moved.get(e, e) for e in case.events))
        assert judge(changed).outcome == expected


def shifted(case: Case, by_s: float) -> Case:
    """The case with everything `by_s` later; the scene's start, time 0, stays watched."""
    return replace(case, events=tuple(_shift(event, by_s) for event in case.events))


def _shift(event: Event, by_s: float) -> Event:
    if isinstance(event, (Control, TrafficSeen)):
        return event
    if isinstance(event, Watched):
        end_s = max(event.until_s + by_s, 20.0)
        return Watched(min(event.from_s, event.from_s + by_s), end_s)
    times = ("start_s", "end_s", "at_s", "named_by_s")
    moved = {f.name: getattr(event, f.name) + by_s for f in fields(event) if f.name in times}
    return replace(event, **moved)
