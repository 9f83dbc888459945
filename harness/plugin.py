"""The pytest plugin: collects `*.scene.yaml`, opens the rig, and turns rulings into outcomes.

Options: `--rig`, `--evidence`, `--plays`, `--until-settled`, `--question`, `--min-conclusive`,
`--live`, `--sayso-results`. Fixtures: `rig` (open for the session), `play_scene` (a callable from
a scene file to a ruling) and `play_scene_series` (to the ruling of a series), for tests where data
is not enough.
"""

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import Any

import pytest

from harness.bench.faults import draw_fault, kinds_for, with_fault
from harness.bench.rig import Rig
from harness.commands.bench_session import DEFAULT_RIG, BenchSession, uncaptured
from harness.errors import Inconclusive, SaysoError, UserError
from harness.forms.problems import told
from harness.model.ruling import Ruling, Verdict
from harness.model.script import Script
from harness.model.series import SeriesPlan, SeriesPlay, SeriesRuling
from harness.report.allure_results import (
    attach_play,
    label_scene,
)
from harness.report.allure_series import attach_series
from harness.report.explain import explain, wants_colour
from harness.report.series_story import play_line, series_text
from harness.scene.corpus import Corpus
from harness.scene.labels import labels_of
from harness.scene.loader import load_scene
from harness.series.collected import not_passed
from harness.series.outcomes import interrupt_of, raise_for_series, row_of
from harness.series.plan import make_plan, question_of
from harness.series.play import Outcome
from harness.series.progress import ProgressLine
from harness.series.repeat import ONCE, Series, play_series
from harness.stage.clips import cast_for

_PLAY_LIMIT_S = 3600


def pytest_addoption(parser: pytest.Parser) -> None:
    """Options of their own group."""
    group = parser.getgroup("sayso", "Sayso: scenes on a rig")
    group.addoption("--rig", metavar="FILE", help=f"rig file to play on (default {DEFAULT_RIG})")
    group.addoption("--evidence", metavar="DIR", help="folder for evidence (default: the rig's)")
    group.addoption("--plays", metavar="N", type=int, help="plays of each scene file (default 1)")
    group.addoption(
        "--until-settled",
        action="store_true",
        help="end a series as soon as it is settled how often a scene fails; --plays is then the "
        "most",
    )
    group.addoption(
        "--question",
        metavar="p0=,p1=,alpha=,beta=",
        help="what --until-settled settles (default p0=0.001,p1=0.1,alpha=0.05,beta=0.05)",
    )
    group.addoption(
        "--min-conclusive",
        metavar="N",
        type=int,
        help="so many conclusive plays are enough for a pass (default: every play)",
    )
    group.addoption(
        "--faults",
        metavar="SEED",
        type=int,
        help="let something on the rig break in each scene, drawn from this seed; nothing passes",
    )
    group.addoption(
        "--live", action="store_true", help="serve a page to watch the plays by (docs/live.md)"
    )
    group.addoption("--sayso-results", metavar="FILE", help="write what came of each scene as JSON")


BENCH = pytest.StashKey[BenchSession]()
"""The session's bench. Whoever brings rigs of another make sets its `opener`."""


def pytest_configure(config: pytest.Config) -> None:
    """One bench a session."""
    config.stash[BENCH] = BenchSession(config, _plan(config))


def _plan(config: pytest.Config) -> SeriesPlan:
    asked = config.getoption("question")
    wanted = asked is not None or config.getoption("until_settled")
    try:
        question = question_of(asked or "") if wanted else None
        return make_plan(config.getoption("plays"), question, config.getoption("min_conclusive"))
    except UserError as error:
        raise pytest.UsageError(str(error)) from error


