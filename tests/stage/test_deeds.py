"""Deeds on the simulated bench: done in time, told, and given back."""

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harness.bench.drivers.simulated import SimulatedPower
from harness.bench.drivers.simulated_clock import AgendaClock
from harness.bench.drivers.simulated_rig import simulated_bench
from harness.model.ruling import Verdict
from harness.model.script import (
    AfterLine,
    AtTime,
    Deed,
    Doing,
)
from harness.model.timeline import (
    DeedDone,
    LightChanged,
    LineSpoken,
    MessageReceived,
    Watched,
)
from harness.model.timeline import Upload as UploadSeen
from harness.stage.deeds import Share, in_order
from tests.stage.simulated_device import Deed as Reaction
from tests.stage.simulated_device import Send, Upload
from tests.stage.simulated_scene import (
    START_S,
    broken_controls,
    paths,
    rig_file,
    scene,
    stage,
)
from tests.stage.staged_deeds import (
    MUTE,
    OFF,
    ON,
    PLUG_IN,
    SOON,
    UNMUTE,
    UNPLUG,
    control,
    deeds,
    events,
    staged,
    why,
)

# Done, in time -----------------------------------------------------------------------------------


def test_every_deed_is_done_when_its_cue_comes(tmp_path: Path) -> None:
    rows = [(MUTE, SOON), (UNMUTE, AfterLine(0.7)), (OFF, AtTime(5.0)), (UNPLUG, SOON)]
    rows += [(PLUG_IN, AfterLine(1.0)), (ON, AfterLine(0.4))]
    outcome = staged(tmp_path, *rows).play()
    assert outcome.ruling.verdict is Verdict.PASS, why(outcome)
    at_s = [event.at_s for event in events(outcome, DeedDone)]
    assert [deed for _, deed in deeds(outcome)] == [deed for deed, _ in rows]
    (line,) = events(outcome, LineSpoken)
    assert at_s[0] - line.end_s == pytest.approx(0.5, abs=0.02)
    assert at_s[1] - at_s[0] == pytest.approx(0.7, abs=0.02)
    assert at_s[2:4] == pytest.approx([5.0, 5.5], abs=0.02)
    assert at_s[4] - at_s[3] == pytest.approx(1.0, abs=0.02)
    # 0.3 s for the device to settle once it listens.
    assert at_s[5] - at_s[4] == pytest.approx(0.3 + 0.4, abs=0.02)
    (watched,) = events(outcome, Watched)
    assert watched.until_s >= at_s[5] + rig_file().limits.watch_s
    lights = [(e.state.value, e.at_s) for e in events(outcome, LightChanged)]
    assert ("muted", pytest.approx(at_s[0], abs=0.01)) in lights
    held = control(outcome, "deeds_done")
    assert held.held and "mute pressed, mute released, network cut, plug pulled" in held.detail


def test_a_deed_comes_in_the_middle_of_a_line_or_before_the_first(tmp_path: Path) -> None:
    script = scene("ordinary-talk", only=1)
    line = replace(script.lines[0], when=AtTime(2.0))
    first = Doing("cut", OFF, AtTime(0.5), None)
    second = Doing("mend", ON, AtTime(2.4), line.id)
    script = replace(script, lines=(line,), doings=(first, second))
    outcome = stage(tmp_path, script, prompts=("am_here",)).play()
    assert outcome.ruling.verdict is Verdict.PASS, why(outcome)
    assert [e.at_s for e in events(outcome, DeedDone)] == pytest.approx([0.5, 2.4], abs=0.02)
    (said,) = events(outcome, LineSpoken)
    assert said.start_s == pytest.approx(2.0, abs=0.01) and said.exact and said.end_s > 2.4


def test_without_power_or_network_nothing_leaves(tmp_path: Path) -> None:
    """And with both it does, so the test could fail."""
    sends: tuple[Reaction, ...] = (Upload(1.5, 0.5), Send("Thomas Reed", 1.5, 2.0))
    for number, rows in enumerate([[], [(OFF, SOON)], [(UNPLUG, SOON)]]):
        folder = tmp_path / str(number)
        folder.mkdir()
        outcome = staged(folder, *rows, reaction=sends).play()
        left = len(events(outcome, UploadSeen)), len(events(outcome, MessageReceived))
        assert left == ((0, 0) if rows else (1, 1))
        assert outcome.ruling.verdict is (Verdict.PASS if rows else Verdict.FAIL)


