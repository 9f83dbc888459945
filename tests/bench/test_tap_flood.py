"""When a capture is a flood: by its size and its pace together."""

from harness.bench.drivers.tap_flood import FLOOD_BYTES, FLOOD_BYTES_PER_S, FloodWatch
from harness.clock import SimulatedClock


def test_much_in_little_time_is_a_flood_and_either_alone_is_none() -> None:
    clock, sizes = SimulatedClock(), [0]
    watch = FloodWatch(clock)
    assert watch.trouble() is None
    watch.begin(lambda: sizes[0])
    clock.wait_s(2.0)
    sizes[0] = FLOOD_BYTES - 1
    assert watch.trouble() is None, "fast, and not much"
    sizes[0] = FLOOD_BYTES
    assert "flooded: 64 MB in 2 s" in (watch.trouble() or "")
    clock.wait_s(FLOOD_BYTES / FLOOD_BYTES_PER_S)
    assert watch.trouble() is None, "much, and not fast"
    sizes[0] = 10 * FLOOD_BYTES
    assert watch.trouble() is not None
    watch.end()
    assert watch.trouble() is None
