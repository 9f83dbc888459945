"""A rig that names a calibration is held to it in every play."""

from dataclasses import replace
from pathlib import Path

import pytest

from harness.bench import calibration as kept
from harness.bench.rig_calibration import CalibrationUseText
from harness.model.ruling import Verdict
from harness.series.calibrate import Measured, Plan, control_line, measure
from tests.stage.simulated_scene import Stage, broken_controls, rig_file, scene, stage

DAY_S = 86_400.0


@pytest.fixture(scope="module")
def measured(tmp_path_factory: pytest.TempPathFactory) -> Measured:
    rig = stage(tmp_path_factory.mktemp("rig"), scene("ordinary-talk", only=1)).bench.rig
    return measure(rig, Plan(control_line(rig)), lambda _: None)


def calibrated(folder: Path, measured: Measured, days_old: float = 0.5) -> Stage:
    """A play of one line on a rig that names the calibration, as old as that."""
    at_s = measured.calibration.measured_unix_s - days_old * DAY_S
    older = measured.calibration.model_copy(update={"measured_unix_s": at_s})
    kept.save(folder / "calibration", older, measured.paths)
    use = CalibrationUseText(folder=str(folder / "calibration"))
    file = replace(rig_file(), calibration=use)
    return stage(folder, scene("ordinary-talk", only=1), file=file, prompts=("am_here",))


def why(play: Stage) -> str:
    outcome = play.play()
    assert outcome.ruling.verdict is Verdict.INCONCLUSIVE
    control = next(c for c in outcome.ruling.controls if c.name == "calibration")
    assert not control.held
    return control.detail


def test_a_rig_as_it_was_passes(tmp_path: Path, measured: Measured) -> None:
    outcome = calibrated(tmp_path, measured).play()
    assert outcome.ruling.verdict is Verdict.PASS, broken_controls(outcome)
    assert any(control.name == "calibration" for control in outcome.ruling.controls)


@pytest.mark.parametrize("days_old", [31.0, -1.0])
def test_one_too_old_or_of_tomorrow_proves_nothing(
    tmp_path: Path, measured: Measured, days_old: float
) -> None:
    assert "calibrate it again" in why(calibrated(tmp_path, measured, days_old))


@pytest.mark.parametrize("gain", [0.6, 1.6])
def test_a_loudspeaker_that_was_turned_is_told(
    tmp_path: Path, measured: Measured, gain: float
) -> None:
    play = calibrated(tmp_path, measured)
    play.bench.sound.gains["window"] = gain
    assert "dB at window" in why(play)


def test_a_loudspeaker_that_it_does_not_know_is_told(tmp_path: Path, measured: Measured) -> None:
    paths = {pair: path for pair, path in measured.paths.items() if pair[0] != "window"}
    assert "no loudspeaker at window" in why(calibrated(tmp_path, replace(measured, paths=paths)))


def test_one_that_is_gone_proves_nothing(tmp_path: Path, measured: Measured) -> None:
    play = calibrated(tmp_path, measured)
    (tmp_path / "calibration" / kept.PATHS).unlink()
    assert "calibrate the rig again" in why(play)


def test_a_room_too_loud_to_tell_proves_nothing(tmp_path: Path, measured: Measured) -> None:
    softer = {pair: path * 1e-4 for pair, path in measured.paths.items()}
    assert "too loud to tell" in why(calibrated(tmp_path, replace(measured, paths=softer)))
