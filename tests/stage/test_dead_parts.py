"""Whatever breaks on the bench, silence is never taken for a pass; the evidence is kept."""

import errno
import os
import resource
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from harness.bench.drivers.simulated_rig import SimulatedBench
from harness.errors import Inconclusive, RigError
from harness.evidence import layout
from harness.evidence.read import read_events
from harness.evidence.rejudge import rejudge, same_as_recorded
from harness.evidence.verify import verify
from harness.model.ruling import Verdict
from harness.model.timeline import Interrupted
from harness.series.outcomes import raise_for
from harness.series.play import Outcome
from harness.stage.control_facts import required_controls
from tests.stage.simulated_device import CONTROL, Say, SimulatedDevice, Upload
from tests.stage.simulated_scene import Stage, broken_controls, scene, stage

ONLY_ANSWER = ("am_here",)
Break = Callable[[SimulatedBench, SimulatedDevice], None]
OPENING, SPEAKING, WATCHING, CLOSING = "opening controls", "Dana: ", "watching", "closing controls"


def quiet(folder: Path, faults: dict[str, Break], **options: object) -> Stage:
    """One line to the room, which an honest device ignores."""
    script = scene("ordinary-talk", only=1)
    return stage(folder, script, None, faults, prompts=ONLY_ANSWER, **options)  # type: ignore[arg-type]


def assert_proves_nothing(outcome: Outcome) -> None:
    """Inconclusive, sealed, the same when judged again, and raised as such."""
    assert outcome.ruling.verdict is Verdict.INCONCLUSIVE, outcome.ruling.headline
    assert outcome.ruling.reasons and not outcome.ruling.findings
    assert not verify(outcome.evidence)
    assert same_as_recorded(outcome.evidence, rejudge(outcome.evidence))
    with pytest.raises(Inconclusive):
        raise_for(outcome)


def test_with_nothing_broken_it_passes(tmp_path: Path) -> None:
    outcome = quiet(tmp_path, {}).play()
    assert (outcome.ruling.verdict, outcome.stopped_by) == (Verdict.PASS, None)
    assert not broken_controls(outcome) and len(outcome.ruling.controls) == len(required_controls())
    assert not verify(outcome.evidence)
    raise_for(outcome)


def _no_table(bench: SimulatedBench, _: SimulatedDevice) -> None:
    bench.sound.gains["table"] = 0.0


def _no_television(bench: SimulatedBench, _: SimulatedDevice) -> None:
    bench.sound.gains["television"] = 0.0


def _quiet_window(bench: SimulatedBench, _: SimulatedDevice) -> None:
    bench.sound.gains["window"] = 10 ** (-12 / 20)


def _deaf_listener(bench: SimulatedBench, _: SimulatedDevice) -> None:
    bench.sound.silence_microphone("listener")


def _deaf_device(bench: SimulatedBench, _: SimulatedDevice) -> None:
    bench.sound.silence_microphone("device")


def _gap(bench: SimulatedBench, _: SimulatedDevice) -> None:
    bench.sound.lose(160, noticed=True)


def _unnoticed_gap(bench: SimulatedBench, _: SimulatedDevice) -> None:
    bench.sound.lose(160, noticed=False)


def _lag(bench: SimulatedBench, _: SimulatedDevice) -> None:
    bench.sound.slip(0.02)


def _long_lag(bench: SimulatedBench, _: SimulatedDevice) -> None:
    bench.sound.slip(0.4)


def _clock_set(bench: SimulatedBench, _: SimulatedDevice) -> None:
    bench.sound.clock_off_s = 0.005


def _sound_gone(bench: SimulatedBench, _: SimulatedDevice) -> None:
    bench.sound.die()


def _tap_killed(bench: SimulatedBench, _: SimulatedDevice) -> None:
    bench.tap.die()


def _tap_drops(bench: SimulatedBench, _: SimulatedDevice) -> None:
    bench.tap.drop(1)


def _ring_too_short(bench: SimulatedBench, _: SimulatedDevice) -> None:
    bench.tap.overwrite(1)


def _tap_unplugged(bench: SimulatedBench, _: SimulatedDevice) -> None:
    bench.tap.unplugged = True


def _tap_plugged_in(bench: SimulatedBench, _: SimulatedDevice) -> None:
    bench.tap.unplugged = False


def _cloud_down(bench: SimulatedBench, _: SimulatedDevice) -> None:
    bench.inbox.down = "cloud: down"


def _cloud_swallows(bench: SimulatedBench, _: SimulatedDevice) -> None:
    bench.inbox.swallows = True


