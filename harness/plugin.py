"""The pytest plugin: collects `*.scene.yaml`, opens the rig, and turns rulings into outcomes.

Options: `--rig`, `--evidence`, `--sayso-results`. Fixtures: `rig` (open for the session) and
`play_scene` (a callable from a scene file to a ruling), for tests where data is not enough.
"""

import json
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from harness.bench.open import open_rig
from harness.bench.rig import Rig
from harness.bench.rigfile import load_rig
from harness.clock import RealClock
from harness.errors import ConsentViolation, ExpectationUnmet, Inconclusive, SaysoError
from harness.model.ruling import KnownOutcome, Ruling, Verdict
from harness.model.script import Script
from harness.report.allure_results import attach_play, write_categories, write_environment
from harness.report.explain import explain, wants_colour
from harness.scene.corpus import Corpus
from harness.scene.loader import load_scene
from harness.series.environment import environment_facts
from harness.series.play import Outcome
from harness.series.progress import ProgressLine
from harness.series.repeat import play_until_settled
from harness.stage.clips import cast_for

DEFAULT_RIG = "rigs/virtual.yaml"
_PLAY_LIMIT_S = 3600


def pytest_addoption(parser: pytest.Parser) -> None:
    """Options of their own group."""
    group = parser.getgroup("sayso", "Sayso: scenes on a rig")
    group.addoption("--rig", metavar="FILE", help=f"rig file to play on (default {DEFAULT_RIG})")
    group.addoption("--evidence", metavar="DIR", help="folder for evidence (default: the rig's)")
    group.addoption("--sayso-results", metavar="FILE", help="write what came of each scene as JSON")


@dataclass
class _Bench:
    """The rig of this session, opened when first asked for, and what was played on it."""

    config: pytest.Config
    stack: ExitStack = field(default_factory=ExitStack)
    open: Rig | None = None
    results: list[dict[str, Any]] = field(default_factory=list)

    def rig(self) -> Rig:
        """The open rig; opened now when it is not."""
        if self.open is None:
            named = self.config.getoption("rig") or DEFAULT_RIG
            file = load_rig(Path(named))
            self.open = self.stack.enter_context(open_rig(file, RealClock()))
            results = self.config.getoption("allure_report_dir", None)
            if results:
                write_environment(Path(results), environment_facts(self.open))
                write_categories(Path(results))
        return self.open

    def close(self) -> None:
        """Close it; the next use opens it anew."""
        self.open = None
        self.stack.close()


_BENCH = pytest.StashKey[_Bench]()


