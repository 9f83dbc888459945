"""The rig of a pytest session: opened when first asked for, and looked at before the first play
and after the last. What does not hold then leaves no session green.
"""

import json
from collections.abc import Callable
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from harness.bench.open import open_rig
from harness.bench.rig import Rig
from harness.bench.rigfile import RigFile, load_rig
from harness.clock import Clock, RealClock
from harness.commands.watch import live_view
from harness.errors import RigError
from harness.model.series import SeriesPlan
from harness.model.timeline import Control
from harness.report.allure_health import write_health
from harness.report.allure_results import write_categories, write_environment
from harness.report.junit import HEALTH
from harness.series.collected import Collected
from harness.series.doctor import as_far_as_there
from harness.series.environment import environment_facts
from harness.series.health import Look, look_at
from harness.series.health_record import SessionHealth
from harness.series.repeat import ONCE, Series

DEFAULT_RIG = "rigs/virtual.yaml"


@dataclass
class BenchSession:
    """The rig of this session, what was found of it, and what was played on it."""

    config: pytest.Config
    plan: SeriesPlan = ONCE
    opener: Callable[[RigFile, Clock], AbstractContextManager[Rig]] = open_rig
    stack: ExitStack = field(default_factory=ExitStack)
    open: Rig | None = None
    health: SessionHealth | None = None
    results: list[dict[str, Any]] = field(default_factory=list)
    collected: Collected = field(default_factory=Collected)

    @property
    def evidence(self) -> Path | None:
        """The folder for evidence that was asked for; None for the rig's."""
        named = self.config.getoption("evidence")
        return Path(named) if named else None

    def rig(self) -> Rig:
        """The open rig; opened now when it is not."""
        if hasattr(self.config, "workerinput"):
            raise RigError(
                "a rig plays one scene at a time, but this is a worker of pytest-xdist; play "
                "scenes without -n (--numprocesses)"
            )
        if self.open is None:
            named = self.config.getoption("rig") or DEFAULT_RIG
            file = load_rig(Path(named))
            with ExitStack() as opening:
                with uncaptured(self.config):  # the page's address is told by a process of its own
                    opening.enter_context(live_view([Path(named)], self.config.getoption("live")))
                rig = opening.enter_context(self.opener(file, RealClock()))
                self.health = self._looked_at(rig)
                self.open, self.stack = rig, opening.pop_all()
            if (results := self._results()) is not None:
                write_environment(results, environment_facts(self.open))
                write_categories(results)
        return self.open

    def played(self, series: Series) -> None:
        """A series has ended. Of a play that was cut short, or had a fault put into it, the clocks
        say nothing of the rig.
        """
        if self.health is None:
            return
        faulty = self.config.getoption("faults") is not None
        for outcome in series.outcomes:
            spoilt = faulty or outcome.stopped_by is not None
            controls = () if spoilt else outcome.ruling.controls
            self.health.played(outcome.evidence.name, controls)

    def finish(self, session: pytest.Session) -> None:
        """Look at the rig once more, take it down whatever happened, and write the results."""
        try:
            self._look_again(session)
        finally:
            try:
                self.stack.close()
            finally:
                self.open = None
                self._tell(session)

    def _looked_at(self, rig: Rig) -> SessionHealth:
        root = (self.evidence or rig.file.evidence).absolute()
        health = SessionHealth(
            rig.file.name, root, look_at(rig, as_far_as_there(root), RealClock())
        )
        self._write(health)
        return health

    def _look_again(self, session: pytest.Session) -> None:
        if self.open is None or self.health is None:
            return
        clock = RealClock()
        began_s, unix_s = clock.monotonic_s(), clock.now_s()
        try:
            look = look_at(self.open, as_far_as_there(self.health.root), clock)
        except BaseException as error:
            # Whatever it is: a rig that nobody has looked at is not well.
            why = f"not looked at: {type(error).__name__} {error}".rstrip()
            failed = Control("rig", "looked_at", False, None, None, "", why)
            look = Look(unix_s, (*self.health.before.checks, failed), clock.monotonic_s() - began_s)
            if not isinstance(error, KeyboardInterrupt):
                raise
            session.exitstatus = pytest.ExitCode.INTERRUPTED
        finally:
            self.health.end(look)

    def _tell(self, session: pytest.Session) -> None:
        """Write what was found and what was played; nothing is green on a rig that is not well."""
        health, target = self.health, self.config.getoption("sayso_results")
        try:
            if health is not None and not health.well:
                if session.exitstatus == pytest.ExitCode.OK:
                    session.exitstatus = pytest.ExitCode.TESTS_FAILED
                self.results.append(
                    {
                        "scene": f"({HEALTH.lower()})",
                        "outcome": "inconclusive",
                        "findings": [],
                        "evidence": str(health.path),
                        "series": health.answer,
                    }
                )
            if health is not None:
                self._write(health)
        except OSError as error:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED
            raise RigError(f"the record of the rig's health cannot be written: {error}") from error
        finally:
            if target:
                rows = [*self.results, *self.collected.left_out]
                Path(target).write_text(json.dumps(rows, indent=1))

    def _write(self, health: SessionHealth) -> None:
        health.write()
        if (results := self._results()) is not None:
            results.mkdir(parents=True, exist_ok=True)
            write_health(results, health)

    def _results(self) -> Path | None:
        named = self.config.getoption("allure_report_dir", None)
        return Path(named) if named else None


def uncaptured(config: pytest.Config) -> Any:
    """A context in which what is printed is seen at once."""
    manager = config.pluginmanager.getplugin("capturemanager")
    return manager.global_and_fixture_disabled() if manager else ExitStack()