def _sleep(_: SimulatedBench, device: SimulatedDevice) -> None:
    device.ignores.add(CONTROL)


def _talks_on(bench: SimulatedBench, device: SimulatedDevice) -> None:
    """Deaf, with an answer that it says all the time, and packets when it is asked."""
    device.ignores.add(CONTROL)
    device.does_at(bench.clock.now_s(), Upload(0.0, 2.0))
    for number in range(20):
        device.does_at(bench.clock.now_s() + number, Say("am_here", 0.0))


def _device_ends(bench: SimulatedBench, _: SimulatedDevice) -> None:
    bench.power.die()


def _room_late(bench: SimulatedBench, _: SimulatedDevice) -> None:
    bench.complaints.append("the room lost sound")


def _strange_panel(bench: SimulatedBench, _: SimulatedDevice) -> None:
    bench.panel.babble("{}")


def _disk_trouble(bench: SimulatedBench, _: SimulatedDevice) -> None:
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


BROKEN: list[tuple[str, Break, str | None]] = [
    # when, what breaks, the control that says so (None where the play ends at once)
    (OPENING, _no_television, "loudspeaker_heard"),
    (OPENING, _quiet_window, "loudspeaker_heard"),
    (SPEAKING, _no_table, "lines_played"),
    (WATCHING, _quiet_window, "loudspeaker_heard"),
    (OPENING, _deaf_listener, "loudspeaker_heard"),
    (WATCHING, _deaf_listener, "no_audio_gap"),
    (OPENING, _deaf_device, "device_awake"),
    (SPEAKING, _gap, "no_audio_gap"),
    (SPEAKING, _unnoticed_gap, "lines_played"),
    (WATCHING, _unnoticed_gap, "one_clock"),
    (SPEAKING, _long_lag, "lines_played"),
    (WATCHING, _lag, "loudspeaker_heard"),
    (OPENING, _clock_set, "one_clock"),
    (WATCHING, _sound_gone, None),
    (WATCHING, _tap_killed, "tap_complete"),
    (WATCHING, _tap_drops, "tap_complete"),
    (WATCHING, _ring_too_short, "tap_complete"),
    (WATCHING, _tap_unplugged, "tap_canary"),
    ("preparing", _cloud_down, None),
    (OPENING, _cloud_down, "inbox_canary"),
    (CLOSING, _cloud_down, "inbox_canary"),
    ("collecting", _cloud_down, "inbox_canary"),
    (OPENING, _cloud_swallows, "inbox_canary"),
    (OPENING, _sleep, "device_awake"),
    (CLOSING, _sleep, "device_awake"),
    (OPENING, _talks_on, "device_awake"),
    (CLOSING, _talks_on, "device_awake"),
    (OPENING, _device_ends, None),
    (WATCHING, _device_ends, None),
    (SPEAKING, _room_late, "no_audio_gap"),
    (WATCHING, _strange_panel, "all_collected"),
    (WATCHING, _disk_trouble, None),
]


@pytest.mark.parametrize(
    ("when", "what", "control"),
    BROKEN,
    ids=[f"{what.__name__.strip('_')}-{when.split()[0].strip(':')}" for when, what, _ in BROKEN],
)
def test_a_dead_part_proves_nothing(
    tmp_path: Path, when: str, what: Break, control: str | None
) -> None:
    outcome = quiet(tmp_path, {when: what}).play()
    assert_proves_nothing(outcome)
    assert control is None or control in broken_controls(outcome)
    assert control is not None or outcome.stopped_by is not None


def test_a_tap_that_stalls_ends_the_scene(tmp_path: Path) -> None:
    """It runs, is well before the scene, and counts no packet as lost."""
    play = quiet(tmp_path, {WATCHING: _tap_unplugged, CLOSING: _tap_plugged_in})
    play.script = replace(play.script, watch_s=15.0)
    outcome = play.play()
    assert_proves_nothing(outcome)
    assert CLOSING in play.faults, "it was noticed while the scene ran"
    assert "tap: stalled" in str(outcome.stopped_by)
    [told] = [c for c in outcome.ruling.controls if c.name == "tap_complete"]
    assert not told.held and "a canary sent 5 s ago is not in its capture" in told.detail


def test_a_device_that_dies_at_start(tmp_path: Path) -> None:
    play = quiet(tmp_path, {})
    play.bench.power.dies_at_start = "device: ended with status 1"
    outcome = play.play()
    assert_proves_nothing(outcome)
    assert "status 1" in str(outcome.stopped_by)


