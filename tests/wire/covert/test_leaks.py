"""What leaves by a covert way is found, by its way; what every device sends is not."""

import socket
import struct
from collections.abc import Iterable
from pathlib import Path
from random import Random

import pytest

from benchmarks.wire_idle_traffic import DEVICE
from benchmarks.wire_leaks import (
    CLOUD,
    MAKER,
    NEIGHBOUR,
    RESOLVER,
    STRANGER,
    T0,
    WAYS,
    Timed,
    answer,
    asked,
    hello,
    ip_frame,
    opened,
    question,
    sent,
    told,
)
from harness.bench.drivers.simulated_capture import pcapng_bytes, tcp_frame, udp_frame
from harness.model.timeline import Channel, Upload
from harness.wire import Declared, read_wire

RIG = Declared(destinations=(MAKER,), telemetry_bytes_a_minute=12_000)
RESOLVED = [asked(T0 - 2, MAKER), told(T0 - 1.9, MAKER, CLOUD)]


def uploads(folder: Path, frames: Iterable[Timed], declared: Declared = RIG) -> list[Upload]:
    """What a capture of these frames says has left."""
    path = folder / "c.pcapng"
    path.write_bytes(pcapng_bytes(sorted(frames, key=lambda frame: frame[0])))
    return list(read_wire(path, DEVICE, declared=declared).uploads)


def ordinary() -> list[Timed]:
    """An hour of what a device sends that leaks nothing."""
    frames: list[Timed] = []
    dice = Random(5)
    for n in range(120):  # a heartbeat every half minute, its name asked for each time
        at_s = T0 + 30 * n + dice.random()
        frames += [asked(at_s, MAKER), asked(at_s + 1e-4, MAKER, 28)]
        frames += [opened(at_s + 0.01, 6000 + n), hello(at_s + 0.02, 6000 + n, MAKER)]
        frames.append(sent(at_s + 0.03, 6000 + n, 200, 450))
    for n in range(8):  # four pool servers at boot, then one a minute
        for server in range(4):
            frames.append((T0 + n + server / 10, _ntp(f"192.0.2.{server}")))
    frames += [(T0 + 64 * n, _ntp("192.0.2.1")) for n in range(1, 56)]
    for n in range(3600):
        frames.append((T0 + n + 0.5, ip_frame(DEVICE, RESOLVER, 1, bytes(64))))
        if n % 10 == 0:
            frames.append((T0 + n, _arp()))
    for n in range(60):  # announcements
        for copy in range(3):
            mdns = udp_frame(DEVICE, 5353, "224.0.0.251", 5353, answer("speaker.local", DEVICE))
            frames.append((T0 + 60 * n + copy, mdns))
    for n in range(4):
        notify = udp_frame(DEVICE, 40000, "239.255.255.250", 1900, bytes(400))
        frames += [(T0 + 900 * n + k / 50, notify) for k in range(20)]
    frames += [
        (T0 - 4 + n, udp_frame("0.0.0.0", 68, "255.255.255.255", 67, bytes(300))) for n in range(4)
    ]
    return frames


def _ntp(server: str) -> bytes:
    return udp_frame(DEVICE, 123, server, 123, b"\x23" + bytes(47))


def _arp() -> bytes:
    return b"\xff" * 6 + bytes(6) + b"\x08\x06" + bytes(28)


@pytest.mark.parametrize("declared", [Declared(), RIG], ids=["nothing declared", "declared"])
def test_what_every_device_sends_is_idle(tmp_path: Path, declared: Declared) -> None:
    assert uploads(tmp_path, [*RESOLVED, *ordinary()], declared) == []


@pytest.mark.parametrize("way", WAYS)
def test_a_leak_is_found_by_its_way(tmp_path: Path, way: str) -> None:
    leak, channel = WAYS[way]
    frames = [*RESOLVED, *ordinary(), *leak(Random(1), T0 + 1000, 120.0, 1000)]
    found = uploads(tmp_path, frames)
    assert {upload.channel for upload in found} == {Channel(channel)}
    assert all(upload.why.endswith(".") for upload in found)
    assert not any(upload.suspected for upload in found), "a budget that is stated is no statistics"
    assert min(upload.start_s for upload in found) == pytest.approx(T0 + 1000, abs=70)
    assert max(upload.end_s for upload in found) == pytest.approx(T0 + 1120, abs=4)


