"""What a Wyoming proxy hands on, keeps and tells, with both ends played by the test."""

import json
import os
import random
import signal
import socket
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from harness.bench.conformance import class_faults, panel_faults
from harness.bench.conformance_proxy import proxy_faults
from harness.bench.drivers.capture_blocks import PACKET, read_blocks
from harness.bench.drivers.proxies.pipes import MOST_HELD
from harness.bench.drivers.proxies.wyoming import WyomingProxyText
from harness.bench.drivers.registry import find_driver
from harness.bench.ports.canary import CANARY_MARK
from harness.clock import RealClock
from harness.errors import RigError
from harness.model.timeline import LightState
from harness.wire import Declared, UploadLimits, read_wire
from harness.wire.payload import read_connections
from harness.wire.proxied import streams
from rigs.wyoming_server.protocol import Event, encode
from tests.bench.proxies.ends import HERE, Through, free_port, receive, through, until, worker_of

PCM = {"rate": 16_000, "width": 2, "channels": 1}
SOUND = random.Random(4).randbytes(40 * 2048)


@pytest.fixture
def ends(tmp_path: Path) -> Iterator[Through]:
    with through(tmp_path) as ends:
        yield ends


def test_it_keeps_the_promise_of_a_proxy(ends: Through, tmp_path: Path) -> None:
    assert class_faults(find_driver("proxy", "wyoming")) == []
    assert proxy_faults(ends.proxy, RealClock(), tmp_path, ends.call) == []


def test_a_proxy_that_changes_a_byte_is_found_out(ends: Through, tmp_path: Path) -> None:
    """By the conformance test, which is given ends that are not the proxy's."""

    def call() -> tuple[socket.socket, socket.socket]:
        return socket.socketpair()

    told = "; ".join(proxy_faults(ends.proxy, RealClock(), tmp_path, call))
    assert "it counts 0 bytes in 0 connections" in told


def test_its_capture_is_the_conversation_and_when(tmp_path: Path) -> None:
    with through(tmp_path, "127.0.0.2") as ends:
        _is_the_conversation(ends, tmp_path / "c.pcapng")


def _is_the_conversation(ends: Through, capture: Path) -> None:
    ends.proxy.start(capture)
    server, satellite = ends.call()
    before_s = time.time()
    chunks = (SOUND[at : at + 2048] for at in range(0, len(SOUND), 2048))
    said = encode(Event("run-pipeline", {"start_stage": "asr"}))
    said += b"".join(encode(Event("audio-chunk", PCM, chunk)) for chunk in chunks)
    satellite.sendall(said)
    heard = b""
    while len(heard) < len(said):  # it answers what it has heard, and not before
        heard += server.recv(65_536)
    assert heard == said
    server.sendall(encode(Event("transcript", {"text": "no"})))
    server.sendall(encode(Event("What the man from the shop said")))
    satellite.shutdown(socket.SHUT_WR)
    receive(server)
    after_s = time.time()
    server.close()
    assert receive(satellite)
    satellite.close()
    report = ends.proxy.stop()
    told = ends.proxy.report()
    assert report.dropped == 0 and told.lost == told.cut == told.waiting == 0
    assert 0.0 <= told.known_to_s < 0.25
    connection = next(each for each in read_connections(capture, "127.0.0.2") if each.leaves)
    sound = next(leaf for leaf in connection.leaves if leaf.kind.startswith("audio"))
    assert sound.content.data == SOUND
    assert before_s <= sound.content.from_unix_s <= sound.content.until_unix_s <= after_s
    events = [(event.type, event.by_device) for event in ends.proxy.events()]
    assert events == [
        ("run-pipeline", True),
        ("transcript", False),
        ("(no name of an event)", False),
    ]
    assert all(0 <= e.known_to_s < 0.25 and before_s <= e.unix_s for e in ends.proxy.events())


def test_what_it_sees_is_an_upload_to_whoever_called(tmp_path: Path) -> None:
    capture, device = tmp_path / "c.pcapng", "127.0.0.2"
    with through(tmp_path, device) as ends:
        ends.proxy.start(capture)
        server, satellite = ends.call()
        satellite.sendall(encode(Event("audio-chunk", PCM, SOUND)))
        satellite.shutdown(socket.SHUT_WR)
        receive(server)
        ends.proxy.send_canary(b"seen")
        assert until(lambda: CANARY_MARK + b"seen" in capture.read_bytes())
        ends.proxy.stop()
        server.close()
        satellite.close()
    limits, ours = UploadLimits(1.0, 6000), frozenset([b"seen"])
    wire = read_wire(capture, device, (), limits, ours, declared=Declared())
    assert list(wire.traffic.canaries) == [b"seen"] and wire.dropped == 0
    (upload,) = wire.uploads
    assert upload.bytes_out >= len(SOUND) and upload.destination.startswith(HERE)


