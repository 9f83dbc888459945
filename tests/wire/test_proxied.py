"""What a tap saw of a device, held against what a proxy says went through it."""

from pathlib import Path

import pytest

from harness.bench.drivers.proxies.record import FIN, PUSH, RST, SYN, Numbers, Record
from harness.bench.drivers.simulated_capture import tcp_frame, write_capture
from harness.bench.ports import Passed
from harness.wire.proxied import differences, streams

DEVICE, SERVER, OURS = ("10.77.0.2", 10_700), ("10.77.0.9", 40_001), ("10.77.0.1", 51_000)
UP, DOWN = b"what the device heard" * 400, b"what its server says" * 50
PASSED = Passed(DEVICE, SERVER, OURS, len(UP), len(DOWN))
ACK = 0x10


def proxied(path: Path, up: bytes = UP, down: bytes = DOWN) -> Path:
    """The proxy's capture of a conversation that ended well."""
    record, numbers = Record(path), Numbers(SERVER, DEVICE)
    record.opened(numbers, 10**9)
    record.sent(numbers, True, down, 2 * 10**9)
    record.sent(numbers, False, up, 3 * 10**9)
    record.ended(numbers, False, 4 * 10**9, broken=False)
    record.ended(numbers, True, 4 * 10**9, broken=False)
    record.close(0)
    return path


def link(
    path: Path,
    up: bytes = UP,
    down: bytes = DOWN,
    *,
    first: int = 2**32 - 900,
    begins: bool = True,
    ends: int = FIN,
    shuffled: bool = False,
    beside: bytes = b"",
) -> Path:
    """The tap's capture of the same: numbers of its own, a segment that came twice."""
    frames = list[bytes]()

    def put(up_way: bool, number: int, data: bytes, flags: int) -> None:
        source, to = (DEVICE, OURS) if up_way else (OURS, DEVICE)
        frames.append(tcp_frame(*source, *to, number, data, flags | ACK))

    if begins:
        put(False, first - 1, b"", SYN)
        put(True, first - 1, b"", SYN)
    body = len(frames)
    for up_way, data in ((False, down), (True, up)):
        for at in range(0, len(data), 1000):
            put(up_way, first + at, data[at : at + 1000], PUSH)
    frames.append(frames[body])
    if shuffled:
        frames[body:] = frames[body:][::-1]
    if ends:
        put(True, first + len(up), b"", ends)
        put(False, first + len(down), b"", ends)
    if beside:
        frames.append(tcp_frame(*DEVICE, "10.77.0.3", 44_000, 5, beside, PUSH | ACK))
    write_capture(path, [(1.0 + 0.01 * n, frame) for n, frame in enumerate(frames)])
    return path


def compared(
    folder: Path, on_link: Path, told: Path, passed: tuple[Passed, ...] = (PASSED,)
) -> str:
    return "; ".join(differences(on_link, told, passed, DEVICE[0], (DEVICE[1],)))


@pytest.mark.parametrize(
    "seen", [{}, {"shuffled": True}, {"first": 7}, {"begins": False}, {"ends": 0}, {"ends": RST}]
)
def test_what_went_through_whole_is_the_same(tmp_path: Path, seen: dict[str, object]) -> None:
    told = proxied(tmp_path / "p")
    assert compared(tmp_path, link(tmp_path / "l", **seen), told) == ""  # type: ignore[arg-type]


def test_what_the_tap_no_longer_saw_is_no_difference(tmp_path: Path) -> None:
    told = proxied(tmp_path / "p")
    assert compared(tmp_path, link(tmp_path / "l", UP[:5000], DOWN[:500], ends=0), told) == ""
    assert compared(tmp_path, link(tmp_path / "m", UP[300:5000], begins=False, ends=0), told) == ""


@pytest.mark.parametrize("at", [0, len(UP) // 2, len(UP) - 1])
@pytest.mark.parametrize("begins", [True, False])
def test_one_byte_that_was_changed_or_lost_is_told(tmp_path: Path, at: int, begins: bool) -> None:
    changed = UP[:at] + b"?" + UP[at + 1 :]
    on_link = link(tmp_path / "l", begins=begins)
    told = compared(tmp_path, on_link, proxied(tmp_path / "c", changed))
    assert f"the device sent {len(UP)} bytes over the link, and the proxy handed on" in told
    told = compared(tmp_path, on_link, proxied(tmp_path / "s", UP[:at] + UP[at + 1 :]))
    assert f"handed on {len(UP) - 1}" in told


def test_a_proxy_that_has_more_than_was_sent_is_told(tmp_path: Path) -> None:
    told = compared(tmp_path, link(tmp_path / "l"), proxied(tmp_path / "p", UP + b"more"))
    assert f"handed on {len(UP) + 4}" in told


def test_what_the_server_sent_is_compared_too(tmp_path: Path) -> None:
    told = compared(tmp_path, link(tmp_path / "l"), proxied(tmp_path / "p", UP, DOWN[:-1]))
    assert told.startswith("its server sent")


def test_words_past_the_proxy_are_told(tmp_path: Path) -> None:
    told = compared(tmp_path, link(tmp_path / "l", beside=UP), proxied(tmp_path / "p"))
    assert told == f"{len(UP)} bytes went from the device to 10.77.0.3:44000, past the proxy"
    told = compared(tmp_path, link(tmp_path / "l"), proxied(tmp_path / "p"), ())
    assert "past the proxy" in told, "the proxy knows of nothing"


def test_what_went_through_and_was_on_no_link_is_told(tmp_path: Path) -> None:
    write_capture(tmp_path / "l", [])
    told = compared(tmp_path, tmp_path / "l", proxied(tmp_path / "p"))
    assert "the tap saw none of them" in told


def test_a_capture_that_misses_a_packet_cannot_be_compared(tmp_path: Path) -> None:
    whole = link(tmp_path / "l")
    frames = []
    for (source, _), stream in streams(whole).items():
        parts = sorted(stream.parts.items())
        for n, (offset, data) in enumerate(parts):
            if n != 2:
                to = OURS if source == DEVICE else DEVICE
                frames.append((1.0, tcp_frame(*source, *to, offset, data, PUSH | ACK)))
    write_capture(tmp_path / "holed", frames)
    assert "cannot be compared" in compared(tmp_path, tmp_path / "holed", proxied(tmp_path / "p"))


def test_a_connection_that_the_device_opened_is_known_by_the_port_of_ours(tmp_path: Path) -> None:
    device, service = ("10.77.0.2", 33_000), ("10.77.0.8", 10_400)
    record, numbers = Record(tmp_path / "p"), Numbers(device, service)
    record.opened(numbers, 10**9)
    record.sent(numbers, True, UP, 10**9)
    record.close(0)
    frames = [(1.0, tcp_frame(*device, "10.77.0.1", 10_401, 1, UP, PUSH | ACK))]
    write_capture(tmp_path / "l", frames)
    passed = Passed(device, service, ("", 10_401), len(UP), 0)
    assert compared(tmp_path, tmp_path / "l", tmp_path / "p", (passed,)) == ""
    write_capture(tmp_path / "m", [(1.0, tcp_frame(*device, "10.77.0.1", 10_401, 1, DOWN))])
    assert "handed on" in compared(tmp_path, tmp_path / "m", tmp_path / "p", (passed,))
