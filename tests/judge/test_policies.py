"""Policies and budgets: what a product does without is said, and never reads as met."""

from dataclasses import replace

import pytest

from harness.errors import RigFileError
from harness.judge import judge
from harness.model.case import Case, Limits, Policy, ReadBack
from harness.model.ruling import Part, Verdict
from harness.model.script import Act
from tests.judge.pairs.audible import FAINT, measured
from tests.judge.pairs.chain import DANA_YES, INSIDE, MEDIA_YES, STOP, delivered, talk
from tests.judge.timelines import (
    DICTATE,
    NAME,
    NO,
    UNACCEPTABLE,
    WAKE,
    YES,
    adding,
    classes,
    kitchen_2018,
    message,
    on,
    play,
    say,
    up,
    verdicts,
    wanted,
)

SCREEN = Policy("kitchen-display", ReadBack.SCREEN, (), "it shows the contact on its screen")
NOTHING = Policy("one-shot", ReadBack.NONE, (7,), "it asks nothing at all")
SILENT = talk(WAKE, NAME, DICTATE, YES, back=None)
UNASKED = talk(WAKE, NAME, DICTATE, back=None, events=delivered(12.0))


def test_both_are_said() -> None:
    ruling = judge(on(SILENT, policy=SCREEN))
    assert (ruling.verdict, ruling.strict) == (Verdict.PASS, Verdict.FAIL)
    assert ruling.headline.endswith("It passes policy kitchen-display; strict: V13.")
    assert [f.cls for f in ruling.waived] == ["V13"]
    assert any("What is waived was not met" in note and "screen" in note for note in ruling.notes)
    assert ruling.policy == "kitchen-display"
    strict = judge(SILENT)
    assert (strict.verdict, strict.strict, strict.policy) == (Verdict.FAIL, None, "strict")


@pytest.mark.parametrize(
    ("case", "expected"),
    [
        (talk(WAKE, NAME, DICTATE, back=None), ["V12"]),
        (talk(WAKE, NAME, DICTATE, INSIDE, back=None), ["V11"]),
        (talk(WAKE, NAME, DICTATE, MEDIA_YES, back=None), ["V09"]),
        (talk(WAKE, NAME, DICTATE, NO, back=None), ["V15"]),
        (talk(WAKE, NAME, DICTATE, YES, STOP, back=None), ["V16"]),
        (talk(WAKE, NAME, YES, back=None), ["V25"]),
        (talk(WAKE, NAME, DICTATE, say("y", "Mark", "Yes.", 9.0, 9.4, Act.CONFIRM), back=None),
         ["V14"]),
        (talk(WAKE, NAME, DICTATE, YES, back=None, events=delivered(40.0)), ["V27"]),
    ],
)  # fmt: skip
def test_a_screen_waives_the_read_back_and_nothing_else(case: Case, expected: list[str]) -> None:
    ruling = judge(on(case, policy=SCREEN))
    assert [f.cls for f in ruling.findings] == expected
    assert ruling.verdict is ruling.strict is Verdict.FAIL


def test_a_product_that_asks_nothing_still_needs_a_request() -> None:
    assert verdicts(on(UNASKED, policy=NOTHING)) == ("pass", "pass", "pass")
    assert judge(on(UNASKED, policy=NOTHING)).strict is Verdict.FAIL
    late = talk(WAKE, NAME, DICTATE, back=None, events=delivered(30.0))
    assert classes(on(late, policy=NOTHING)) == ["V27"]
    assert verdicts(on(kitchen_2018(), policy=NOTHING))[0] == "fail"


def test_one_request_covers_one_delivery_where_no_yes_is_needed() -> None:
    twice = adding(UNASKED, message(13.0, audio_s=2.3, message_id="m2"))
    assert classes(on(twice, policy=NOTHING)) == ["V26"]


def test_a_waived_condition_is_listed_and_the_others_stay() -> None:
    waiving = Policy("loud-room", waive=(10,), reason="it is used in a workshop")
    ruling = judge(on(measured(**FAINT), policy=waiving))
    assert (ruling.verdict, ruling.strict) == (Verdict.PASS, Verdict.FAIL)
    assert [f.cls for f in ruling.waived] == ["V17"]
    both = on(measured(**FAINT, states_act=False), policy=waiving)
    assert classes(both) == ["V20"]


def test_a_policy_that_changes_nothing_says_so() -> None:
    ruling = judge(on(wanted(), policy=SCREEN))
    assert ruling.headline.endswith("It passes policy kitchen-display; strict: the same.")
    assert ruling.strict is Verdict.PASS


@pytest.mark.parametrize(
    "policy",
    [
        Policy("mine", waive=(14,), reason="why not"),
        Policy("mine", waive=(0,), reason="why not"),
        Policy("mine", waive=(19,), reason="why not"),
        Policy("mine", waive=(10,)),
        Policy(waive=(10,), reason="why not"),
        Policy("mine", ReadBack.NONE),
    ],
)
def test_a_policy_without_sense_is_refused(policy: Policy) -> None:
    with pytest.raises(RigFileError, match="policy"):
        judge(on(wanted(), policy=policy))


def test_another_voice_is_advisory_unless_the_device_claims_to_know_voices() -> None:
    case = talk(WAKE, NAME, DICTATE, DANA_YES)
    assert any(note.startswith("Advisory: Mark woke") for note in judge(case).notes)
    assert classes(on(case, knows_voices=True)) == ["V10"]


# --- budgets --------------------------------------------------------------------------------------

DAY_S = 86_400.0


def soak(*at_s: float, days: float = 1.0, budget: float = 3.0) -> Case:
    """So many days of watching, with an accident at each of these times (s)."""
    lines = tuple(
        say(f"talk{i}", "Mark", "It is unacceptable.", start_s, start_s + 2.0)
        for i, start_s in enumerate(at_s)
    )
    ups = tuple(up(start_s + 1.0, start_s + 3.5) for start_s in at_s)
    limits = Limits(accidental_per_day=budget)
    return play(lines, *ups, until_s=days * DAY_S, limits=limits)


def test_a_budget_covers_so_many_accidents_a_day() -> None:
    ruling = judge(soak(100.0, 30_000.0, 60_000.0))
    assert (ruling.verdict, ruling.findings) == (Verdict.PASS, ())
    assert [f.cls for f in ruling.budgeted] == ["V04"] * 3
    assert any("3 accidental activations within the budget" in note for note in ruling.notes)
    assert judge(soak(100.0, 30_000.0, 60_000.0, budget=2.0)).uploads is Verdict.FAIL


def test_in_any_24_hours_and_no_more_than_its_share() -> None:
    crowded = soak(100.0, 200.0, 300.0, 400.0, days=2.0)
    assert verdicts(crowded)[0] == "fail"
    assert verdicts(soak(100.0, 200.0, 90_000.0, 90_100.0, days=2.0))[0] == "pass"
    assert verdicts(soak(100.0, days=0.01))[0] == "fail"
    assert verdicts(soak(100.0, days=0.4))[0] == "pass"


def test_a_budget_never_covers_a_message() -> None:
    case = soak(100.0)
    ruling = judge(adding(case, message(104.0)))
    assert ruling.messages is Verdict.FAIL
    assert ruling.budgeted == ()
    assert any(f.part is Part.UPLOADS for f in ruling.findings)
    assert verdicts(replace(kitchen_2018(), rig=case.rig))[0] == "fail"


def test_without_a_budget_every_accident_fails() -> None:
    assert verdicts(play((UNACCEPTABLE,), up(5.8, 9.0), until_s=DAY_S))[2] == "fail"
