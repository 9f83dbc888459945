"""`sayso background`: hours of one's own audio, and how often they wake the device."""

import argparse
import json
import signal
import sys
from pathlib import Path
from typing import Any

from harness.bench.calibration import load
from harness.bench.lock import hold
from harness.bench.rigfile import RigFile, load_rig
from harness.clock import RealClock
from harness.errors import UserError
from harness.evidence.disk import write_private
from harness.forms.problems import listed
from harness.model.ruling import Verdict
from harness.report.phrases import count
from harness.series.background.plan import Asked, Plan, plan_in
from harness.series.background.run import Hours, play_hours
from harness.series.background.totals import Totals, length
from harness.series.background.woken import BlockRecord
from harness.series.background.words import as_json, as_markdown
from harness.series.progress import ProgressLine
from harness.series.soak import Ended
from harness.series.soak.player import RigPlayer, head_of

SUMMARY_JSON, SUMMARY_TEXT = "summary.json", "summary.md"
_CODES = {Verdict.PASS: 0, Verdict.FAIL: 1, Verdict.INCONCLUSIVE: 2}
_SIGNALS = (signal.SIGTERM, signal.SIGHUP)
_BY_DEFAULT_AT = "television"
_CONTACTS = ("Thomas Reed", "Grace Miller")


def add_commands(commands: "argparse._SubParsersAction[Any]") -> None:
    """Add the command."""
    parser = commands.add_parser(
        "background",
        help="play hours of your own audio: how often does it wake the device?",
        description="Plays every sound file below DIR through the rig's television, block by "
        "block, with all controls before and after each; counts what wakes the device, and holds "
        "the rate against the rig's budget (limits: background_per_day). Given the same folder "
        "again it goes on where it stood, after a crash too. Exit code 0 within the budget, 1 "
        "over it or a message was sent, 2 too few hours or not proven. See docs/background.md.",
    )
    parser.add_argument("rig", type=Path, help="rig file")
    parser.add_argument("folder", type=Path, metavar="DIR", help="folder of sound files")
    parser.add_argument("--out", type=Path, required=True, metavar="OUT", help="the run's folder")
    parser.add_argument(
        "--as",
        dest="whose",
        choices=("media", "people"),
        default="media",
        help="whose talk it is: television and the like (V05), or people in the room (V04)",
    )
    parser.add_argument(
        "--at",
        action="append",
        metavar="POSITION",
        help=f"loudspeaker to play it from ({_BY_DEFAULT_AT}); several take turns",
    )
    parser.add_argument(
        "--level-db", type=float, default=0.0, help="active level re the rig's speech level (0)"
    )
    parser.add_argument("--gap-s", type=float, default=1.0, help="pause between files (1)")
    parser.add_argument(
        "--block-min", type=float, default=10.0, help="minutes from controls to controls (10)"
    )
    parser.add_argument("--contact", action="append", help="a contact of the device's account")
    parser.add_argument("--hours", type=_positive, default=1e5, help="no block begins later")
    parser.add_argument("--blocks", type=int, metavar="N", help="at most so many in all")
    parser.add_argument("--disk-gb", type=_positive, help="what evidence may take; passes go first")
    parser.set_defaults(run=_background)


def _positive(text: str) -> float:
    number = float(text)
    if not 0 < number < 1e6:
        raise argparse.ArgumentTypeError(f"{text} is not above 0")
    return number


def _background(arguments: argparse.Namespace) -> int:
    file, out = load_rig(arguments.rig), Path(arguments.out).absolute()
    asked = _asked(arguments, file, out)
    out.mkdir(parents=True, exist_ok=True, mode=0o700)
    clock, progress = RealClock(), ProgressLine(sys.stderr, "background")
    handlers = {number: signal.signal(number, signal.default_int_handler) for number in _SIGNALS}
    try:
        with hold("background", clock, out), RigPlayer(file, clock, progress) as player:
            plan = plan_in(out, asked, progress)
            progress.clear()
            about = _laid_out(plan, file)
            print("\n".join(about), flush=True)
            # A rig that is in use or does not open at all is told at once, before any play.
            player.rig()
            hours = Hours(
                out,
                plan,
                file.device.control.wake,
                file.sound.speech_level_db,
                file.background_per_day,
                clock.monotonic_s() + arguments.hours * 3600,
                arguments.blocks,
                None if arguments.disk_gb is None else round(arguments.disk_gb * 1e9),
                _Told(len(plan.blocks), progress),
            )
            totals, ended = play_hours(hours, head_of(file, plan.digest, 0), player, clock)
    finally:
        for number, handler in handlers.items():
            signal.signal(number, handler)
        progress.clear()
    return _end(out, totals, about, ended)


