"""A look at a rig before and after a session, and what is said of both together."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from harness.bench.faults.sound import FaultyMicrophone
from harness.bench.probes import probes_of
from harness.bench.rig import Rig
from harness.clock import RealClock
from harness.errors import RigError
from harness.model.timeline import Control
from harness.series.health import CLOCKS, Look, clock_agreement, look_at
from harness.series.health_record import SessionHealth, trouble_told
from tests.stage.simulated_scene import scene, stage

_REALTIME = Control("rig", "realtime", True, None, None, "", "sound runs under real-time priority")
_SPACE = Control("rig", "disk_space", True, 90.0, 1.0, "GB", "free space")
_RUN = Control("rig", "parts_run", True, None, None, "", "every part of the bench runs")
_ALL = (_REALTIME, _SPACE, _RUN)


def _gone() -> str:
    raise RigError("serial port usb:0403:6001 went away: plug it in again")


@pytest.fixture
def rig(tmp_path: Path) -> Rig:
    return stage(tmp_path, scene("ordinary-talk", only=1), prompts=("am_here",)).bench.rig


def _found(rig: Rig, folder: Path) -> dict[str, Control]:
    return {check.name: check for check in look_at(rig, folder, RealClock()).checks}


def test_a_rig_that_is_well(rig: Rig, tmp_path: Path) -> None:
    look = look_at(replace(rig, probes=(("power", lambda: "KMTronic"),)), tmp_path, RealClock())
    names = [check.name for check in look.checks]
    assert names == ["realtime", "disk_space", "disk_speed", "parts_run", "power_answers"]
    assert look.trouble is None and 0 < look.took_s < 5
    assert look.checks[-1].detail == "KMTronic"


def test_a_part_that_does_not_answer(rig: Rig, tmp_path: Path) -> None:
    power = _found(replace(rig, probes=(("power", _gone),)), tmp_path)["power_answers"]
    assert not power.held and "plug it in again" in power.detail


def test_a_part_that_has_died(rig: Rig, tmp_path: Path) -> None:
    sick = replace(rig, checks=(lambda: "sound server: pulseaudio ended by itself",))
    parts = _found(sick, tmp_path)["parts_run"]
    assert not parts.held and "pulseaudio" in parts.detail


class _Paced(FaultyMicrophone):
    """A microphone whose sound comes at these paces, one after the other; an error is raised."""

    def __init__(self, *paces: float | RigError) -> None:
        self._paces, self.rate_hz = list(paces), 48_000

    def trouble(self) -> str | None:
        return None

    def pace(self, seconds: float) -> float | None:
        pace = self._paces.pop(0)
        if isinstance(pace, RigError):
            raise pace
        return pace


@pytest.mark.parametrize(
    ("paces", "held", "told"),
    [
        ((1.01,), True, "48480 samples a second"),
        ((0.8, 1.0), True, "48000 samples a second"),
        ((0.919, 0.919, 0.919), False, "44112 samples a second instead of 48000"),
        ((RigError("no block in 5 s"),), False, "no block in 5 s"),
    ],
)
def test_sound_moves_at_the_right_rate(
    rig: Rig, tmp_path: Path, paces: tuple[float | RigError, ...], held: bool, told: str
) -> None:
    check = _found(replace(rig, microphone=_Paced(*paces)), tmp_path)["sound_moves"]
    assert check.held is held and told in check.detail


def test_only_what_can_be_asked_is_asked() -> None:
    class Relay:
        def identify(self) -> str:
            return "a relay"

    class Board(Relay):
        def self_test(self) -> str:
            raise RigError("the sensor of the ring reads what no sensor can")

    probes = dict(probes_of({"power": Relay(), "panel": Board(), "inbox": object(), "tap": None}))
    assert probes["power"]() == "a relay" and sorted(probes) == ["panel", "power"]
    with pytest.raises(RigError, match="no sensor can"):
        probes["panel"]()


# The clocks, as plays measured them -------------------------------------------------------------


def _clock(name: str, measured: float | None, held: bool = True) -> Control:
    return Control("closing", name, held, measured, 1.0, "ms", "clicks")


def test_the_clocks_of_the_last_play_count() -> None:
    plays = [
        (_clock("one_clock", -0.2), _clock("tap_clock", 0.1), replace(_RUN, phase="scene")),
        (),
        (_clock("one_clock", 0.3), _clock("sound_clocks", 1.4, held=False)),
    ]
    found = clock_agreement(plays)
    assert found is not None and (found.name, found.held, found.measured) == (CLOCKS, False, 1.4)
    assert found.detail == "1.4 ms in the last play that tells, 0.2 ms in the first"
    assert clock_agreement([(), ()]) is None
    unknown = clock_agreement([(_clock("one_clock", None, held=False),)])
    assert unknown is not None and not unknown.held and "not known (clicks)" in unknown.detail


# Both looks together ----------------------------------------------------------------------------


def _spoilt(check: Control, detail: str) -> Control:
    return replace(check, held=False, detail=detail)


def _health(folder: Path, before: tuple[Control, ...], *after: Control) -> SessionHealth:
    health = SessionHealth("kitchen", folder, Look(1_763_870_000.0, before, 0.5))
    health.played("2026-11-23T04-00-00-kitchen", (_clock("one_clock", 0.2),))
    if after:
        health.end(Look(1_763_870_100.0, after, 0.5))
    return health


_FULL = _spoilt(_SPACE, "make room")


@pytest.mark.parametrize(
    ("before", "after", "well", "answer"),
    [
        (_ALL, _ALL, True, "well before and after the session (4 checks)"),
        (_ALL, (_REALTIME, _FULL, _RUN), False, "got worse between start and end of the session"),
        ((_REALTIME, _FULL, _RUN), _ALL, False, "not well before the session: disk_space: make"),
        ((_REALTIME, _FULL, _RUN), (_REALTIME, _FULL, _RUN), False, "not well before the session"),
        (_ALL, (_REALTIME, _SPACE), False, "got worse between start and end of the session: parts"),
        (_ALL, (), False, "not looked at after the session, which was cut short"),
        ((_spoilt(_REALTIME, "no right"), _SPACE, _RUN), _ALL, True, "well before and after"),
    ],
)  # fmt: skip
def test_only_a_rig_that_is_well_before_and_after_is_well(
    tmp_path: Path,
    before: tuple[Control, ...],
    after: tuple[Control, ...],
    well: bool,
    answer: str,
) -> None:
    health = _health(tmp_path, before, *after)
    assert health.well is well and health.answer.startswith(answer)
    health.write()
    told = json.loads(health.path.read_text())
    assert (told["well"], told["plays"]) == (well, ["2026-11-23T04-00-00-kitchen"])
    assert all(trouble is None for trouble in trouble_told(told)) is well
    text = health.path.with_suffix(".txt").read_text()
    assert text.startswith(f"kitchen: {answer}") and "Before the first play" in text


def test_clocks_that_came_apart_during_the_session_are_no_good_end(tmp_path: Path) -> None:
    health = SessionHealth("kitchen", tmp_path, Look(0.0, _ALL, 0.1))
    for measured in (0.2, 1.7):
        health.played("run", (_clock("one_clock", measured, held=measured < 1),))
    health.end(Look(1.0, _ALL, 0.1))
    assert not health.well and health.answer.startswith("not well at the end of the session: clock")
    assert "clock_agreement: 1.7 ms in the last play" in health.answer


@pytest.mark.parametrize(("left_gb", "told"), [(40.0, False), (2.0, True)])
def test_what_runs_out_is_told_while_it_is_enough(
    tmp_path: Path, left_gb: float, told: bool
) -> None:
    health = _health(tmp_path, _ALL, _REALTIME, replace(_SPACE, measured=left_gb), _RUN)
    assert health.well and ("disk_space fell from 90 to 2 GB" in health.answer) is told


def test_what_is_no_record_is_not_read(tmp_path: Path) -> None:
    for content in ({}, {"before": None, "after": None}, {"before": {"checks": []}, "after": None}):
        with pytest.raises((KeyError, TypeError)):
            trouble_told(content)
