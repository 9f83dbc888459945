"""Signals in the middle of a scene: never a pass, evidence kept, nothing left running."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from harness.evidence.read import read_ruling
from harness.evidence.verify import verify
from harness.model.ruling import Verdict
from tests.bench_faults.small_bench import (
    ROOT,
    SPEAKING,
    Process,
    assert_gone,
    assert_sealed,
    belonging,
    left_of,
    write_rig,
    write_scene,
)

pytestmark = pytest.mark.bench


class _Run:
    """pytest playing a scene in a process of its own, with a runtime folder of its own."""

    def __init__(self, folder: Path, runtime: Path) -> None:
        self.folder, self.runtime = folder, runtime
        self.rig, self.scene = write_rig(folder), write_scene(folder)
        self.name = self.rig.stem
        self.results = folder / "allure"
        command = [sys.executable, "-m", "pytest", "-q", str(self.scene), "--rig", str(self.rig)]
        command += ["--alluredir", str(self.results), "-p", "no:cacheprovider"]
        command += ["-p", "harness.plugin", "-p", "harness.report.pytest_interrupts"]
        environment = {**os.environ, "XDG_RUNTIME_DIR": str(self.runtime), "PYTHONUNBUFFERED": "1"}
        self.process = subprocess.Popen(
            command,
            cwd=ROOT,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
        self.said = ""

    @property
    def bench_folder(self) -> Path:
        """Where the bench of this run lives."""
        return self.runtime / f"sayso-{os.getuid()}" / self.name

    def until(self, words: str) -> list[Process]:
        """Read on until it says `words`; the processes that its bench has then."""
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.said += line
            if words in line:
                return belonging(str(self.bench_folder))
        raise AssertionError(f"it ended without saying {words!r}:\n{self.said}")

    def end(self) -> int:
        """Its exit code."""
        rest, _ = self.process.communicate(timeout=60)
        self.said += rest
        return self.process.returncode

    def allure(self) -> list[str]:
        """The status of each result."""
        found = self.results.glob("*-result.json")
        return [json.loads(path.read_text())["status"] for path in found]

    def evidence(self) -> Path:
        """The one evidence folder."""
        (found,) = (self.folder / "evidence").glob("20*")
        return found


@contextmanager
def _running(folder: Path, runtime: Path) -> Iterator[_Run]:
    run = _Run(folder, runtime)
    try:
        yield run
    finally:
        run.process.kill()
        run.process.communicate(timeout=10)


@pytest.mark.parametrize(
    ("number", "at"), [(signal.SIGINT, SPEAKING), (signal.SIGTERM, "opening controls")]
)
def test_an_interrupted_scene_is_broken_never_passed(
    tmp_path: Path, runtime: Path, number: signal.Signals, at: str
) -> None:
    with _running(tmp_path, runtime) as run:
        bench = run.until(at)
        run.process.send_signal(number)
        assert run.end() == 2, run.said
        assert run.allure() == ["broken"]
    assert "interrupted" in run.said and "1 passed" not in run.said
    assert read_ruling(run.evidence()).verdict is Verdict.INCONCLUSIVE
    assert_sealed(run.evidence())
    _await_gone(bench)
    assert_gone(run.name, bench, run.bench_folder.parent)


def test_a_killed_harness_leaves_nothing_and_the_next_start_works(
    tmp_path: Path, runtime: Path
) -> None:
    with _running(tmp_path, runtime) as run:
        bench = run.until("opening controls")
        assert len(bench) > 5
        run.process.kill()
        run.end()
        _await_gone(bench)
    evidence = run.evidence()
    assert {"air.f32", "network.pcapng", "case.json"} <= {p.name for p in evidence.iterdir()}
    assert verify(evidence) != [], "a cut run must not look sealed"
    with _running(tmp_path, runtime) as again:
        bench = again.until("opening controls")
        again.process.send_signal(signal.SIGINT)
        assert again.end() == 2, again.said
    _await_gone(bench)
    assert_gone(again.name, bench, again.bench_folder.parent)


def _await_gone(bench: list[Process]) -> None:
    """The kernel clears what an ended harness had; that takes it moments, not seconds."""
    for _ in range(100):
        if not left_of(bench):
            return
        signal.sigtimedwait([], 0.05)
    assert left_of(bench) == []
