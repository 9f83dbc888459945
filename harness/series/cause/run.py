"""Plays a causal test: the order is drawn, every play is made, and what came of it is ruled on."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from harness.bench.rig import Rig
from harness.errors import RigError
from harness.evidence import layout
from harness.evidence.folder import sha256_of
from harness.model.cause import Arm, CausePlan, CausePlay, CauseRuling
from harness.model.script import Script
from harness.model.series import StopReason
from harness.series.cause.arms import arms_of
from harness.series.cause.ledger import write_cause
from harness.series.cause.order import draw_order, draw_pauses
from harness.series.cause.resume import Begun, check_the_same
from harness.series.cause.verdict import Played, Setup, rule_cause
from harness.series.play import play_and_rule
from harness.stage.clips import Cast

Told = Callable[[CausePlay], None]


@dataclass(frozen=True, slots=True)
class CauseSeries:
    """A causal test that ended: its ruling, what cut it short, and its record as JSON."""

    ruling: CauseRuling
    stopped_by: BaseException | None
    record: Path


def play_cause(
    rig: Rig,
    script: Script,
    cast: Cast,
    plan: CausePlan,
    progress: Callable[[str], None],
    evidence: Path | None = None,
    *,
    told: Told = lambda _play: None,
    begun: Begun | None = None,
) -> CauseSeries:
    """Play every arm as often as the plan says, in the order drawn, and rule on the whole.

    `told` is called after each play. `begun`: a test of this plan that was cut short, to go on
    with; its plays count, and `evidence` must be where they lie. An interrupt or a rig that cannot
    go on ends the test with what there is, which is never an answer; where there is nothing yet, it
    is raised. Raises `SceneError` for a scene that cannot be played so, `UserError` for too few
    plays, or for a test that was begun with another scene or rig.
    """
    rate_hz = rig.microphone.rate_hz
    lengths_s = {line_id: len(sound) / rate_hz for line_id, sound in cast.lines.items()}
    arms = arms_of(script, lengths_s, plan, rig.file.limits)
    setup = Setup(
        scene_id=script.id,
        title=script.title,
        device=rig.file.device.name,
        firmware=rig.file.device.firmware,
        plan=plan,
        stage=arms.stage,
        device_address=rig.device_address,
        order=draw_order(plan),
    )
    running = _Running(rig, cast, setup, arms.scripts, progress, evidence, told)
    if begun is not None:
        check_the_same(begun, setup, arms.scripts, rig)
        running.named, running.made_again = begun.named, begun.made_again
        running.played += begun.played
    return running.run()


@dataclass
class _Running:
    """A test under way."""

    rig: Rig
    cast: Cast
    setup: Setup
    scripts: Mapping[Arm, Script]
    progress: Callable[[str], None]
    evidence: Path | None
    told: Told
    played: list[Played] = field(default_factory=list)
    named: Path | None = None
    made_again: tuple[str, ...] = ()

    def run(self) -> CauseSeries:
        """Play on until all is played, or something ends it."""
        pauses = draw_pauses(self.setup.plan)
        planned = list(enumerate(zip(self.setup.order, pauses, strict=True), 1))
        for number, (arm, pause_s) in planned[len(self.played) :]:
            try:
                self.rig.clock.wait_s(pause_s)
                stopped_by = self._play(number, arm)
            except (KeyboardInterrupt, RigError) as error:
                if not self.played:
                    raise
                broken = isinstance(error, Exception)
                return self._end(StopReason.TROUBLE if broken else StopReason.INTERRUPTED, error)
            if stopped_by is not None and not isinstance(stopped_by, Exception):
                return self._end(StopReason.INTERRUPTED, stopped_by)
        self.progress("testing")
        return self._end(StopReason.PLAYED, None)

    def _play(self, number: int, arm: Arm) -> BaseException | None:
        """Make one play and write down that it was made; what cut it short."""
        title = f"play {number} of {self.setup.plan.plays}"

        def progress(what: str) -> None:
            self.progress(f"{title}: {what}")

        outcome = play_and_rule(self.rig, self.scripts[arm], self.cast, progress, self.evidence)
        sealed = outcome.evidence / layout.MANIFEST
        seal = sha256_of(sealed) if sealed.exists() else ""
        stopped = outcome.stopped_by is not None
        self.played.append(Played(arm, outcome.evidence, seal, outcome.ruling, stopped))
        ruling, _ = self._written(StopReason.UNFINISHED, "")
        self.told(ruling.plays[-1])
        return outcome.stopped_by

    def _end(self, stop: StopReason, stopped_by: BaseException | None) -> CauseSeries:
        why = "" if stopped_by is None else str(stopped_by)
        ruling, record = self._written(stop, why)
        return CauseSeries(ruling, stopped_by, record)

    def _written(self, stop: StopReason, why: str) -> tuple[CauseRuling, Path]:
        """What there is, ruled on and written down; and where."""
        ruling = rule_cause(self.setup, self.played, stop, why, self.made_again)
        return ruling, write_cause(self.named or self.played[0].folder, ruling)
