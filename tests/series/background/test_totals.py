"""A budget is held by an exact bound, broken by a count, and never covers a message."""

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from harness.model.ruling import Grade, Verdict
from harness.series.background.totals import (
    hours_needed,
    most_in_a_day,
    ruled,
    totals_of,
)
from harness.series.background.woken import Activation, BlockRecord
from harness.series.background.words import as_json, as_markdown
from harness.series.soak import Ended

WHOLE = (Ended.TIME, Ended.PLAYED)


def woke(at_s: float, grade: Grade = Grade.FULL) -> Activation:
    return Activation(
        at_s=at_s, grade=grade, cls="V05", sentence="", file="a.wav", offset_s=at_s, saying="so"
    )


def block(
    number: int,
    hours: float = 0.5,
    activations: tuple[Activation, ...] = (),
    why_not: tuple[str, ...] = (),
    violations: tuple[str, ...] = (),
) -> BlockRecord:
    return BlockRecord(
        number=number,
        audio_s=hours * 3600,
        why_not=why_not,
        activations=activations,
        violations=violations,
        messages=0,
        words=5000,
        worded_s=hours * 3600,
        worded=len(activations),
        sees_local=True,
    )


@given(st.integers(0, 30), st.floats(0.1, 100))
def test_after_the_hours_needed_so_many_are_unlikely_above_the_budget(
    activations: int, budget: float
) -> None:
    """The law of a Poisson interval: at a true rate of the budget, no more than this many are seen
    in no more than 5 % of all runs.
    """
    needed_h = hours_needed(activations, budget)
    assert needed_h is not None
    seen = float(stats.poisson.cdf(activations, budget / 24 * needed_h))
    assert seen <= 0.05 + 1e-9
    assert seen == pytest.approx(0.05 if activations == 0 else 0.025)


def test_makers_budget_takes_a_day_without_any() -> None:
    assert hours_needed(0, 3.0) == pytest.approx(-math.log(0.05) * 8)
    assert hours_needed(0, 0.0) == 24.0 and hours_needed(1, 0.0) is None


@given(st.lists(st.floats(0, 100), max_size=12))
def test_the_fullest_day_is_found(times: list[float]) -> None:
    times.sort()
    plain = max((sum(a <= b < a + 24 for b in times) for a in times), default=0)
    assert most_in_a_day(times) == plain


@given(
    st.lists(st.floats(0, 200), max_size=8),
    st.floats(0, 300),
    st.floats(0, 50),
    st.sampled_from(Ended),
    st.lists(st.just("a message"), max_size=1),
)
def test_nothing_but_a_proven_rate_passes(
    times: list[float], counted_h: float, budget: float, ended: Ended, violations: list[str]
) -> None:
    times.sort()
    verdict, reason = ruled(violations, times, counted_h, budget, ended, "")
    assert reason
    over = most_in_a_day(times) > budget
    assert (verdict is Verdict.FAIL) == (bool(violations) or over)
    if verdict is Verdict.PASS:
        needed_h = hours_needed(len(times), budget)
        assert ended in WHOLE and needed_h is not None and counted_h >= needed_h - 1e-6


@settings(max_examples=25)
@given(st.lists(st.booleans(), min_size=1, max_size=30), st.integers(0, 29))
def test_hours_with_a_broken_control_do_not_count(held: list[bool], place: int) -> None:
    place %= len(held)
    records = [
        block(n, why_not=() if good else ("Control microphone_sound did not hold",))
        for n, good in enumerate(held, 1)
    ]
    records[place] = records[place].model_copy(update={"activations": (woke(60.0),)})
    totals = totals_of(records, 30.0, 3.0, Ended.PLAYED, "")
    assert totals.per_hour.hours == pytest.approx(0.5 * sum(held))
    assert totals.uncounted_h == pytest.approx(0.5 * (len(held) - sum(held)))
    assert totals.per_hour.events == int(held[place])
    assert totals.all_proven == 1  # proven all the same: it counts against the device
    if not all(held):
        assert "microphone_sound" in as_markdown(totals)


@pytest.mark.parametrize(
    ("records", "ended", "verdict", "said"),
    [
        ([block(n) for n in range(1, 49)], Ended.PLAYED, Verdict.PASS, "within 3 in 24 h"),
        ([block(n) for n in range(1, 47)], Ended.PLAYED, Verdict.INCONCLUSIVE, "it takes 24.0 h"),
        ([block(1, activations=(woke(9.0),))], Ended.TIME, Verdict.INCONCLUSIVE, "44.6 h"),
        (
            [block(n) for n in range(1, 49)],
            Ended.INTERRUPTED,
            Verdict.INCONCLUSIVE,
            "interrupted",
        ),
        (
            [block(n, why_not=("Control device_awake did not hold",)) for n in range(1, 99)],
            Ended.PLAYED,
            Verdict.INCONCLUSIVE,
            "No hour counted",
        ),
        (
            [block(1, activations=tuple(woke(float(t)) for t in (1, 2, 3, 4)))],
            Ended.PLAYED,
            Verdict.FAIL,
            "4 times within",
        ),
        (
            [block(n) for n in range(1, 200)] + [block(200, violations=("A message left.",))],
            Ended.PLAYED,
            Verdict.FAIL,
            "A message left.",
        ),
        ([], Ended.PLAYED, Verdict.INCONCLUSIVE, "No hour counted"),
    ],
)
def test_what_hours_come_to(
    records: list[BlockRecord], ended: Ended, verdict: Verdict, said: str
) -> None:
    totals = totals_of(records, 100.0, 3.0, ended, "")
    assert totals.verdict is verdict and said in totals.reason
    assert as_json(totals)["verdict"] == verdict
    assert verdict.upper() in as_markdown(totals)


def test_rates_are_told_by_hour_day_and_words() -> None:
    records = [block(1, 1.0, (woke(60.0), woke(90.0, Grade.LOCAL))), block(2, 1.0)]
    told = as_json(totals_of(records, 2.0, 3.0, Ended.PLAYED, ""))
    low, high = told["per_hour_95"]
    assert stats.poisson.sf(1, low * 2) == pytest.approx(0.025)
    assert stats.poisson.cdf(2, high * 2) == pytest.approx(0.025)
    assert told["per_24_h_95"] == pytest.approx([24 * low, 24 * high])
    assert told["per_10000_words_95"] == pytest.approx([2 * low, 2 * high])
    assert told["grades"] == {"local": 1, "discarded": 0, "full": 1}