@pytest.hookimpl(tryfirst=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    """Take the bench down, whatever happened, and write the results. No scene that failed once is
    forgiven, be it that a plugin played it again until it passed, or that a mark expected it.
    """
    bench = session.config.stash[BENCH]
    bad = not_passed(bench.results)
    if session.exitstatus == pytest.ExitCode.OK and bad:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED
        _say(f"\nNot passed, whatever was made of it since: {', '.join(bad)}.\n")
    bench.finish(session)


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> None:
    """Whether the rig was well, where there was one."""
    health = config.stash[BENCH].health
    if health is not None:
        colour = {"green": True} if health.well else {"red": True}
        terminalreporter.write_line(f"Rig {health.rig}: {health.answer}.", **colour)


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> "SceneFile | None":
    """A scene file is a test."""
    if file_path.name.endswith(".scene.yaml"):
        return SceneFile.from_parent(parent, path=file_path)
    return None


def pytest_itemcollected(item: pytest.Item) -> None:
    """Note each scene that was asked for, before any option leaves it out."""
    if isinstance(item, SceneItem):
        item.config.stash[BENCH].collected.files[item.path] = None


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
    """One scene, to be played and ruled on, as often as asked for."""

    def __init__(self, **arguments: Any) -> None:
        super().__init__(**arguments)
        self._plan = self.config.stash[BENCH].plan
        self.add_marker(pytest.mark.timeout(_PLAY_LIMIT_S * self._plan.plays))

    def runtest(self) -> None:
        """Load, play, rule; raises what the ruling says."""
        bench = self.config.stash[BENCH]
        bench.collected.begun.add(self.path)
        try:
            corpus = Corpus.around(self.path)
            script = load_scene(self.path, corpus)
            with self._faulted(bench.rig()) as rig:
                series = self._play(rig, script, corpus)
        except SaysoError as error:
            bench.results.append({"scene": self.name, "error": type(error).__name__})
            raise
        bench.played(series)
        attach(series, script)
        label_scene(labels_of(self.path))
        seed = self.config.getoption("faults")
        unnoticed = seed is not None and series.ruling.verdict is Verdict.PASS
        bench.results.append(row_of(series) | ({"outcome": "inconclusive"} if unnoticed else {}))
        if unnoticed:
            raise Inconclusive(f"nothing noticed the fault of --faults {seed}: this is no pass")
        raise_for_series(series)

    def _faulted(self, rig: Rig) -> AbstractContextManager[Rig]:
        """The rig; with another fault in each scene where that was asked for."""
        seed = self.config.getoption("faults")
        if seed is None:
            return nullcontext(rig)
        seed += len(self.config.stash[BENCH].results)
        fault = draw_fault(seed, kinds_for(rig), rig.loudspeaker.positions)
        _say(f"\nWith a fault: {fault.said}\n")
        return with_fault(rig, fault)

    def _play(self, rig: Rig, script: Script, corpus: Corpus) -> Series:
        cast = cast_for(script, rig.file, corpus, rig.microphone.rate_hz)
        with uncaptured(self.config):
            progress = ProgressLine(sys.stderr, script.id)

            def told(play: SeriesPlay, _outcome: Outcome) -> None:
                if self._plan.plays > 1:
                    progress.clear()
                    _say(play_line(play, self._plan) + "\n")

            evidence = self.config.stash[BENCH].evidence
            series = play_series(rig, script, cast, progress, evidence, plan=self._plan, told=told)
            progress.clear()
            _say(f"\n{_text(series)}\n")
        return series

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:
        """What a person reads: the message alone for what is raised on purpose."""
        if isinstance(excinfo.value, SaysoError):
            return f"{type(excinfo.value).__name__}: {told(excinfo.value)}"
        return super().repr_failure(excinfo, style)

    def reportinfo(self) -> tuple[Path, int, str]:
        """Where it stands."""
        return self.path, 0, f"scene {self.name}"


def _text(series: Series) -> str:
    """What came of it: the whole ruling of a single play, the sentences of a series."""
    colour = wants_colour(sys.stdout, os.environ)
    if series.ruling.plan.plays > 1:
        return series_text(series.ruling, series.record, colour=colour)
    last = series.outcomes[-1]
    return explain(last.ruling, last.evidence, colour=colour)


def _say(text: str) -> None:
    sys.stdout.write(text)
    sys.stdout.flush()


def attach(series: Series, script: Script) -> None:
    """Hand all of it to Allure."""
    if series.ruling.plan.plays > 1:
        plays = [(outcome.evidence, outcome.ruling) for outcome in series.outcomes]
        attach_series(series.ruling, plays, series.record, script)
        return
    attach_play(series.outcomes[-1].evidence, series.outcomes[-1].ruling, script)


@pytest.fixture(scope="session")
def rig(request: pytest.FixtureRequest) -> Rig:
    """The open rig of this session (`--rig`)."""
    return request.config.stash[BENCH].rig()


@pytest.fixture
def play_scene(rig: Rig, request: pytest.FixtureRequest) -> Callable[[Path], Ruling]:
    """Plays a scene file on the session's rig; returns its ruling, whatever it says."""
    play = _player(rig, request.config)
    return lambda path: play(path, ONCE).outcomes[-1].ruling


@pytest.fixture
def play_scene_series(
    rig: Rig, request: pytest.FixtureRequest
) -> Callable[[Path, SeriesPlan], SeriesRuling]:
    """Plays a scene file as often as a plan says; returns the series' ruling, whatever it says."""
    play = _player(rig, request.config)
    return lambda path, plan: play(path, plan).ruling


def _player(rig: Rig, config: pytest.Config) -> Callable[[Path, SeriesPlan], Series]:
    """Plays a scene file and attaches it; raises an interrupt and nothing else."""

    def play(path: Path, plan: SeriesPlan) -> Series:
        corpus = Corpus.around(path)
        script = load_scene(path, corpus)
        cast = cast_for(script, rig.file, corpus, rig.microphone.rate_hz)
        series = play_series(
            rig, script, cast, lambda _: None, config.stash[BENCH].evidence, plan=plan
        )
        config.stash[BENCH].played(series)
        attach(series, script)
        if (interrupt := interrupt_of(series)) is not None:
            raise interrupt
        return series

    return play
