"""Click, flash and datagram at once: what a bench that makes them says of its clocks."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from harness.bench.drivers.simulated_rig import SimulatedBench
from harness.model.ruling import Verdict
from harness.model.timeline import Control
from harness.stage.collect import Collector
from harness.stage.session import Take, play
from harness.stage.shared_events import SharedEvents
from harness.stage.shared_facts import click_onset, shared_events
from tests.stage.simulated_scene import broken_controls, cast_of, scene, stage

KNOWN_TO_S = 0.0002
AIR_S = 0.2  # by which a simulated room is late with everything


def click(rate_hz: int) -> np.ndarray:
    """As the piezo's: 4 kHz for 5 ms."""
    t = np.arange(int(0.005 * rate_hz)) / rate_hz
    return (0.2 * np.sin(2 * np.pi * 4000 * t)).astype(np.float32)


def flash(bench: SimulatedBench) -> tuple[float, float]:
    """As `ControllerPanel.mark`: the click sounds at the device, and the time of it is told."""
    at = bench.sound.now() + bench.sound.rate_hz // 100
    bench.sound.somebody_speaks("device", click(bench.sound.rate_hz), at)
    return bench.sound.sounds_at_s(at) + AIR_S, KNOWN_TO_S


@pytest.mark.parametrize("rate_hz", [16_000, 48_000])
def test_where_a_click_begins(rate_hz: int) -> None:
    dice = np.random.default_rng(7)
    heard = (1e-4 * dice.standard_normal(rate_hz // 4)).astype(np.float32)
    assert click_onset(heard, rate_hz) is None
    at = rate_hz // 6
    heard[at : at + len(click(rate_hz))] += 0.01 * click(rate_hz)
    echo = at + rate_hz // 100
    heard[echo : echo + len(click(rate_hz))] += 0.02 * click(rate_hz)
    found = click_onset(heard, rate_hz)
    assert found is not None and abs(found - at) / rate_hz < 0.0005


@pytest.fixture(scope="module")
def take(tmp_path_factory: pytest.TempPathFactory) -> tuple[Take, Control]:
    """A play on a bench that makes events, and the control that came of it."""
    folder = tmp_path_factory.mktemp("shared")
    script = scene("ordinary-talk", only=1)
    played = stage(folder, script, prompts=("am_here",))
    bench = played.bench
    limits = replace(bench.rig.file.limits, clock_ms=5.0)
    file = replace(bench.rig.file, limits=limits)
    rig = replace(bench.rig, file=file, shared_flash=lambda: flash(bench))
    taken = play(rig, script, cast_of(script), folder, lambda _: None)
    events = Collector(taken, folder).timeline().events
    (control,) = [e for e in events if isinstance(e, Control) and e.name == "shared_event"]
    return taken, control


def told(taken: Take, **changes: object) -> Control:
    """The control of a take with every mark changed."""
    changed = replace(taken, shared=[replace(m, **changes) for m in taken.shared])  # type: ignore[arg-type]
    captured = {mark.nonce: mark.sent_s for mark in taken.shared}
    (control,) = shared_events(changed, taken.rig.microphone.clock_line(), captured)
    return control


def test_clocks_that_agree_say_how_well(take: tuple[Take, Control]) -> None:
    taken, control = take
    assert [mark.phase for mark in taken.shared] == ["opening"] * 3 + ["closing"] * 3
    assert control.held and control.measured is not None and 0.5 < control.measured < 2.5
    assert "known to" in control.detail and "by 6 events" in control.detail
    assert control.unit == "ms" and control.limit == 5.0


def test_a_board_whose_clock_is_off_or_hardly_known_proves_nothing(
    take: tuple[Take, Control],
) -> None:
    taken, control = take
    late = replace(taken, shared=[replace(m, board_s=m.board_s + 0.006) for m in taken.shared])
    captured = {mark.nonce: mark.sent_s for mark in taken.shared}
    (apart,) = shared_events(late, taken.rig.microphone.clock_line(), captured)
    assert not apart.held and apart.measured == pytest.approx((control.measured or 0) + 6, abs=1.5)
    hardly = told(taken, board_off_s=0.006)
    assert not hardly.held and "clock_ms" in hardly.detail


def test_what_was_not_seen_at_one_end_proves_nothing(take: tuple[Take, Control]) -> None:
    taken, _ = take
    assert "opening event was not seen on packets" in told(taken, nonce=b"lost").detail
    silent = replace(
        taken,
        shared=[
            replace(m, board_s=m.board_s - 0.5) if m.phase == "closing" else m for m in taken.shared
        ],
    )
    (control,) = shared_events(silent, taken.rig.microphone.clock_line(), {})
    assert not control.held and "closing event was not seen on sound" in control.detail


def test_no_scene_passes_on_clocks_that_disagree(tmp_path: Path) -> None:
    played = stage(tmp_path, scene("ordinary-talk", only=1), prompts=("am_here",))

    def late() -> tuple[float, float]:
        at_s, known_to_s = flash(played.bench)
        return at_s + 0.02, known_to_s

    played.bench.rig = replace(played.bench.rig, shared_flash=late)
    outcome = played.play()
    assert outcome.ruling.verdict is Verdict.INCONCLUSIVE
    assert broken_controls(outcome) == {"shared_event"}


def test_they_are_made_every_hour(take: tuple[Take, Control]) -> None:
    rig = take[0].rig
    now_s, made = [0.0], list[float]()

    class Hours(type(rig.clock)):  # type: ignore[misc]
        def monotonic_s(self) -> float:
            return now_s[0]

        def wait_s(self, seconds: float) -> None:
            now_s[0] += seconds

    def at_once() -> tuple[float, float]:
        made.append(now_s[0])
        return now_s[0], 0.0

    events = SharedEvents(replace(rig, clock=Hours(0.0), shared_flash=at_once))
    for _ in range(4 * 60):
        now_s[0] += 60.0
        events.go_on()
    assert [round(at / 3600) for at in made[::3]] == [1, 2, 3, 4] and len(made) == 12
