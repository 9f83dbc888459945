"""A simulated rig is measured, and what is wrong with one is said."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from harness.bench import calibration as kept
from harness.bench.calibration import CalibrationText, differences
from harness.errors import RigError
from harness.report.calibration_picture import calibration_svg
from harness.series.calibrate import Measured, Plan, control_line, measure
from harness.series.calibration_limits import verdicts
from harness.sound.calibrator import FullScale
from harness.sound.decay import octave_levels_db, reverberation_s
from tests.stage.simulated_scene import Stage, scene, stage

RATE = 16_000
SPL = {"device": FullScale(94.0, 1000.0, 0.0, -60.0)}


@pytest.fixture(scope="module")
def play(tmp_path_factory: pytest.TempPathFactory) -> Stage:
    return stage(tmp_path_factory.mktemp("rig"), scene("ordinary-talk", only=1))


@pytest.fixture(scope="module")
def measured(play: Stage) -> Measured:
    rig = play.bench.rig
    plan = Plan(control_line(rig), serials={"microphone": "4711"}, full_scale=SPL)
    return measure(rig, plan, lambda _: None)


def test_every_pair_is_as_the_room_is(play: Stage, measured: Measured) -> None:
    rig = play.bench.rig
    for place in rig.loudspeaker.positions:
        for microphone in ("listener", "device"):
            pair, path = measured.calibration.pair(place, microphone), rig.path(place, microphone)
            assert pair is not None and path is not None
            wanted = octave_levels_db(path, RATE)
            assert pair.octaves_db[1:6] == pytest.approx(wanted[1:6], abs=0.7)
            dies = reverberation_s(np.concatenate((path, np.zeros(RATE // 5, np.float32))), RATE)
            assert pair.t60_s[2:6] == pytest.approx(dies[2:6], rel=0.1)
            assert pair.distortion is not None and pair.distortion < 0.01
            assert (pair.speech_dba is None) == (microphone == "listener")


def test_a_sound_rig_is_within_limits_and_still_as_it_was(measured: Measured) -> None:
    told = verdicts(measured.calibration, measured.calibration)
    assert all(each.held for each in told), [each.line for each in told if not each.held]
    assert {each.name for each in told} >= {"table to device: speech", "listener: polarity"}


def spoilt(calibration: CalibrationText, **changes: object) -> CalibrationText:
    first, *others = calibration.pairs
    pairs = (first.model_copy(update=changes), *others)
    return calibration.model_copy(update={"pairs": pairs})


@pytest.mark.parametrize(
    ("changes", "name"),
    [
        ({"polarity": -1}, "listener: polarity"),
        ({"distortion": 0.2}, "table to listener: distortion"),
        ({"noise_db": -25.0}, "table to listener: noise"),
        ({"t60_s": (1.5,) * 7}, "table to listener: T60"),
    ],
)
def test_what_is_wrong_is_named(measured: Measured, changes: dict[str, object], name: str) -> None:
    told = verdicts(spoilt(measured.calibration, **changes), None)
    assert [each.name for each in told if not each.held] == [name]
    assert all(each.detail for each in told if not each.held)


def test_too_loud_and_too_soft_say_by_how_much(measured: Measured) -> None:
    for speech_dba, advice in ((80.0, "by -10 dB"), (55.0, "by +5 dB")):
        pairs = tuple(
            p.model_copy(update={"speech_dba": speech_dba}) for p in measured.calibration.pairs
        )
        told = verdicts(measured.calibration.model_copy(update={"pairs": pairs}), None)
        assert all(advice in each.detail for each in told if not each.held)
        assert sum(not each.held for each in told) == 4


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"octaves_db": tuple(range(7))}, "dB off around"),
        ({"polarity": -1}, "polarity"),
        ({"microphone": "another"}, "was not measured"),
    ],
)
def test_a_rig_that_has_changed_is_told(
    measured: Measured, changes: dict[str, object], said: str
) -> None:
    now = spoilt(measured.calibration, **changes)
    (why,) = differences(measured.calibration, now)
    assert said in why
    assert not verdicts(now, measured.calibration)[-1].held


def test_it_is_kept_and_read_again(measured: Measured, tmp_path: Path) -> None:
    kept.save(tmp_path, measured.calibration, measured.paths)
    assert kept.load(tmp_path) == measured.calibration
    paths = kept.load_paths(tmp_path)
    assert all(np.array_equal(paths[key], path) for key, path in measured.paths.items())
    assert calibration_svg(measured.calibration, paths).count("<polyline") == 4 * 2 * 3


@pytest.mark.parametrize("text", ["", "{", json.dumps({"format": 2}), "\x00"])
def test_a_broken_one_is_refused(tmp_path: Path, text: str) -> None:
    with pytest.raises(RigError, match="there is none"):
        kept.load(tmp_path)
    (tmp_path / kept.LISTING).write_text(text)
    with pytest.raises(RigError, match="calibrate the rig again"):
        kept.load(tmp_path)
    (tmp_path / kept.PATHS).write_bytes(b"PK")
    with pytest.raises(RigError, match="calibrate the rig again"):
        kept.load_paths(tmp_path)


def test_a_dead_loudspeaker_or_microphone_is_named(play: Stage) -> None:
    rig = play.bench.rig
    plan = Plan(control_line(rig), sweep_level_db=-110.0)
    with pytest.raises(RigError, match="the loudspeaker at table is not heard at the listener"):
        measure(replace(rig), plan, lambda _: None)
