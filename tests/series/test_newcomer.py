"""What is seen of a program's first time on a bench, here a simulated one, and what is advised."""

from dataclasses import replace
from pathlib import Path

import pytest

from harness.bench.device_writer import Measured, NewDevice, device_rig_text, first_rig_text
from harness.bench.rig_writer import Asker
from harness.bench.rigfile import RigFile, load_rig
from harness.cli import main
from harness.commands.device import _asked
from harness.errors import UserError
from harness.series.newcomer import measured, trial_of
from harness.stage.newcomer import Newcomer, meet
from tests.stage.simulated_device import CONTROL, Say
from tests.stage.simulated_scene import Stage, cast_of, scene, stage


def _met(play: Stage, told: list[str] | None = None) -> Newcomer:
    request = cast_of(play.script).request
    return meet(play.bench.rig, request, play.folder, (told if told is not None else []).append)


@pytest.fixture
def play(tmp_path: Path) -> Stage:
    return stage(tmp_path, scene("ordinary-talk", only=1))


def test_what_hears_speaks_and_sends_is_told_as_it_is_seen(play: Stage) -> None:
    told: list[str] = []
    seen = _met(play, told)
    assert seen.ready_s is not None and seen.tries == 1 and not seen.unasked_s
    assert seen.answered_s is not None and 0.2 < seen.answered_s < 1.0
    assert 0.7 < seen.said_s < 1.1 and not seen.endless
    assert seen.sent and seen.sent_when_asked
    words = "\n".join(told)
    assert words.index("switched on") < words.index("it hears") < words.index("it speaks")
    assert trial_of(seen).works
    assert not measured(seen).local
    small = tuple(replace(each, payload_bytes=900) for each in seen.sent)
    assert measured(replace(seen, sent=small)).local
    assert not play.bench.power.is_on


def test_what_does_not_answer_is_asked_twice_and_advised(play: Stage) -> None:
    play.device.ignores.add(CONTROL)
    play.bench.rig.device_log.write_text("")
    seen = _met(play)
    assert (seen.answered_s, seen.tries, seen.sent) == (None, 2, ())
    trial = trial_of(seen)
    assert not trial.works
    assert any("speaks: NO" in line and "--wake" in line for line in trial.told)


def test_what_speaks_without_being_asked_is_no_device_to_test(tmp_path: Path) -> None:
    play = stage(tmp_path, scene("ordinary-talk", only=1))
    clock = play.bench.clock

    def greet() -> None:
        play.device._do(Say("sent", 0.0))

    clock.do_at(clock.now_s() + 1.5, greet)
    seen = _met(play)
    assert seen.unasked_s > 0.3
    assert not trial_of(seen).works


@pytest.mark.parametrize(
    ("seen", "word"),
    [
        (Newcomer(ended="it did not open its microphone"), "hears: NO"),
        (Newcomer(ready_s=1.0, ended="exit code 3"), "did not last. exit code 3"),
        (Newcomer(ready_s=1.0, answered_s=1.0, level_db=-20.0, endless=True), "without end"),
        (Newcomer(ready_s=1.0, unasked_s=1.5, answered_s=1.0, level_db=-20.0), "greeting"),
    ],
)
def test_each_thing_that_is_missing_says_what_to_do(seen: Newcomer, word: str) -> None:
    trial = trial_of(seen)
    assert not trial.works and any(word in line for line in trial.told)


def _device(folder: Path) -> NewDevice:
    return NewDevice("mine", "sh -c 'exec cat'", folder, "My assistant")


def _loaded(folder: Path, text: str) -> RigFile:
    path = folder / "rig.yaml"
    path.write_text(text)
    return load_rig(path)


def test_the_rig_file_holds_what_was_measured(tmp_path: Path) -> None:
    device = replace(_device(tmp_path), env={"SERVER": "https://cloud.reference.test"})
    file = _loaded(tmp_path, device_rig_text(device, Measured(4.1, 2.2, local=False)))
    assert file.device.command == ("sh", "-c", "exec cat")
    assert (file.device.ready_s, file.device.control.answer_within_s) == (13.0, 7.0)
    assert file.device.prompts is None and file.device.reading
    assert not file.device.control.local and not file.device.panel and not file.device.open
    assert file.device.env["SERVER"] == "https://cloud.reference.test"


def test_the_file_to_meet_it_by_watches_for_everything(tmp_path: Path) -> None:
    file = _loaded(tmp_path, first_rig_text(_device(tmp_path)))
    assert file.device.panel and file.device.open and file.device.ready_s == 30


@pytest.mark.parametrize("command", ["", "no-such-program --listen", "./assistant", 'sh "'])
def test_a_command_that_starts_nothing_is_told_before_anything_is(
    tmp_path: Path, command: str
) -> None:
    with pytest.raises(UserError, match=r"command|program"):
        device_rig_text(replace(_device(tmp_path), command=command), Measured())


def test_answers_make_a_device_and_a_wrong_command_is_asked_for_again(tmp_path: Path) -> None:
    typed = iter(["nothing-there", "", "sh -c cat", str(tmp_path), "", "2.0", "", "What time?"])
    told: list[str] = []
    asker = Asker(lambda _question, usual: next(typed) or usual, told.append)
    device = _asked(asker, replace(_device(tmp_path), command=""))
    assert any("nothing-there" in line for line in told)
    assert (device.command, device.name, device.firmware) == ("sh -c cat", "My assistant", "2.0")
    assert (device.wake, device.says) == ("Alexa.", "What time?")


def test_the_command_line_writes_a_file_without_trying(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "my device.yaml"
    flags = ["--command", "sh -c cat", "--no-try", "--env", "A=1", "--name", "Mine"]
    assert main(["device", "new", str(path), *flags]) == 0
    assert "sayso doctor" in capsys.readouterr().out
    file = load_rig(path)
    assert (file.name, file.device.name, file.device.env["A"]) == ("my-device", "Mine", "1")
    assert main(["device", "new", str(path), *flags]) == 3
    assert "there already" in capsys.readouterr().err
