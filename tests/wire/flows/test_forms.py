"""Capture files of every form and in every state of decay."""

import struct
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harness.bench.drivers.simulated_capture import pcapng_bytes, tcp_frame, udp_frame
from harness.wire.flows import FlowReader, follow, read_files
from tests.wire.flows.frames import CLOUD, DEVICE, T0, block, flows_of, pcap_bytes

FRAMES = [(T0 + n, udp_frame(DEVICE, 1000 + n, CLOUD, 9, b"x" * n)) for n in range(20)]
PORTS = [1000 + n for n in range(20)]


def ports(content: bytes, pieces: int = 0) -> list[int]:
    """Client ports of all flows, which tell the packets apart."""
    return [flow.a.port for flow in flows_of(content, pieces)[0]]


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("form", ["pcapng", "pcap", "pcap ns"])
def test_every_form_in_both_byte_orders(form: str, order: str) -> None:
    if form == "pcapng":
        content = pcapng_bytes(FRAMES, dropped=3, byte_order=order)
    else:
        content = pcap_bytes(FRAMES, order, nano=form == "pcap ns")
    flows, reading = flows_of(content)
    assert [flow.a.port for flow in flows] == PORTS
    assert [flow.first_s for flow in flows] == [unix_s for unix_s, _ in FRAMES]
    assert reading.sound and reading.dropped == (3 if form == "pcapng" else None)
    for pieces in (1, 7, 64, 1000):
        assert ports(content, pieces) == PORTS


def test_two_sections_of_different_byte_order() -> None:
    content = pcapng_bytes(FRAMES[:5], byte_order="<") + pcapng_bytes(FRAMES[5:], byte_order=">")
    assert ports(content) == PORTS


@pytest.mark.parametrize(
    ("unit", "ticks"), [(3, 10**3), (6, 10**6), (12, 10**12), (0x80 | 20, 2**20)]
)
def test_time_in_every_unit(unit: int, ticks: int) -> None:
    options = struct.pack("<HHBxxxHHqI", 9, 1, unit, 14, 8, 1000, 0)
    head = block(0x0A0D0D0A, struct.pack("<IHHq", 0x1A2B3C4D, 1, 0, -1))
    head += block(1, struct.pack("<HHI", 1, 0, 0) + options)
    stamp, frame = int(2.5 * ticks), FRAMES[0][1]
    packet = struct.pack("<IIIII", 0, stamp >> 32, stamp & 0xFFFFFFFF, len(frame), len(frame))
    [flow], _ = flows_of(head + block(6, packet + frame))
    assert flow.first_s == pytest.approx(1002.5, abs=1e-6)


@settings(max_examples=30, deadline=None)
@given(st.lists(st.integers(0, 1400), min_size=1, max_size=8), st.integers(60, 300))
def test_packets_kept_in_part_count_as_the_whole(sizes: list[int], snap: int) -> None:
    """A snap length costs names, never bytes."""
    head = pcapng_bytes([], dropped=None)
    whole, cut, at = head, head, 100
    for number, size in enumerate(sizes):
        frame = tcp_frame("10.77.0.2", 4000, "10.77.0.1", 443, at, b"x" * size)
        at += size
        stamp = struct.pack("<III", 0, 1, number)
        whole += block(6, stamp + struct.pack("<II", len(frame), len(frame)) + frame)
        kept = frame[:snap]
        cut += block(6, stamp + struct.pack("<II", len(kept), len(frame)) + kept)
    assert flows_of(cut) == flows_of(whole)


def test_old_packet_blocks_are_read_and_untimed_ones_counted() -> None:
    head = pcapng_bytes([], dropped=None)
    frame, stamp = FRAMES[0][1], 5 * 10**9
    old = struct.pack("<HHIIII", 0, 9, stamp >> 32, stamp & 0xFFFFFFFF, len(frame), len(frame))
    content = head + block(2, old + frame) + block(3, struct.pack("<I", len(frame)) + frame)
    [flow], reading = flows_of(content)
    assert flow.first_s == 5.0
    assert reading.malformed == {"untimed packet": 1}


@pytest.mark.parametrize("order", ["<", ">"])
def test_packets_that_say_what_was_lost_before_them_are_believed(order: str) -> None:
    """By their option `epb_dropcount`, or in the old block, where 65535 says nothing."""
    content = pcapng_bytes([], dropped=None, byte_order=order)
    frame = FRAMES[1][1]  # not a multiple of four bytes
    fields = struct.pack(order + "IIIII", 0, 0, 9, len(frame), len(frame))
    comment = struct.pack(order + "HH4s", 1, 3, b"lie")
    for count in (17, 4):
        option = struct.pack(order + "HHQHH", 4, 8, count, 0, 0)
        body = fields + frame + bytes(-len(frame) % 4) + comment + option
        content += block(6, body, order)
    for count in (5, 0xFFFF):
        head = struct.pack(order + "HHIIII", 0, count, 0, 9, len(frame), len(frame))
        content += block(2, head + frame, order)
    _, reading = flows_of(content)
    assert reading.packets == 4 and reading.dropped == 17 + 4 + 5
    assert flows_of(pcapng_bytes(FRAMES, dropped=None, byte_order=order))[1].dropped is None


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(["<", ">"]), st.booleans(), st.data())
def test_cut_anywhere_it_gives_the_packets_before_the_cut_and_says_so(
    order: str, is_pcap: bool, data: st.DataObject
) -> None:
    content = pcap_bytes(FRAMES, order) if is_pcap else pcapng_bytes(FRAMES, byte_order=order)
    cut = data.draw(st.integers(1, len(content) - 1))
    flows, reading = flows_of(content[:cut])
    assert [flow.a.port for flow in flows] == PORTS[: len(flows)]
    whole = sum(n <= cut for n in _ends(content, order, is_pcap))
    assert len(flows) == min(whole, 20)
    assert reading.truncated == (cut not in _starts(content, order, is_pcap))


