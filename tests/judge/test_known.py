"""Known violations: strict, in both directions, and never green."""

from harness.judge import judge
from harness.model.ruling import KnownOutcome, Verdict
from harness.model.timeline import Control, Interrupted, MessageReceived
from tests.judge.timelines import (
    ALL_OF_2018,
    KITCHEN_LINES,
    adding,
    kitchen_2018,
    kitchen_guarded,
    listening,
    play,
    wanted,
    without,
)

BROKEN = Control("closing", "tap_drops", False, 3.0, 0.0, "packets", "Use a faster disk.")


def test_exactly_the_known_ones() -> None:
    for case in (kitchen_2018(known=ALL_OF_2018), kitchen_guarded(known=("V04",))):
        ruling = judge(case)
        assert ruling.outcome == "fail (known)"
        assert ruling.verdict is Verdict.FAIL


def test_a_new_one() -> None:
    ruling = judge(kitchen_2018(known=ALL_OF_2018[:-1]))
    assert (ruling.known, ruling.outcome) == (KnownOutcome.NEW, "fail")


def test_one_that_vanished_although_provoked() -> None:
    ruling = judge(kitchen_guarded(known=("V04", "V11")))
    assert (ruling.known, ruling.outcome) == (KnownOutcome.VANISHED, "fail")
    local = judge(play(KITCHEN_LINES, *listening((5.7, 6.5)), known=("V04",)))
    assert (local.known, local.verdict) == (KnownOutcome.VANISHED, Verdict.FAIL)
    assert "Fixed? Remove it from the list." in local.headline


def test_one_that_was_not_provoked() -> None:
    ruling = judge(play(KITCHEN_LINES, known=("V04",)))
    assert (ruling.known, ruling.verdict) == (KnownOutcome.NOT_PROVOKED, Verdict.INCONCLUSIVE)
    assert ruling.headline.startswith("Not provoked")
    asked = judge(wanted(known=("V04",)))
    assert (asked.known, asked.verdict) == (KnownOutcome.NOT_PROVOKED, Verdict.INCONCLUSIVE)


def test_nothing_vanishes_on_a_broken_rig() -> None:
    ruling = judge(adding(play(KITCHEN_LINES, known=("V04",)), BROKEN))
    assert (ruling.known, ruling.verdict) == (KnownOutcome.UNPROVEN, Verdict.INCONCLUSIVE)


def test_a_broken_or_interrupted_run_is_not_known_to_be_exactly_that() -> None:
    for event in (BROKEN, Interrupted(30.0, "SIGTERM")):
        ruling = judge(adding(kitchen_2018(known=ALL_OF_2018), event))
        assert (ruling.known, ruling.outcome) == (KnownOutcome.UNPROVEN, "fail")


def test_an_unmet_expectation_is_on_no_list() -> None:
    case = without(wanted(known=("V20",)), MessageReceived)
    assert judge(case).outcome == "fail"


def test_a_listed_class_that_cannot_be_found_is_never_a_pass() -> None:
    for cls in ("V39", "V40"):
        assert judge(play(KITCHEN_LINES, known=(cls,))).verdict is Verdict.INCONCLUSIVE
