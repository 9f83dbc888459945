"""Secrets planted in everything a run is given are in nothing that it writes or says."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
# Never written in one piece, so that a traceback that shows this file shows no secret.
_TOKEN, _PASSWORD, _DEVICE_KEY, _PROXY = (f"planted-{n:x}-" + "q" * 9 for n in (7, 8, 9, 10))
_RIG = f"""extends: {ROOT}/rigs/simulated.yaml
name: secretive
device:
  env: {{MAKER_KEY: {_DEVICE_KEY}}}
cloud:
  token: {_TOKEN}
"""


def _sayso(folder: Path, rig: Path) -> "subprocess.CompletedProcess[bytes]":
    scene = ROOT / "scenarios" / "portland" / "silence.scene.yaml"
    words = ["run", str(scene), "--rig", str(rig), "--evidence", str(folder / "evidence")]
    words += ["--results", str(folder / "results"), "--report", str(folder / "report")]
    planted = {"SAYSO_IMAP_PASSWORD": _PASSWORD, "HTTPS_PROXY": f"http://me:{_PROXY}@127.0.0.1:9"}
    return subprocess.run(
        [sys.executable, "-m", "harness.cli", *words],
        cwd=ROOT,
        env={**os.environ, **planted},
        capture_output=True,
        check=False,
    )


def _leaked(folder: Path, said: bytes, beside: Path) -> list[str]:
    """Where a secret stands; the rig file, which holds two, is left out."""
    written = {str(p): p.read_bytes() for p in folder.rglob("*") if p.is_file() and p != beside}
    secrets = [s.encode() for s in (_TOKEN, _PASSWORD, _DEVICE_KEY, _PROXY)]
    every = {**written, "what was said": said}
    return [name for name, content in every.items() if any(s in content for s in secrets)]


@pytest.mark.slow
def test_a_play_and_its_report_hold_no_secret(tmp_path: Path) -> None:
    rig = tmp_path / "secretive.yaml"
    rig.write_text(_RIG, encoding="utf-8")
    done = _sayso(tmp_path, rig)
    names = {path.name for path in tmp_path.rglob("*")}
    assert {"ruling.json", "case.json", "device.log"} <= names
    assert _leaked(tmp_path, done.stdout + done.stderr, rig) == []


@pytest.mark.slow
def test_a_rig_that_breaks_says_no_secret(tmp_path: Path) -> None:
    rig = tmp_path / "secretive.yaml"
    rig.write_text(_RIG + "device_typo: 1\n", encoding="utf-8")
    done = _sayso(tmp_path, rig)
    assert done.returncode != 0
    assert _leaked(tmp_path, done.stdout + done.stderr, rig) == []
