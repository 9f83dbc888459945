"""What the doctor says of a rig, here a simulated one."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from harness.bench.drivers.registry import BUILT_IN, ON_HARDWARE, PAGES, not_on_hardware
from harness.bench.ports.tap import Tap, TapClock, TapReport
from harness.bench.rigfile import load_rig
from harness.clock import RealClock
from harness.commands.doctor import _as_json, _as_text
from harness.errors import RigError
from harness.model.timeline import Control
from harness.series.doctor import Note, notes, prove_controls
from harness.series.doctor_measures import disk_speed, floor_db, measured
from harness.stage.control_facts import required_controls
from tests.stage.simulated_device import CONTROL
from tests.stage.simulated_scene import Stage, scene, stage


def _sleep(play: Stage) -> None:
    play.device.ignores.add(CONTROL)


def _unplug(play: Stage) -> None:
    play.bench.tap.unplugged = True


def _stop_cloud(play: Stage) -> None:
    play.bench.inbox.down = "cloud: down"


@pytest.fixture
def play(tmp_path: Path) -> Stage:
    return stage(tmp_path, scene("ordinary-talk", only=1), prompts=("am_here",))


def test_a_sound_rig(play: Stage) -> None:
    said: list[str] = []
    checks = prove_controls(play.bench.rig, said.append, measured)
    more = {check.name: check for check in checks[len(required_controls()) :]}
    assert list(more) == ["latency", "noise_floor", "light_seen", "relay_heard"]
    assert all(check.held for check in checks)
    assert "ms from table" in more["latency"].detail
    assert (more["latency"].measured or 0.0) < 0.2
    assert more["noise_floor"].measured == pytest.approx(-70.0, abs=3.0)
    assert "opening controls" in said and "closing controls" in said


def test_nothing_is_watched_out_where_nobody_says_anything(play: Stage) -> None:
    rig = play.bench.rig
    patient = replace(rig.file.limits, watch_s=60.0, follow_up_s=30.0)
    began_s = rig.clock.monotonic_s()
    patient_rig = replace(rig, file=replace(rig.file, limits=patient))
    assert all(check.held for check in prove_controls(patient_rig, lambda _: None))
    assert rig.clock.monotonic_s() - began_s < 25.0


@pytest.mark.parametrize(
    ("spoil", "name"),
    [(_sleep, "device_awake"), (_unplug, "tap_canary"), (_stop_cloud, "finished")],
)
def test_a_broken_rig_is_named(play: Stage, spoil: Callable[[Stage], None], name: str) -> None:
    spoil(play)
    checks = prove_controls(play.bench.rig, lambda _: None)
    assert name in {check.name for check in checks if not check.held}


class _Elsewhere(Tap):
    """The same tap on another machine, whose clock is known so well (ms)."""

    def __init__(self, inner: Tap, known_to_ms: float) -> None:
        self._inner, self._known_to_ms = inner, known_to_ms

    def start(self, path: Path) -> None:
        self._inner.start(path)

    def trouble(self) -> str | None:
        return self._inner.trouble()

    def send_canary(self, nonce: bytes) -> float:
        return self._inner.send_canary(nonce)

    def stop(self) -> TapReport:
        clock = TapClock(1.7e9, 2.5, 3.0, self._known_to_ms, 0.0, 120)
        return replace(self._inner.stop(), clock=clock)


@pytest.mark.parametrize(("known_to_ms", "held"), [(0.4, True), (1.4, False)])
def test_the_clock_of_a_tap_elsewhere_is_a_control(
    play: Stage, known_to_ms: float, held: bool
) -> None:
    rig = replace(play.bench.rig, tap=_Elsewhere(play.bench.tap, known_to_ms))
    checks = {check.name: check for check in prove_controls(rig, lambda _: None)}
    assert checks["tap_clock"].held is held and checks["tap_clock"].measured == known_to_ms
    assert "known to" in checks["tap_clock"].detail


def test_the_noise_floor_is_what_is_exceeded_nine_tenths_of_the_time() -> None:
    dice = np.random.default_rng(3)
    sound = 1e-3 * dice.standard_normal(10 * 16_000).astype(np.float32) + np.float32(0.1)
    sound[: 8 * 16_000] += 0.2 * dice.standard_normal(8 * 16_000).astype(np.float32)
    assert floor_db(sound, 16_000) == pytest.approx(-60.0, abs=0.5)
    with pytest.raises(RigError, match="too little"):
        floor_db(sound[:8000], 16_000)


def test_how_fast_evidence_is_written(tmp_path: Path) -> None:
    told = disk_speed(tmp_path, RealClock())
    assert told.measured is not None and told.held is (told.measured >= 10.0)
    assert not list(tmp_path.iterdir())
    nowhere = disk_speed(tmp_path / "gone", RealClock())
    assert not nowhere.held and "nothing can be written" in nowhere.detail


def test_an_interrupt_ends_it(play: Stage) -> None:
    def interrupt(what: str) -> None:
        if what.startswith("opening"):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        prove_controls(play.bench.rig, interrupt)


ROOT = Path(__file__).parents[2]


def test_what_no_real_bench_has_cleared_is_repeated() -> None:
    told = notes(load_rig(ROOT / "rigs" / "bench.example.yaml"))
    assert {note.name for note in told} == {"not_on_hardware"}
    assert [note.detail.split("`")[1] for note in told] == ["sounddevice", "dumpcap", "kmtronic"]
    assert "docs/drivers.md says what it was tried on" in told[0].detail
    assert notes(load_rig(ROOT / "rigs" / "virtual.yaml")) == ()


def test_a_note_is_no_failure_and_stands_in_the_json() -> None:
    held = Control("rig", "disk_space", True, 9.0, 1.0, "GB", "free")
    note = Note("not_on_hardware", "the tap was never on a bench")
    control, told = json.loads(_as_json([held], [note]))
    assert told == {"kind": "note", "name": note.name, "detail": note.detail}
    assert "held" in control
    assert _as_text([held], [note]).splitlines()[1].startswith("note ")


@pytest.mark.parametrize("slot", sorted(PAGES))
def test_a_page_says_it_as_long_as_the_registry_does(slot: str) -> None:
    """One truth: what the doctor repeats stands on the page that it names."""
    names = {"sound": ["sounddevice", "pyaudio"], "tap": ["dumpcap", "ssh"], "link": ["bridge"]}
    named = names.get(slot) or list(BUILT_IN[slot])
    page = (ROOT / PAGES[slot]).read_text(encoding="utf-8")
    uncleared = [name for name in named if not_on_hardware(slot, name) is not None]
    assert bool(uncleared) == ("not yet on hardware" in page.lower())
    assert all((slot, name) in ON_HARDWARE for name in set(named) - set(uncleared))
