"""The simulated peers keep the promises of their ports."""

from pathlib import Path

import numpy as np
import pytest

from harness.bench.drivers.simulated import (
    SimulatedInbox,
    SimulatedPanel,
    SimulatedPower,
    SimulatedTap,
)
from harness.bench.drivers.simulated_capture import tcp_frame
from harness.bench.drivers.simulated_clock import AgendaClock
from harness.bench.drivers.simulated_link import SimulatedLink
from harness.bench.drivers.simulated_sound import SimulatedSound
from harness.clock import SimulatedClock
from harness.errors import DeviceError, RigError
from harness.model.timeline import LightState
from harness.wire import read_wire


def test_tap_keeps_what_passes_while_it_is_armed(tmp_path: Path) -> None:
    clock = SimulatedClock(1000.0)
    tap = SimulatedTap(clock)
    frame = tcp_frame("10.77.0.2", 4000, "10.77.0.1", 443, 1, b"x" * 7000)
    tap.see(frame)
    tap.start(tmp_path / "c.pcapng")
    clock.wait_s(1.5)
    sent_s = tap.send_canary(b"n1")
    tap.see(frame)
    tap.drop(2)
    report = tap.stop()
    assert (report.packets, report.dropped) == (2, 2)
    wire = read_wire(report.path, "10.77.0.2")
    assert wire.traffic.canaries == {b"n1": sent_s} == {b"n1": 1001.5}
    assert (len(wire.uploads), wire.dropped) == (1, 2)


def test_a_dead_tap_misses_canaries_and_says_so(tmp_path: Path) -> None:
    tap = SimulatedTap(SimulatedClock())
    with pytest.raises(RigError, match="start it first"):
        tap.stop()
    tap.start(tmp_path / "c.pcapng")
    tap.die("tap: killed by the test")
    tap.send_canary(b"n1")
    assert tap.trouble() == "tap: killed by the test"
    with pytest.raises(RigError, match="killed by the test"):
        tap.stop()
    assert tap.trouble() is None


def test_nothing_passes_a_cut_link(tmp_path: Path) -> None:
    clock = AgendaClock(1000.0)
    tap = SimulatedTap(clock)
    link = SimulatedLink(tap, clock)
    tap.start(tmp_path / "c.pcapng")
    tap.send_canary(b"before")
    link.off()
    link.off()
    tap.send_canary(b"meanwhile")
    assert (link.is_on, tap.trouble()) == (False, None)
    link.on()
    link.on()
    tap.send_canary(b"after")
    canaries = read_wire(tap.stop().path, "10.77.0.2").traffic.canaries
    assert link.is_on and set(canaries) == {b"before", b"after"}


def test_power() -> None:
    power = SimulatedPower()
    power.on()
    power.on()
    assert (power.times_on, power.trouble()) == (1, None)
    power.die("device: gone")
    assert power.trouble() == "device: gone"
    with pytest.raises(DeviceError):
        power.on()
    power.cycle()
    assert (power.times_on, power.trouble()) == (2, None)
    power.off()
    power.dies_at_start = "device: no microphone"
    with pytest.raises(DeviceError, match="no microphone"):
        power.on()


def test_panel() -> None:
    clock = SimulatedClock(5.0)
    panel = SimulatedPanel(clock)
    assert not panel.present()
    panel.show(LightState.LISTENING)
    told: list[bool] = []
    panel.pressed.append(told.append)
    panel.press_mute(True)
    assert panel.present() and panel.muted and told == [True]
    assert [(event.unix_s, event.light) for event in panel.events()] == [(5.0, "listening")]


def test_inbox() -> None:
    inbox = SimulatedInbox(SimulatedClock(5.0))
    inbox.prepare(["Thomas Reed"])
    inbox.send_canary("n1")
    message = inbox.deliver("Thomas Reed", "hi", b"RIFF", 1.5)
    assert [entry.canary for entry in inbox.messages()] == ["n1", None]
    assert inbox.audio(message.message_id) == b"RIFF"
    for wrong in (lambda: inbox.deliver("Nobody"), lambda: inbox.audio("m9")):
        with pytest.raises(RigError):
            wrong()
    inbox.down = "cloud: down"
    for use in (inbox.messages, lambda: inbox.send_canary("n"), lambda: inbox.prepare([])):
        with pytest.raises(RigError, match="down"):
            use()
    inbox.down = None
    inbox.prepare([])
    assert inbox.messages() == ()


def test_only_the_device_s_microphone_bends() -> None:
    clock, direct = SimulatedClock(5.0), np.ones(1, dtype=np.float32)
    sound = SimulatedSound(
        clock, ("table",), lambda _a, _b: direct, lambda _: None, noise_db=-120.0, square_law=0.5
    )
    tone = 0.4 * np.sin(2 * np.pi * np.arange(4 * 1600) / 16).astype(np.float32)
    clock.wait_s(0.5)
    sound.record(Path("kept in memory"))
    assert sound.play("table", tone, sound.earliest_index())
    clock.wait_s(2.0)
    start, count = sound.started_at(), sound.heard_until() - sound.started_at()
    straight, bent = sound.read("listener", start, count), sound.read("device", start, count)
    assert bent == pytest.approx(straight + 0.5 * straight**2, abs=1e-4)
    assert np.max(bent - straight) == pytest.approx(0.08, abs=1e-3)