def test_a_device_that_never_listens(tmp_path: Path) -> None:
    play = quiet(tmp_path, {})
    play.bench.rig = replace(play.bench.rig, listening=lambda: False)
    outcome = play.play()
    assert_proves_nothing(outcome)
    assert "did not open its microphone" in str(outcome.stopped_by)


def test_an_answer_to_the_first_request_is_none_to_the_second(tmp_path: Path) -> None:
    """The device is then still busy with the second, which would go on into the scene."""
    late = (Upload(-0.6, 0.8), Say("am_here", 3.2))
    outcome = quiet(tmp_path, {}, answer=late).play()
    assert_proves_nothing(outcome)
    assert "does not answer" in str(outcome.stopped_by)


def test_a_device_without_prompts_on_file_cannot_be_proven_awake(tmp_path: Path) -> None:
    script = scene("ordinary-talk", only=1)
    assert_proves_nothing(stage(tmp_path, script, prompts=()).play())


def test_prompts_that_cannot_be_read(tmp_path: Path) -> None:
    play = quiet(tmp_path, {})
    (tmp_path / "prompts" / "am_here.wav").write_bytes(b"RIFF")
    outcome = play.play()
    assert_proves_nothing(outcome)
    assert "am_here.wav" in str(outcome.stopped_by)


def test_a_play_after_a_broken_one_is_whole_again(tmp_path: Path) -> None:
    play = quiet(tmp_path, {WATCHING: _device_ends})
    assert play.play().ruling.verdict is Verdict.INCONCLUSIVE
    assert play.play().ruling.verdict is Verdict.PASS


# Interrupted -----------------------------------------------------------------------------------


def _interrupt(_: SimulatedBench, __: SimulatedDevice) -> None:
    raise KeyboardInterrupt


@pytest.mark.parametrize(
    "when",
    ["preparing", "switching", OPENING, SPEAKING, WATCHING, CLOSING, "collecting"],
    ids=lambda text: text.split()[0].strip(":"),
)
def test_an_interrupt_leaves_evidence_and_is_raised(tmp_path: Path, when: str) -> None:
    play = quiet(tmp_path, {when: _interrupt})
    outcome = play.play()
    assert isinstance(outcome.stopped_by, KeyboardInterrupt)
    assert outcome.ruling.verdict is Verdict.INCONCLUSIVE
    assert not verify(outcome.evidence)
    assert any(isinstance(e, Interrupted) for e in read_events(outcome.evidence))
    assert not play.bench.power.is_on
    with pytest.raises(KeyboardInterrupt):
        raise_for(outcome)


def _time_is_up(_: SimulatedBench, __: SimulatedDevice) -> None:
    pytest.fail("Timeout (>3600.0s) from pytest-timeout.")


def test_a_time_limit_leaves_evidence_and_is_raised(tmp_path: Path) -> None:
    play = quiet(tmp_path, {WATCHING: _time_is_up})
    outcome = play.play()
    assert outcome.ruling.verdict is Verdict.INCONCLUSIVE
    assert any("Timeout" in reason for reason in outcome.ruling.reasons)
    assert not verify(outcome.evidence)
    assert same_as_recorded(outcome.evidence, rejudge(outcome.evidence))
    assert not play.bench.power.is_on
    with pytest.raises(pytest.fail.Exception, match="Timeout"):
        raise_for(outcome)


def test_an_interrupt_while_ruling_is_not_held_back(tmp_path: Path) -> None:
    with pytest.raises(KeyboardInterrupt):
        quiet(tmp_path, {"ruling": _interrupt}).play()
    (folder,) = (tmp_path / "evidence").iterdir()
    assert (folder / layout.TIMELINE).exists() and not (folder / layout.MANIFEST).exists()


# Full disks ------------------------------------------------------------------------------------


@contextmanager
def _files_no_larger_than(limit_bytes: int) -> Iterator[None]:
    """What a full disk does, for this process: writing beyond fails (EFBIG)."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit_bytes, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_a_disk_too_full_for_the_recordings(tmp_path: Path) -> None:
    play = quiet(tmp_path, {})
    with _files_no_larger_than(150_000):
        outcome = play.play()
    assert_proves_nothing(outcome)
    assert any("not whole" in reason for reason in outcome.ruling.reasons)


def test_a_disk_too_full_for_anything(tmp_path: Path) -> None:
    play = quiet(tmp_path, {})
    with _files_no_larger_than(64), pytest.raises(RigError, match="full"):
        play.play()


def test_the_device_log_cannot_be_read(tmp_path: Path) -> None:
    play = quiet(tmp_path, {WATCHING: lambda bench, _: bench.rig.device_log.mkdir()})
    outcome = play.play()
    assert_proves_nothing(outcome)
