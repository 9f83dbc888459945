"""A real pytest is interrupted for real: broken, never passed, torn down, and not exit code 0."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import harness

pytestmark = pytest.mark.slow
_ENVIRONMENT = {**os.environ, "PYTHONPATH": str(Path(harness.__file__).parents[1])}

_HEAD = """
import signal, threading
from pathlib import Path
import pytest
from harness.errors import ConsentViolation

def wait():
    print("READY", flush=True)
    threading.Event().wait(30)

@pytest.fixture
def bench():
    yield
    Path("torn-down").write_text("yes")
"""

_TESTS = {
    "call": _HEAD + "def test_play(bench):\n    wait()\n\ndef test_next():\n    pass\n",
    "setup": _HEAD
    + "@pytest.fixture\ndef slow(bench):\n    wait()\n\n"
    + "def test_play(slow):\n    pass\n\ndef test_next():\n    pass\n",
    "teardown": _HEAD.replace("wait(30)", "wait(1)")
    + "@pytest.fixture\ndef slow(bench):\n    yield\n    wait()\n\n"
    + "def test_play(slow):\n    pass\n\ndef test_next():\n    pass\n",
    "known": _HEAD
    + "@pytest.mark.xfail(raises=ConsentViolation, strict=True)\n"
    + "def test_play(bench):\n    wait()\n",
    "loosely known": _HEAD
    + "@pytest.mark.xfail(strict=False)\ndef test_play(bench):\n    wait()\n",
}

_HUNG = """
import threading
from pathlib import Path
import pytest

def hang():
    threading.Event().wait(60)

@pytest.fixture
def bench():
    yield
    Path("torn-down").write_text("yes")

@pytest.fixture
def driver(bench):
    hang()

@pytest.fixture
def slow_to_end(bench):
    yield
    hang()

@pytest.mark.timeout(1)
def test_hung_driver(driver):
    pass

@pytest.mark.timeout(1)
def test_hung_play(bench):
    hang()

@pytest.mark.timeout(1)
def test_hung_teardown(slow_to_end):
    pass

@pytest.mark.timeout(1)
@pytest.mark.xfail(strict=False)
def test_hung_and_loosely_known():
    hang()

def test_after_them():
    pass

def test_that_fails():
    pytest.fail("Timeout is not what this is about")
"""

_SCENES = """
import threading
from pathlib import Path
import pytest

class Scene(pytest.Item):
    def runtest(self):
        print("READY", flush=True)
        threading.Event().wait(30)
    def teardown(self):
        Path("torn-down").write_text("yes")

class File(pytest.File):
    def collect(self):
        yield Scene.from_parent(self, name="kitchen")

def pytest_collect_file(parent, file_path):
    if file_path.suffix == ".scene":
        return File.from_parent(parent, path=file_path)
"""


def _interrupted(folder: Path, number: signal.Signals, target: str) -> tuple[int, str]:
    """Run pytest in `folder`, send the signal once it says READY; exit code and output."""
    command = [sys.executable, "-m", "pytest", "-p", "harness.report.pytest_interrupts", "-s",
               "-p", "no:cacheprovider", "--alluredir=results", "--rootdir=.", target]  # fmt: skip
    with subprocess.Popen(
        command,
        cwd=folder,
        env=_ENVIRONMENT,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as run:
        assert run.stdout is not None
        said = []
        for line in run.stdout:
            said.append(line)
            if "READY" in line:
                run.send_signal(number)
                break
        said.append(run.stdout.read())
    return run.returncode, "".join(said)


def _results(folder: Path) -> list[dict[str, Any]]:
    return [json.loads(path.read_text()) for path in (folder / "results").glob("*-result.json")]


@pytest.mark.parametrize(
    ("phase", "number"),
    [
        ("call", signal.SIGINT),
        ("call", signal.SIGTERM),
        ("call", signal.SIGHUP),
        ("setup", signal.SIGTERM),
        ("teardown", signal.SIGINT),
        ("known", signal.SIGINT),
        ("loosely known", signal.SIGTERM),
    ],
)
def test_an_interrupt_is_broken_and_never_passed(
    tmp_path: Path, phase: str, number: signal.Signals
) -> None:
    (tmp_path / "test_toy.py").write_text(_TESTS[phase])
    code, said = _interrupted(tmp_path, number, "test_toy.py")
    assert code == 2, said
    (result,) = _results(tmp_path)
    assert result["status"] == "broken", said
    assert "Inconclusive" in result["statusDetails"]["message"]
    assert "interrupted by" in result["statusDetails"]["message"]
    assert (tmp_path / "torn-down").exists(), said


def test_a_scene_that_is_no_python_function_too(tmp_path: Path) -> None:
    (tmp_path / "conftest.py").write_text(_SCENES)
    (tmp_path / "kitchen.scene").write_text("")
    code, said = _interrupted(tmp_path, signal.SIGTERM, "kitchen.scene")
    assert code == 2, said
    (result,) = _results(tmp_path)
    assert result["status"] == "broken", said
    assert (tmp_path / "torn-down").exists(), said


_TROUBLE = """
import pytest
from harness.errors import ConsentViolation, DeviceError

@pytest.mark.xfail(strict=True)
def test_trouble():
    raise DeviceError("the device died at start")

@pytest.mark.xfail(raises=ConsentViolation, strict=True)
def test_known():
    raise ConsentViolation("V04 woken by a sound-alike")
"""


def test_rig_trouble_is_never_an_expected_failure(tmp_path: Path) -> None:
    (tmp_path / "test_toy.py").write_text(_TROUBLE)
    command = [sys.executable, "-m", "pytest", "-p", "harness.report.pytest_interrupts",
               "-p", "no:cacheprovider", "--alluredir=results", "--rootdir=."]  # fmt: skip
    done = subprocess.run(
        command, cwd=tmp_path, env=_ENVIRONMENT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 1, done.stdout
    assert "1 failed, 1 xfailed" in done.stdout
    by_name = {result["name"]: result["status"] for result in _results(tmp_path)}
    assert by_name == {"test_trouble": "broken", "test_known": "skipped"}


def test_what_hangs_is_broken_at_its_time_limit_and_torn_down(tmp_path: Path) -> None:
    (tmp_path / "test_toy.py").write_text(_HUNG)
    command = [sys.executable, "-m", "pytest", "-p", "harness.report.pytest_interrupts",
               "-p", "no:cacheprovider", "--alluredir=results", "--rootdir=.",
               "-o", "timeout_method=signal"]  # fmt: skip
    done = subprocess.run(
        command, cwd=tmp_path, env=_ENVIRONMENT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 1, done.stdout
    by_name = {result["name"]: result for result in _results(tmp_path)}
    assert {name: result["status"] for name, result in by_name.items()} == {
        "test_hung_driver": "broken",
        "test_hung_play": "broken",
        "test_hung_teardown": "broken",
        "test_hung_and_loosely_known": "broken",
        "test_after_them": "passed",
        "test_that_fails": "failed",
    }, done.stdout
    assert "Inconclusive" in by_name["test_hung_play"]["statusDetails"]["message"]
    assert (tmp_path / "torn-down").exists(), done.stdout
