"""Budgets: exceeded exactly where some span holds more bytes than its length allows."""

from itertools import pairwise

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from harness.wire.covert.budget import Budget, excesses

PACKETS = st.lists(st.tuples(st.integers(0, 10_000), st.integers(1, 1500)), max_size=40)
BUDGETS = st.builds(Budget, st.floats(0, 5000), st.floats(0, 500))


@given(PACKETS, BUDGETS)
def test_exceeded_where_any_span_is(packets: list[tuple[int, int]], budget: Budget) -> None:
    packets = sorted(packets)
    ns = np.array([at_ms * 1_000_000 for at_ms, _ in packets], np.int64)
    sizes = np.array([size for _, size in packets], np.int64)
    over = [
        last
        for first in range(len(packets))
        for last in range(first, len(packets))
        if sizes[first : last + 1].sum() > budget.of_span((ns[last] - ns[first]) / 1e9) + 1e-6
    ]
    found = excesses(ns, sizes, [budget])
    for last in over:
        assert any(each.known <= last for each in found)
    for each in found:
        held = sizes[each.first : each.known + 1].sum()
        assert held > budget.of_span((ns[each.known] - ns[each.first]) / 1e9) - 1e-6


@given(PACKETS, st.lists(BUDGETS, min_size=1, max_size=3))
def test_stretches_are_in_order_and_apart(
    packets: list[tuple[int, int]], curve: list[Budget]
) -> None:
    packets = sorted(packets)
    ns = np.array([at_ms * 1_000_000 for at_ms, _ in packets], np.int64)
    found = excesses(ns, np.array([size for _, size in packets], np.int64), curve)
    assert all(each.first <= each.known <= len(ns) - 1 for each in found)
    assert all(one.last < other.first for one, other in pairwise(found))


def test_how_soon_a_steady_leak_is_known() -> None:
    """After burst / (rate - steady) seconds."""
    ns = np.arange(600, dtype=np.int64) * 100_000_000
    sizes = np.full(600, 100, np.int64)
    [excess] = excesses(ns, sizes, [Budget(6000, 200)])
    assert (excess.first, excess.last) == (0, 599)
    assert abs(ns[excess.known] / 1e9 - 6000 / (1000 - 200)) <= 0.2