def test_a_server_that_takes_nothing_slows_the_satellite_down(
    ends: Through, tmp_path: Path
) -> None:
    ends.proxy.start(tmp_path / "c.pcapng")
    server, satellite = ends.call()
    sent, data = 0, random.Random(5).randbytes(40_000_000)
    satellite.settimeout(0.5)
    with pytest.raises(TimeoutError):
        while sent < len(data):
            sent += satellite.send(data[sent : sent + 65_536])
    assert sent < len(data), "it took everything, and had to keep it"
    assert ends.proxy.trouble() is None
    heard = bytearray()
    server.settimeout(0.5)
    with pytest.raises(TimeoutError):
        while True:
            heard += server.recv(1 << 20)
    assert bytes(heard) == data[:sent]
    ends.proxy.stop()
    report = ends.proxy.report()
    assert report.from_device == sent and not report.held_back and report.lost == 0
    server.close()
    satellite.close()


def test_what_a_server_leaves_in_the_proxy_is_told(ends: Through, tmp_path: Path) -> None:
    ends.proxy.start(tmp_path / "c.pcapng")
    server, satellite = ends.call()
    satellite.settimeout(0.5)
    with pytest.raises(TimeoutError):
        while True:
            satellite.send(bytes(65_536))
    ends.proxy.stop()
    report = ends.proxy.report()
    assert report.held_back and report.waiting >= MOST_HELD
    server.close()
    satellite.close()


def test_an_end_that_breaks_off_is_broken_off_at_the_other(ends: Through, tmp_path: Path) -> None:
    ends.proxy.start(tmp_path / "c.pcapng")
    server, satellite = ends.call()
    satellite.sendall(b"the last")
    assert server.recv(8) == b"the last"
    satellite.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
    satellite.close()
    with pytest.raises(ConnectionResetError):
        server.recv(1)
    server.close()
    ends.proxy.stop()
    (passed,) = ends.proxy.report().passed
    assert passed.from_device == 8 and ends.proxy.report().lost == 0


def test_a_satellite_that_is_not_there_yet_is_not_there_through_it(
    ends: Through, tmp_path: Path
) -> None:
    ends.proxy.start(tmp_path / "c.pcapng")
    ends.satellite.close()
    with socket.create_connection((HERE, ends.port)) as server, pytest.raises(ConnectionResetError):
        server.recv(1)
    ends.proxy.stop()
    assert ends.proxy.report().refused == 1 and ends.proxy.report().passed == ()


def test_whoever_else_calls_is_turned_away_and_told(tmp_path: Path) -> None:
    with through(tmp_path, server="192.0.2.7") as ends:
        ends.proxy.start(tmp_path / "c.pcapng")
        with socket.create_connection((HERE, ends.port)) as other:
            assert other.recv(1) == b""
        ends.proxy.stop()
        assert ends.proxy.report().strangers == (f"{HERE} on port {ends.port}",)


def test_a_service_that_the_satellite_calls_is_reached_the_same_way(tmp_path: Path) -> None:
    with socket.create_server((HERE, 0)) as service:
        mine, port = free_port(), service.getsockname()[1]
        told = [{"listen": mine, "host": HERE, "port": port}]
        with through(tmp_path, services=told) as ends:
            ends.proxy.start(tmp_path / "c.pcapng")
            with socket.create_connection((HERE, mine)) as satellite:
                at_service, _ = service.accept()
                satellite.sendall(SOUND)
                satellite.shutdown(socket.SHUT_WR)
                assert receive(at_service) == SOUND
                at_service.sendall(b"heard")
                at_service.close()
                assert receive(satellite) == b"heard"
                source = satellite.getsockname()
            ends.proxy.stop()
            (passed,) = ends.proxy.report().passed
    assert passed.device == source and passed.other == (HERE, port)
    assert (passed.from_device, passed.from_other) == (len(SOUND), 5)
    sent = streams(tmp_path / "c.pcapng")[source, (HERE, port)]
    assert sent.content() == SOUND and sent.whole and sent.ended


def test_its_own_words_are_its_light(tmp_path: Path) -> None:
    events = free_port()
    with through(tmp_path, events=events) as ends:
        panel = ends.proxy.panel
        assert panel is not None and not panel.present()
        with socket.create_connection((HERE, events)) as satellite:
            for kind in (
                "detection",
                "streaming-started",
                "streaming-stopped",
                "audio-start",
                "played",
            ):
                satellite.sendall(encode(Event(kind)))
                time.sleep(0.02)
            assert until(lambda: len(panel.events()) == 4)
            expected = [LightState.LISTENING, LightState.IDLE, LightState.SPEAKING, LightState.IDLE]
            assert [event.light for event in panel.events()] == expected
            assert panel.present() and panel.malformed() == ()
            satellite.sendall(b"no event\n" + encode(Event("streaming-started")))
            assert until(lambda: len(panel.events()) == 5)
        assert until(lambda: len(panel.malformed()) == 2), "it hung up as it streamed"
        assert until(lambda: panel.events()[-1].light is LightState.IDLE)
        ends.proxy.start(tmp_path / "next.pcapng")
        assert panel.malformed() == (), "that was the play before"
        with pytest.raises(RigError, match="no mute button"):
            panel.press_mute(True)


