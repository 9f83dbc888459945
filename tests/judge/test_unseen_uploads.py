"""Uploads that hide in what a device sends while idle: nothing is shown absent, proofs stay."""

from dataclasses import replace

from harness.judge import judge
from harness.judge.coverage import never_seen
from harness.model.case import Case
from harness.model.ruling import Verdict
from tests.judge.timelines import kitchen_2018, on, wanted

WHY = "padding carries as much"


def hidden(case: Case) -> Case:
    """The case on a device whose idle traffic hides uploads."""
    return replace(case, rig=replace(case.rig, unseen_uploads=WHY))


def test_that_nothing_was_sent_is_not_shown() -> None:
    case = wanted()
    assert judge(case).verdict is Verdict.PASS
    ruling = judge(hidden(case))
    assert (ruling.uploads, ruling.messages) == (Verdict.INCONCLUSIVE, Verdict.PASS)
    assert any(WHY in reason for reason in ruling.reasons)


def test_classes_by_the_network_alone_are_not_observable() -> None:
    bare = on(wanted(), sources=("S", "N", "I"))
    open_, shut = judge(bare), judge(hidden(bare))
    gone = set(open_.classes_observable) - set(shut.classes_observable)
    assert {"V01", "V04", "V05"} <= gone
    assert not {"V03", "V09", "V15", "V27"} & gone, "messages are seen in the inbox"
    told = never_seen(hidden(bare).rig, "V01")
    assert told is not None
    assert "hidden in what the device sends while idle" in told


def test_another_source_still_shows_them() -> None:
    ruling = judge(hidden(wanted()))
    assert "V04" in ruling.classes_observable, "by the light"
    inside = on(wanted(), sources=("S", "N", "I", "A", "L", "P"))
    assert judge(hidden(inside)).uploads is judge(inside).uploads


def test_what_is_proven_stays_proven() -> None:
    ruling = judge(hidden(kitchen_2018()))
    assert ruling.verdict is Verdict.FAIL


def test_the_ruling_says_what_uploads_were_told_by() -> None:
    case = wanted()
    told = replace(case, rig=replace(case.rig, idle="Uploads are told by a profile."))
    assert "Uploads are told by a profile." in judge(told).notes