def test_a_muted_device_hears_nothing(tmp_path: Path) -> None:
    rows = [(MUTE, AtTime(0.3))]
    outcome = staged(tmp_path, *rows, reaction=[Upload(0.5, 0.5)], before=True).play()
    assert outcome.ruling.verdict is Verdict.PASS, why(outcome)
    assert not events(outcome, UploadSeen)


def test_what_is_away_is_given_back_before_the_closing_controls(tmp_path: Path) -> None:
    outcome = staged(tmp_path, (MUTE, SOON), (OFF, SOON), (UNPLUG, SOON)).play()
    assert outcome.ruling.verdict is Verdict.PASS, why(outcome)
    assert not broken_controls(outcome)
    restored = [(f"restored-{deed}", deed) for deed in (ON, PLUG_IN, UNMUTE)]
    assert deeds(outcome)[3:] == restored


@pytest.mark.parametrize("away", [OFF, UNPLUG])
def test_what_it_kept_to_itself_is_seen_when_it_leaves(tmp_path: Path, away: Deed) -> None:
    play = staged(tmp_path, (away, SOON), reaction=[Send("Thomas Reed", 1.5, 2.0)])
    play.device.insists = True
    outcome = play.play()
    (message,) = events(outcome, MessageReceived)
    given_back = events(outcome, DeedDone)[-1]
    (watched,) = events(outcome, Watched)
    assert given_back.at_s < message.at_s < watched.until_s
    assert watched.until_s >= given_back.at_s + rig_file().limits.watch_s
    assert outcome.ruling.verdict is Verdict.FAIL


# Parts -------------------------------------------------------------------------------------------


@settings(deadline=None)
@given(kinds=st.lists(st.booleans(), min_size=1, max_size=12))
def test_lines_and_deeds_come_in_the_order_of_the_file(kinds: list[bool]) -> None:
    base = scene("ordinary-talk", only=1)
    ids = [f"{number}" for number in range(len(kinds))]
    lines = [replace(base.lines[0], id=i) for i, is_line in zip(ids, kinds, strict=True) if is_line]
    before = dict(zip(ids, [None, *ids], strict=False))
    doings = [
        Doing(i, MUTE, SOON, before[i])
        for i, is_line in zip(ids, kinds, strict=True)
        if not is_line
    ]
    script = replace(base, lines=tuple(lines), doings=tuple(reversed(doings)))
    assert [entry.id for entry in in_order(script)] == ids


class _BusyPower(SimulatedPower):
    """A program on this machine: it waits a tenth of the time, counted anew at each start."""

    def __init__(self, clock: AgendaClock) -> None:
        super().__init__()
        self._clock, self._on_s = clock, clock.monotonic_s()

    def on(self) -> None:
        super().on()
        self._on_s = self._clock.monotonic_s()

    def waited_s(self) -> float | None:
        return 0.1 * (self._clock.monotonic_s() - self._on_s) if self.is_on else None


def test_the_share_of_the_processor_is_that_of_the_time_with_power() -> None:
    clock = AgendaClock(START_S)
    bench = simulated_bench(rig_file(), clock, paths=paths())
    power = _BusyPower(clock)
    share = Share(replace(bench.rig, power=power))
    assert share.part() is None
    for cycle in range(3):
        power.on()
        clock.wait_s(1.0 + cycle)
        share.resume()
        clock.wait_s(10.0)
        share.pause()
        power.off()
        clock.wait_s(50.0)
        share.pause()
    assert share.part() == pytest.approx(0.1)


def test_a_device_with_its_own_machine_has_no_share() -> None:
    bench = simulated_bench(rig_file(), AgendaClock(START_S), paths=paths())
    share = Share(bench.rig)
    share.resume()
    bench.clock.wait_s(1.0)
    share.pause()
    assert share.part() is None
