"""Halving finds what looking through everything finds; a long day is judged like a short one."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.judge_plays import day
from harness.judge import judge
from harness.judge.near import Near
from harness.model.ruling import Verdict

Span = tuple[int, int]
spans = st.lists(st.tuples(st.integers(0, 30), st.integers(0, 12)), max_size=12).map(
    lambda found: sorted((start, start + length) for start, length in found)
)
times = st.integers(-5, 50)


def near(found: list[Span]) -> Near[Span]:
    return Near(found, lambda span: span[0], lambda span: span[1])


@given(spans, times, times)
def test_nothing_that_touches_is_left_out(found: list[Span], from_s: int, until_s: int) -> None:
    asked = list(near(found).touching(from_s, until_s))
    needed = [span for span in found if span[0] <= until_s and span[1] >= from_s]
    assert [span for span in asked if span in needed] == needed
    assert asked == [span for span in found if span in asked]


@given(spans, times, times)
def test_whether_anything_touches(found: list[Span], from_s: int, until_s: int) -> None:
    needed = any(span[0] <= until_s and span[1] >= from_s for span in found)
    assert near(found).touched(from_s, until_s) is needed


@given(spans, times, times)
def test_what_begins_in_a_span_is_found_exactly(
    found: list[Span], from_s: int, until_s: int
) -> None:
    begun = [span for span in found if from_s <= span[0] <= until_s]
    assert list(near(found).beginning(from_s, until_s)) == begun
    assert list(near(found).from_on(from_s)) == [s for s in found if s[0] >= from_s]


def test_a_day_of_wanted_messages_is_ruled_event_by_event_as_a_short_one() -> None:
    short, long = judge(day(1_000)), judge(day(10_000))
    assert {f.cls for f in long.findings} == {f.cls for f in short.findings} == {"V04"}
    assert long.messages is short.messages is Verdict.PASS
    share = len(long.messages_received) / len(short.messages_received)
    assert share == pytest.approx(10, rel=0.1)


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_many_events_are_judged_in_a_time_that_grows_with_them() -> None:
    def cost_s(count: int) -> float:
        case = day(count)
        before_s = time.process_time()
        assert judge(case).messages is Verdict.PASS
        return (time.process_time() - before_s) / count

    assert cost_s(300_000) < 4 * cost_s(15_000)