def pytest_configure(config: pytest.Config) -> None:
    """One bench a session."""
    config.stash[_BENCH] = _Bench(config)


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Take the bench down, whatever happened, and write the results."""
    bench = session.config.stash[_BENCH]
    try:
        bench.close()
    finally:
        target = session.config.getoption("sayso_results")
        if target:
            Path(target).write_text(json.dumps(bench.results, indent=1))


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> "SceneFile | None":
    """A scene file is a test."""
    if file_path.name.endswith(".scene.yaml"):
        return SceneFile.from_parent(parent, path=file_path)
    return None


def pytest_report_teststatus(
    report: pytest.TestReport, config: pytest.Config
) -> tuple[str, str, str] | None:
    """No letter for a scene: its ruling is printed whole. Told in words where pytest is verbose."""
    if report.when != "call" or ".scene.yaml::" not in report.nodeid:
        return None
    if config.getoption("verbose") > 0:
        return None
    known = report.skipped and hasattr(report, "wasxfail")
    return ("xfailed" if known else report.outcome), "", ""


class SceneFile(pytest.File):
    """A scene file; holds one item."""

    def collect(self) -> Iterator["SceneItem"]:
        """The one scene."""
        yield SceneItem.from_parent(self, name=self.path.name.removesuffix(".scene.yaml"))


class SceneItem(pytest.Item):
    """One scene, to be played and ruled on."""

    def __init__(self, **arguments: Any) -> None:
        super().__init__(**arguments)
        self.add_marker(pytest.mark.timeout(_PLAY_LIMIT_S))

    def runtest(self) -> None:
        """Load, play, rule; raises what the ruling says."""
        bench = self.config.stash[_BENCH]
        try:
            corpus = Corpus.load()
            script = load_scene(self.path, corpus)
            outcome = self._play(bench.rig(), script, corpus)
        except SaysoError as error:
            bench.results.append({"scene": self.name, "error": type(error).__name__})
            raise
        attach_play(outcome.evidence, outcome.ruling, script)
        bench.results.append(_row(outcome))
        raise_for(outcome)

    def _play(self, rig: Rig, script: Script, corpus: Corpus) -> Outcome:
        cast = cast_for(script, rig.file, corpus, rig.microphone.rate_hz)
        with _uncaptured(self.config):
            progress = ProgressLine(sys.stderr, script.id)
            evidence = self.config.getoption("evidence")
            outcome = play_until_settled(
                rig, script, cast, progress, Path(evidence) if evidence else None
            )
            progress.clear()
            self._tell(outcome)
        return outcome

    def _tell(self, outcome: Outcome) -> None:
        text = explain(
            outcome.ruling, outcome.evidence, colour=wants_colour(sys.stdout, os.environ)
        )
        sys.stdout.write(f"\n{text}\n")
        sys.stdout.flush()

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:
        """What a person reads: the message alone for what is raised on purpose."""
        if isinstance(excinfo.value, SaysoError):
            return f"{type(excinfo.value).__name__}: {excinfo.value}"
        return super().repr_failure(excinfo, style)

    def reportinfo(self) -> tuple[Path, int, str]:
        """Where it stands."""
        return self.path, 0, f"scene {self.name}"


def raise_for(outcome: Outcome) -> None:
    """Turn an outcome into what pytest understands; returns only for a pass.

    An interrupt comes first, whatever was ruled. Known violations, exactly, are an expected
    failure: reported as such, never as passed.
    """
    ruling = outcome.ruling
    if isinstance(outcome.stopped_by, KeyboardInterrupt):
        raise outcome.stopped_by
    where = f"{ruling.headline} Evidence: {outcome.evidence}"
    if ruling.verdict is Verdict.FAIL and ruling.known is KnownOutcome.EXACTLY:
        found = ", ".join(dict.fromkeys(f.cls for f in ruling.findings))
        pytest.xfail(f"fail (known): {found}. {where}")
    if ruling.verdict is Verdict.FAIL:
        broken = ExpectationUnmet if not ruling.findings else ConsentViolation
        raise broken(where) from outcome.stopped_by
    if ruling.verdict is not Verdict.PASS or outcome.stopped_by is not None:
        raise Inconclusive(where) from outcome.stopped_by


def _row(outcome: Outcome) -> dict[str, Any]:
    ruling = outcome.ruling
    return {
        "scene": ruling.scene_id,
        "outcome": ruling.outcome,
        "findings": [f.cls for f in ruling.findings],
        "evidence": str(outcome.evidence),
    }


def _uncaptured(config: pytest.Config) -> Any:
    manager = config.pluginmanager.getplugin("capturemanager")
    return manager.global_and_fixture_disabled() if manager else ExitStack()


@pytest.fixture(scope="session")
def rig(request: pytest.FixtureRequest) -> Rig:
    """The open rig of this session (`--rig`)."""
    return request.config.stash[_BENCH].rig()


@pytest.fixture
def play_scene(rig: Rig, request: pytest.FixtureRequest) -> Callable[[Path], Ruling]:
    """Plays a scene file on the session's rig; returns its ruling, whatever it says."""

    def play(path: Path) -> Ruling:
        corpus = Corpus.load()
        script = load_scene(path, corpus)
        cast = cast_for(script, rig.file, corpus, rig.microphone.rate_hz)
        evidence = request.config.getoption("evidence")
        outcome = play_until_settled(
            rig, script, cast, lambda _: None, Path(evidence) if evidence else None
        )
        attach_play(outcome.evidence, outcome.ruling, script)
        if isinstance(outcome.stopped_by, KeyboardInterrupt):
            raise outcome.stopped_by
        return outcome.ruling

    return play
