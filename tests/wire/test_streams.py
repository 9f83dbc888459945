"""Counting the bytes of a TCP stream once, whatever the order, and however often they are sent."""

import random

from hypothesis import given
from hypothesis import strategies as st

from harness.wire.streams import TcpStream


def test_retransmission_counts_once() -> None:
    stream = TcpStream(100)
    assert [stream.take(100, 50), stream.take(100, 50), stream.take(120, 60)] == [50, 0, 30]


def test_keepalive_probe_is_nothing_new() -> None:
    stream = TcpStream(100)
    stream.take(100, 50)
    assert stream.take(149, 1) == 0


@given(
    st.integers(0, 2**32 - 1), st.lists(st.integers(1, 3000), min_size=1, max_size=30), st.data()
)
def test_any_order_any_repetition_counts_each_byte_once(
    first: int, sizes: list[int], data: st.DataObject
) -> None:
    segments, at = [], 0
    for size in sizes:
        segments.append((at, size))
        at += size
    sent = segments + data.draw(st.lists(st.sampled_from(segments), max_size=20))
    random.Random(data.draw(st.integers(0, 99))).shuffle(sent)
    stream = TcpStream(first)
    assert sum(stream.take((first + start) % 2**32, size) for start, size in sent) == at
