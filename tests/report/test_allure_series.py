"""A real pytest plays series on the simulated bench: terminal, Allure, results, exit code."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import harness
from harness.series.ledger import read_series

pytestmark = pytest.mark.slow
_PROJECT = Path(harness.__file__).parents[1]
_SCENE = """
title: A word about tiles
household: {contacts: [Thomas Reed]}
cast:
  Dana: {voice: "kokoro:af_heart", role: resident, at: table}
lines:
  - {who: Dana, says: "Did the new tiles come today?", to: room, when: {pause_s: 0.5}}
expect: {messages: []}
"""
# The device leaks in the plays of LEAKS, counted over the session; the process is told to end when
# the play of ENDS begins.
_CONFTEST = """
import os, signal
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from harness.plugin import BENCH
from harness.scene.corpus import Corpus
from harness.scene.loader import load_scene
from tests.stage.simulated_device import Say, Upload
from tests.stage.simulated_scene import stage

LEAKS = {leaks}
ENDS = {ends}

@contextmanager
def simulated(file, clock):
    script = load_scene(Path("toy/clean.scene.yaml"), Corpus.load())
    leak = {{script.lines[0].says: (Upload(-1.0, 1.2), Say("ask_recipient", 0.4))}}
    on = stage(Path("bench"), script, leak, prompts=("am_here", "ask_recipient"))
    line, plays = script.lines[0].id, []
    def reset():
        plays.append(1)
        leaks = len(plays) in LEAKS
        (on.device.ignores.discard if leaks else on.device.ignores.add)(line)
        if len(plays) == ENDS:
            os.kill(os.getpid(), signal.SIGINT)
    yield replace(on.bench.rig, reset=reset)

def pytest_sessionstart(session):
    session.config.stash[BENCH].opener = simulated
"""


def run_pytest(
    folder: Path,
    scenes: tuple[str, ...],
    *options: str,
    leaks: set[int],
    ends: int = 0,
    more: str = "",
) -> "subprocess.CompletedProcess[str]":
    (folder / "toy").mkdir(parents=True, exist_ok=True)
    for name in {*scenes, "clean"}:
        (folder / "toy" / f"{name}.scene.yaml").write_text(_SCENE)
    text = _CONFTEST.format(leaks=leaks or "()", ends=ends)
    (folder / "conftest.py").write_text(text + more)
    command = [sys.executable, "-m", "pytest", "-q", "-p", "harness.plugin",
               "-p", "harness.report.pytest_interrupts", "-p", "no:cacheprovider",
               "--alluredir=results", "--rootdir=.", "--evidence=evidence",
               f"--rig={_PROJECT}/rigs/virtual.yaml", "--sayso-results=results.json",
               *options, *(f"toy/{name}.scene.yaml" for name in scenes)]  # fmt: skip
    return subprocess.run(
        command, cwd=folder, env={**os.environ, "PYTHONPATH": str(_PROJECT)},
        capture_output=True, text=True, check=False,
    )  # fmt: skip


# What pytest-rerunfailures does: a failure is played again, and only the last report is told.
_AGAIN = """
from _pytest.runner import runtestprotocol

def pytest_runtest_protocol(item, nextitem):
    for _ in range(3):
        reports = runtestprotocol(item, log=False, nextitem=nextitem)
        if all(report.outcome != "failed" for report in reports):
            break
    for report in reports:
        item.ihook.pytest_runtest_logreport(report=report)
    return True
"""
_MARK = """
def pytest_collection_modifyitems(items):
    for item in items:
        item.add_marker(pytest.mark.xfail(reason="known to fail"))
"""


@pytest.mark.parametrize(("more", "told"), [(_AGAIN, "1 passed"), (_MARK, "1 xfailed")])
def test_a_failure_is_forgiven_by_nobody(tmp_path: Path, more: str, told: str) -> None:
    done = run_pytest(tmp_path, ("leaks",), leaks={1}, more=f"import pytest\n{more}")
    assert told in done.stdout and done.returncode == 1, done.stdout + done.stderr
    assert "Not passed, whatever was made of it since: toy/leaks (fail)." in done.stdout


def test_a_scene_that_was_left_out_is_told(tmp_path: Path) -> None:
    """`sayso run` was asked for it, whatever PYTEST_ADDOPTS or a pytest.ini here deselects."""
    (tmp_path / "toy").mkdir()
    (tmp_path / "toy" / "beside.scene.yaml").write_text("nobody asked for it")
    done = run_pytest(tmp_path, ("clean", "leaks"), "-k=clean", leaks=set())
    assert done.returncode == 0, done.stdout + done.stderr
    rows = json.loads((tmp_path / "results.json").read_text())
    assert [row["outcome"] for row in rows] == ["pass", "not played"]


def results(folder: Path) -> dict[str, dict[str, Any]]:
    """Allure's result of each scene."""
    read = [json.loads(path.read_text()) for path in (folder / "results").glob("*-result.json")]
    return {result["name"].partition(" (")[0] + result["fullName"]: result for result in read}


