"""Sums over windows, their peaks and bursts, held against counting them one by one."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from harness.wire.idle.slots import Slots

COUNTS = st.lists(st.tuples(st.integers(0, 60), st.integers(1, 900)), min_size=1, max_size=40)
WIDTHS = st.integers(1, 20)


def slots_of(counts: list[tuple[int, int]]) -> Slots:
    """Slots of (slot, bytes) pairs."""
    table = np.array(counts, np.int64)
    return Slots.of(table[:, 0], table[:, 1])


@given(COUNTS, WIDTHS)
def test_a_window_holds_what_its_slots_hold(counts: list[tuple[int, int]], width: int) -> None:
    slots = slots_of(counts)
    told = dict(zip(slots.at.tolist(), slots.sums(width).tolist(), strict=True))
    for at, total in told.items():
        assert total == sum(size for slot, size in counts if at <= slot < at + width)


@given(COUNTS, WIDTHS)
def test_the_largest_window_is_a_peak_and_peaks_stand_apart(
    counts: list[tuple[int, int]], width: int
) -> None:
    slots = slots_of(counts)
    peaks = slots.peaks(width)
    assert peaks.bytes.max() == slots.sums(width).max()
    assert len(peaks.at) <= len(slots.at)
    assert np.all(np.diff(peaks.at) > 0)


@given(COUNTS, WIDTHS)
def test_bursts_hold_every_byte_once(counts: list[tuple[int, int]], pause: int) -> None:
    first, length, sizes = slots_of(counts).bursts(pause)
    assert sizes.sum() == sum(size for _, size in counts)
    assert np.all(first[1:] - (first[:-1] + length[:-1] - 1) > pause)


@given(COUNTS, st.integers(1, 900))
def test_a_clipped_slot_holds_no_more(counts: list[tuple[int, int]], most: int) -> None:
    assert slots_of(counts).clipped(most).bytes.max() <= most


def test_nothing_has_no_windows() -> None:
    nothing = Slots.of(np.zeros(0, np.int64), np.zeros(0, np.int64))
    assert len(nothing.peaks(10).at) == len(nothing.sums(10)) == len(nothing.bursts(10)[0]) == 0