@pytest.mark.parametrize("called", [MAKER.upper(), f"{MAKER}."])
def test_a_host_is_the_declared_one_however_its_name_is_written(
    tmp_path: Path, called: str
) -> None:
    frames = [opened(T0, 6000), hello(T0 + 0.02, 6000, called)]
    frames += [sent(T0 + 0.1 + k / 50, 6000, 200 + 500 * k, 500) for k in range(40)]
    (upload,) = uploads(tmp_path, [*RESOLVED, *frames])
    assert (upload.channel, upload.destination) == (Channel.SPEECH, f"{MAKER}:443")


@pytest.mark.parametrize("way", ["dns", "ntp", "icmp"])
def test_protocols_are_judged_whatever_is_declared(tmp_path: Path, way: str) -> None:
    leak, channel = WAYS[way]
    found = uploads(tmp_path, leak(Random(1), T0, 60.0, 1000), Declared())
    assert {upload.channel for upload in found} == {Channel(channel)}


@pytest.mark.parametrize("way", ["telemetry", "unknown host", "neighbour", "quic"])
def test_where_nothing_is_declared_nobody_is_accused_of_a_destination(
    tmp_path: Path, way: str
) -> None:
    leak, _ = WAYS[way]
    found = uploads(tmp_path, leak(Random(1), T0, 60.0, 1000), Declared())
    assert {upload.channel for upload in found} <= {None}


@pytest.mark.parametrize("hosts", [1, 100])
def test_where_nothing_is_declared_much_in_small_bursts_is_suspected(
    tmp_path: Path, hosts: int
) -> None:
    """Each burst is less than an upload, with a pause after it; or each has its own host."""
    pause_s, size = (1.1, 5000) if hosts == 1 else (0.1, 900)
    leak = [
        (T0 + n * pause_s, udp_frame(DEVICE, 4000, f"198.51.100.{n % hosts + 1}", 443, bytes(size)))
        for n in range(40 if hosts == 1 else 100)
    ]
    [upload] = uploads(tmp_path, [*RESOLVED, *ordinary(), *leak], Declared())
    assert upload.suspected and upload.channel is None
    assert upload.bytes_out >= sum(size for _ in leak)
    assert "does not say what is sent besides uploads is 16.4 kB at once" in upload.why
    assert ("100 more destinations" in upload.why) == (hosts > 1)


def test_telemetry_is_not_judged_where_nobody_says_how_much_is_idle(tmp_path: Path) -> None:
    leak, _ = WAYS["telemetry"]
    known = Declared(destinations=(MAKER,))
    assert uploads(tmp_path, [*RESOLVED, *leak(Random(1), T0, 60.0, 1000)], known) == []


def test_to_name_the_hosts_hides_no_upload_cut_into_small_bursts(tmp_path: Path) -> None:
    """47 kbit/s to the maker: suspected, as where nothing is declared, and no telemetry."""
    frames = [opened(T0, 4000), hello(T0 + 0.01, 4000, MAKER)]
    frames += [sent(T0 + 1.1 * n, 4000, 200 + 5000 * n, 5000) for n in range(1, 40)]
    [upload] = uploads(tmp_path, [*RESOLVED, *frames], Declared(destinations=(MAKER,)))
    assert upload.suspected and upload.channel is Channel.SPEECH
    assert (upload.destination, upload.bytes_out) == (
        f"{MAKER}:443",
        pytest.approx(195_000, rel=0.01),
    )


def test_speech_to_the_declared_host_is_speech(tmp_path: Path) -> None:
    frames = [opened(T0, 4000), hello(T0 + 0.01, 4000, MAKER)]
    frames += [sent(T0 + 0.1 * n, 4000, 200 + 3200 * n, 3200) for n in range(1, 30)]
    [upload] = uploads(tmp_path, [*RESOLVED, *frames])
    assert (upload.channel, upload.destination) == (Channel.SPEECH, f"{MAKER}:443")


def test_a_shared_address_is_the_declared_host_all_the_same(tmp_path: Path) -> None:
    frames = [opened(T0, 4000)] + [sent(T0 + 0.1 * n, 4000, 3200 * n, 3200) for n in range(1, 30)]
    [upload] = uploads(tmp_path, [*RESOLVED, told(T0 - 1, "www.maker.test", CLOUD), *frames])
    assert (upload.channel, upload.destination) == (Channel.SPEECH, f"{MAKER}:443")


def test_a_false_server_name_hides_nobody(tmp_path: Path) -> None:
    frames = [opened(T0, 4000, STRANGER), hello(T0 + 0.01, 4000, MAKER, STRANGER)]
    frames += [sent(T0 + 0.1 * n, 4000, 200 + 3200 * n, 3200, STRANGER) for n in range(1, 30)]
    [upload] = uploads(tmp_path, [*RESOLVED, *frames])
    assert (upload.channel, upload.destination) == (Channel.UNKNOWN, f"{STRANGER}:443")
    assert "DNS gave other addresses" in upload.why


