"""`sayso scene` and `sayso init`: what somebody does who has just come."""

import shutil
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest

import harness
from harness.bench.rigfile import load_rig
from harness.cli import build_parser, main
from harness.commands.completion import SHELLS, completion
from harness.errors import RigFileError
from harness.model.script import AtTime
from harness.scene.corpus import SHIPPED_FOLDER, Corpus, corpus_around
from harness.scene.loader import load_scene
from harness.scene.scene_writer import scene_text

ROOT = Path(harness.__file__).parents[1]
KITCHEN = ROOT / "scenarios" / "portland" / "kitchen.scene.yaml"
CONVERSATION = [
    "Late tonight", "Thomas Reed, Grace Miller", "Dana, Mark",
    "", "", "", "", "", "",
    "Dana", "", "Did the new tiles come today?", "", "0,5",
    "Mark", "Alexa.", "device", "", "", "",
    "Mark", "Send a message to Thomas Reed.", "device", "request", "Thomas", "", "",
    "Mark", "I will be ten minutes late.", "device", "dictate", "", "",
    "Mark", "Yes.", "device", "confirm", "", "soon", "12",
    "", "Thomas Reed",
]  # fmt: skip


def test_answers_make_a_scene_that_loads(tmp_path: Path) -> None:
    answers, told = iter(CONVERSATION), []

    def ask(question: str, usual: str) -> str:
        told.append(question)
        return next(answers) or usual

    path = tmp_path / "late.scene.yaml"
    path.write_text(scene_text(ask, told.append))
    script = load_scene(path, Corpus.load())
    assert next(answers, None) is None
    assert [line.says for line in script.lines] == [
        "Did the new tiles come today?", "Alexa.", "Send a message to Thomas Reed.",
        "I will be ten minutes late.", "Yes.",
    ]  # fmt: skip
    assert script.lines[2].names == "Thomas Reed"
    assert [m.to for m in script.expected_messages] == ["Thomas Reed"]
    assert any("no number" in question for question in told)
    assert script.lines[0].when == AtTime(0.5) and "  what words, as they are spoken" in told


def test_what_cannot_be_is_asked_again_at_once() -> None:
    answers = iter([
        "", "Thomas Reed", "Dana", "cook", "guest", "joe", "", "",
        "Mark", "Dana", "Alexa, write to Thomas.", "radio", "device", "wake, ask", "wake, request",
        "Tomas", "thomas", "1", "", "Grace", "",
    ])  # fmt: skip
    asked: list[str] = []

    def ask(question: str, usual: str) -> str:
        asked.append(question)
        return next(answers) or usual

    text = scene_text(ask, lambda _: None)
    assert next(answers, None) is None
    again = [each.split(" is none of ")[0].strip() for each in asked if "none of" in each]
    assert again == ["`cook`", "`joe`", "`Mark`", "`radio`", "`ask`", "`Tomas`", "`Grace`"]
    assert "role: guest" in text and "names: Thomas Reed" in text and "act: [wake, request]" in text


def typed(path: Path, *answers: str) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-m", "harness.cli", "scene", "new", str(path)]
    lines = "".join(f"{answer}\n" for answer in answers)
    return subprocess.run(command, input=lines, cwd=ROOT, capture_output=True, text=True)


def test_the_command_writes_it_and_never_over_another(tmp_path: Path) -> None:
    path = tmp_path / "late.scene.yaml"
    done = typed(path, *CONVERSATION)
    assert done.returncode == 0, done.stderr
    assert "5 lines by Dana (table) and Mark (window), 4 to the device" in done.stdout
    written = path.read_text()
    assert main(["scene", "new", str(path)]) == 3
    assert path.read_text() == written
    assert typed(tmp_path / "half.scene.yaml", "Half").returncode == 3
    assert not (tmp_path / "half.scene.yaml").exists()


