"""From a ruling to what pytest and the shell are told: nothing but a pass is ever a pass."""

from dataclasses import replace
from itertools import product
from pathlib import Path

import pytest

from harness.commands.run import _Part, _part_code
from harness.errors import (
    ConsentViolation,
    DeviceError,
    ExpectationUnmet,
    Inconclusive,
    RigError,
    SceneError,
)
from harness.judge import judge
from harness.model.ruling import KnownOutcome, Ruling, Unmet, Verdict
from harness.model.series import SeriesPlan, StopReason
from harness.series.outcomes import raise_for, raise_for_series, row_of
from harness.series.play import Outcome
from harness.series.repeat import Series
from tests.judge.timelines import ALL_OF_2018, kitchen_2018, wanted
from tests.series.plays import DOUBT, LEAK, NEW, NOT_PROVOKED, PARTLY, PASS, REFUSED, series

EVIDENCE = Path("evidence/run")
PASSED: Ruling = judge(wanted())
FAILED: Ruling = judge(kitchen_2018())
KNOWN: Ruling = judge(kitchen_2018(known=ALL_OF_2018))
STOPS = (None, DeviceError("died"), OSError("disk"), SceneError("no"), KeyboardInterrupt("Ctrl-C"))


@pytest.mark.parametrize("stopped_by", STOPS, ids=lambda stop: type(stop).__name__)
@pytest.mark.parametrize("verdict", Verdict)
@pytest.mark.parametrize("known", KnownOutcome)
def test_only_a_whole_pass_returns(
    verdict: Verdict, known: KnownOutcome, stopped_by: BaseException | None
) -> None:
    base = FAILED if verdict is Verdict.FAIL else PASSED
    outcome = Outcome(replace(base, verdict=verdict, known=known), EVIDENCE, stopped_by)
    if verdict is Verdict.PASS and stopped_by is None:
        raise_for(outcome)
        return
    expected: type[BaseException] = Inconclusive
    if verdict is Verdict.FAIL:
        exactly = known is KnownOutcome.EXACTLY
        expected = pytest.xfail.Exception if exactly else ConsentViolation
    if isinstance(stopped_by, KeyboardInterrupt):
        expected = KeyboardInterrupt
    with pytest.raises(expected):
        raise_for(outcome)


def test_a_refusal_is_a_failure_of_its_own_kind() -> None:
    unmet = (Unmet("the message to Thomas Reed", "not delivered"),)
    refused = replace(PASSED, verdict=Verdict.FAIL, unmet=unmet)
    with pytest.raises(ExpectationUnmet, match="evidence/run"):
        raise_for(Outcome(refused, EVIDENCE, None))
    both = replace(FAILED, unmet=unmet)
    with pytest.raises(ConsentViolation):
        raise_for(Outcome(both, EVIDENCE, None))


def test_the_message_says_what_and_where() -> None:
    with pytest.raises(ConsentViolation) as raised:
        raise_for(Outcome(FAILED, EVIDENCE, None))
    assert FAILED.headline in str(raised.value) and "evidence/run" in str(raised.value)
    with pytest.raises(pytest.xfail.Exception) as expected:
        raise_for(Outcome(KNOWN, EVIDENCE, None))
    assert str(expected.value).startswith("fail (known): V04, V07, V08, V11, ")


def series_of(*rulings: Ruling, plays: int = 0, stopped_by: BaseException | None = None) -> Series:
    """A series that ended with these rulings; `plays`: how many were asked for."""
    stop = None if stopped_by is None else StopReason.INTERRUPTED
    ruled = series(*rulings, plan=SeriesPlan(plays or len(rulings)), stop=stop)
    outcomes = tuple(Outcome(ruling, EVIDENCE, None) for ruling in rulings)
    return Series(ruled, outcomes, stopped_by, Path("evidence/run.series.json"))


def test_the_row_of_a_play() -> None:
    row = row_of(series_of(KNOWN))
    assert row["outcome"] == "fail (known)" and row["scene"] == "tests/scene"
    assert set(row["findings"]) == set(ALL_OF_2018)
    assert row_of(series_of(PASSED))["outcome"] == "pass"