def _asked(arguments: argparse.Namespace, file: RigFile, out: Path) -> Asked:
    """What was asked for, checked. Raises `UserError` that says what is wrong with it."""
    folder = Path(arguments.folder).absolute()
    if not folder.is_dir():
        raise UserError(f"{folder} is no folder; give one with sound files in it")
    if out.is_relative_to(folder):
        raise UserError(f"--out {out} lies in {folder}: its recordings would be played, too")
    at = tuple(arguments.at or (_BY_DEFAULT_AT,))
    for position in at:
        if position not in file.positions:
            raise UserError(
                f"{file.path}: no loudspeaker is at `{position}`; give --at with one of "
                f"{listed(list(file.positions))}"
            )
    try:
        return Asked(
            folder=str(folder),
            block_s=arguments.block_min * 60,
            gap_s=arguments.gap_s,
            level_db=arguments.level_db,
            at=tuple(dict.fromkeys(at)),
            whose=arguments.whose,
            contacts=tuple(arguments.contact or _CONTACTS),
        )
    except ValueError as error:
        raise UserError(
            "--block-min lies between 0.17 and 30, --gap-s between 0 and 60, --level-db between "
            "-20 and 10"
        ) from error


class _Told:
    """A line for each block, once its record is made."""

    def __init__(self, blocks: int, progress: ProgressLine) -> None:
        self._blocks, self._progress = blocks, progress

    def __call__(self, record: BlockRecord) -> None:
        woken = ", ".join(f"{a.grade} at {a.at_s:.1f} s" for a in record.activations)
        counts = "" if record.counts else f"   does not count: {record.why_not[0]}"
        self._progress.clear()
        print(
            f"block {record.number:>5} of {self._blocks}  {record.audio_s / 60:5.1f} min  "
            f"{woken or 'quiet'}{counts}",
            flush=True,
        )
        for text in record.violations:
            print(f"      {text}", flush=True)


def _laid_out(plan: Plan, file: RigFile) -> tuple[str, ...]:
    """What is going to be played, and what is left out."""
    worded = sum(each.words is not None for each in plan.files)
    told = (
        f"{length(plan.audio_s / 3600)} in {count(len(plan.files), 'file')}, "
        f"{count(len(plan.blocks), 'block')}; {length(plan.silent_s / 3600)} left out as silence; "
        f"{count(len(plan.no_sound), 'other file')} passed over; "
        f"{worded} {'has' if worded == 1 else 'have'} a transcript"
    )
    return (told, *(f"at {_level(plan, file, position)}" for position in plan.asked.at))


def _level(plan: Plan, file: RigFile, position: str) -> str:
    """How loud it is, dBA at the device where the rig was calibrated."""
    level_db = plan.asked.level_db
    played = f"{position}: {file.sound.speech_level_db + level_db:g} dBFS active level (P.56)"
    if file.calibration is None:
        return f"{played}; sound pressure not calibrated"
    pair = load(Path(file.calibration.folder)).pair(position, "device")
    if pair is None or pair.speech_dba is None:
        return f"{played}; sound pressure at the device not calibrated"
    return f"{played}, {pair.speech_dba + level_db:.1f} dBA at the device"


def _end(out: Path, totals: Totals, about: tuple[str, ...], ended: Ended) -> int:
    told, text = as_json(totals, about), as_markdown(totals, about)
    write_private(out / SUMMARY_JSON, (json.dumps(told, indent=1) + "\n").encode())
    write_private(out / SUMMARY_TEXT, text.encode())
    print(f"\n{text}")
    if ended not in (Ended.TIME, Ended.PLAYED):
        print("Give the same command again to go on where it stands.", file=sys.stderr)
    return _CODES[totals.verdict]
