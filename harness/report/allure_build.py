"""Builds the Allure report from results, offline, with the Allure that npm installed here."""

import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from harness.errors import RigError
from harness.report.allure_results import CATEGORIES

MISSING = (
    "The Allure report was not built: there is no Allure here. Run `make setup` in a checkout, or "
    "put an `allure` of version 3 on the PATH (`npm install -g allure@3`)."
)
"""What to say where `build` returns None."""

_TIMEOUT_S = 300.0
_TAIL_CHARS = 2000


def find_allure(environment: Path | None = None) -> Path | None:
    """The Allure program that set-up put into a virtual environment (default: this one's).

    It finds its own Node. Else, unless an environment was named, one on the PATH; None for none.
    """
    program = (environment or Path(sys.prefix)) / "bin" / "allure"
    if program.exists():
        return program
    found = None if environment else shutil.which("allure")
    return Path(found) if found else None


def build(results: Path, out: Path, environment: Path | None = None) -> Path | None:
    """Build one HTML file from `results` into folder `out`; returns its path.

    `environment`: the virtual environment that holds Allure (default: this one). Returns None
    where it holds none: the caller says `MISSING`. Raises `RigError` when there is nothing to
    report or Allure fails.
    """
    program = find_allure(environment)
    if program is None:
        return None
    if not any(results.glob("*-result.json")):
        raise RigError(f"{results}: no Allure results there; play a scene first (`sayso run`)")
    out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="sayso-allure-") as scratch:
        config = Path(scratch) / "allurerc.json"
        settings = {"name": "Sayso", "categories": {"rules": [dict(rule) for rule in CATEGORIES]}}
        config.write_text(json.dumps(settings), encoding="utf-8")
        _run(program, results.resolve(), out.resolve(), config)
    page = out / "index.html"
    if not page.exists():
        raise RigError(f"{out}: Allure ended well but wrote no index.html; run it with --verbose")
    return page


def _run(program: Path, results: Path, out: Path, config: Path) -> None:
    """Run Allure; `RigError` with the end of what it said when it fails or hangs."""
    command = [str(program), "awesome", "--single-file", "--config", str(config)]
    command += ["--output", str(out), "--report-name", "Sayso", str(results)]
    environment = {**os.environ, "ALLURE_NO_ANALYTICS": "true"}
    try:
        done = subprocess.run(
            command,
            cwd=config.parent,
            env=environment,
            capture_output=True,
            text=True,
            timeout=_TIMEOUT_S,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise RigError(f"Allure took longer than {_TIMEOUT_S:.0f} s; it was stopped") from error
    if done.returncode != 0:
        said = (done.stderr + done.stdout)[-_TAIL_CHARS:].strip()
        raise RigError(f"Allure failed (exit {done.returncode}) on {results}: {said}")
