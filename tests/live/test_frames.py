"""A capture as it grows: every packet once, however it was cut, and never an error."""

import struct
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import given
from hypothesis import strategies as st

from benchmarks.wire_hellos import client_hello, dns_answer, tls_record
from harness.bench.drivers.simulated_capture import pcapng_bytes
from harness.live.frames import Frame, GrowingCapture
from harness.live.names import named_in_answer, named_in_hello
from harness.live.wire import OTHERS, OWN, LiveWire
from harness.model.live import OwnFlow
from tests.live.facts import BEGAN_S, CLOUD, DEVICE, capture, frames

WHOLE = capture()


def read(path: Path, pieces: list[bytes]) -> list[Frame]:
    """What a reader sees that looks after each piece."""
    path.unlink(missing_ok=True)
    growing, found = GrowingCapture(path), list[Frame]()
    found += growing.read()
    for piece in pieces:
        with path.open("ab") as file:
            file.write(piece)
        found += growing.read()
    assert not growing.trouble, growing.trouble
    return found


@given(st.lists(st.integers(0, len(WHOLE)), max_size=6).map(sorted), st.sampled_from("<>"))
def test_it_does_not_matter_where_a_look_cuts_it(cuts: list[int], order: str) -> None:
    whole = pcapng_bytes(frames(), byte_order=order)
    ends = [0, *(min(cut, len(whole)) for cut in cuts), len(whole)]
    pieces = [whole[a:b] for a, b in pairwise(ends)]
    with TemporaryDirectory() as folder:
        found = read(Path(folder) / "network.pcapng", pieces)
    assert [round(frame.unix_s, 3) for frame in found] == [round(at, 3) for at, _ in frames()]
    assert sum(frame.length for frame in found) == sum(len(data) for _, data in frames())


@given(st.binary(max_size=300), st.integers(0, len(WHOLE)), st.integers(0, 255))
def test_what_is_no_capture_raises_nothing(noise: bytes, at: int, value: int) -> None:
    spoilt = bytearray(WHOLE)
    spoilt[min(at, len(spoilt) - 1)] = value
    with TemporaryDirectory() as folder:
        path = Path(folder) / "network.pcapng"
        for content in (noise, bytes(spoilt), WHOLE[:at] + noise):
            path.write_bytes(content)
            growing, wire = GrowingCapture(path), LiveWire(DEVICE, 48_557, BEGAN_S)
            for frame in (*growing.read(), *growing.read()):
                wire.take(frame)


def test_a_block_that_makes_no_sense_is_said(tmp_path: Path) -> None:
    path = tmp_path / "network.pcapng"
    path.write_bytes(WHOLE + struct.pack("<III", 6, 13, 13) + bytes(20))
    growing = GrowingCapture(path)
    assert len(list(growing.read())) == len(frames())
    assert growing.trouble == "the capture makes no sense: a block of 13 bytes"


def test_a_ring_is_read_from_file_to_file(tmp_path: Path) -> None:
    rows = frames()
    first, second = (tmp_path / f"network_0000{n}_20260101000000.pcapng" for n in (1, 2))
    growing = GrowingCapture(tmp_path / "network.pcapng")
    assert not list(growing.read())
    first.write_bytes(pcapng_bytes(rows[:3]))
    assert len(list(growing.read())) == 3
    second.write_bytes(pcapng_bytes(rows[3:]))
    assert len([frame for _ in range(3) for frame in growing.read()]) == len(rows) - 3


def read_whole(whole: bytes) -> list[Frame]:
    """Every packet of a capture that is there as a whole."""
    with TemporaryDirectory() as folder:
        return read(Path(folder) / "network.pcapng", [whole])


def counted(folder: Path, *own: OwnFlow) -> LiveWire:
    """The capture of `facts`, counted."""
    wire = LiveWire(DEVICE, 48_557, BEGAN_S)
    for flow in own:
        wire.owns(flow)
    for frame in read(folder / "network.pcapng", [WHOLE]):
        wire.take(frame)
    return wire


def test_bytes_are_counted_by_destination_and_the_benchs_own_apart(tmp_path: Path) -> None:
    wire = counted(tmp_path, OwnFlow(50_123, BEGAN_S + 1.0, BEGAN_S + 2.0))
    cloud = wire.destinations["voice.example:443"]
    assert (cloud.sent, cloud.received) == (4 * 1054, 254)
    assert sorted(cloud.spans) == [12, 13, 14, 15]
    assert wire.destinations[OWN].sent == 354 + (14 + 28 + len(b"sayso-canary scene 1"))
    assert set(wire.destinations) == {"voice.example:443", OWN, "10.13.37.1:53"}


