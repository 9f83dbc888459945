"""Scenes are never played side by side by pytest-xdist: that is told, and is no pass."""

import subprocess
import sys
from pathlib import Path

import pytest

import harness

pytestmark = pytest.mark.slow
_PROJECT = Path(harness.__file__).parents[1]


def test_a_worker_of_xdist_plays_no_scene(tmp_path: Path) -> None:
    scene = _PROJECT / "scenarios/portland/denial.scene.yaml"
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-n", "1"]
    command += [str(scene), "--rig", "rigs/simulated.yaml", "--evidence", str(tmp_path / "e")]
    done = subprocess.run(
        command, cwd=_PROJECT, capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 1, done.stdout + done.stderr
    assert "play scenes without -n" in done.stdout
    assert "passed" not in done.stdout
    assert not (tmp_path / "e").exists()
