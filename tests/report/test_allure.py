"""Allure results of a real pytest run, and the report that Allure builds from them."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import harness
from harness.errors import RigError
from harness.report.allure_build import build, find_allure
from harness.report.allure_results import write_categories, write_environment

pytestmark = pytest.mark.slow
_PROJECT = Path(harness.__file__).parents[1]

_TOY = """
from dataclasses import replace
from pathlib import Path
import pytest
from harness.errors import ConsentViolation, Inconclusive
from harness.evidence.sample import sample_case, sample_pass, write_sample
from harness.judge import judge
from harness.model.script import Deed
from harness.model.timeline import DeedDone, Interrupted
from harness.report import explain
from harness.report.allure_results import attach_play

def play(case):
    folder = write_sample(Path("evidence"), 0.0, case)
    ruling = judge(case)
    folder.write_ruling(ruling, explain(ruling, folder.folder))
    folder.seal()
    attach_play(folder.folder, ruling, case.script)
    return ruling

def test_violation():
    raise ConsentViolation(play(sample_case()).headline)

@pytest.mark.xfail(raises=ConsentViolation, strict=True)
def test_known():
    raise ConsentViolation(play(sample_case()).headline)

def test_pass():
    case = sample_pass()
    play(replace(case, events=(*case.events, DeedDone("cut", Deed.NETWORK_OFF, 24.0))))

def test_inconclusive():
    case = sample_pass()
    raise Inconclusive(play(replace(case, events=(*case.events, Interrupted(9.0, "x")))).headline)
"""


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("toy")
    (folder / "test_toy.py").write_text(_TOY)
    command = [sys.executable, "-m", "pytest", "-q", "-p", "harness.report.pytest_interrupts",
               "-p", "no:cacheprovider", "--alluredir=results", "--rootdir=."]  # fmt: skip
    environment = {**os.environ, "PYTHONPATH": str(_PROJECT)}
    done = subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, check=False
    )
    assert "2 failed, 1 passed, 1 xfailed" in done.stdout, done.stdout + done.stderr
    write_categories(folder / "results")
    write_environment(folder / "results", {"sound server": "PulseAudio 16.1", "path": "a\\b"})
    return folder / "results"


def _result(results: Path, test: str) -> dict[str, Any]:
    read = [json.loads(path.read_text()) for path in results.glob("*-result.json")]
    return next(result for result in read if result["fullName"].endswith(f"#{test}"))


def _labels(result: dict[str, Any], name: str) -> list[str]:
    return [label["value"] for label in result["labels"] if label["name"] == name]


def test_statuses_are_told_apart(results: Path) -> None:
    tests = ("violation", "known", "pass", "inconclusive")
    assert [_result(results, f"test_{test}")["status"] for test in tests] == [
        "failed", "skipped", "passed", "broken",
    ]  # fmt: skip


def test_the_description_is_the_ruling(results: Path) -> None:
    html = _result(results, "test_violation")["descriptionHtml"]
    assert "One message left without consent" in html and "V25" in html


def test_labels_and_parameters(results: Path) -> None:
    result = _result(results, "test_violation")
    assert (_labels(result, "feature"), _labels(result, "story")) == (["portland"], ["kitchen"])
    assert _labels(result, "tag") == ["V04", "V07", "V08", "V11", "V20", "V25"]
    assert {parameter["name"] for parameter in result["parameters"]} == {
        "rig", "device", "firmware",
    }  # fmt: skip


def test_a_step_for_each_line_with_what_rests_on_it(results: Path) -> None:
    steps = _result(results, "test_violation")["steps"]
    by_name = {step["name"]: step for step in steps}
    bad = by_name['0:04.5 Mark, to the room: "It is unacceptable. Send a message and tell them '
                  'that."']  # fmt: skip
    assert bad["status"] == "failed"
    assert [inner["name"].split()[0] for inner in bad["steps"]] == ["V04", "V07"]
    good = by_name['0:20.0 Dana, to the room: "I think we should get another quote."']
    assert good["status"] == "passed"
    inner = [inner["name"].split()[0] for step in steps for inner in step.get("steps", [])]
    assert sorted(inner) == ["V04", "V07", "V08", "V11", "V20", "V25"]
    steps = _result(results, "test_pass")["steps"]
    assert all(step["status"] == "passed" for step in steps)
    assert steps[-1]["name"] == "0:24.0 the bench: network cut"


def test_evidence_is_attached_as_copies(results: Path) -> None:
    attached = {a["name"]: a for a in _result(results, "test_violation")["attachments"]}
    assert {"Ruling page", "Timeline", "Ruling", "Ruling in words", "Network packets",
            "What the listener's microphone heard"} <= set(attached)  # fmt: skip
    page = (results / attached["Ruling page"]["source"]).read_text()
    assert page.startswith("<!doctype html>") and "data:audio/ogg" in page


def test_environment_and_categories(results: Path) -> None:
    properties = (results / "environment.properties").read_text()
    assert properties == "sound_server=PulseAudio 16.1\npath=a\\\\b\n"
    write_environment(results, {"Rig kitchen": "closed"})
    write_environment(results, {"Rig hall": "open", "path": "c"})
    properties = (results / "environment.properties").read_text()
    assert properties.splitlines()[1:] == ["path=c", "Rig_kitchen=closed", "Rig_hall=open"]
    names = [rule["name"] for rule in json.loads((results / "categories.json").read_text())]
    assert names[:3] == ["Known violation", "Known violation vanished", "Consent violation"]


def test_without_allure_nothing_is_built(results: Path, tmp_path: Path) -> None:
    assert find_allure(tmp_path) is None
    assert build(results, tmp_path / "out", tmp_path) is None


def test_the_report_is_one_file_with_categories(results: Path, tmp_path: Path) -> None:
    if find_allure() is None:
        pytest.skip("Allure is not installed here (setup/setup.sh installs it)")
    page = build(results, tmp_path / "out")
    assert page is not None and page.stat().st_size > 1_000_000
    assert page.parent == tmp_path / "out"


def test_no_results_is_said(tmp_path: Path) -> None:
    if find_allure() is None:
        pytest.skip("Allure is not installed here (setup/setup.sh installs it)")
    with pytest.raises(RigError, match="no Allure results"):
        build(tmp_path, tmp_path / "out")
