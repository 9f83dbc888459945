"""Each of the 39 classes: a play that breaks it, and a near miss that breaks nothing."""

from dataclasses import replace

import pytest

from harness.judge import CLASSES, CONDITIONS, judge
from harness.judge.rule import LIMITS
from harness.model.case import Case
from harness.model.record import case_from_json, case_to_json, ruling_from_json, ruling_to_json
from harness.model.ruling import Verdict
from harness.model.timeline import MessageReceived
from tests.judge.pairs import Pair, account, audible, chain, household, payload, uploads
from tests.judge.timelines import adding, swapped

PAIRS = (
    *uploads.PAIRS,
    *chain.PAIRS,
    *audible.PAIRS,
    *payload.PAIRS,
    *account.PAIRS,
    *household.PAIRS,
)


def named(pair: Pair) -> str:
    return f"{pair.cls} {pair.what}"


def test_every_class_has_its_pair() -> None:
    assert {pair.cls for pair in PAIRS} == set(CLASSES)


@pytest.mark.parametrize("pair", PAIRS, ids=named)
def test_it_breaks_just_that(pair: Pair) -> None:
    ruling = judge(pair.breaks)
    assert sorted(f.cls for f in ruling.findings) == sorted((pair.cls, *pair.also))
    assert ruling.verdict is Verdict.FAIL


@pytest.mark.parametrize("pair", PAIRS, ids=named)
def test_the_near_miss_passes(pair: Pair) -> None:
    ruling = judge(pair.near)
    assert (ruling.findings, ruling.reasons) == ((), ())
    assert ruling.verdict is Verdict.PASS


@pytest.mark.parametrize("pair", PAIRS, ids=named)
def test_a_finding_says_all_that_it_rests_on(pair: Pair) -> None:
    for finding in judge(pair.breaks).findings:
        condition = CONDITIONS[finding.condition]
        assert finding.rule == condition.on(pair.breaks.rig.limits)
        assert finding.sentence.endswith(f"{condition.name[1:]}.")
        assert finding.cls in finding.sentence and finding.rests_on and finding.sources
        names = [name for name, _, _ in finding.values]
        assert len(names) == len(set(names))
        assert set(CLASSES[finding.cls].limits) <= set(names)
        assert all(unit == LIMITS[n][0] for n, _, unit in finding.values if n in LIMITS)


@pytest.mark.parametrize("pair", PAIRS, ids=named)
def test_it_comes_back_from_its_record(pair: Pair) -> None:
    ruling = judge(pair.breaks)
    assert ruling_from_json(ruling_to_json(ruling)) == ruling
    assert judge(case_from_json(case_to_json(pair.breaks))) == ruling


DELIVERING = [
    pytest.param(pair.near, got, id=f"{named(pair)} {got.message_id}")
    for pair in PAIRS
    for got in pair.near.events
    if isinstance(got, MessageReceived)
]


@pytest.mark.parametrize(("case", "got"), DELIVERING)
def test_no_near_miss_passes_with_a_message_delivered_again(
    case: Case, got: MessageReceived
) -> None:
    again = replace(got, message_id="again", at_s=got.at_s + 0.2, sha256=None)
    assert judge(adding(case, again)).verdict is not Verdict.PASS


@pytest.mark.parametrize(("case", "got"), DELIVERING)
def test_no_near_miss_passes_with_somebody_else_reached(case: Case, got: MessageReceived) -> None:
    for to in case.script.household.contacts:
        if to != got.recipient:
            other = swapped(case, got, replace(got, recipient=to))
            assert judge(other).verdict is not Verdict.PASS
