"""A whole bench of real parts: PortAudio on a private sound server, a relay board, dumpcap.

The board is an emulator on a real pty; the link is a pair of virtual Ethernet interfaces.
"""

import socket
import uuid
from pathlib import Path
from statistics import median

import numpy as np
import pytest

from harness.bench.drivers.interface_sound import InterfaceSound
from harness.bench.drivers.tap_point import NamedInterface
from harness.bench.hardware import open_bench_rig
from harness.bench.ports.canary import CANARY_MARK
from harness.bench.rig import Rig
from harness.bench.rigfile import RigFile, load_rig
from harness.clock import RealClock
from harness.errors import RigError
from harness.series.play import facts_of
from harness.stage.controls import chirp
from harness.stage.deeds import await_listening
from harness.wire import read_wire
from tests.bench.private_interface import NAME, private_interface
from tests.bench.proxies.ends import through
from tests.bench.switches import emulators
from tests.stage.simulated_scene import scene

MAC = "02:53:41:59:00:02"
RIG = """\
name: NAME
kind: bench
sound:
  loudspeakers: {table: [1.5, 2.5, 1.2]}
  listener: [3.4, 3.1, 1.1]
device:
  name: my device
  firmware: "7"
  at: [2.6, 0.5, 1]
  ready_s: 2
  reading: true
  control: {voice: "kokoro:af_heart", at: table, says: "Are you there?"}
bench:
  sound:
    driver: DRIVER
    interface: INTERFACE
    outputs: {table: 8}
    inputs: {listener: 8}
"""
POWER = """\
  power: {driver: kmtronic, options: {port: PORT, channels: 2, channel: 2}, leave: open}
"""
TAP = """\
  tap: {interface: WIRE, mac: "02:53:41:59:00:02"}
"""
LOOPBACK = """\
    loopback: {output: 5, input: 5}
"""


def rig_of(folder: Path, text: str, **words: str) -> RigFile:
    """A rig of that text, of a name of its own: nobody else holds it."""
    for word, meant in {"NAME": f"t-{uuid.uuid4().hex[:8]}", "INTERFACE": NAME, **words}.items():
        text = text.replace(word, meant)
    path = folder / "rig.yaml"
    path.write_text(text)
    return load_rig(path)


# --- what is not there, without a sound in real time --------------------------------------------


def test_a_board_that_is_not_there_is_named_before_anything_is_played(tmp_path: Path) -> None:
    file = rig_of(tmp_path, RIG + POWER, DRIVER="sounddevice", PORT="/dev/no-such")
    with (
        pytest.raises(RigError, match="serial port /dev/no-such cannot be opened"),
        open_bench_rig(file, RealClock()),
    ):
        pytest.fail("it opened")


@pytest.mark.parametrize("driver", ["sounddevice", "pyaudio"])
def test_an_interface_that_is_not_there_is_named_and_power_is_left_as_it_should(
    driver: str, tmp_path: Path
) -> None:
    board = emulators.kmtronic(2)
    board.states[2] = True
    words = {"DRIVER": driver, "INTERFACE": "Scarlett 99", "PORT": board.path}
    file = rig_of(tmp_path, RIG + POWER, **words)
    with (
        pytest.raises(RigError, match="the sound interface `Scarlett 99` is not there"),
        open_bench_rig(file, RealClock()),
    ):
        pytest.fail("it opened")
    assert board.states == {1: False, 2: False}
    board.unplug()


def test_network_interfaces_are_looked_at_before_they_are_used(tmp_path: Path) -> None:
    net = tmp_path / "sys/class/net"
    for name, kind, state in (("eth1", "1", "up"), ("tun0", "65534", "up"), ("eth2", "1", "down")):
        (net / name).mkdir(parents=True)
        (net / name / "type").write_text(kind)
        (net / name / "operstate").write_text(state)
    assert NamedInterface("eth1", tmp_path).trouble() is None
    assert "eth2 is down" in (NamedInterface("eth2", tmp_path).trouble() or "")
    with pytest.raises(RigError, match="no network interface eth9; there are: eth1, eth2, tun0"):
        NamedInterface("eth9", tmp_path)
    with pytest.raises(RigError, match="tun0 is no Ethernet interface"):
        NamedInterface("tun0", tmp_path)


# --- real parts, in real time ------------------------------------------------------------------


def heard_of(rig: Rig, clock: RealClock) -> float:
    """How like a chirp that was played is what the listener's microphone heard where it should."""
    sound = chirp(rig.microphone.rate_hz)
    at = rig.loudspeaker.earliest_index() + 4800
    assert rig.loudspeaker.play("table", sound, at)
    while rig.microphone.heard_until() < at + len(sound):
        clock.wait_s(0.02)
    assert np.array_equal(rig.microphone.read("table", at, len(sound)), sound)
    path = rig.path("table", "listener")
    assert path is not None
    direct = int(np.argmax(np.abs(path)))
    heard = rig.microphone.read("listener", at + direct, len(sound) - direct)
    sent = sound[: len(heard)]
    return float(heard @ sent) / float(np.linalg.norm(heard) * np.linalg.norm(sent))


