"""Deeds on the simulated bench: done in time, told, given back; and none hides a dead part."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from harness.bench.drivers.simulated import SimulatedPanel, SimulatedPower
from harness.bench.drivers.simulated_clock import AgendaClock
from harness.bench.drivers.simulated_link import SimulatedLink
from harness.bench.drivers.simulated_rig import SimulatedBench, simulated_bench
from harness.bench.ports import Tap, TapReport
from harness.errors import SceneError
from harness.evidence.read import read_events
from harness.evidence.rejudge import rejudge, same_as_recorded
from harness.evidence.verify import verify
from harness.model.network import GOOD, NetworkCondition
from harness.model.ruling import Verdict
from harness.model.script import (
    AfterLine,
    AfterPrompt,
    AtTime,
    Deed,
    Doing,
    PromptRole,
    Script,
    When,
)
from harness.model.timeline import (
    Control,
    DeedDone,
    Interrupted,
    LightChanged,
    LineSpoken,
    MessageReceived,
    Watched,
)
from harness.model.timeline import Upload as UploadSeen
from harness.series.play import Outcome
from harness.stage.deeds import Share, in_order
from tests.stage.simulated_device import CONTROL, Send, SimulatedDevice, Upload
from tests.stage.simulated_device import Deed as Reaction
from tests.stage.simulated_scene import (
    START_S,
    Fault,
    Stage,
    broken_controls,
    paths,
    rig_file,
    scene,
    stage,
)

TALK = "Did the new tiles come today?"
MUTE, UNMUTE = Deed.MUTE, Deed.UNMUTE
UNPLUG, PLUG_IN = Deed.UNPLUG, Deed.PLUG_IN
OFF, POOR, ON = Deed.NETWORK_OFF, Deed.NETWORK_POOR, Deed.NETWORK_ON
POORLY = {POOR: NetworkCondition(delay_ms=300.0, drop_percent=50.0)}
SOON = AfterLine(0.5)


def with_deeds(script: Script, *rows: tuple[Deed, When], before: bool = False) -> Script:
    """The script with deeds after its last line, or before its first."""
    after = None if before else script.lines[-1].id
    doings = []
    for number, (deed, when) in enumerate(rows):
        doings.append(Doing(f"d{number}-{deed}", deed, when, after, POORLY.get(deed)))
        after = doings[-1].id
    return replace(script, doings=tuple(doings))


def staged(
    folder: Path,
    *rows: tuple[Deed, When],
    faults: dict[str, Fault] | None = None,
    reaction: Sequence[Reaction] = (),
    before: bool = False,
) -> Stage:
    """One line to the room, and deeds."""
    script = with_deeds(scene("ordinary-talk", only=1), *rows, before=before)
    return stage(folder, script, {TALK: reaction}, faults, prompts=("am_here",))


def events(outcome: Outcome, kind: type) -> list[Any]:
    return [event for event in read_events(outcome.evidence) if isinstance(event, kind)]


def deeds(outcome: Outcome) -> list[tuple[str, Deed]]:
    return [(event.doing_id, event.deed) for event in events(outcome, DeedDone)]


def control(outcome: Outcome, name: str) -> Control:
    (found,) = [c for c in outcome.ruling.controls if c.name == name]
    return found


def assert_proves_nothing(outcome: Outcome) -> None:
    assert outcome.ruling.verdict is Verdict.INCONCLUSIVE, outcome.ruling.headline
    assert not verify(outcome.evidence)
    assert same_as_recorded(outcome.evidence, rejudge(outcome.evidence))


def why(outcome: Outcome) -> str:
    return "\n".join([str(outcome.stopped_by), *outcome.ruling.reasons])


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


_THING = {MUTE: MUTE, UNMUTE: MUTE, UNPLUG: UNPLUG, PLUG_IN: UNPLUG, OFF: OFF, POOR: OFF, ON: OFF}


@st.composite
def fitting(draw: st.DrawFn) -> list[tuple[Deed, When]]:
    """Deeds that a scene file may hold, in an order in which it may hold them."""
    now = {MUTE: UNMUTE, UNPLUG: PLUG_IN, OFF: ON}
    rows: list[tuple[Deed, When]] = []
    for _ in range(draw(st.integers(1, 5))):
        can = [d for d in _THING if now[_THING[d]] is not d]
        if now[UNPLUG] is UNPLUG:
            can = [d for d in can if d not in (MUTE, UNMUTE)]
        deed = draw(st.sampled_from(can))
        now[_THING[deed]] = deed
        rows.append((deed, AfterLine(draw(st.sampled_from([0.0, 0.3, 1.0])))))
    return rows


# While there is no network no canary can pass, whatever was done and undone before.
MUTED_THEN_CUT: list[tuple[Deed, When]] = [
    (MUTE, AfterLine(0.0)),
    (UNMUTE, AfterLine(0.0)),
    (Deed.NETWORK_OFF, AfterLine(1.0)),
]


@settings(max_examples=8)
@given(rows=fitting(), dies=st.sampled_from([None, "tap", "device"]))
@example(rows=MUTED_THEN_CUT, dies=None)
def test_any_deeds_leave_an_honest_device_as_it_was_and_hide_no_death(
    tmp_path_factory: pytest.TempPathFactory,
    rows: list[tuple[Deed, When]],
    dies: str | None,
) -> None:
    last = rows[-1][0].in_words
    faults = {None: {}, "tap": {last: _tap_dies}, "device": {"watching": _dies_when_it_can}}[dies]
    play = staged(tmp_path_factory.mktemp("any"), *rows, faults=faults)
    outcome = play.play()
    if dies is None:
        assert outcome.ruling.verdict is Verdict.PASS, why(outcome)
        assert deeds(outcome)[: len(rows)] == [(f"d{i}-{d}", d) for i, (d, _) in enumerate(rows)]
    else:
        assert_proves_nothing(outcome)
    assert (play.bench.panel.muted, play.bench.link.is_on) == (False, True)
    assert play.bench.link.condition == GOOD and not play.bench.power.is_on


def _dies_when_it_can(bench: SimulatedBench, _: SimulatedDevice) -> None:
    """Dead now, or dead when it is plugged in again."""
    bench.power.die()
    bench.power.dies_at_start = "device: ended with status 1"


# A poor network ----------------------------------------------------------------------------------


def test_while_it_is_poor_the_tap_still_must_see_its_canaries(tmp_path: Path) -> None:
    play = staged(tmp_path, (POOR, SOON), (ON, AfterLine(12.0)))
    outcome = play.play()
    assert outcome.ruling.verdict is Verdict.PASS, why(outcome)
    poor, good = events(outcome, DeedDone)
    assert poor.network == POORLY[POOR] and good.network is None
    assert (
        "network made poor (300 ms late each way, 50 % lost)"
        in control(outcome, "deeds_done").detail
    )
    assert play.bench.link.condition == GOOD


class _TapBehind(Tap):
    """Sees what the poor network has let through: its canaries are lost, or late."""

    def __init__(self, bench: SimulatedBench, change: str) -> None:
        self._bench, self._tap, self._change = bench, bench.tap, change

    def start(self, path: Path) -> None:
        self._tap.start(path)

    def trouble(self) -> str | None:
        return self._tap.trouble()

    def stop(self) -> TapReport:
        return self._tap.stop()

    def send_canary(self, nonce: bytes) -> float:
        if not self._bench.link.is_poor:
            return self._tap.send_canary(nonce)
        now_s = self._bench.clock.now_s()
        if self._change == "late":
            self._bench.clock.do_at(now_s + 0.3, lambda: self._note(nonce))
        return now_s

    def _note(self, nonce: bytes) -> None:
        self._tap.send_canary(nonce)


@pytest.mark.parametrize("change", ["lost", "late"])
def test_a_tap_behind_what_makes_it_poor_proves_nothing(tmp_path: Path, change: str) -> None:
    play = staged(tmp_path, (POOR, SOON), (ON, AfterLine(2.0)))
    play.bench.rig = replace(play.bench.rig, tap=_TapBehind(play.bench, change))
    outcome = play.play()
    assert_proves_nothing(outcome)
    said = "behind what makes the network poor" if change == "late" else "canaries missed"
    assert said in control(outcome, "tap_complete").detail


def test_a_poor_network_is_made_good_before_the_closing_controls(tmp_path: Path) -> None:
    play = staged(tmp_path, (POOR, SOON))
    outcome = play.play()
    assert outcome.ruling.verdict is Verdict.PASS, why(outcome)
    assert deeds(outcome)[1:] == [("restored-network_on", ON)]
    assert play.bench.link.condition == GOOD


# Nothing dead passes -----------------------------------------------------------------------------


def _dies_at_start(bench: SimulatedBench, _: SimulatedDevice) -> None:
    bench.power.dies_at_start = "device: ended with status 1"


def _dies(bench: SimulatedBench, _: SimulatedDevice) -> None:
    bench.power.die("device: ended by itself")


def _tap_dies(bench: SimulatedBench, _: SimulatedDevice) -> None:
    bench.tap.die("tap: killed")


def _tap_drops(bench: SimulatedBench, _: SimulatedDevice) -> None:
    bench.tap.drop(1)


def _sleeps(_: SimulatedBench, device: SimulatedDevice) -> None:
    device.ignores.add(CONTROL)


def _shows_nothing(_: SimulatedBench, device: SimulatedDevice) -> None:
    device.shows_mute = False


def _sound_gone(bench: SimulatedBench, _: SimulatedDevice) -> None:
    bench.sound.die()


BACK = AfterLine(1.0)
DEAD: list[tuple[tuple[tuple[Deed, When], ...], str, Fault, str]] = [
    # the deeds, when something breaks, what, and a word of what is said
    (((UNPLUG, SOON), (PLUG_IN, BACK)), "plug pulled", _dies_at_start, "status 1"),
    (((UNPLUG, SOON),), "watching", _dies_at_start, "status 1"),
    (((UNPLUG, SOON), (PLUG_IN, BACK)), "watching", _dies, "ended by itself"),
    (((UNPLUG, SOON), (PLUG_IN, BACK)), "plug pulled", _sleeps, "did not answer"),
    (((UNPLUG, SOON), (PLUG_IN, BACK)), "plug pulled", _dies, "ended by itself"),
    (((OFF, SOON), (ON, BACK)), "network mended", _dies, "ended by itself"),
    (((OFF, SOON), (ON, BACK)), "network mended", _tap_dies, "tap: killed"),
    (((OFF, SOON),), "watching", _tap_dies, "tap: killed"),
    (((OFF, SOON), (ON, BACK)), "network mended", _tap_drops, "1 dropped"),
    (((OFF, SOON),), "watching", _sleeps, "did not answer"),
    (((UNPLUG, SOON),), "watching", _sound_gone, "sound server went away"),
    (((MUTE, SOON),), "watching", _dies, "ended by itself"),
    (((MUTE, SOON), (UNMUTE, BACK)), "mute pressed", _shows_nothing, "mute pressed (`d0-mute`)"),
    (((MUTE, SOON), (UNMUTE, BACK)), "mute released", _shows_nothing, "mute released"),
    (((MUTE, SOON),), "watching", _shows_nothing, "mute released (`restored-unmute`)"),
]


@pytest.mark.parametrize(
    ("rows", "when", "what", "said"),
    DEAD,
    ids=[f"{'+'.join(d for d, _ in r)}-{w.split()[0]}-{f.__name__}" for r, w, f, _ in DEAD],
)
def test_a_deed_hides_no_dead_part(
    tmp_path: Path, rows: Sequence[tuple[Deed, When]], when: str, what: Fault, said: str
) -> None:
    outcome = staged(tmp_path, *rows, faults={when: what}).play()
    assert_proves_nothing(outcome)
    assert said in why(outcome)


def test_a_device_that_does_not_listen_again(tmp_path: Path) -> None:
    play = staged(tmp_path, (UNPLUG, SOON), (PLUG_IN, SOON))
    power = play.bench.power
    play.bench.rig = replace(play.bench.rig, listening=lambda: power.is_on and power.times_on < 2)
    outcome = play.play()
    assert_proves_nothing(outcome)
    assert "did not open its microphone" in why(outcome)
    assert [deed for _, deed in deeds(outcome)] == [UNPLUG, PLUG_IN]


class _TornCable(SimulatedLink):
    def on(self) -> None:
        """It cannot be mended."""


def test_a_cable_that_stays_cut_is_seen_by_the_closing_canary(tmp_path: Path) -> None:
    play = staged(tmp_path, (OFF, SOON))
    play.bench.rig = replace(play.bench.rig, link=_TornCable(play.bench.tap, play.bench.clock))
    outcome = play.play()
    assert_proves_nothing(outcome)
    assert "tap_canary" in broken_controls(outcome)


def test_a_button_that_nobody_has_connected_cannot_be_pressed(tmp_path: Path) -> None:
    play = staged(tmp_path, (MUTE, SOON))
    play.bench.rig = replace(play.bench.rig, panel=SimulatedPanel(play.bench.clock))
    outcome = play.play()
    assert_proves_nothing(outcome)
    assert "has not connected to its panel" in why(outcome)


def test_a_deed_whose_prompt_never_comes_is_told(tmp_path: Path) -> None:
    never = AfterPrompt(PromptRole.ANSWER, 0.2, 1.5)
    outcome = staged(tmp_path, (MUTE, never), (UNMUTE, SOON)).play()
    assert_proves_nothing(outcome)
    assert deeds(outcome) == []
    assert "`d0-mute` was not done: the device did not say 'answer' within 1.5 s" in why(outcome)
    assert "`d1-unmute` was not done: what it gives back" in why(outcome)


def test_a_deed_that_the_script_places_nowhere_is_told(tmp_path: Path) -> None:
    play = staged(tmp_path, (OFF, SOON))
    lost = replace(play.script.doings[0], after="no such entry")
    play.script = replace(play.script, doings=(lost,))
    outcome = play.play()
    assert_proves_nothing(outcome)
    assert "`d0-network_off` was not done" in why(outcome)


@pytest.mark.parametrize("deed", [MUTE, UNPLUG, OFF])
def test_an_interrupt_leaves_the_bench_whole_for_the_next_play(tmp_path: Path, deed: Deed) -> None:
    def interrupt(_: SimulatedBench, __: SimulatedDevice) -> None:
        raise KeyboardInterrupt

    play = staged(tmp_path, (deed, SOON), faults={"watching": interrupt})
    cut_short = play.play()
    assert isinstance(cut_short.stopped_by, KeyboardInterrupt)
    assert cut_short.ruling.verdict is Verdict.INCONCLUSIVE
    assert deeds(cut_short) == [(f"d0-{deed}", deed)] and events(cut_short, Interrupted)
    assert (play.bench.panel.muted, play.bench.link.is_on) == (False, True)
    assert not verify(cut_short.evidence)
    assert play.play().ruling.verdict is Verdict.PASS


@pytest.mark.parametrize(
    ("deed", "lacks", "said"),
    [(MUTE, "panel", "set `device: panel: true`"), (OFF, "link", "no link that can be cut")],
)
def test_what_a_rig_cannot_do_is_refused_before_anything_is_played(
    tmp_path: Path, deed: Deed, lacks: str, said: str
) -> None:
    play = staged(tmp_path, (deed, SOON))
    play.bench.rig = replace(play.bench.rig, **{lacks: None})
    with pytest.raises(SceneError, match=f"`d0-{deed}`") as caught:
        play.play()
    assert said in str(caught.value)
    assert not (tmp_path / "evidence").exists() and play.bench.power.times_on == 0


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
