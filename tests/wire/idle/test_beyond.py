"""Laws of what goes beyond a profile, on any packets whatever."""

from datetime import date

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from harness.wire.idle.detect import Sent, uploads_beyond
from harness.wire.idle.lanes import FarEnd
from harness.wire.idle.profile import Bursts, Destination, Pattern, Profile, Threshold

KNOWN = FarEnd(("hub.example",), "198.18.0.1", 443, 6)
STRANGER = FarEnd((), "203.0.113.9", 443, 6)
PROFILE = Profile(
    idle_profile=1,
    device="d",
    firmware="1",
    learnt_on=date(2026, 11, 22),
    captured_s=36_000.0,
    slot_s=0.1,
    pause_s=1.0,
    least_bytes=900,
    stranger_bytes=1500,
    destinations=(
        Destination(
            host="hub.example", port=443, protocol=6, pattern=Pattern.HEARTBEAT, first_s=0.0,
            packets_out=1, bytes_out=1, bytes_in=0, bursts=Bursts(), tails=(),
            thresholds=(
                Threshold(window_s=1.0, bytes=2000, false_per_day=0.01),
                Threshold(window_s=10.0, bytes=6000, false_per_day=0.01),
                Threshold(window_s=1.0, clip_bytes=256, bytes=1000, false_per_day=0.01),
            ),
        ),
    ),
)  # fmt: skip
PACKETS = st.lists(
    st.tuples(st.integers(0, 30_000), st.integers(1, 1448), st.integers(0, 2)), max_size=60
)


def sent(packets: list[tuple[int, int, int]], far: FarEnd) -> list[Sent]:
    """Packets as (ms, bytes, connection), by connection."""
    lanes = []
    for connection in {each[2] for each in packets}:
        mine = sorted(each[:2] for each in packets if each[2] == connection)
        ns = np.array([10**9 + ms * 10**6 for ms, _ in mine], np.int64)
        lanes.append(Sent(far, "where", ns, np.array([size for _, size in mine], np.int64)))
    return lanes


def most_in(packets: list[tuple[int, int, int]], window_ms: int) -> int:
    """The most bytes in any window of whole slots."""
    slots = [(ms // 100 * 100, size) for ms, size, _ in packets]
    return max(
        (sum(size for at, size in slots if begin <= at < begin + window_ms) for begin, _ in slots),
        default=0,
    )


@given(PACKETS)
def test_what_goes_beyond_is_told_and_no_byte_twice(packets: list[tuple[int, int, int]]) -> None:
    uploads = uploads_beyond(PROFILE, sent(packets, KNOWN))
    beyond = most_in(packets, 1000) > 2000 or most_in(packets, 10_000) > 6000
    assert not beyond or uploads
    assert sum(upload.bytes_out for upload in uploads) <= sum(size for _, size, _ in packets)
    assert all(upload.suspected and upload.why for upload in uploads)
    assert [u.start_s for u in uploads] == sorted(u.start_s for u in uploads)


@given(PACKETS)
def test_a_stranger_has_one_limit(packets: list[tuple[int, int, int]]) -> None:
    uploads = uploads_beyond(PROFILE, sent(packets, STRANGER))
    assert bool(uploads) == (most_in(packets, 10_000) > 1500)
    assert all("never talked to that place" in upload.why for upload in uploads)


@given(PACKETS)
def test_little_is_idle(packets: list[tuple[int, int, int]]) -> None:
    few = [(ms, min(size, 15), lane) for ms, size, lane in packets]
    assert uploads_beyond(PROFILE, sent(few, KNOWN)) == []