def test_an_answer_that_the_device_sends_itself_proves_nothing(tmp_path: Path) -> None:
    forged = udp_frame(DEVICE, 53, RESOLVER, 5354, answer(MAKER, STRANGER))
    frames = [opened(T0, 4000, STRANGER), hello(T0 + 0.01, 4000, MAKER, STRANGER)]
    frames += [sent(T0 + 0.1 * n, 4000, 200 + 3200 * n, 3200, STRANGER) for n in range(1, 30)]
    [upload] = uploads(tmp_path, [*RESOLVED, (T0 - 1, forged), *frames])
    assert upload.channel is Channel.UNKNOWN


def test_a_name_that_only_the_device_says_is_not_told(tmp_path: Path) -> None:
    frames = [opened(T0, 4000), hello(T0 + 0.01, 4000, MAKER)]
    frames += [sent(T0 + 0.1 * n, 4000, 200 + 3200 * n, 3200) for n in range(1, 30)]
    [upload] = uploads(tmp_path, frames)
    assert upload.channel is None
    assert "no DNS answer was seen" in upload.why


def test_spread_over_many_hosts_it_is_found(tmp_path: Path) -> None:
    frames = []
    for n in range(600):  # 1000 B/s over 60 hosts: each gets 1 kB a minute
        to = f"203.0.113.{n % 60}"
        frames.append((T0 + n / 10, udp_frame(DEVICE, 5000, to, 9000, bytes(100))))
    [upload] = uploads(tmp_path, frames)
    assert upload.channel is Channel.UNKNOWN
    assert "59 more destinations" in upload.why


def test_the_same_questions_over_and_over_are_found_by_their_number(tmp_path: Path) -> None:
    """A bit in which of two names is asked for, thousands of times."""
    dice = Random(3)
    names = [f"{letter}.maker.test" for letter in "ab"]
    frames = [asked(T0 + n / 100, dice.choice(names)) for n in range(6000)]
    [upload] = uploads(tmp_path, frames)
    assert upload.channel is Channel.DNS


def test_names_over_tcp_and_in_options_are_weighed_too(tmp_path: Path) -> None:
    dice = Random(3)
    frames: list[Timed] = [(T0, tcp_frame(DEVICE, 4000, RESOLVER, 53, 99, b"", flags=2))]
    at = 100
    for n in range(60):
        option = dice.randbytes(200)
        edns = b"\0" + struct.pack("!HHIH", 41, 1232, 0, len(option)) + option
        message = question(MAKER, more=edns)
        data = struct.pack("!H", len(message)) + message
        frames.append((T0 + n, tcp_frame(DEVICE, 4000, RESOLVER, 53, at, data)))
        at += len(data)
    [upload] = [each for each in uploads(tmp_path, frames) if "names" in each.why]
    assert upload.channel is Channel.DNS
    assert upload.bytes_out == pytest.approx(60 * 200, abs=100)


def test_a_neighbour_that_is_declared_may_be_talked_to(tmp_path: Path) -> None:
    leak, _ = WAYS["neighbour"]
    known = Declared(destinations=(f"{NEIGHBOUR}:5001",))
    found = uploads(tmp_path, leak(Random(1), T0, 60.0, 1000), known)
    assert {upload.channel for upload in found} == {Channel.SPEECH}


def test_ipv6_goes_by_the_same_budgets(tmp_path: Path) -> None:
    def frame(to: str, port: int, size: int) -> bytes:
        ends = b"".join(socket.inet_pton(socket.AF_INET6, each) for each in ("fe80::2", to))
        body = struct.pack("!HHHH", 5000, port, 8 + size, 0) + bytes(size)
        head = struct.pack("!IHBB", 6 << 28, len(body), 17, 64)
        return bytes(12) + b"\x86\xdd" + head + ends + body

    def leak(to: str, port: int) -> list[Timed]:
        return [(T0 + n / 4, frame(to, port, 250)) for n in range(120)]

    channels = {
        ("fe80::77", 5001): Channel.LAN,
        ("ff02::fb", 5353): Channel.LAN,
        ("2001:db8::9", 443): Channel.QUIC,
        ("2001:db8::9", 9000): Channel.UNKNOWN,
        ("2001:db8::9", 123): Channel.NTP,
    }
    for (to, port), channel in channels.items():
        found = uploads(tmp_path, leak(to, port))
        assert {each.channel for each in found} == {channel}, (to, port)
