"""The test by itself: honest with the innocent whatever they send, and sharp with leaks."""

from collections.abc import Iterator
from dataclasses import replace
from itertools import combinations, pairwise

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from benchmarks.wire_cause_traffic import (
    BUSY,
    QUIET,
    USUAL,
    Leak,
    Source,
    series,
    stage_of,
)
from harness.model.cause import Arm, CausePlan, Measure, Stage
from harness.series.cause.effect import effects, interval
from harness.series.cause.order import resampling_rng
from harness.series.cause.permutation import Permuted, orders, permuted
from harness.series.cause.power import bound
from harness.series.cause.windows import PlayTraffic, Sends, Table, spans, table

STAGE = Stage(1.0, 2.0, 0.0, 13.0)
PLAN = CausePlan(plays=16, resamples=499, follow_s=40.0)

sends = st.lists(st.tuples(st.integers(0, 25), st.integers(1, 3)), max_size=5).map(
    lambda found: Sends(
        np.array(sorted(at / 2 for at, _ in found)), np.array([1000.0 * n for _, n in found])
    )
)
plays = st.lists(
    st.dictionaries(st.sampled_from(["a.test:443", "b.test:53"]), sends), min_size=6, max_size=6
)


def labelled(sent: list[dict[str, Sends]], said: tuple[int, ...]) -> Table:
    """These plays, had those been the ones with the stimulus."""
    return table(
        STAGE,
        [PlayTraffic(Arm.SAID if n in said else Arm.SILENT, each) for n, each in enumerate(sent)],
    )


@settings(max_examples=15, deadline=None)
@given(plays)
@example(
    [
        *[{}] * 4,
        {
            "a.test:443": Sends(np.array([]), np.array([])),
            "b.test:53": Sends(np.array([0.0, 1.0]), np.array([1000.0, 1000.0])),
        },
        {"b.test:53": Sends(np.array([1.0]), np.array([1000.0]))},
    ]
)
def test_whatever_is_sent_no_p_comes_oftener_than_it_says(sent: list[dict[str, Sends]]) -> None:
    """Over all orders that could have been drawn, p <= u in at most the share u: exactly."""
    rng = np.random.default_rng(1)
    p = [permuted(labelled(sent, said), 99, rng).p for said in combinations(range(6), 3)]
    assert len(p) == orders([Arm.SAID] * 3 + [Arm.SILENT] * 3)
    for u in sorted(set(p)):
        assert sum(each <= u for each in p) / len(p) <= u + 1e-9
    assert min(p) >= 1 / len(p) - 1e-9


def tried(plan: CausePlan, sources: tuple[Source, ...], leak: Leak | None, n: int) -> Permuted:
    """One made series, tested."""
    chosen = replace(plan, seed=n)
    made = series(chosen, sources, leak, np.random.default_rng([7, n]))
    return permuted(table(stage_of(chosen), made), chosen.resamples, resampling_rng(chosen))


@pytest.mark.parametrize("sources", [QUIET, USUAL, BUSY])
def test_innocent_devices_are_called_guilty_no_oftener_than_alpha(
    sources: tuple[Source, ...],
) -> None:
    p = np.array([tried(PLAN, sources, None, n).p for n in range(30)])
    assert (p <= 0.2).sum() <= 13  # 30 tries at 0.2: more come in one run of 1500
    assert (p <= 0.01).sum() <= 3


@pytest.mark.parametrize("delay_s", [0.0, 1.0, 17.0, 38.0])
@pytest.mark.parametrize("shift_s", [None, 15.0])
def test_a_leak_is_found_at_any_delay(delay_s: float, shift_s: float | None) -> None:
    plan = replace(PLAN, plays=18, shift_s=shift_s)
    leak = Leak("sync.test:443", 6_000.0, delay_s)
    assert tried(plan, USUAL, leak, 3).p <= 0.01


def test_a_leak_minutes_later_is_found_where_it_is_watched_so_long() -> None:
    leak = Leak("sync.test:443", 8_000.0, 300.0)
    assert tried(replace(PLAN, follow_s=320.0), USUAL, leak, 4).p <= 0.01
    assert tried(replace(PLAN, follow_s=60.0), USUAL, leak, 4).p > 0.01


def test_a_sync_that_always_comes_at_the_same_time_of_the_play_is_no_cause() -> None:
    """It follows the stimulus in every play, and comes without it too."""
    at_s = np.array([6.0])
    sent = {"sync.test:443": Sends(at_s, np.array([50_000.0]))}
    arms = [Arm.SAID, Arm.SILENT] * 8
    same = permuted(table(STAGE, [PlayTraffic(arm, sent) for arm in arms]), 99,
                    np.random.default_rng(0))  # fmt: skip
    assert same.p == 1.0


