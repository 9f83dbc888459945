"""What a poor network does to packets: laws of one way, and the simulated link that keeps them."""

import math
import random
from collections.abc import Callable
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.bench.drivers.simulated import SimulatedTap
from harness.bench.drivers.simulated_capture import tcp_frame, udp_frame
from harness.bench.drivers.simulated_clock import AgendaClock
from harness.bench.drivers.simulated_link import SimulatedLink
from harness.bench.shaping import Way, is_udp_443
from harness.model.network import GOOD, QUEUE_BYTES, NetworkCondition

HERE, THERE = "10.77.0.2", "10.77.0.1"
FRAME = udp_frame(HERE, 5000, THERE, 4443, bytes(958))
assert len(FRAME) == 1000

conditions = st.builds(
    NetworkCondition,
    kbit_s=st.none() | st.floats(1, 100_000),
    delay_ms=st.just(0.0) | st.floats(1, 60_000),
    drop_percent=st.just(0.0) | st.floats(1, 100),
    no_udp_443=st.booleans(),
)
puts = st.lists(st.tuples(st.floats(0, 3), st.integers(60, 65_000)), max_size=40)


@given(condition=conditions, rows=puts, seed=st.integers(0, 2**32))
def test_what_passes_keeps_its_order_its_delay_and_its_rate(
    condition: NetworkCondition, rows: list[tuple[float, int]], seed: int
) -> None:
    way, now_s, came = Way(condition, random.Random(seed)), 0.0, list[tuple[float, float, int]]()
    for pause_s, size in rows:
        now_s += pause_s
        out_s = way.put(now_s, size)
        if out_s is not None:
            came.append((now_s, out_s, size))
    assert (way.passed, way.passed + way.lost) == (len(came), len(rows))
    assert all(before[1] <= after[1] for before, after in pairwise(came))
    for at_s, out_s, _ in came:
        assert condition.delay_ms / 1e3 - 1e-9 <= out_s - at_s <= condition.longest_s + 1e-9
    if condition.kbit_s is not None and came:
        took_s = came[-1][1] - came[0][0] - condition.delay_ms / 1e3
        bits = sum(size for _, _, size in came) * 8
        assert bits <= condition.kbit_s * 1e3 * took_s * (1 + 1e-9) + 1e-6


@given(rows=puts)
def test_a_good_network_changes_nothing(rows: list[tuple[float, int]]) -> None:
    way, now_s = Way(GOOD, random.Random(0)), 0.0
    for pause_s, size in rows:
        now_s += pause_s
        assert way.put(now_s, size, udp_443=True) == now_s


@given(percent=st.floats(1, 99), seed=st.integers(0, 2**32))
def test_the_share_that_is_lost_is_binomial(percent: float, seed: int) -> None:
    way = Way(NetworkCondition(drop_percent=percent), random.Random(seed))
    count, p = 2000, percent / 100
    for number in range(count):
        way.put(float(number), 100)
    assert abs(way.lost - count * p) <= 6 * math.sqrt(count * p * (1 - p)) + 1


def test_a_full_queue_loses_what_comes_and_only_that() -> None:
    way = Way(NetworkCondition(kbit_s=8), random.Random(0))
    passed = [way.put(0.0, 1000) for _ in range(100)]
    fits = QUEUE_BYTES // 1000
    assert passed == [1.0 * n for n in range(1, fits + 1)] + [None] * (100 - fits)
    assert way.put(10.0, 1000) == fits + 1
    assert Way(NetworkCondition(kbit_s=8), random.Random(0)).put(0.0, 65_500) is not None


def test_udp_443_is_known_in_every_frame_that_names_it() -> None:
    there, back = (HERE, 5000, THERE, 443), (THERE, 443, HERE, 5000)
    for ends in (there, back):
        frame = udp_frame(*ends, b"quic")
        assert is_udp_443(frame)
        assert is_udp_443(frame[:12] + b"\x81\x00\x00\x05" + frame[12:])
        assert not is_udp_443(tcp_frame(*ends, 1, b"tls"))
    v6 = bytes(12) + b"\x86\xdd" + bytes(6) + bytes([17, 64]) + bytes(32)
    assert is_udp_443(v6 + b"\x13\x88\x01\xbb" + bytes(4))
    later = bytearray(udp_frame(*there, b"quic"))
    later[21] = 1
    assert not is_udp_443(bytes(later)) and not is_udp_443(FRAME)


@given(frame=st.binary(max_size=80))
def test_no_frame_is_too_broken_to_be_asked(frame: bytes) -> None:
    assert is_udp_443(frame) in (True, False)


# The simulated link ------------------------------------------------------------------------------


def put_all(condition: NetworkCondition, count: int, *, upward: bool = True) -> list[float]:
    """When each of so many frames of 1000 bytes, put on it every 0.5 ms, comes out."""
    clock = AgendaClock(100.0)
    link = SimulatedLink(SimulatedTap(clock), clock, seed=7)
    link.shape(condition)
    came: list[float] = []
    for _ in range(count):
        link.put(FRAME, upward, lambda: came.append(clock.now_s() - 100.0))
        clock.wait_s(0.0005)
    clock.wait_s(100.0)
    return came


@pytest.mark.parametrize("upward", [True, False])
def test_the_simulated_link_is_as_poor_as_the_real_one(upward: bool) -> None:
    """The same figures as `test_poor_network` measures on the bench's cable."""
    assert put_all(NetworkCondition(delay_ms=50), 1, upward=upward) == [
        pytest.approx(0.05, abs=1e-3)
    ]
    slow = put_all(NetworkCondition(kbit_s=800), 50, upward=upward)
    assert 50 * 8000 / slow[-1] / 1e3 == pytest.approx(800, rel=0.01)
    assert len(put_all(NetworkCondition(drop_percent=20), 1000, upward=upward)) == pytest.approx(
        800, abs=64
    )
    assert len(put_all(NetworkCondition(no_udp_443=True), 10, upward=upward)) == 10


@pytest.mark.parametrize("change", [SimulatedLink.on, SimulatedLink.off])
def test_what_waits_passes_at_once_when_it_is_good_again_or_cut(
    change: Callable[[SimulatedLink], None],
) -> None:
    clock = AgendaClock(100.0)
    link = SimulatedLink(SimulatedTap(clock), clock)
    link.shape(NetworkCondition(delay_ms=60_000))
    came: list[tuple[float, int]] = []

    def note(number: int) -> Callable[[], None]:
        return lambda: came.append((clock.now_s(), number))

    for number in range(3):
        link.put(FRAME, True, note(number))
        clock.wait_s(1.0)
    assert link.is_poor and came == []
    change(link)
    assert came == [(103.0, 0), (103.0, 1), (103.0, 2)] and not link.is_poor
    clock.wait_s(100.0)
    assert len(came) == 3