def _starts(content: bytes, order: str, is_pcap: bool) -> list[int]:
    """Where blocks or records begin and the last ends, but not the first."""
    at, starts = (24, [24]) if is_pcap else (0, [])
    while at < len(content):
        if is_pcap:
            at += 16 + struct.unpack_from(order + "I", content, at + 8)[0]
        else:
            at += struct.unpack_from(order + "I", content, at + 4)[0]
        starts.append(at)
    return starts


def _ends(content: bytes, order: str, is_pcap: bool) -> list[int]:
    """Where packets end."""
    return _starts(content, order, is_pcap)[1:] if is_pcap else _starts(content, order, False)[2:]


def test_damage_costs_what_it_covers_and_is_told() -> None:
    content = bytearray(pcapng_bytes(FRAMES))
    starts = _starts(bytes(content), "<", False)
    at = starts[1 + 7]
    content[at + 4 : at + 8] = b"\xff\xff\xff\xff"
    flows, reading = flows_of(bytes(content))
    assert [flow.a.port for flow in flows] == [port for port in PORTS if port != 1007]
    [damage] = reading.damage
    assert (damage.offset, damage.skipped_bytes) == (at, starts[1 + 8] - at)
    content[at + 4 : at + 8] = struct.pack("<I", 2**20)
    flows, reading = flows_of(bytes(content))
    assert [flow.a.port for flow in flows] == [port for port in PORTS if port != 1007]
    assert len(reading.damage) == 1 and not reading.truncated


@pytest.mark.parametrize("content", [b"\x1f\x8b" + bytes(100), b"GIF89a" * 9, bytes(64)])
def test_foreign_files_are_damage_from_the_first_byte(content: bytes) -> None:
    flows, reading = flows_of(content)
    assert flows == [] and not reading.sound
    assert (reading.damage[0].offset, reading.damage[0].skipped_bytes) == (0, len(content))


def test_zeroes_at_the_end_are_damage() -> None:
    content = pcapng_bytes(FRAMES)
    flows, reading = flows_of(content + bytes(64))
    assert len(flows) == 20
    assert [damage.offset for damage in reading.damage] == [len(content)]


def test_files_one_after_another_and_one_that_is_not_there(tmp_path: Path) -> None:
    paths = [tmp_path / f"{n}.pcapng" for n in range(4)]
    paths[0].write_bytes(pcapng_bytes(FRAMES[:10]))
    paths[1].write_bytes(b"")
    paths[3].write_bytes(pcap_bytes(FRAMES[10:]))
    reader = FlowReader()
    flows = [flow for batch in read_files(paths, reader) for flow in batch.flows()]
    assert sorted(flow.a.port for flow in flows) == PORTS
    assert reader.reading.truncated == 1
    [damage] = reader.reading.damage
    assert damage.path == paths[2] and "cannot be read" in damage.why


def test_a_ring_is_followed_as_it_grows(tmp_path: Path) -> None:
    """Each time there is nothing to read, a hundred bytes more are written."""
    first, second = tmp_path / "1.pcapng", tmp_path / "2.pcapng"
    to_come = [(first, pcapng_bytes(FRAMES[:10])), (second, pcapng_bytes(FRAMES[10:]))]

    def write_more() -> None:
        path, content = to_come[0]
        with path.open("ab") as file:
            file.write(content[:100])
        to_come[0] = path, content[100:]
        if not content[100:]:
            to_come.pop(0)

    reader = FlowReader()
    batches = follow(lambda: sorted(tmp_path.iterdir()), reader, lambda: bool(to_come), write_more)
    flows = [flow for batch in batches for flow in batch.flows()]
    assert sorted(flow.a.port for flow in flows) == PORTS
    assert reader.reading.sound


def test_files_of_a_ring_that_were_gone_before_they_were_read_are_counted(tmp_path: Path) -> None:
    """The ring keeps two files; four are written while the second is being read."""
    names = [tmp_path / f"net_{n:05d}_20261122182200.pcapng" for n in range(1, 7)]
    parts = [pcapng_bytes(FRAMES[3 * n : 3 * n + 3], dropped=None) for n in range(6)]
    names[0].write_bytes(parts[0])
    names[1].write_bytes(parts[1])
    to_come = [2, 3, 4, 5]

    def write_more() -> None:
        while to_come:
            number = to_come.pop(0)
            names[number].write_bytes(parts[number])
            names[number - 2].unlink()

    reader = FlowReader()
    batches = follow(lambda: sorted(tmp_path.iterdir()), reader, lambda: bool(to_come), write_more)
    flows = [flow for batch in batches for flow in batch.flows()]
    read = sorted({flow.a.port for flow in flows})
    assert reader.reading.lost_files == 2 and not reader.reading.sound
    assert read == [PORTS[n] for n in (*range(6), *range(12, 18))]


@pytest.mark.parametrize("piece", [100_000, 2**23])
def test_a_packet_may_be_larger_than_what_is_read_at_once(piece: int) -> None:
    large = bytes(12) + b"\x08\x06" + bytes(3 * 2**20)
    frames = [(T0, large), (T0 + 1, bytes(60)), (T0 + 2, large), (T0 + 3, bytes(60))]
    content = pcapng_bytes(frames)
    reader = FlowReader()
    for at in range(0, len(content), piece):
        reader.feed(content[at : at + piece])
    flows = list(reader.finish().flows())
    assert reader.reading.sound
    assert sum(flow.a.packets + flow.b.packets for flow in flows) == len(frames)
    assert reader.reading.frame_bytes == sum(len(frame) for _, frame in frames)