def test_what_comes_with_being_played_and_not_with_the_stimulus_does_not_move_with_it() -> None:
    """Traffic at a fixed time of the said and shifted plays alike stands out less than one that
    follows the stimulus.
    """
    stage = Stage(1.0, 2.0, 8.0, 30.0)
    arms = [Arm.SAID, Arm.SILENT, Arm.SHIFTED] * 6

    def tested(at_s: dict[Arm, float]) -> float:
        made = [
            PlayTraffic(arm, {"a.test:1": Sends(np.array([at_s[arm]]), np.array([5000.0]))}
                        if arm in at_s else {})
            for arm in arms
        ]  # fmt: skip
        return float(permuted(table(stage, made), 499, np.random.default_rng(0)).statistic.max())

    follows = tested({Arm.SAID: 4.0, Arm.SHIFTED: 12.0})
    fixed = tested({Arm.SAID: 12.0, Arm.SHIFTED: 12.0})
    assert follows > fixed


def test_what_a_device_sends_less_of_is_no_leak() -> None:
    sent = {"a.test:443": Sends(np.array([4.0]), np.array([9000.0]))}
    made = [PlayTraffic(Arm.SAID, {}), PlayTraffic(Arm.SILENT, sent)] * 6
    assert permuted(table(STAGE, made), 999, np.random.default_rng(0)).p > 0.5


def test_windows_cover_every_delay_at_every_width() -> None:
    found = spans(30.0)
    assert found[-1] == (0.0, 30.0)
    for width_s in (2.0, 4.0, 8.0, 16.0):
        mine = sorted(each for each in found if abs(each[1] - each[0] - width_s) < 1e-9)
        assert mine[0][0] == 0.0
        assert all(b[0] <= a[1] for a, b in pairwise(mine))
    assert max(end_s for _, end_s in found) == 30.0
    assert spans(1.0) == ((0.0, 1.0),)


def test_bytes_and_bursts_are_counted_by_destination_and_together() -> None:
    one = {"a": Sends(np.array([1.5, 1.6, 4.5]), np.array([10.0, 20.0, 40.0])),
           "b": Sends(np.array([1.7]), np.array([5.0]))}  # fmt: skip
    counted = table(STAGE, [PlayTraffic(Arm.SAID, one), PlayTraffic(Arm.SILENT, {})])
    value = {
        (p.destination, p.measure, p.from_s, p.until_s): counted.values[0, 0, n]
        for n, p in enumerate(counted.places)
    }
    assert value["a", Measure.BYTES, 0.0, 2.0] == 30
    assert value["a", Measure.BURSTS, 0.0, 2.0] == 1
    assert value["a", Measure.BYTES, 0.0, 12.0] == 70
    assert value["a", Measure.BURSTS, 0.0, 12.0] == 2
    assert value["all destinations together", Measure.BYTES, 0.0, 2.0] == 35


def test_the_effect_says_where_how_much_and_in_how_many_plays() -> None:
    leak = Leak("elsewhere.test:443", 6_000.0, 20.0)
    plan = replace(PLAN, seed=5)
    made = table(stage_of(plan), series(plan, USUAL, leak, np.random.default_rng(5)))
    rng = np.random.default_rng(0)
    tested = permuted(made, 999, rng)
    first = effects(made, tested, plan.alpha, rng)[0]
    assert first.place.destination == "elsewhere.test:443"
    assert first.place.from_s <= 20.3 and first.place.until_s >= 19.7
    assert first.interval.low <= 6_000 <= first.interval.high
    assert (first.above, first.stimulated) == (8, 8)
    assert first.p >= tested.p


def test_the_interval_holds_the_true_addition() -> None:
    def held(n: int) -> bool:
        rng = np.random.default_rng(n)
        said, silent = 1500 + 400 * rng.standard_normal(9), 400 * rng.standard_normal(9)
        found = interval(said, silent, rng)
        return found.low <= 1500 <= found.high

    assert sum(held(n) for n in range(20)) >= 16


def stated(plan: CausePlan, sources: tuple[Source, ...], n: int) -> Iterator[tuple[int, Leak]]:
    made = series(replace(plan, seed=n), sources, None, np.random.default_rng([8, n]))
    told = bound(table(stage_of(plan), made), plan, np.random.default_rng(n))
    if told.least_bytes is not None:
        yield told.least_bytes, Leak(told.destination, told.least_bytes, told.delay_s, 0.0)


def test_a_leak_of_the_size_that_it_states_is_found() -> None:
    for _, leak in stated(PLAN, USUAL, 11):
        assert sum(tried(PLAN, USUAL, leak, 50 + n).p <= PLAN.alpha for n in range(6)) >= 5


def test_among_much_traffic_it_states_less_than_among_little() -> None:
    loud = replace(USUAL[1], every_s=6.0)
    quiet = next(stated(PLAN, QUIET, 2))[0]
    assert quiet <= PLAN.least_bytes
    assert next(stated(PLAN, (loud,), 2), (10**9, None))[0] > quiet
