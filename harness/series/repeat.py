"""Plays of one scene, one after the other, until the plan says that it is enough."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from harness.bench.rig import Rig
from harness.errors import RigError
from harness.evidence import layout
from harness.evidence.folder import sha256_of
from harness.model.live import PlaceInSeries
from harness.model.script import Script
from harness.model.series import PlayKind, SeriesPlan, SeriesPlay, SeriesRuling, StopReason
from harness.report.series_words import plays_asked
from harness.series.ledger import write_series
from harness.series.play import Outcome, play_and_rule
from harness.series.verdict import next_stop, play_of, rule_series
from harness.stage.clips import Cast

ONCE = SeriesPlan()
Told = Callable[[SeriesPlay, Outcome], None]


@dataclass(frozen=True, slots=True)
class Series:
    """A series that ended: its ruling, every play, and what cut it short (None for a whole one).

    `record`: the series as JSON, beside the evidence of its plays; None for a single play.
    """

    ruling: SeriesRuling
    outcomes: tuple[Outcome, ...]
    stopped_by: BaseException | None
    record: Path | None


def play_series(
    rig: Rig,
    script: Script,
    cast: Cast,
    progress: Callable[[str], None],
    evidence: Path | None = None,
    *,
    plan: SeriesPlan = ONCE,
    told: Told = lambda _play, _outcome: None,
) -> Series:
    """Play until the plan is met; every play leaves its evidence and counts as what it was.

    Only what the rig lists known violations for and does not provoke is played again, up to the
    rig's `plays` in a row. `told` is called after each play. An interrupt or a rig that cannot
    write any more ends the series with what there is; where there is nothing yet, it is raised.
    """
    running = _Running(rig, script, plan)
    while (stop := running.stop()) is None:
        try:
            outcome = play_and_rule(rig, script, cast, running.telling(progress), evidence)
            told(running.add(outcome), outcome)
        except (KeyboardInterrupt, RigError) as error:
            if not running.made:
                raise
            running.stopped_by = error
    return running.end(stop)


@dataclass
class _Running:
    """A series under way."""

    rig: Rig
    script: Script
    plan: SeriesPlan
    made: list[tuple[SeriesPlay, Outcome]] = field(default_factory=list)
    stopped_by: BaseException | None = None

    @property
    def plays(self) -> tuple[SeriesPlay, ...]:
        """Every play until now."""
        return tuple(play for play, _ in self.made)

    @property
    def outcomes(self) -> tuple[Outcome, ...]:
        """What each of them left."""
        return tuple(outcome for _, outcome in self.made)

    def telling(self, progress: Callable[[str], None]) -> Callable[[str], None]:
        """The progress of the next play, which says which one it is."""
        if self.plays and self.plays[-1].kind is PlayKind.NOT_PROVOKED:
            limit = self.rig.file.limits.plays
            progress(f"not provoked, play {self._barren()} of {limit}: once more")
        if self.plan.plays == 1:
            return progress
        self.rig.live.tell(PlaceInSeries(len(self.made) + 1, self.plan.plays, None))
        title = f"play {len(self.made) + 1} of {plays_asked(self.plan)}"
        return lambda what: progress(f"{title}: {what}")

    def _barren(self) -> int:
        """How many plays in a row showed nothing."""
        shown = [n for n, play in enumerate(self.plays, 1) if play.kind.conclusive]
        return len(self.plays) - (shown[-1] if shown else 0)

    def add(self, outcome: Outcome) -> SeriesPlay:
        """Count a play, and write down what the series came to so far."""
        sealed = outcome.evidence / layout.MANIFEST
        play = play_of(
            len(self.made) + 1,
            outcome.ruling,
            outcome.evidence.name,
            sha256_of(sealed) if sealed.exists() else "",
            stopped=outcome.stopped_by is not None,
        )
        self.made.append((play, outcome))
        if outcome.stopped_by is not None and not isinstance(outcome.stopped_by, Exception):
            self.stopped_by = outcome.stopped_by
        self._write(self.ruling(StopReason.UNFINISHED))
        return play

    def stop(self) -> StopReason | None:
        """Why it ends here; None where it goes on."""
        if self.stopped_by is not None:
            broken = isinstance(self.stopped_by, Exception)
            return StopReason.TROUBLE if broken else StopReason.INTERRUPTED
        return next_stop(self.plan, self.plays, self.rig.file.limits.plays)

    def ruling(self, stop: StopReason) -> SeriesRuling:
        """The ruling of what there is."""
        why = "" if self.stopped_by is None else str(self.stopped_by)
        listed = self.rig.file.known(self.script.id)
        rulings = [outcome.ruling for outcome in self.outcomes]
        return rule_series(self.plan, listed, stop, rulings, self.plays, why)

    def _write(self, ruling: SeriesRuling) -> Path | None:
        if self.plan.plays == 1 and len(self.made) == 1:
            return None
        return write_series(self.outcomes[0].evidence, ruling)

    def end(self, stop: StopReason) -> Series:
        """The series as it stands; one that cannot be written down did not end well."""
        ruling = self.ruling(stop)
        try:
            record = self._write(ruling)
        except RigError as error:
            self.stopped_by, record = self.stopped_by or error, None
            ruling = self.ruling(self.stop() or stop)
        return Series(ruling, self.outcomes, self.stopped_by, record)