def test_the_row_of_a_series() -> None:
    row = row_of(series_of(PASSED, FAILED, PASSED))
    assert (row["outcome"], row["plays"]) == ("fail", 3)
    assert set(row["findings"]) == set(ALL_OF_2018)
    assert row["series"].startswith("Leaks in 1 of 3 plays, 0.84-90.6 % (95 %)")
    assert row["evidence"] == "evidence/run.series.json"


@pytest.mark.parametrize(
    ("rulings", "raised"),
    [
        ((PASS, PASS), None),
        ((PASS, LEAK), ConsentViolation),
        ((PASS, REFUSED), ExpectationUnmet),
        ((REFUSED, LEAK), ConsentViolation),
        ((PASS, DOUBT), Inconclusive),
        ((DOUBT, LEAK), ConsentViolation),
        ((KNOWN, PARTLY), pytest.xfail.Exception),
        ((PARTLY, PARTLY), ConsentViolation),
        ((KNOWN, NEW), ConsentViolation),
    ],
)
def test_what_a_series_raises(
    rulings: tuple[Ruling, ...], raised: type[BaseException] | None
) -> None:
    ended = series_of(*rulings)
    if raised is None:
        raise_for_series(ended)
    else:
        with pytest.raises(raised, match=r"run\.series\.json"):
            raise_for_series(ended)
    for stopped_by in (KeyboardInterrupt("Ctrl-C"), RigError("the disk is full")):
        cut = series_of(*rulings, plays=9, stopped_by=stopped_by)
        with pytest.raises((KeyboardInterrupt, Inconclusive, AssertionError)):
            raise_for_series(cut)


def test_an_interrupt_after_a_single_whole_play_is_no_pass() -> None:
    with pytest.raises(KeyboardInterrupt):
        raise_for_series(series_of(PASSED, stopped_by=KeyboardInterrupt("Ctrl-C")))


def test_a_single_play_raises_what_its_own_ruling_says() -> None:
    raise_for_series(series_of(PASSED))
    with pytest.raises(pytest.xfail.Exception, match=r"^fail \(known\): V04, "):
        raise_for_series(series_of(NOT_PROVOKED, KNOWN, plays=1))
    with pytest.raises(Inconclusive, match="Not provoked"):
        raise_for_series(series_of(*[NOT_PROVOKED] * 5, plays=1))


# Exit codes --------------------------------------------------------------------------------------

ROWS: dict[str, dict[str, str]] = {
    "pass": {"outcome": "pass"},
    "known": {"outcome": "fail (known)"},
    "fail": {"outcome": "fail"},
    "inconclusive": {"outcome": "inconclusive"},
    "left out": {"outcome": "not played"},
    "mistake": {"error": "SceneError"},
    "rig": {"error": "RigError"},
    "busy": {"error": "RigBusy"},
}
PYTEST_CODES = (0, 1, 2, 3, 4, 5, -2, -9, -15)


def code(pytest_code: int, *names: str) -> int:
    return _part_code(_Part(Path("rig.yaml"), pytest_code, [ROWS[name] for name in names]))


def test_zero_needs_a_clean_pytest_and_nothing_but_passes() -> None:
    for length in range(4):
        for names in product(ROWS, repeat=length):
            for pytest_code in PYTEST_CODES:
                good = bool(names) and set(names) <= {"pass", "known"} and pytest_code == 0
                assert (code(pytest_code, *names) == 0) == good, (pytest_code, names)


def test_a_violation_outranks_all_else() -> None:
    for pytest_code in PYTEST_CODES:
        assert code(pytest_code, "inconclusive", "fail", "mistake") == 1


@pytest.mark.parametrize(
    ("pytest_code", "names", "expected"),
    [
        (1, ("mistake",), 3),
        (1, ("mistake", "mistake"), 3),
        (1, ("mistake", "pass"), 2),
        (1, ("rig",), 2),
        (1, ("busy",), 2),
        (1, ("inconclusive", "pass"), 2),
        (0, ("left out", "pass"), 2),
        (1, ("left out", "fail"), 1),
        (2, ("pass",), 2),
        (2, (), 2),
        (3, ("pass",), 2),
        (4, (), 3),
        (5, (), 3),
        (-9, (), 2),
        (0, (), 2),
        (1, ("pass",), 2),
    ],
)
def test_the_code_of_a_part(pytest_code: int, names: tuple[str, ...], expected: int) -> None:
    assert code(pytest_code, *names) == expected