def test_a_flow_that_is_told_of_afterwards_is_taken_back_from_the_device(tmp_path: Path) -> None:
    told_first = counted(tmp_path, OwnFlow(50_123, BEGAN_S + 1.0, BEGAN_S + 2.0))
    wire = counted(tmp_path)
    assert wire.destinations["voice.example:443"].sent == 4 * 1054 + 354
    wire.owns(OwnFlow(50_123, BEGAN_S + 1.0, BEGAN_S + 2.0))
    for name, there in told_first.destinations.items():
        assert (wire.destinations[name].sent, wire.destinations[name].received) == (
            there.sent, there.received
        )  # fmt: skip
    assert wire.destinations["voice.example:443"].spans[1] == [0, 0]
    assert set(wire.destinations) == set(told_first.destinations)


def test_a_flow_of_the_bench_is_the_devices_at_another_time(tmp_path: Path) -> None:
    wire = counted(tmp_path, OwnFlow(50_123, BEGAN_S + 100.0, BEGAN_S + 101.0))
    assert wire.destinations["voice.example:443"].sent == 4 * 1054 + 354


@given(st.lists(st.tuples(st.floats(0, 50_000), st.integers(60, 1500)), min_size=1, max_size=60))
def test_spans_stay_few_and_lose_nothing(packets: list[tuple[float, int]]) -> None:
    wire = LiveWire(DEVICE, 48_557, BEGAN_S)
    for at_s, length in packets:
        wire.take(Frame(BEGAN_S + at_s, length, "", DEVICE, 4000, CLOUD, 443, 6, b""))
    (there,) = wire.destinations.values()
    assert len(there.spans) <= 60 and max(there.spans) < 60
    assert sum(sent for sent, _ in there.spans.values()) == there.sent
    assert there.sent == sum(length for _, length in packets)


def test_more_destinations_than_fit_are_counted_together() -> None:
    wire = LiveWire(DEVICE, 48_557, BEGAN_S)
    for port in range(1, 1000):
        wire.take(Frame(BEGAN_S, 60, "", DEVICE, 4000, CLOUD, port, 17, b""))
    assert len(wire.destinations) == 201 and wire.destinations[OTHERS].sent == 799 * 60


def test_what_has_no_port_says_what_it_is_and_gets_its_name_too() -> None:
    wire = LiveWire(DEVICE, 48_557, BEGAN_S)
    for address in (CLOUD, "203.0.113.70", "fd00::1", "fd00::1:443"):
        for protocol, port in ((1, 0), (17, 0), (17, 443), (132, 0)):
            wire.take(Frame(BEGAN_S, 60, "", DEVICE, 0, address, port, protocol, b""))
    for address, name in ((CLOUD, "cloud.example"), ("fd00::1", "six.example")):
        hello = tls_record(client_hello(name))
        wire.take(Frame(BEGAN_S, 600, "", DEVICE, 4000, address, 443, 6, hello))
    kinds = {" (ICMP)", " (UDP, in pieces)", ":443", " (IP protocol 132)"}
    hosts = ("cloud.example", "203.0.113.70", "six.example", "fd00::1:443")
    assert set(wire.destinations) == {host + kind for host in hosts for kind in kinds}


def test_names_come_from_answers_and_hellos() -> None:
    assert list(named_in_answer(dns_answer("a.example", [bytes([203, 0, 113, 7])]))) == [
        (CLOUD, "a.example")
    ]
    assert named_in_hello(tls_record(client_hello("b.example"))) == "b.example"
    assert named_in_hello(b"\x17" * 50) is None


@given(st.binary(max_size=120))
def test_no_noise_names_anything_or_raises(noise: bytes) -> None:
    list(named_in_answer(noise))
    list(named_in_answer(struct.pack("!HHHHHH", 1, 0x8180, 1, 3, 0, 0) + noise))
    named_in_hello(b"\x16\x03\x01\x00\x60\x01" + noise)


def test_a_hello_names_what_was_counted_by_its_address() -> None:
    wire = LiveWire(DEVICE, 48_557, BEGAN_S)
    wire.take(Frame(BEGAN_S, 60, "", DEVICE, 4000, CLOUD, 443, 6, b""))
    hello = tls_record(client_hello("b.example"))
    wire.take(Frame(BEGAN_S, 300, "", DEVICE, 4000, CLOUD, 443, 6, hello))
    assert {name: d.sent for name, d in wire.destinations.items()} == {"b.example:443": 360}
