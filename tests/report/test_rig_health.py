"""A real pytest opens a rig that breaks: nothing is green, and every report says so."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

import harness
from harness.errors import RigError
from harness.report.junit import junit_of_results
from harness.report.nights.health import examinations_of

pytestmark = pytest.mark.slow
_PROJECT = Path(harness.__file__).parents[1]
# A part of the rig does as HOW says when it is asked for the n-th time.
_CONFTEST = """
import os, signal
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from harness.errors import RigError
from harness.plugin import BENCH
from tests.stage.simulated_scene import scene, stage

def breaks():
    raise RigError("serial port went away: plug it in again")

def fails():
    raise ValueError("a mistake of ours")

def interrupts():
    os.kill(os.getpid(), signal.SIGINT)
    os.kill(os.getpid(), signal.SIGINT)
    return "well"

def dies():
    os.kill(os.getpid(), signal.SIGKILL)

def answers():
    return "a relay"

@contextmanager
def simulated(file, clock):
    asked = []
    def power():
        asked.append(1)
        return {how}() if len(asked) == {when} else answers()
    on = stage(Path("bench"), scene("ordinary-talk", only=1), prompts=("am_here",))
    yield replace(on.bench.rig, probes=(("power", power),))
    Path("closed").write_text("yes")

def pytest_sessionstart(session):
    session.config.stash[BENCH].opener = simulated