def test_a_mistake_is_shown_with_its_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "typo.scene.yaml"
    path.write_text(KITCHEN.read_text().replace("role: resident", "role: residant", 1))
    assert main(["scene", "check", str(path)]) == 3
    error = capsys.readouterr().err.splitlines()
    shown = next(n for n, line in enumerate(error) if "| " in line)
    assert error[shown].index("residant") == error[shown + 1].index("^")


def test_good_scenes_are_checked_by_the_folder(capsys: pytest.CaptureFixture[str]) -> None:
    rig = str(ROOT / "rigs" / "simulated.yaml")
    assert main(["scene", "check", str(KITCHEN.parent), "--rig", rig]) == 0
    assert capsys.readouterr().out.count(": good. ") == len(list(KITCHEN.parent.glob("*.yaml")))


def test_a_preview_is_a_sound_and_a_picture(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["scene", "preview", str(KITCHEN), "--out", str(tmp_path)]) == 0
    assert (tmp_path / "kitchen.wav").stat().st_size > 1_000_000
    picture = ElementTree.parse(tmp_path / "kitchen.svg").getroot()
    texts = {element.text for element in picture.iter() if element.tag.endswith("text")}
    assert {"Dana", "Mark", "The Portland kitchen"} <= texts
    assert "About 22 s" in capsys.readouterr().out


def test_a_folder_of_ones_own(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["init", str(tmp_path / "mine")]) == 0
    scene = tmp_path / "mine/scenarios/first/wanted-message.scene.yaml"
    rig = load_rig(tmp_path / "mine/rigs/virtual.yaml")
    assert (rig.name, rig.device.name) == ("my-virtual", "reference device")
    assert corpus_around(scene) == tmp_path / "mine/audio_corpus"
    assert Corpus.around(scene).folders == (tmp_path / "mine/audio_corpus", SHIPPED_FOLDER)
    assert load_scene(scene, Corpus.around(scene)).lines[0].clip
    assert main(["init", str(tmp_path / "mine")]) == 3
    assert "there already" in capsys.readouterr().err


def test_a_folder_that_cannot_be_made_is_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").write_text("")
    assert main(["init", str(tmp_path / "file")]) == 3
    assert "cannot be written there" in capsys.readouterr().err


@pytest.mark.parametrize("shell", SHELLS)
def test_a_shell_is_told_every_command(shell: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["completion", shell]) == 0
    told = capsys.readouterr().out
    assert all(word in told for word in ("preview", "learn-prompts", "--faults"))
    in_words = [line for line in told.splitlines() if "write a scene by asking" in line]
    assert len(in_words) == (0 if shell == "bash" else 1), "bash shows no words beside a command"
    assert "checked as any scene" not in told, "as many words as fit beside it"


def test_bash_completes_commands_and_files(tmp_path: Path) -> None:
    script = tmp_path / "completion.sh"
    script.write_text(completion(build_parser(), "bash"))
    (tmp_path / "kitchen.scene.yaml").touch()
    words = (
        'COMP_WORDS=(sayso scene check kit) COMP_CWORD=3; $(complete -p sayso | grep -o "_[^ ]*")'
    )
    asked = f"source {script}; {words}; echo ${{COMPREPLY[@]}}"
    done = subprocess.run(["bash", "-c", asked], cwd=tmp_path, capture_output=True, text=True)
    assert done.stdout.split() == ["kitchen.scene.yaml"], done.stderr


def test_a_shipped_rig_that_is_none(tmp_path: Path) -> None:
    path = tmp_path / "rig.yaml"
    path.write_text('extends: "sayso:vertical.yaml"\nname: mine\n')
    with pytest.raises(RigFileError, match=r"vertical\.yaml"):
        load_rig(path)


def test_a_scene_in_the_checkout_has_the_shipped_corpus_alone(tmp_path: Path) -> None:
    assert Corpus.around(KITCHEN).folders == (SHIPPED_FOLDER,)
    elsewhere = tmp_path / "kitchen.scene.yaml"
    shutil.copy(KITCHEN, elsewhere)
    assert Corpus.around(elsewhere).folders == (SHIPPED_FOLDER,)
