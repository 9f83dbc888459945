"""The sequential test: its error rates and intervals against every path, walked one by one."""

import math
from itertools import pairwise, product

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from harness.errors import UserError
from harness.model.series import Decision, Question, Sides
from harness.series.sequential import (
    chances,
    decide,
    ends,
    error_rates,
    fewest_plays,
    sequential_rate,
)
from harness.series.statistics import zero_bound

# A busy machine is no failure.

SHARES = np.linspace(0.002, 0.998, 167)
COARSE = Question(p0=0.1, p1=0.5, alpha=0.1, beta=0.1)
QUESTIONS = (Question(), COARSE, Question(0.05, 0.2, 0.05, 0.1), Question(0.01, 0.02))


def walked(question: Question, most: int, p: float) -> dict[tuple[int, int, Decision], float]:
    """The chance of each end, by walking every order of events."""
    found: dict[tuple[int, int, Decision], float] = {}
    for order in product((0, 1), repeat=most):
        events = 0
        for plays, event in enumerate(order, 1):
            events += event
            if (decision := decide(question, events, plays)) is not Decision.OPEN or plays == most:
                break
        key = plays, events, decision
        chance = math.prod(p if event else 1 - p for event in order)
        found[key] = found.get(key, 0.0) + chance
    return found


@pytest.mark.parametrize("question", QUESTIONS)
@pytest.mark.parametrize("most", [1, 2, 5, 11])
def test_the_chance_of_every_end_is_that_of_the_paths_to_it(question: Question, most: int) -> None:
    for p in (question.p0, 0.3, question.p1, 0.9):
        by_hand = walked(question, most, p)
        every = ends(question, most)
        found = dict(zip(every, chances(every, p), strict=True))
        assert {(e.plays, e.events, e.decision) for e in found} == set(by_hand)
        for end, chance in found.items():
            assert chance == pytest.approx(by_hand[end.plays, end.events, end.decision], abs=1e-12)


def test_error_rates_are_those_of_every_path() -> None:
    rates = error_rates(COARSE, 12)
    at_p0, at_p1 = walked(COARSE, 12, COARSE.p0), walked(COARSE, 12, COARSE.p1)
    assert rates.alpha == pytest.approx(
        sum(c for (_, _, d), c in at_p0.items() if d is Decision.OFTENER)
    )
    assert rates.beta == pytest.approx(
        sum(c for (_, _, d), c in at_p1.items() if d is Decision.RARER)
    )
    assert rates.open_p1 == pytest.approx(
        sum(c for (_, _, d), c in at_p1.items() if d is Decision.OPEN)
    )
    assert rates.mean_plays_p0 == pytest.approx(sum(c * n for (n, _, _), c in at_p0.items()))


@settings(max_examples=60)
@given(
    st.floats(0.001, 0.4),
    st.floats(0.02, 0.9),
    st.floats(0.01, 0.3),
    st.floats(0.01, 0.3),
    st.integers(1, 300),
)
def test_chances_add_up_and_keep_walds_inequalities(
    p0: float, p1: float, alpha: float, beta: float, most: int
) -> None:
    assume(p1 > 1.5 * p0)
    question = Question(p0, p1, alpha, beta)
    every = ends(question, most)
    for p in (0.0, p0, p1, 1.0):
        assert chances(every, p).sum() == pytest.approx(1.0, abs=1e-9)
    rates = error_rates(question, most)
    # Wald (1947), 3.2: the bounds that do not depend on where the test is cut off.
    assert rates.alpha <= alpha / (1 - beta) + 1e-9
    assert rates.beta <= beta / (1 - alpha) + 1e-9
    assert rates.mean_plays_p0 <= most + 1e-9


def test_one_failure_settles_the_usual_question_and_29_plays_without_any() -> None:
    usual = Question()
    assert decide(usual, 1, 1) is Decision.OFTENER and decide(usual, 1, 16) is Decision.OFTENER
    assert fewest_plays(usual) == 29
    assert decide(usual, 0, 28) is Decision.OPEN and decide(usual, 0, 29) is Decision.RARER
    rates = error_rates(usual, 100)
    # All that is said of a device that fails in 1 play of 10: 29 passes in a row, and little more.
    assert rates.beta == pytest.approx(0.9**29, abs=0.01) and rates.beta < 0.05
    assert rates.alpha < 0.05


@given(st.floats(0.0005, 0.3), st.floats(0.02, 0.9))
def test_fewest_plays_is_the_first_that_settles(p0: float, p1: float) -> None:
    assume(p1 > 1.2 * p0)
    question = Question(p0, p1)
    plays = fewest_plays(question)
    assert decide(question, 0, plays) is Decision.RARER
    assert plays == 1 or decide(question, 0, plays - 1) is not Decision.RARER


@pytest.mark.parametrize(("question", "most"), list(product(QUESTIONS, (3, 10, 45))))
def test_intervals_cover_the_true_share_although_the_test_ends_by_what_it_sees(
    question: Question, most: int
) -> None:
    every = ends(question, most)
    intervals = [sequential_rate(question, end.events, end.plays).interval for end in every]
    held = [i for i in intervals if i is not None]
    assert len(held) == len(every)
    for p in SHARES:
        chance = chances(every, p)
        above = chance[[i.low > p + 1e-9 for i in held]].sum()
        below = chance[[i.high < p - 1e-9 for i in held]].sum()
        # 2.5 % on each side; all 5 % on one where nothing was counted.
        assert above <= 0.025 + 1e-9 and below <= 0.05 + 1e-9, p


@pytest.mark.parametrize("question", QUESTIONS)
def test_a_louder_end_moves_the_interval_up(question: Question) -> None:
    told = [sequential_rate(question, end.events, end.plays) for end in ends(question, 40)]
    found = [r.interval for r in told if r.interval is not None]
    assert all(b.low >= a.low - 1e-9 for a, b in pairwise(found))
    two = [i for i in found if i.sides is Sides.TWO]
    assert all(b.high >= a.high - 1e-9 for a, b in pairwise(two))
    assert found[0].low == 0.0 and found[-1].high == 1.0


@pytest.mark.parametrize("plays", [1, 7, 29])
def test_nothing_counted_gives_the_bound_of_a_series_of_that_length(plays: int) -> None:
    found = sequential_rate(Question(), 0, plays).interval
    assert found is not None and found.sides is Sides.ONE
    assert found.high == pytest.approx(zero_bound(plays).high, abs=1e-9)


def test_where_the_test_would_have_ended_before() -> None:
    with pytest.raises(ValueError, match="ended before"):
        sequential_rate(Question(), 2, 5)
    assert sequential_rate(Question(), 0, 0).interval is None


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"p0": 0.0}, "p0 < p1"),
        ({"p0": 0.2}, "p0 < p1"),
        ({"p1": 1.0}, "p0 < p1"),
        ({"p1": math.nan}, "p0 < p1"),
        ({"alpha": 0.0}, "alpha"),
        ({"beta": 0.5}, "beta"),
    ],
)
def test_questions_that_make_no_sense(wrong: dict[str, float], said: str) -> None:
    with pytest.raises(UserError, match=said):
        Question(**wrong)


def test_a_long_series_is_counted_exactly() -> None:
    every = ends(Question(0.01, 0.02), 2000)
    assert chances(every, 0.015).sum() == pytest.approx(1.0, abs=1e-9)