"""


def _session(folder: Path, how: str, when: int = 2) -> "subprocess.CompletedProcess[str]":
    (folder / "conftest.py").write_text(_CONFTEST.format(how=how, when=when))
    (folder / "test_rig.py").write_text("def test_nothing(rig):\n    assert rig.file.name\n")
    command = [sys.executable, "-m", "pytest", "-q", "-p", "harness.plugin",
               "-p", "harness.report.pytest_interrupts", "-p", "no:cacheprovider",
               "--alluredir=results", "--rootdir=.", "--evidence=evidence",
               f"--rig={_PROJECT}/rigs/virtual.yaml", "--sayso-results=results.json"]  # fmt: skip
    return subprocess.run(
        command, cwd=folder, env={**os.environ, "PYTHONPATH": str(_PROJECT)},
        capture_output=True, text=True, check=False,
    )  # fmt: skip


def _record(folder: Path) -> dict[str, Any]:
    (path,) = (folder / "evidence" / "rig-health").glob("*.json")
    record: dict[str, Any] = json.loads(path.read_text())
    return record


def _globals(folder: Path) -> dict[str, Any]:
    (path,) = (folder / "results").glob("*-globals.json")
    told: dict[str, Any] = json.loads(path.read_text())
    return told


def _outcomes(folder: Path) -> list[tuple[str, str]]:
    rows = json.loads((folder / "results.json").read_text())
    return [(row["scene"], row["outcome"]) for row in rows]


def _junit(folder: Path) -> ElementTree.Element:
    suite = ElementTree.fromstring(junit_of_results(folder / "results").encode()).find("testsuite")
    assert suite is not None
    return suite


def test_a_rig_that_is_well_is_told_and_changes_nothing(tmp_path: Path) -> None:
    done = _session(tmp_path, "answers")
    assert done.returncode == 0, done.stdout + done.stderr
    answer = "well before and after the session (5 checks)"
    assert f"Rig virtual: {answer}." in done.stdout.splitlines()
    assert _record(tmp_path)["well"] and _outcomes(tmp_path) == []
    assert len(list((tmp_path / "results").glob("*-result.json"))) == 1
    told = _globals(tmp_path)
    names = [each["name"] for each in told["attachments"]]
    assert names == ["Rig health: virtual (well)", "Rig health: virtual, as JSON"]
    assert "errors" not in told
    suite = _junit(tmp_path)
    (told_there,) = suite.iter("property")
    assert told_there.attrib == {"name": names[0], "value": f"virtual: {answer}."}
    assert suite.get("errors") == "0"


def test_a_rig_that_got_worse_leaves_nothing_green(tmp_path: Path) -> None:
    done = _session(tmp_path, "breaks")
    assert done.returncode == 1 and "1 passed" in done.stdout
    assert "Rig virtual: got worse between start and end of the session: power_answers: serial" in (
        done.stdout
    )
    assert _outcomes(tmp_path) == [("(rig health)", "inconclusive")]
    (error,) = _globals(tmp_path)["errors"]
    assert "got worse" in error["message"] and "plug it in again" in error["message"]
    statuses = [
        json.loads(path.read_text())["status"]
        for path in (tmp_path / "results").glob("*-result.json")
    ]
    assert sorted(statuses) == ["broken", "passed"]
    suite = _junit(tmp_path)
    assert (suite.get("tests"), suite.get("errors")) == ("2", "1")
    assert (tmp_path / "closed").exists()


def test_an_interrupt_while_it_is_looked_at_is_no_good_end(tmp_path: Path) -> None:
    done = _session(tmp_path, "interrupts")
    assert done.returncode == 2, done.stdout + done.stderr
    assert "not looked at: Terminated" in _record(tmp_path)["answer"]
    assert _outcomes(tmp_path) == [("(rig health)", "inconclusive")]
    assert (tmp_path / "closed").exists()


def test_a_mistake_in_the_look_itself_is_no_good_end(tmp_path: Path) -> None:
    done = _session(tmp_path, "fails")
    assert done.returncode not in (0, 5) and "a mistake of ours" in done.stdout + done.stderr
    assert "not looked at: ValueError a mistake of ours" in _record(tmp_path)["answer"]
    assert _outcomes(tmp_path) == [("(rig health)", "inconclusive")]
    assert _globals(tmp_path)["errors"] and (tmp_path / "closed").exists()


def test_a_session_that_is_killed_leaves_the_half_of_it(tmp_path: Path) -> None:
    done = _session(tmp_path, "dies")
    assert done.returncode == -9
    record = _record(tmp_path)
    assert (record["well"], record["after"]) == (False, None)
    (error,) = _globals(tmp_path)["errors"]
    assert "cut short" in error["message"]


# The first page ---------------------------------------------------------------------------------


def _write(root: Path, name: str, plays: list[str], unix_s: float, trouble: str = "") -> None:
    check = dict(phase="rig", name="disk_space", held=True, measured=9.0, limit=1.0, unit="GB",
                 detail="free")  # fmt: skip
    spoilt = {**check, "held": not trouble, "detail": trouble}
    looks = [
        {"unix_s": unix_s + n, "checks": [each], "took_s": 0.1}
        for n, each in enumerate((check, spoilt))
    ]
    content = {"rig": "r", "well": not trouble, "answer": "", "plays": plays}
    path = root / "rig-health" / name
    path.parent.mkdir(exist_ok=True)
    path.write_text(json.dumps({**content, "before": looks[0], "after": looks[1]}))


def test_the_last_session_that_played_any_of_the_runs_tells(tmp_path: Path) -> None:
    runs = [tmp_path / name for name in ("a", "b", "c")]
    assert examinations_of(tmp_path, runs) == ()
    _write(tmp_path, "1.json", ["a"], 100.0, trouble="make room")
    _write(tmp_path, "2.json", ["b", "c"], 200.0)
    _write(tmp_path, "3.json", ["elsewhere"], 300.0, trouble="make room")
    before, after = examinations_of(tmp_path, runs)
    assert [(each.after, each.trouble) for each in (before, after)] == [(1, None), (3, None)]
    _, after = examinations_of(runs[0], [runs[0]])
    assert after.trouble == "disk_space: make room"
    (tmp_path / "rig-health" / "4.json").write_text("{}")
    with pytest.raises(RigError, match=r"4\.json: cannot be read"):
        examinations_of(tmp_path, runs)
