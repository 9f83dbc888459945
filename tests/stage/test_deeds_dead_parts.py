"""Deeds on the simulated bench: none hides a dead part, and a poor network no lost packet."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from harness.bench.drivers.simulated import SimulatedPanel
from harness.bench.drivers.simulated_link import SimulatedLink
from harness.bench.drivers.simulated_rig import SimulatedBench
from harness.bench.ports import Tap, TapReport
from harness.errors import SceneError
from harness.evidence.verify import verify
from harness.model.network import GOOD
from harness.model.ruling import Verdict
from harness.model.script import (
    AfterLine,
    AfterPrompt,
    Deed,
    PromptRole,
    When,
)
from harness.model.timeline import (
    DeedDone,
    Interrupted,
)
from tests.stage.simulated_device import CONTROL, SimulatedDevice
from tests.stage.simulated_scene import (
    Fault,
    broken_controls,
)
from tests.stage.staged_deeds import (
    MUTE,
    OFF,
    ON,
    PLUG_IN,
    POOR,
    POORLY,
    SOON,
    UNMUTE,
    UNPLUG,
    assert_proves_nothing,
    control,
    deeds,
    events,
    staged,
    why,
)

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
