"""Builds the Allure report from results, offline, with the Allure that npm installed here."""

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Mapping
from pathlib import Path

from harness.errors import RigError
from harness.evidence.disk import write_private
from harness.report.allure_attempts import Result, told_apart
from harness.report.allure_results import BY_CLASS, CATEGORIES
from harness.report.junit import read_results

MISSING = (
    "The Allure report was not built: there is no Allure here. Run `make setup` in a checkout, or "
    "put an `allure` of version 3 on the PATH (`npm install -g allure@3`)."
)
"""What to say where `build` returns None."""

_TIMEOUT_S = 300.0
_TAIL_CHARS = 2000
_COPY = ".sayso-attempts-told-apart"


def find_allure(environment: Path | None = None) -> Path | None:
    """The Allure program that set-up put into a virtual environment (default: this one's).

    It finds its own Node. Else, unless an environment was named, one on the PATH; None for none.
    """
    program = (environment or Path(sys.prefix)) / "bin" / "allure"
    if program.exists():
        return program
    found = None if environment else shutil.which("allure")
    return Path(found) if found else None


def build(
    results: Path, out: Path, environment: Path | None = None, history: Path | None = None
) -> Path | None:
    """Build one HTML file from `results` into folder `out`; returns its path.

    `environment`: the virtual environment that holds Allure (default: this one). `history`: a file
    that keeps what each report held, so that Allure shows trends; the same results count in it
    once, however often they are reported. Returns None where there is no Allure: the caller says
    `MISSING`. Raises `RigError` when there is nothing to report or Allure fails.
    """
    program = find_allure(environment)
    if program is None:
        return None
    read = read_results(results)
    if not read:
        raise RigError(f"{results}: no Allure results there; play a scene first (`sayso run`)")
    out.mkdir(parents=True, exist_ok=True)
    settings = {"name": "Sayso", "categories": {"rules": [_category(rule) for rule in CATEGORIES]}}
    with tempfile.TemporaryDirectory(prefix="sayso-allure-") as scratch:
        if history is not None:
            settings["historyPath"] = str(history.resolve())
            forget_results(history, read.values())
        config = Path(scratch) / "allurerc.json"
        config.write_text(json.dumps(settings), encoding="utf-8")
        told = _with_attempts(results.resolve(), read, Path(scratch) / "results")
        _run(program, told, out.resolve(), config)
    page = out / "index.html"
    if not page.exists():
        raise RigError(f"{out}: Allure ended well but wrote no index.html; run it with --verbose")
    return page


def _category(rule: Mapping[str, object]) -> dict[str, object]:
    """A category for Allure 3, which sorts what is in it by class of violation."""
    by_class = {"groupBy": [{"label": "violation"}]} if rule["name"] in BY_CLASS else {}
    return {**rule, **by_class}


def _with_attempts(results: Path, read: Mapping[Path, Result], scratch: Path) -> Path:
    """The results with each attempt as a test of its own; the folder itself where there are none
    but first ones.
    """
    told = told_apart(read)
    other = {path.name: text for path, text in told.items() if text != read[path]}
    if not other:
        return results
    scratch.mkdir()
    _copy(results, scratch, other)
    return scratch


def copy_told_apart(results: Path, out: Path) -> None:
    """The results for an Allure that is run by hand, in a folder of their own: each attempt is a
    test of its own there. What was in that folder goes.

    Raises `RigError` where there are no results, or where the folder holds anything else.
    """
    read = read_results(results)
    if not read:
        raise RigError(f"{results}: no Allure results there; play a scene first (`sayso run`)")
    if out.exists() and (out.resolve() == results.resolve() or not _may_go(out)):
        raise RigError(f"{out}: holds something else; name a folder that is empty or not there")
    if out.exists():
        shutil.rmtree(out)
    out.mkdir(parents=True)
    (out / _COPY).touch()
    _copy(results, out, {path.name: text for path, text in told_apart(read).items()})


def _may_go(folder: Path) -> bool:
    return folder.is_dir() and ((folder / _COPY).exists() or not any(folder.iterdir()))


def _copy(results: Path, out: Path, written: Mapping[str, Result]) -> None:
    for path in results.iterdir():
        if path.name in written:
            (out / path.name).write_text(json.dumps(written[path.name]), encoding="utf-8")
        elif path.is_file():
            _link(path, out / path.name)


def _link(path: Path, target: Path) -> None:
    """The same file under another name; a copy where the file system has no links."""
    try:
        os.link(path, target)
    except OSError:
        shutil.copyfile(path, target)


def forget_results(history: Path, results: Iterable[Result]) -> None:
    """Take reports of any of these results out of the history: they are about to be told anew.

    Raises `RigError` where it is no history.
    """
    if not history.exists():
        history.parent.mkdir(parents=True, exist_ok=True)
        return
    ours = {(result.get("fullName"), result.get("start")) for result in results}
    try:
        points = [json.loads(line) for line in history.read_text(encoding="utf-8").splitlines()]
        kept = [
            point
            for point in points
            if not any(
                (each["fullName"], each["start"]) in ours for each in point["testResults"].values()
            )
        ]
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise RigError(
            f"{history}: cannot be read as Allure's history ({error}); move it away"
        ) from error
    write_private(history, "".join(json.dumps(point) + "\n" for point in kept).encode())


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
