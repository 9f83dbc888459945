"""Counting the bytes of a TCP stream once, as the compiled pass does it."""

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harness.wire.flows.kernel import segments
from harness.wire.flows.kernel.marks import compiled
from harness.wire.flows.machine import merge_all
from harness.wire.flows.room import HOLES_LEFT, N_FLOWS, Int, Room, new_room
from tests.wire.flows.plain_stream import TcpStream


@compiled
def begin(room: Room, first: Int) -> None:
    segments.begin(room, 0, 0, first, False)


@compiled
def fresh(room: Room, sequence: Int, size: Int) -> Int:
    return segments.fresh(room, 0, 0, sequence, size)


@compiled
def forget(room: Room) -> None:
    segments.forget(room, 0, 0)


def stream(first: int) -> Room:
    """A table with one stream."""
    room = new_room(2, 4096, 64, 0, 10**9)
    room.flows[0, :] = -1
    room.counters[N_FLOWS] = 1
    begin(room, first)
    return room


@settings(deadline=None)
@given(
    st.integers(0, 2**32 - 1), st.lists(st.integers(1, 3000), min_size=1, max_size=60), st.data()
)
def test_any_order_any_repetition_counts_each_byte_once(
    first: int, sizes: list[int], data: st.DataObject
) -> None:
    cut, at = [], 0
    for size in sizes:
        cut.append((at, size))
        at += size
    sent = cut + data.draw(st.lists(st.sampled_from(cut), max_size=20))
    random.Random(data.draw(st.integers(0, 99))).shuffle(sent)
    room = stream(first)
    counts = [fresh(room, (first + start) % 2**32, size) for start, size in sent]
    assert sum(counts) == at
    assert room.counters[HOLES_LEFT] == 4096


@settings(deadline=None)
@given(
    st.integers(0, 2**32 - 1),
    st.lists(st.tuples(st.integers(-5000, 50_000), st.integers(1, 3000)), max_size=40),
)
def test_overlapping_segments_count_as_the_plain_stream_does(
    first: int, sent: list[tuple[int, int]]
) -> None:
    room, plain = stream(first), TcpStream(first)
    for start, size in sent:
        number = (first + start) % 2**32
        assert fresh(room, number, size) == plain.take(number, size)
    forget(room)
    assert room.counters[HOLES_LEFT] == 4096


@pytest.mark.parametrize("merged", [False, True])
def test_where_holes_are_too_many_nothing_new_counts_as_old(merged: bool) -> None:
    room = stream(0)
    total = sum(fresh(room, 20 * n + 10, 10) for n in range(500))
    if merged:
        merge_all(room)
        assert room.counters[HOLES_LEFT] == 4095
    total += sum(fresh(room, 20 * n, 10) for n in range(500))
    assert total == 10_000
    assert 4096 - room.counters[HOLES_LEFT] <= 65
