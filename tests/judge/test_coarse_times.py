"""Histories of makers who tell minutes: enough entries pass, too few prove nothing either way."""

from dataclasses import replace
from itertools import permutations

from hypothesis import given, settings
from hypothesis import strategies as st

from harness.judge import judge
from harness.judge.history import matched
from harness.model.account import HistoryEntry
from harness.model.ruling import Verdict
from tests.judge.pairs.account import HISTORY, READ, told


def coarse(shift_s: float, entries: tuple[HistoryEntry, ...] = HISTORY) -> tuple[HistoryEntry, ...]:
    """The entries as a maker has them whose clock shows minutes."""
    return tuple(
        replace(e, from_s=e.from_s + shift_s, until_s=e.until_s + shift_s, uncertainty_s=30.0)
        for e in entries
    )


@settings(max_examples=25)
@given(st.floats(-30.0, 30.0))
def test_a_whole_history_passes_however_coarse_its_times(shift_s: float) -> None:
    ruling = judge(told(READ, *coarse(round(shift_s, 3))))
    assert (ruling.verdict, ruling.findings, ruling.reasons) == (Verdict.PASS, (), ())


@settings(max_examples=25)
@given(st.floats(-30.0, 30.0), st.sampled_from([{3}, {0, 3}, {0, 1, 2}, {0, 1, 2, 3}]))
def test_one_that_lacks_much_never_passes(shift_s: float, gone: set[int]) -> None:
    kept = tuple(entry for n, entry in enumerate(HISTORY) if n not in gone)
    assert judge(told(READ, *coarse(round(shift_s, 3), kept))).verdict is not Verdict.PASS


def test_what_lacks_is_inconclusive_while_another_entry_may_be_about_it() -> None:
    ruling = judge(told(READ, *coarse(10.0, HISTORY[3:])))
    assert ruling.verdict is Verdict.INCONCLUSIVE and not ruling.findings
    assert any("tells times so coarsely" in reason for reason in ruling.reasons)


def test_what_lacks_is_proven_where_no_entry_can_be_about_it() -> None:
    far = tuple(replace(e, from_s=90.0, until_s=90.0) for e in coarse(0.0))
    ruling = judge(told(READ, *far))
    assert {finding.cls for finding in ruling.findings} == {"V35"}


@given(st.lists(st.frozensets(st.integers(0, 4), max_size=3), max_size=5))
def test_as_many_are_matched_as_can_be(choices: list[frozenset[int]]) -> None:
    nobody = -1
    seats = [*range(5), *([nobody] * len(choices))]
    best = max(
        sum(seat in wanted for seat, wanted in zip(order, choices, strict=False))
        for order in set(permutations(seats, len(choices)))
    )
    assert matched(choices) == best
