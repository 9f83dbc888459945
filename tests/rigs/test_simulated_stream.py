"""TCP of the stepped device on a poor network: all comes, in order, in the time it must take."""

from collections.abc import Callable
from dataclasses import dataclass, field

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harness.bench.drivers.simulated import SimulatedTap
from harness.bench.drivers.simulated_capture import tcp_frame
from harness.bench.drivers.simulated_clock import AgendaClock
from harness.bench.drivers.simulated_link import SimulatedLink
from harness.model.network import NetworkCondition
from rigs.simulated.stream import SEGMENT_BYTES, PoorStream

HERE, THERE = ("10.77.0.2", 50_000), ("10.77.0.1", 443)


@dataclass(slots=True)
class Pipe:
    """A link, and what was put on it."""

    condition: NetworkCondition
    seed: int = 0
    clock: AgendaClock = field(default_factory=lambda: AgendaClock(100.0))
    starts: list[int] = field(default_factory=list)
    link: SimulatedLink = field(init=False)

    def __post_init__(self) -> None:
        self.link = SimulatedLink(SimulatedTap(self.clock), self.clock, self.seed)
        self.link.shape(self.condition)

    def now_s(self) -> float:
        return self.clock.now_s()

    def later(self, after_s: float, deed: Callable[[], None]) -> None:
        self.clock.do_at(self.clock.now_s() + after_s, deed)

    def carry(self, upward: bool, start: int, payload: bytes, came: Callable[[], None]) -> None:
        self.starts.append(start)
        self.link.put(tcp_frame(*HERE, *THERE, start, payload), upward, came)

    def acknowledge(self, upward: bool, end: int, came: Callable[[], None]) -> None:
        self.link.put(tcp_frame(*THERE, *HERE, end, b"", 0x10), not upward, came)


def brought(pipe: Pipe, sizes: list[int]) -> list[float]:
    """Seconds until each of these pieces was there, in the order in which that was told."""
    came: list[float] = []
    stream = PoorStream(pipe, True, 1000)
    for size in sizes:
        stream.send(bytes(size), lambda: came.append(pipe.now_s() - 100.0))
    pipe.clock.wait_s(600.0)
    return came


def test_it_takes_as_many_rounds_as_a_window_that_doubles() -> None:
    ten, later = brought(Pipe(NetworkCondition(delay_ms=100)), [10 * SEGMENT_BYTES, 40_000])
    assert ten == pytest.approx(0.1, abs=0.01)
    assert later == pytest.approx(0.5, abs=0.02)


def test_it_is_as_quick_as_the_link() -> None:
    (took_s,) = brought(Pipe(NetworkCondition(kbit_s=800)), [100_000])
    assert 100_000 * (1 + 54 / SEGMENT_BYTES) * 8 / took_s / 1e3 == pytest.approx(800, rel=0.05)


@settings(max_examples=25)
@given(
    sizes=st.lists(st.integers(1, 20_000), min_size=1, max_size=5),
    percent=st.floats(0, 30),
    delay_ms=st.floats(0, 450),  # later than 1 s there and back, the first is sent again
    seed=st.integers(0, 2**20),
)
def test_what_is_lost_is_sent_again_until_all_is_there(
    sizes: list[int], percent: float, delay_ms: float, seed: int
) -> None:
    pipe = Pipe(NetworkCondition(drop_percent=percent, delay_ms=delay_ms), seed)
    came = brought(pipe, sizes)
    # Eight losses of one segment break a connection; 0.3 ** 8 a segment, both ways.
    assert len(came) == len(sizes) or percent > 10
    assert came == sorted(came)
    assert percent or len(pipe.starts) == len(set(pipe.starts)), "nothing was sent twice in vain"


def test_nothing_leaves_after_a_stop() -> None:
    pipe = Pipe(NetworkCondition(delay_ms=100))
    stream = PoorStream(pipe, True, 0)
    came: list[bool] = []
    stream.send(bytes(100_000), lambda: came.append(True))
    pipe.clock.wait_s(0.05)
    stream.stop()
    pipe.clock.wait_s(100.0)
    assert len(pipe.starts) == 10 and not came
