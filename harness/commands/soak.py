"""`sayso soak`: play scenes on a rig for a night, and take it up again where it was cut short."""

import argparse
import json
import signal
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any

from harness.bench.lock import hold
from harness.bench.rigfile import load_rig
from harness.clock import Clock, RealClock
from harness.commands.soak_report import NightReport
from harness.commands.watch import add_live_option, live_view
from harness.evidence.disk import write_private
from harness.model.live import PlaceInSeries
from harness.model.ruling import Verdict
from harness.series.environment import environment_facts
from harness.series.progress import ProgressLine
from harness.series.soak import (
    Ended,
    Journal,
    Night,
    PlayLine,
    SoakPlan,
    Summary,
    examine_rig,
    load_soak_plan,
    run_night,
    summary_of,
)
from harness.series.soak.player import RigPlayer, head_of

SUMMARY_JSON, SUMMARY_TEXT = "summary.json", "summary.md"
_CODES = {Verdict.PASS: 0, Verdict.FAIL: 1, Verdict.INCONCLUSIVE: 2}
_WHOLE = (Ended.TIME, Ended.PLAYED)
_SIGNALS = (signal.SIGTERM, signal.SIGHUP)


def add_commands(commands: "argparse._SubParsersAction[Any]") -> None:
    """Add the command."""
    parser = commands.add_parser(
        "soak",
        help="play scenes for a night; after a crash, take it up again",
        description="Draws scenes by weight from a plan, plays one after the other, and writes "
        "down each as it is over. Given the same folder again it goes on where it stood, after a "
        "crash or a power cut too. Examines the rig after an inconclusive play and takes it out "
        "of service when it fails twice. Exit code 0 pass, 1 a failure, 2 inconclusive, "
        "interrupted or out of service. See docs/nightly.md.",
    )
    parser.add_argument("rig", type=Path, help="rig file")
    parser.add_argument("--plan", type=Path, required=True, help="which scenes, how often (YAML)")
    parser.add_argument("--out", type=Path, required=True, metavar="DIR", help="the night's folder")
    parser.add_argument("--hours", type=_positive, default=8.0, help="no play begins later (8)")
    parser.add_argument("--plays", type=int, metavar="N", help="at most so many in all")
    add_live_option(parser)
    parser.add_argument("--seed", type=int, default=1, help="of the draw (1)")
    parser.add_argument("--disk-gb", type=_positive, help="what evidence may take; passes go first")
    parser.add_argument(
        "--results",
        type=Path,
        metavar="DIR",
        help="write Allure results there, one a play, with summary and doctor (`sayso report`)",
    )
    parser.set_defaults(run=_soak)


def _positive(text: str) -> float:
    number = float(text)
    if not 0 < number < 1e6:
        raise argparse.ArgumentTypeError(f"{text} is not above 0")
    return number


def _soak(arguments: argparse.Namespace) -> int:
    plan, file = load_soak_plan(arguments.plan), load_rig(arguments.rig)
    out: Path = arguments.out.absolute()
    out.mkdir(parents=True, exist_ok=True, mode=0o700)
    clock, progress = RealClock(), ProgressLine(sys.stderr, "soak")
    head = head_of(file, plan.digest, arguments.seed)
    report = None
    if arguments.results is not None:
        scenes = [path for path, _ in plan.scenes]
        report = NightReport(arguments.results, out, head, scenes)
    handlers = {number: signal.signal(number, signal.default_int_handler) for number in _SIGNALS}
    try:
        with (
            hold("soak", clock, out),
            live_view([arguments.rig], arguments.live),
            RigPlayer(file, clock, progress) as player,
        ):
            journal = Journal(out, head)
            if report is not None:
                journal.add(report.begin(journal, file, clock, progress))
            # A rig that is in use or does not open at all is told at once, before any play.
            rig = player.rig()
            if report is not None:
                report.tell_environment(environment_facts(rig))
            else:
                examine_rig(journal, player)
            told = _Told(journal, clock, arguments, progress, report, player)
            night = Night(
                out,
                plan.drawn(arguments.seed),
                told.until_s,
                arguments.plays,
                None if arguments.disk_gb is None else round(arguments.disk_gb * 1e9),
                told,
            )
            ended, why = run_night(night, journal, player, clock)
            _examine_after(ended, journal, player)
    finally:
        for number, handler in handlers.items():
            signal.signal(number, handler)
        progress.clear()
    return _end(out, journal, plan, ended, why, report)


def _examine_after(ended: Ended, journal: Journal, player: RigPlayer) -> None:
    """Is the rig still as it was? An interrupt here cuts no play short."""
    if ended in _WHOLE:
        with suppress(KeyboardInterrupt):
            examine_rig(journal, player)


class _Told:
    """A line for each play: what came of it, what there is so far, and how long it still takes."""

    def __init__(
        self,
        journal: Journal,
        clock: Clock,
        arguments: argparse.Namespace,
        progress: ProgressLine,
        report: NightReport | None,
        player: RigPlayer,
    ) -> None:
        self._journal, self._now_s, self._progress = journal, clock.monotonic_s, progress
        self._report, self._player, self._most = report, player, arguments.plays
        self.until_s: float = self._now_s() + arguments.hours * 3600
        self._until_unix_s = clock.now_s() + arguments.hours * 3600
        self._tell_place()

    def _tell_place(self) -> None:
        number = self._journal.next_number
        self._player.place = PlaceInSeries(number, self._most, self._until_unix_s)

    def __call__(self, line: PlayLine) -> None:
        if self._report is not None:
            self._report.tell_play(self._journal)
        kinds = [play.kind for play in self._journal.plays]
        so_far = ", ".join(f"{kinds.count(kind)} {kind}" for kind in dict.fromkeys(kinds))
        left_min = max(0.0, self.until_s - self._now_s()) / 60
        found = f"  {' '.join(line.classes)}" if line.classes else ""
        self._tell_place()
        self._progress.clear()
        print(
            f"play {line.number:>5}  {line.kind:<12}  {line.scene}{found}   "
            f"[{so_far}; {left_min:.0f} min left]",
            flush=True,
        )


def _end(
    out: Path,
    journal: Journal,
    plan: SoakPlan,
    ended: Ended,
    why: str,
    report: NightReport | None,
) -> int:
    summary: Summary = summary_of(journal.plays, ended, why, plan.inconclusive_at_most)
    journal.close()
    text = json.dumps(summary.as_json(), indent=1) + "\n"
    write_private(out / SUMMARY_JSON, text.encode())
    write_private(out / SUMMARY_TEXT, summary.as_markdown().encode())
    if report is not None:
        report.end(summary.as_markdown(), journal)
    print(f"\n{summary.as_markdown()}")
    if ended not in _WHOLE:
        print("Give the same command again to go on where it stands.", file=sys.stderr)
    return _CODES[summary.verdict]
