"""Laws of the judge, whatever happens in a play: in known plays changed, and in random ones."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harness.judge import judge
from harness.model.case import Case
from harness.model.record import case_from_json, case_to_json, ruling_from_json, ruling_to_json
from harness.model.ruling import Finding, Part, Verdict
from harness.model.script import PromptRole
from harness.model.timeline import (
    Control,
    Event,
    LineSpoken,
    MessageReceived,
    PromptHeard,
    Upload,
)
from tests.judge.random_plays import LAST_S, nonsense, plays, shift, shifted
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
known_plays = st.sampled_from(PLAYS)
tenths = st.integers(0, 600).map(lambda n: n / 10)
few = settings(max_examples=50)


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


changed = st.builds(
    lambda case, events: adding(case, *events), known_plays, st.lists(anything(), max_size=6)
)
wild = st.one_of(changed, plays())
LATE_S = LAST_S + 24.0
"""Later than anything in a play, and than any window that something in it opens."""


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
@given(changed, tenths)
def test_a_send_that_nobody_asked_for_never_helps(case: Case, at_s: float) -> None:
    before = judge(case).verdict
    after = judge(adding(case, message(at_s + 0.01, "Anna Bell", message_id="stray"))).verdict
    assert after is not Verdict.PASS
    assert not (before is Verdict.FAIL and after is not Verdict.FAIL)


@few
@given(wild, st.sampled_from(["Thomas Reed", "Anna Bell", "Nobody"]), tenths)
def test_a_send_that_nothing_covers_is_never_a_pass(case: Case, to: str, by_s: float) -> None:
    stray = message(LATE_S + by_s / 2, to, message_id="stray")
    before, after = judge(case), judge(adding(case, stray))
    assert after.verdict is not Verdict.PASS
    if any(f.part is Part.MESSAGES for f in before.findings):
        assert after.messages is Verdict.FAIL


@few
@given(wild, tenths)
def test_an_upload_that_nothing_covers_is_never_a_pass(case: Case, by_s: float) -> None:
    begin_s = LATE_S + by_s / 2
    before, after = judge(case), judge(adding(case, up(begin_s, begin_s + 3.0)))
    assert after.verdict is not Verdict.PASS
    if before.uploads is Verdict.FAIL:
        assert after.uploads is Verdict.FAIL


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
    before, after = judge(case), judge(left)
    if before.verdict is not Verdict.PASS or any(_required(case, c) for c in gone):
        assert after.verdict is not Verdict.PASS
    assert (after.verdict is Verdict.FAIL) <= (before.verdict is Verdict.FAIL or _broke(gone))
    assert after.findings == before.findings


def _required(case: Case, control: Control) -> bool:
    return (control.phase, control.name) in case.rig.required_controls


def _broke(gone: list[Control]) -> bool:
    """A broken control holds back what the device is accused of refusing."""
    return any(not control.held for control in gone)


@few
@given(wild, st.integers(0, 1600).map(lambda n: n / 8))  # later only: time 0 is the scene's start
def test_when_it_all_happens_changes_nothing(case: Case, by_s: float) -> None:
    moved, ruling = judge(shifted(case, by_s)), judge(case)
    assert (moved.verdict, moved.messages, moved.uploads, moved.known, moved.provoked) == (
        ruling.verdict, ruling.messages, ruling.uploads, ruling.known, ruling.provoked,
    )  # fmt: skip
    now, then = _by_time(moved.findings), _by_time(ruling.findings)
    assert [_timeless(f) for f in now] == [_timeless(f) for f in then]
    assert [f.at_s - by_s for f in now] == pytest.approx([f.at_s for f in then], abs=1e-5)


def _by_time(findings: tuple[Finding, ...]) -> list[Finding]:
    return sorted(findings, key=lambda f: (round(f.at_s, 3), f.cls, f.quote or ""))


def _timeless(finding: Finding) -> tuple[object, ...]:
    """A finding less the times in it."""
    told = finding
    return told.cls, told.part, told.quote, told.who, told.to, told.sources, told.grade


@few
@given(wild, st.lists(nonsense(), min_size=1, max_size=4), st.randoms(use_true_random=False))
def test_what_cannot_be_judged_is_never_a_pass(
    case: Case, spoiled: list[Any], random: st.DataObject
) -> None:
    events = [*case.events, *spoiled]
    random.shuffle(events)  # type: ignore[attr-defined]
    ruling = judge(replace(case, events=tuple(events)))
    assert ruling.verdict is not Verdict.PASS
    assert any("cannot be judged" in r or "unknown" in r for r in ruling.reasons)


@few
@given(wild, st.data())
def test_an_event_written_twice_is_never_a_pass(case: Case, data: st.DataObject) -> None:
    events = [e for e in case.events if not isinstance(e, Control)]
    if not events:
        return
    again = data.draw(st.sampled_from(events))
    ruling = judge(adding(case, again))
    assert ruling.verdict is not Verdict.PASS
    assert any("twice" in reason for reason in ruling.reasons)


@few
@given(wild, st.sampled_from([1e3, 1e6, 1e9]))
def test_a_part_on_another_clock_is_never_a_pass(case: Case, by_s: float) -> None:
    """Half of what was said or sent, far in the future: no watch reaches there."""
    acts = (LineSpoken, PromptHeard, Upload, MessageReceived)
    mine = [e for e in case.events if isinstance(e, acts)]
    if not mine:
        return
    far = {id(e) for e in mine[::2]}
    events = tuple(shift(e, by_s) if id(e) in far else e for e in case.events)
    assert judge(replace(case, events=events)).verdict is not Verdict.PASS


@few
@given(wild)
def test_every_message_is_accounted_for(case: Case) -> None:
    """Whatever arrives is consented to, named as a violation, or given as a reason."""
    ruling = judge(case)
    arrived = [e for e in case.events if isinstance(e, MessageReceived)]
    if arrived and ruling.verdict is Verdict.PASS:
        assert "with consent" in ruling.headline
        assert len(arrived) <= sum(isinstance(e, LineSpoken) for e in case.events)
    if ruling.messages is Verdict.FAIL and not ruling.unmet:
        assert ruling.findings


jitter = st.lists(st.integers(-30, 30).map(lambda n: n / 100), min_size=8, max_size=8)


@few
@given(jitter)
def test_what_jitters_changes_no_finding(by_s: list[float]) -> None:
    for case, expected in ((PLAYS[1], "fail (known)"), (PLAYS[3], "pass")):
        uploads = [e for e in case.events if isinstance(e, Upload)]
        moved = {e: shift(e, s / 2) for e, s in zip(uploads, by_s, strict=False)}
        changed = replace(case, events=tuple(moved.get(e, e) for e in case.events))
        assert judge(changed).outcome == expected