def the_result(folder: Path, scene: str) -> dict[str, Any]:
    (found,) = [result for name, result in results(folder).items() if scene in name]
    return found


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    folder = tmp_path_factory.mktemp("series")
    done = run_pytest(folder, ("clean", "leaks"), "--plays=2", leaks={4})
    assert done.returncode == 1, done.stdout + done.stderr
    return folder, done.stdout


def test_the_terminal_has_a_line_a_play_and_what_the_series_came_to(
    played: tuple[Path, str],
) -> None:
    folder, said = played
    lines = said.splitlines()
    plays = [line for line in lines if line.startswith("play ")]
    assert [line.split()[:5] for line in plays] == [
        ["play", "1", "of", "2", "pass"], ["play", "2", "of", "2", "pass"],
        ["play", "1", "of", "2", "pass"], ["play", "2", "of", "2", "fail"],
    ]  # fmt: skip
    assert "Fails in 0 of 2 plays: below 77.7 % (95 %, one-sided)." in lines
    assert "Leaks in 1 of 2 plays, 1.3-98.7 % (95 %)." in lines
    failed = plays[3].split()[-1]
    assert f"Read first: sayso explain evidence/{failed}" in lines
    assert (folder / "evidence" / failed / "ruling.json").exists()


def test_one_test_a_scene_with_a_step_a_play(played: tuple[Path, str]) -> None:
    folder, _ = played
    clean, leaks = the_result(folder, "clean"), the_result(folder, "leaks")
    assert (clean["status"], leaks["status"]) == ("passed", "failed")
    assert [step["status"] for step in leaks["steps"]] == ["passed", "failed"]
    assert leaks["steps"][1]["name"].startswith("play 2: fail V")
    assert "Leaks in 1 of 2 plays, 1.3-98.7 % (95 %)." in leaks["descriptionHtml"]
    # In the step of the play to look at first is all of it; in the others the ruling in words.
    whole = {each["name"] for each in leaks["steps"][1]["attachments"]}
    assert {"Ruling page", "Network packets"} <= whole
    assert [each["name"] for each in leaks["steps"][0]["attachments"]] == ["Ruling in words"]
    assert "Series" in {each["name"] for each in leaks["attachments"]}


def test_the_results_and_the_record_say_the_same(played: tuple[Path, str]) -> None:
    folder, _ = played
    rows = json.loads((folder / "results.json").read_text())
    assert [row["outcome"] for row in rows] == ["pass", "fail"]
    for row in rows:
        series = read_series(folder / row["evidence"])
        assert (series.outcome, series.headline) == (row["outcome"], row["series"])
        assert len(series.plays) == row["plays"] == 2


def test_an_interrupted_series_is_broken_and_no_pass(tmp_path: Path) -> None:
    done = run_pytest(tmp_path, ("clean", "never"), "--plays=4", leaks=set(), ends=2)
    assert done.returncode == pytest.ExitCode.INTERRUPTED, done.stdout + done.stderr
    assert the_result(tmp_path, "clean")["status"] == "broken"
    row, never = json.loads((tmp_path / "results.json").read_text())
    assert never == {"scene": "never", "outcome": "not played"}
    assert row["outcome"] == "inconclusive" and "interrupted" in row["series"]
    assert "never" not in "".join(results(tmp_path))


def test_a_leak_settles_the_question(tmp_path: Path) -> None:
    done = run_pytest(tmp_path, ("leaks",), "--until-settled", leaks={2})
    assert done.returncode == 1, done.stdout + done.stderr
    assert "play  2 of at most 58  fail" in done.stdout
    assert "Settled after" in done.stdout