def test_a_light_that_nobody_may_have_seen_is_no_dark_one(tmp_path: Path) -> None:
    """A proxy that stood still, and one that died, tell no light at all."""
    events = free_port()
    with through(tmp_path, events=events) as ends:
        ends.proxy.start(tmp_path / "c.pcapng")
        panel, pid = ends.proxy.panel, worker_of(tmp_path)
        assert panel is not None
        with socket.create_connection((HERE, events)) as satellite:
            satellite.sendall(encode(Event("streaming-started")))
            assert until(lambda: len(panel.events()) == 1)
            os.kill(pid, signal.SIGSTOP)
            sent_s = time.time()
            satellite.sendall(encode(Event("streaming-stopped")))
            assert until(lambda: panel.events() == ())
            os.kill(pid, signal.SIGCONT)
            assert until(lambda: ends.proxy.trouble() is None)
            assert panel.events() == (), "it may have missed something"
            ends.proxy.stop()
            ends.proxy.start(tmp_path / "d.pcapng")
            assert until(lambda: len(panel.events()) == 2)
            assert abs(panel.events()[1].unix_s - sent_s) < 0.5, "it came while it stood still"
        os.kill(pid, signal.SIGKILL)
        assert until(lambda: panel.events() == ())


def test_a_quiet_light_keeps_the_promise_of_a_panel(tmp_path: Path) -> None:
    with through(tmp_path, events=free_port()) as ends:
        assert ends.proxy.panel is not None
        assert panel_faults(ends.proxy.panel, RealClock()) == []


def test_a_proxy_that_dies_says_so_and_ends_both_sides(ends: Through, tmp_path: Path) -> None:
    ends.proxy.start(tmp_path / "c.pcapng")
    server, satellite = ends.call()
    assert ends.proxy.trouble() is None
    os.kill(worker_of(tmp_path), signal.SIGKILL)
    assert until(ends.proxy.trouble)
    assert "SIGKILL" in (ends.proxy.trouble() or "")
    assert server.recv(1) == satellite.recv(1) == b""
    with pytest.raises(RigError, match="SIGKILL"):
        ends.proxy.stop()
    with pytest.raises(RigError, match="not known"):
        ends.proxy.report()
    server.close()
    satellite.close()


def test_a_proxy_that_stands_still_says_so(ends: Through, tmp_path: Path) -> None:
    ends.proxy.start(tmp_path / "c.pcapng")
    pid = worker_of(tmp_path)
    os.kill(pid, signal.SIGSTOP)
    try:
        assert until(ends.proxy.trouble)
        assert "stands still" in (ends.proxy.trouble() or "")
    finally:
        os.kill(pid, signal.SIGCONT)
    assert until(lambda: ends.proxy.trouble() is None)


def test_bytes_that_came_while_it_stood_still_are_known_no_better(
    ends: Through, tmp_path: Path
) -> None:
    ends.proxy.start(tmp_path / "c.pcapng")
    server, satellite = ends.call()
    pid = worker_of(tmp_path)
    os.kill(pid, signal.SIGSTOP)
    satellite.sendall(b"first")
    time.sleep(0.4)
    satellite.sendall(b"later")
    os.kill(pid, signal.SIGCONT)
    assert server.recv(10) == b"firstlater"
    ends.proxy.stop()
    assert 0.35 < ends.proxy.report().known_to_s < 2.0
    server.close()
    satellite.close()


def test_a_capture_that_cannot_be_written_is_told_and_all_is_handed_on(ends: Through) -> None:
    with pytest.raises(RigError, match="cannot write"):
        ends.proxy.start(Path("/proc/no/such.pcapng"))
    with pytest.raises(RigError, match="No space left"):
        ends.proxy.start(Path("/dev/full"))
    server, satellite = ends.call()
    satellite.sendall(b"all the same")
    assert server.recv(12) == b"all the same"
    server.close()
    satellite.close()


def test_a_port_that_is_taken_is_told(ends: Through, tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.mkdir()
    with pytest.raises(RigError, match=f"port {ends.port}"):
        Through(other, listen=ends.port)


@pytest.mark.parametrize(
    ("told", "why"),
    [
        ({"satellite": "kitchen"}, "such as 192"),
        ({"satellite": HERE, "events": 10_700}, "one port of this machine twice"),
        ({"satellite": HERE, "server": "::1"}, "such as 192"),
    ],
)
def test_options_that_are_none_are_refused(told: dict[str, object], why: str) -> None:
    with pytest.raises(ValueError, match=why):
        WyomingProxyText.model_validate_json(json.dumps(told))


def test_packets_are_as_long_as_a_packet_may_be(ends: Through, tmp_path: Path) -> None:
    capture = tmp_path / "c.pcapng"
    ends.proxy.start(capture)
    server, satellite = ends.call()
    satellite.sendall(bytes(400_000))
    satellite.shutdown(socket.SHUT_WR)
    assert len(receive(server)) == 400_000
    ends.proxy.stop()
    assert all(len(b.data) < 65_536 for b in read_blocks(capture) if b.kind == PACKET)
    server.close()
    satellite.close()
