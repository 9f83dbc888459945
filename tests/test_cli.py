"""The `sayso` command: exit codes, and mistakes that are told with what to do."""

import argparse
import json
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

import harness
from harness import errors
from harness.bench.suitefile import SuiteEntry
from harness.cli import _FAMILIES, build_parser, code_of, main
from harness.commands.run import _plan
from harness.evidence import layout
from harness.evidence.sample import sample_pass, write_sample
from harness.judge import judge
from harness.model.series import Question, SeriesPlan
from tests.stage.simulated_scene import scene, stage

ROOT = Path(harness.__file__).parents[1]
SCENE = ROOT / "scenarios" / "portland" / "kitchen.scene.yaml"

CODES = {
    errors.ConsentViolation: 1,
    errors.ExpectationUnmet: 1,
    errors.SceneError: 3,
    errors.RigFileError: 3,
    errors.CorpusError: 3,
    errors.UserError: 3,
    errors.RigError: 2,
    errors.RigBusy: 2,
    errors.DeviceError: 2,
    errors.Inconclusive: 2,
}


def test_every_error_has_its_code() -> None:
    for kind, code in CODES.items():
        assert code_of(kind("x")) == code
    kinds = {kind for kind in vars(errors).values() if isinstance(kind, type)}
    assert kinds - set(CODES) == {errors.SaysoError}
    assert code_of(errors.SaysoError("x")) != 0


