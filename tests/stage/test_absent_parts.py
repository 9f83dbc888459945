"""What a bench has not, nobody claims to have seen; an unknown room is as good as a known one."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import scipy.signal

from harness.bench.drivers.absent import NoInbox, NoPower, NoTap
from harness.bench.drivers.simulated_rig import RATE_HZ, SimulatedBench
from harness.bench.measured_paths import measure_paths
from harness.bench.ports.sound import Samples
from harness.bench.rig import Rig
from harness.errors import RigError, SceneError
from harness.evidence.verify import verify
from harness.model.ruling import Part, Verdict
from harness.model.script import AfterLine, Deed, Doing
from harness.series.play import facts_of
from harness.stage.control_facts import required_controls
from harness.stage.deeds import check_deeds
from tests.stage.simulated_scene import Stage, broken_controls, scene, stage


def quiet(folder: Path) -> Stage:
    """One line to the room, which an honest device ignores."""
    return stage(folder, scene("ordinary-talk", only=1), prompts=("am_here",))


def without(bench: SimulatedBench, *letters: str) -> Rig:
    """The bench's rig without what those letters need."""
    rig = replace(bench.rig, absent=frozenset(letters))
    if "N" in letters:
        rig = replace(rig, tap=NoTap(bench.clock))
    return replace(rig, inbox=NoInbox()) if "I" in letters else rig


def test_a_room_that_was_measured_is_as_good_as_a_known_one(tmp_path: Path) -> None:
    set_up = quiet(tmp_path)
    rig = set_up.bench.rig
    found = measure_paths(rig.loudspeaker, rig.microphone, rig.clock, tmp_path / "paths.f32")
    # The simulated sound system delays everything by 0.2 s; a bench's driver takes that out.
    paths = {way: path[RATE_HZ // 5 :] for way, path in found.items()}
    for (source, microphone), path in paths.items():
        known = rig.path(source, microphone)
        assert known is not None
        same = float(np.dot(in_band(path), in_band(known)))
        assert same > 0.99, (source, microphone)
    set_up.bench.rig = replace(rig, path=lambda *way: paths.get(way))
    outcome = set_up.play()
    broken = [control.detail for control in outcome.ruling.controls if not control.held]
    assert not broken
    assert outcome.ruling.verdict is Verdict.PASS


def test_a_loudspeaker_that_is_not_heard_is_named_when_the_room_is_measured(
    tmp_path: Path,
) -> None:
    bench = quiet(tmp_path).bench
    bench.sound.gains["counter"] = 0.0
    with pytest.raises(RigError, match="the loudspeaker at counter was not heard"):
        measure_paths(bench.sound, bench.sound, bench.clock, tmp_path / "paths.f32")


def in_band(path: Samples) -> Samples:
    """A path as the sweep can know it, of energy 1."""
    band = scipy.signal.butter(4, (150.0, 6000.0), "bandpass", fs=RATE_HZ, output="sos")
    heard = scipy.signal.sosfilt(band, np.pad(path, (0, 6400 - len(path))))
    unit: Samples = (heard / np.linalg.norm(heard)).astype(np.float32)
    return unit


@pytest.mark.parametrize(
    ("letters", "part"), [("N", Part.UPLOADS), ("I", Part.MESSAGES), ("NI", None)]
)
def test_what_nobody_looks_at_is_never_proven_absent(
    letters: str, part: Part | None, tmp_path: Path
) -> None:
    set_up = quiet(tmp_path)
    set_up.bench.rig = without(set_up.bench, *letters)
    outcome = set_up.play()
    ruling = outcome.ruling
    assert outcome.stopped_by is None
    assert not broken_controls(outcome), "what cannot be there is not broken"
    assert not verify(outcome.evidence)
    assert ruling.verdict is Verdict.INCONCLUSIVE, ruling.headline
    told = "; ".join(str(reason) for reason in ruling.reasons)
    if part is not Part.MESSAGES:
        assert "does not see the network" in told
    if part is not Part.UPLOADS:
        assert "sees no inbox" in told


def test_their_controls_are_not_asked_for() -> None:
    every = {name for _, name in required_controls()}
    without_tap = {name for _, name in required_controls(absent=frozenset("N"))}
    without_inbox = {name for _, name in required_controls(absent=frozenset("I"))}
    assert every - without_tap == {"one_clock", "tap_canary", "tap_complete"}
    assert every - without_inbox == {"inbox_canary"}


def test_the_letters_are_out_of_the_sources(tmp_path: Path) -> None:
    set_up = quiet(tmp_path)
    rig = replace(without(set_up.bench, "N", "I"), panel=None)
    assert facts_of(rig, set_up.script).sources == ("A", "S")


def test_a_device_that_nobody_can_switch_is_not_unplugged(tmp_path: Path) -> None:
    set_up = quiet(tmp_path)
    line = set_up.script.lines[-1].id
    unplug = Doing("off", Deed.UNPLUG, AfterLine(0.5), line)
    script = replace(set_up.script, doings=(unplug,))
    rig = replace(set_up.bench.rig, power=NoPower())
    with pytest.raises(SceneError, match="nobody can tell whether that happens"):
        check_deeds(rig, script)
    check_deeds(set_up.bench.rig, script)