@pytest.mark.bench
@pytest.mark.parametrize("driver", ["sounddevice", "pyaudio"])
def test_a_bench_of_real_parts(driver: str, tmp_path: Path, wire: str) -> None:
    """Opened, played on, tapped, and closed; then its sound server dies and it says so."""
    board, clock = emulators.kmtronic(2), RealClock()
    board.states[2] = True
    text = RIG + LOOPBACK + POWER + TAP
    file = rig_of(tmp_path, text, DRIVER=driver, PORT=board.path, WIRE=wire)
    with (
        private_interface(tmp_path / "sound") as (server, environment),
        open_bench_rig(file, clock, environment) as rig,
    ):
        assert rig.absent == {"I"} and rig.panel is None
        assert facts_of(rig, scene("ordinary-talk", only=1)).sources == ("A", "N", "S")
        assert board.states[2] is False
        capture = tmp_path / "c.pcapng"
        rig.tap.start(capture)
        rig.microphone.record(tmp_path / "air.f32")
        rig.power.on()
        assert board.states[2] is True and not rig.listening()
        assert heard_of(rig, clock) > 0.95
        await_listening(rig, lambda: clock.wait_s(0.05))
        sent_s = {nonce: rig.tap.send_canary(nonce) for nonce in (b"n1", b"n2", b"n3")}
        nonces = [b"m1", b"m2", b"m3", b"m4", b"m5"]
        marked = rig.shared_event.mark(
            rig.loudspeaker.earliest_index() + 9600, 4800, [CANARY_MARK + n for n in nonces]
        )
        assert marked is not None
        report = rig.tap.stop()
        assert report.dropped == 0
        seen = read_wire(capture, MAC).traffic.canaries
        # As a play takes them: one may be held up between its send and its stamp, not most.
        assert abs(median(seen[n] - s for n, s in sent_s.items())) < 0.005
        assert abs(median(seen[n] - s for n, s in zip(nonces, marked, strict=True))) < 0.005
        assert rig.microphone.losses() == () and rig.trouble() is None
        server.__exit__()
        for _ in range(60):
            if rig.trouble():
                break
            clock.wait_s(0.1)
        assert "sound" in (rig.trouble() or "")
    assert board.states[2] is False
    board.unplug()


@pytest.mark.bench
@pytest.mark.exhaustive
def test_the_clicks_of_a_bench_whose_only_tap_is_a_proxy(tmp_path: Path) -> None:
    """Canaries and the datagrams of clicks are in the proxy's capture, at their time."""
    clock, file = RealClock(), rig_of(tmp_path, RIG, DRIVER="sounddevice")
    folder = tmp_path / "bench"
    folder.mkdir()
    with (
        private_interface(tmp_path / "sound") as (_, environment),
        through(tmp_path) as ends,
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender,
    ):
        sender.set_inheritable(True)
        to = (sender, *ends.proxy.datagrams_to)
        sound = InterfaceSound(file, folder, clock, to, environment)
        try:
            sound.open()
            ends.proxy.start(tmp_path / "c.pcapng")
            sound.record(tmp_path / "air.f32")
            sent_s = {nonce: ends.proxy.send_canary(nonce) for nonce in (b"n1", b"n2", b"n3")}
            nonces = [b"m1", b"m2", b"m3", b"m4", b"m5"]
            at = sound.earliest_index() + 9600
            marked = sound.mark(at, 4800, [CANARY_MARK + nonce for nonce in nonces])
            assert marked is not None and ends.proxy.trouble() is None
            assert ends.proxy.stop().dropped == 0
        finally:
            sound.close()
    seen = read_wire(tmp_path / "c.pcapng", ends.proxy.device_address).traffic.canaries
    assert abs(median(seen[n] - s for n, s in sent_s.items())) < 0.005
    assert abs(median(seen[n] - s for n, s in zip(nonces, marked, strict=True))) < 0.005


@pytest.mark.bench
def test_without_a_cable_the_room_itself_tells_how_late_sound_is(tmp_path: Path) -> None:
    clock = RealClock()
    file = rig_of(tmp_path, RIG, DRIVER="sounddevice")
    folder = tmp_path / "bench"
    folder.mkdir()
    with private_interface(tmp_path / "sound") as (_, environment):
        sound = InterfaceSound(file, folder, clock, None, environment)
        try:
            sound.open()
            sound.record(tmp_path / "air.f32")
            burst = np.zeros(4800, np.float32)
            burst[0] = 0.5
            at = sound.earliest_index() + 2400
            assert sound.play("table", burst, at)
            while sound.heard_until() < at + 4800:
                clock.wait_s(0.02)
            heard = sound.read("listener", at, 4800)
            # It came at once; the driver took it that sound had to go 2.0 m.
            assert abs(int(np.argmax(np.abs(heard))) - 280) <= 24
        finally:
            sound.close()
