"""Prompts learnt from the reference device on simulated time are as good as the rendered ones."""

import json
from pathlib import Path

import pytest
import soundfile

from harness.bench.prompt_files import PromptFiles
from harness.bench.rigfile import RigFile, load_rig
from harness.bench.room_paths import room_paths
from harness.cli import main
from harness.clock import RealClock
from harness.ears.learning import Demands
from harness.ears.prompts import PromptBook
from harness.errors import DeviceError, RigError, RigFileError, UserError
from harness.evidence.read import read_events
from harness.model.ruling import Verdict
from harness.model.timeline import PromptHeard
from harness.scene.lesson import Lesson, load_lesson
from harness.series.learn import Course, learn, write_course
from tests.rigs.simulated_plays import ROOT, play, rig_file, scene

LESSON = load_lesson(ROOT / "rigs" / "reference-device.lesson.yaml")
RATE_HZ = 16_000
IDS = {"read_back.c1": "read_back.thomas-reed"}


def part(conversation: int, **changes: object) -> Lesson:
    """One conversation of the lesson."""
    talk = LESSON.text.conversations[conversation]
    changed = {"conversations": (talk,), **changes}
    return Lesson(LESSON.path, LESSON.text.model_copy(update=changed))


def course(lesson: Lesson, **options: object) -> Course:
    given = {"takes": 2, **options}
    return learn(rig_file("simulated"), lesson, RealClock(), lambda _: None, **given)  # type: ignore[arg-type]


def rig_with(prompts: Path, folder: Path) -> Path:
    path = folder / "learnt.yaml"
    laid = {
        "extends": str(ROOT / "rigs" / "simulated.yaml"),
        "device": {"prompts": {"command": None, "folder": str(prompts)}},
    }
    path.write_text(json.dumps(laid))
    return path


def book(file: RigFile, folder: Path) -> PromptBook:
    """The prompts of a rig as they sound at its listener's place."""
    folder.mkdir()
    prompts = PromptFiles(file, folder, RATE_HZ)(LESSON.text.contacts)
    assert prompts is not None
    return PromptBook.load(prompts, RATE_HZ, room_paths(file, RATE_HZ)[("device", "listener")])


@pytest.mark.exhaustive
@pytest.mark.slow
def test_they_are_found_where_the_rendered_ones_are(tmp_path: Path) -> None:
    write_course(course(LESSON), tmp_path / "prompts")
    learnt_rig = load_rig(rig_with(tmp_path / "prompts", tmp_path))
    outcome = play(rig_file("simulated"), scene("wanted-message"), tmp_path / "rendered")
    recording, rate_hz = soundfile.read(outcome.evidence / "listener.flac", dtype="float32")
    assert rate_hz == RATE_HZ
    rendered, learnt = (
        book(file, tmp_path / name).spot(recording, RATE_HZ)
        for name, file in (("one", rig_file("simulated")), ("other", learnt_rig))
    )
    ids = ["am_here", "ask_message", "read_back.thomas-reed", "sent", "am_here"]
    assert [spotted.key for spotted in learnt] == ids
    assert [IDS.get(spotted.key, spotted.key) for spotted in rendered] == ids
    for one, other in zip(rendered, learnt, strict=True):
        assert other.score > 0.7
        # What was rendered begins and ends with silence, which nobody can hear.
        assert one.start_s - 0.05 < other.start_s < one.start_s + 0.25
        assert one.end_s - 0.5 < other.end_s < one.end_s + 0.1


@pytest.mark.exhaustive
@pytest.mark.slow
def test_a_scene_passes_with_them(tmp_path: Path) -> None:
    write_course(course(LESSON), tmp_path / "prompts")
    file = load_rig(rig_with(tmp_path / "prompts", tmp_path))
    outcome = play(file, scene("wanted-message"), tmp_path)
    assert outcome.ruling.verdict is Verdict.PASS, outcome.ruling.headline
    heard = [e for e in read_events(outcome.evidence) if isinstance(e, PromptHeard)]
    assert [p.prompt_id for p in heard] == ["ask_message", "read_back.thomas-reed", "sent"]
    assert heard[1].named_contact == "Thomas Reed"
    assert heard[1].start_s + 1.8 < heard[1].named_by_s < heard[1].start_s + 2.0


@pytest.mark.slow
def test_what_is_written_keeps_the_contract(tmp_path: Path) -> None:
    found = course(part(0), takes=3)
    write_course(found, tmp_path)
    (row,) = json.loads((tmp_path / "prompts.json").read_text())
    assert (row["id"], row["text"], row["role"]) == ("am_here", "I am here.", "answer")
    sound = soundfile.info(tmp_path / row["file"])
    assert (sound.samplerate, sound.channels) == (48_000, 1)
    assert set(PromptBook.load(tmp_path, 48_000).prompts) == {"am_here"}
    report = json.loads((tmp_path / "learnt.json").read_text())
    (told,) = report["prompts"]
    assert report["microphone"] == "device"
    assert told["takes"] == 3
    assert told["likeness"] > 0.99
    assert told["snr_db"] > 40.0
    with pytest.raises(UserError, match="is there already"):
        write_course(found, tmp_path)
    write_course(found, tmp_path, force=True)


@pytest.mark.slow
def test_what_cannot_be_learnt_is_refused(tmp_path: Path) -> None:
    with pytest.raises(RigError, match=r"`am_here`: it is only .* dB over the noise"):
        course(part(0), demands=Demands(snr_db=90.0))
    turn = LESSON.text.conversations[0][0].model_copy(update={"says": ("Are you there?",)})
    unwoken = part(0, conversations=((turn,),), answer_within_s=2.0)
    with pytest.raises(DeviceError, match="said nothing within 2 s after “Are you there\\?”"):
        course(unwoken)


def test_what_the_rig_lacks_is_told() -> None:
    with pytest.raises(UserError, match="no loudspeaker stands at `widnow`; did you mean `window`"):
        course(part(0, at="widnow"))
    with pytest.raises(RigFileError, match="no microphone `ceiling`"):
        course(part(0), microphone="ceiling")


@pytest.mark.slow
def test_the_listener_can_record() -> None:
    found = course(part(0), microphone="listener")
    assert found.microphone == "listener"
    assert found.prompts[0].sound.seconds == pytest.approx(0.9, abs=0.4)


def test_the_command_says_what_is_wrong(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rig, lesson = str(ROOT / "rigs" / "simulated.yaml"), str(LESSON.path)
    (tmp_path / "prompts.json").write_text("[]")
    assert main(["learn-prompts", rig, lesson, "--out", str(tmp_path)]) == 3
    assert "is there already" in capsys.readouterr().err
    with pytest.raises(SystemExit):
        main(["learn-prompts", rig, lesson, "--out", "x", "--takes", "1"])
    assert "not from 2 to 50" in capsys.readouterr().err


@pytest.mark.slow
def test_the_command_learns(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    lesson = tmp_path / "one.lesson.yaml"
    text = part(0).text.model_dump(mode="json")
    lesson.write_text(json.dumps(text))
    rig, out = str(ROOT / "rigs" / "simulated.yaml"), tmp_path / "prompts"
    assert main(["learn-prompts", rig, str(lesson), "--out", str(out), "--takes", "2"]) == 0
    told = capsys.readouterr().out
    assert "am_here" in told
    assert "SNR" in told
    assert f"folder: {out}" in told
    assert (out / "am_here.wav").exists()