@pytest.mark.parametrize("words", [[], ["dance"], ["run", "--volume", "11"], ["doctor"]])
def test_a_mistyped_command_ends_with_3(
    words: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        main(words)
    assert ended.value.code == 3
    assert "usage: sayso" in capsys.readouterr().err


@pytest.mark.parametrize("words", [["--help"], ["run", "--help"], ["--version"]])
def test_help_ends_with_0(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(words)
    assert ended.value.code == 0
    assert "sayso" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["run"], 3, "name scene files"),
        (["run", "nowhere.scene.yaml"], 3, "there is no nowhere.scene.yaml"),
        (["run", "x", "--suite", "y"], 3, "--suite names scenes and rigs itself"),
        (["run", "--suite", "nowhere.yaml"], 3, "nowhere.yaml"),
        (["run", str(SCENE), "--plays", "0"], 3, "a series has 1 to 10000 plays, not 0"),
        (["run", str(SCENE), "--until-settled", "--plays", "5"], 3, "at least 29 plays"),
        (["run", str(SCENE), "--question", "p2=0.1"], 3, "write each of p0, p1, alpha, beta once"),
        (["run", str(SCENE), "--question", "p1=often"], 3, "'often' is not a number"),
        (["run", str(SCENE), "--question", "p1=0.0001"], 3, "p0 < p1"),
        (["run", str(SCENE), "--plays", "3", "--min-conclusive", "4"], 3, "cannot come of 3"),
        (["doctor", "nowhere.yaml"], 3, "nowhere.yaml"),
        (["explain", "nowhere"], 2, "there is no run nowhere"),
        (["rejudge", "nowhere"], 2, "there is no run nowhere"),
        (["series", "nowhere.series.json"], 2, "nowhere.series.json is no series"),
    ],
)
def test_what_is_not_there(
    words: list[str], code: int, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(words) == code
    assert said in capsys.readouterr().err


def test_a_rig_file_that_is_not_right(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rig = tmp_path / "rig.yaml"
    rig.write_text(f"extends: {ROOT / 'rigs' / 'virtual.yaml'}\nname: x\nsonud: {{}}\n")
    assert main(["doctor", str(rig)]) == 3
    assert "rig.yaml:3" in capsys.readouterr().err


def test_a_run_is_explained_and_judged_again(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    outcome = stage(tmp_path, scene("ordinary-talk", only=1), prompts=("am_here",)).play()
    folder = str(outcome.evidence)
    assert main(["explain", folder]) == 0
    assert capsys.readouterr().out.startswith("PASS ")
    assert main(["rejudge", folder, "--json"]) == 0
    captured = capsys.readouterr()
    assert json.loads(captured.out)["verdict"] == "pass"
    assert "byte for byte" in captured.err
    timeline = outcome.evidence / layout.TIMELINE
    timeline.write_text(timeline.read_text().replace("Dana", "Mark"))
    assert main(["explain", folder]) == 2
    assert "not as it was sealed" in capsys.readouterr().err
    assert main(["rejudge", folder]) == 2


@pytest.mark.parametrize("content", [b"\xff\xfe{", b"[]", b'{"format": 99}', b""])
def test_a_ruling_that_cannot_be_read_is_told_not_raised(
    tmp_path: Path, content: bytes, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = write_sample(tmp_path, 0.0, sample_pass())
    folder.write_ruling(judge(sample_pass()), "in words\n")
    folder.seal()
    (folder.folder / "note.txt").write_text("read by nobody")
    assert main(["explain", str(folder.folder)]) == 0
    assert "note.txt was not there when it was sealed" in capsys.readouterr().err
    (folder.folder / layout.RULING).write_bytes(content)
    assert main(["explain", str(folder.folder)]) == 2
    said = capsys.readouterr()
    assert "ruling.json: not as Sayso writes it" in said.err and "PASS" not in said.out


# Through pytest, as a person runs it; none of these opens the bench ------------------------------


def run(folder: Path, *words: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-m", "harness.cli", "run", *words, "--results", str(folder / "results"),
         "--report", str(folder / "report"), "--evidence", str(folder / "evidence")],
        cwd=ROOT,
        env={**os.environ, "PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )  # fmt: skip


def test_a_broken_scene_says_file_and_line(tmp_path: Path) -> None:
    path = tmp_path / "portland" / "typo.scene.yaml"
    path.parent.mkdir()
    path.write_text(SCENE.read_text().replace("to: room", "too: room", 1))
    line = next(n for n, text in enumerate(path.read_text().splitlines(), 1) if "too:" in text)
    done = run(tmp_path, str(path))
    assert done.returncode == 3, done.stdout + done.stderr
    assert f"typo.scene.yaml:{line}" in done.stdout and "SceneError" in done.stdout
    assert "not played (SceneError)" in done.stdout
    assert not (tmp_path / "evidence").exists()


def test_a_suite_whose_question_can_never_be_settled(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    suite = tmp_path / "my.suite.yaml"
    rig = ROOT / "rigs" / "virtual.yaml"
    suite.write_text(f"- {{rig: {rig}, scenes: [{SCENE}], plays: 5, until_settled: true}}\n")
    assert main(["run", "--suite", str(suite)]) == 3
    said = capsys.readouterr().err
    assert "my.suite.yaml, virtual.yaml: this question takes at least 29 plays" in said


def test_what_is_typed_holds_instead_of_what_the_suite_says() -> None:
    scenes = (SCENE,)
    entry = SuiteEntry(ROOT / "rigs" / "virtual.yaml", scenes, 40, None, 38)

    def planned(*words: str, entry: SuiteEntry = entry) -> SeriesPlan:
        return _plan(entry, build_parser().parse_args(["run", "--suite", "s.yaml", *words]))

    assert planned() == SeriesPlan(40, None, 38)
    assert planned("--plays", "3") == SeriesPlan(3)
    assert planned("--until-settled") == SeriesPlan(58, Question())
    assert planned("--question", "p1=0.2") == SeriesPlan(28, Question(p1=0.2))
    once = SuiteEntry(entry.rig, scenes)
    assert planned(entry=once) == SeriesPlan(1)
    assert planned(entry=replace(once, question=Question())) == SeriesPlan(58, Question())


def test_pytest_refuses_a_plan_that_makes_no_sense(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "pytest", "-p", "harness.plugin", "--plays", "0", str(SCENE)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == pytest.ExitCode.USAGE_ERROR
    assert "a series has 1 to 10000 plays" in done.stderr


def test_a_folder_without_scenes(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    done = run(tmp_path, str(tmp_path / "empty"))
    assert done.returncode == 3, done.stdout + done.stderr
    assert "nothing was played" in done.stdout


_STOPPED = """
import sys
from harness import start

class CtrlC:
    def find_spec(self, name, path=None, target=None):
        if name == "harness.commands.soak":
            raise KeyboardInterrupt

sys.meta_path.insert(0, CtrlC())
sys.exit(start.main())
"""


def test_ctrl_c_while_the_program_is_loaded_is_told_in_a_line() -> None:
    ended = subprocess.run(
        [sys.executable, "-c", _STOPPED], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert (ended.returncode, ended.stdout) == (2, "")
    assert ended.stderr == "sayso: interrupted before anything was begun\n"


def test_a_mistyped_command_is_told_from_there_too() -> None:
    ended = subprocess.run(
        [sys.executable, "-c", "import sys; from harness import start; sys.exit(start.main())"],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert ended.returncode == 3 and "COMMAND" in ended.stderr


def test_each_command_is_found_where_the_table_says() -> None:
    for module, names in _FAMILIES.items():
        for name in names:
            assert module in {"folders", "privacy", "learn", name.replace("-", "_")}
            assert set(_names(build_parser(name))) == {*names, "completion"}
    everything = [name for names in _FAMILIES.values() for name in names]
    assert _names(build_parser()) == [*everything, "completion"]


def _names(parser: argparse.ArgumentParser) -> list[str]:
    (commands,) = [a for a in parser._actions if isinstance(a, argparse._SubParsersAction)]
    return list(commands.choices)
