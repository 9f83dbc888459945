"""`sayso calibrate`: measure what lies between loudspeakers and microphones, and keep it."""

import argparse
import json
import signal
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from harness.bench import calibration as kept
from harness.bench.open import open_rig
from harness.bench.rig import Rig
from harness.bench.rigfile import load_rig
from harness.clock import RealClock
from harness.errors import RigError, UserError
from harness.report.calibration_picture import calibration_svg
from harness.series.calibrate import MICROPHONES, Measured, Plan, calibrator, control_line, measure
from harness.series.calibration_limits import Verdict, verdicts
from harness.series.progress import ProgressLine
from harness.sound.calibrator import CalibratorError, FullScale

PICTURE = "calibration.svg"


def add_commands(commands: "argparse._SubParsersAction[Any]") -> None:
    """Add the commands of this family."""
    parser = commands.add_parser(
        "calibrate",
        help="measure paths, levels, echoes and distortion of a rig, and keep them",
        description="With the device switched off, plays a sweep from each loudspeaker and "
        "measures at each microphone: path, latency, polarity, reverberation time, distortion, "
        "noise; with --calibrator also sound pressure. Prints a line for each: measured, limit, "
        "and what to do. Exit code 0 when all is within limits, else 2. See docs/calibration.md.",
    )
    parser.add_argument("rig", type=Path, help="rig file")
    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument("--out", type=Path, metavar="DIR", help="folder to keep it in")
    what.add_argument("--check", type=Path, metavar="DIR", help="does the one in DIR still hold?")
    parser.add_argument("--force", action="store_true", help="write over one that is there")
    parser.add_argument("--sweep-s", type=_seconds, default=4.0, help="length of a sweep (4)")
    parser.add_argument("--level-db", type=_level, default=-20.0, help="rms, dBFS (-20)")
    parser.add_argument(
        "--calibrator",
        action="append",
        default=[],
        choices=MICROPHONES,
        help="ask for a sound calibrator on this microphone first (may be given twice)",
    )
    parser.add_argument("--tone-db", type=float, default=94.0, help="the calibrator's dB SPL (94)")
    parser.add_argument(
        "--serial",
        action="append",
        default=[],
        type=_serial,
        metavar="WHAT=NUMBER",
        help="serial number of something that is used, such as microphone=4711",
    )
    parser.add_argument("--json", action="store_true", help="print what was measured as JSON")
    parser.set_defaults(run=_calibrate)


def _seconds(text: str) -> float:
    seconds = float(text)
    if not 1.0 <= seconds <= 30.0:
        raise argparse.ArgumentTypeError(f"{text} is not from 1 to 30")
    return seconds


def _level(text: str) -> float:
    level_db = float(text)
    if not -60.0 <= level_db <= -4.0:
        raise argparse.ArgumentTypeError(f"{text} is not from -60 to -4")
    return level_db


def _serial(text: str) -> tuple[str, str]:
    what, equals, number = text.partition("=")
    if not (what and equals and number):
        raise argparse.ArgumentTypeError(f"`{text}` is not WHAT=NUMBER, such as microphone=4711")
    return what, number


def _calibrate(arguments: argparse.Namespace) -> int:
    out: Path | None = arguments.out
    if out is not None and (out / kept.LISTING).exists() and not arguments.force:
        raise UserError(f"{out / kept.LISTING} is there already; give another folder, or --force")
    before = None if arguments.check is None else kept.load(arguments.check)
    file = load_rig(arguments.rig)
    progress = ProgressLine(sys.stderr, "calibrate")
    # To be told to end takes the bench down as Ctrl-C does.
    handler = signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        progress("opening the bench")
        with open_rig(file, RealClock()) as rig:
            scales = {name: _on(rig, name, arguments.tone_db) for name in arguments.calibrator}
            found = measure(rig, _plan(rig, arguments, scales), progress)
    finally:
        signal.signal(signal.SIGTERM, handler)
        progress.clear()
    if out is not None:
        _write(out, found)
    told = verdicts(found.calibration, before)
    _tell(found, told, as_json=arguments.json)
    return 0 if all(each.held for each in told) else 2


def _on(rig: Rig, microphone: str, tone_db_spl: float) -> FullScale:
    """Have a calibrator put on a microphone."""
    print(
        f"Put the calibrator ({tone_db_spl:g} dB, 1 kHz) on the {microphone} microphone, switch it "
        "on, and press Enter.",
        file=sys.stderr,
    )
    if not sys.stdin.readline():
        raise UserError("nobody pressed Enter: --calibrator needs a person at the terminal")
    try:
        found = calibrator(rig, microphone, tone_db_spl)
    except CalibratorError as error:
        raise RigError(f"calibration: {microphone}: {error}") from error
    print("Take it off again and press Enter.", file=sys.stderr)
    sys.stdin.readline()
    return found


def _plan(rig: Rig, arguments: argparse.Namespace, scales: Mapping[str, FullScale]) -> Plan:
    return Plan(
        speech=control_line(rig),
        sweep_s=arguments.sweep_s,
        sweep_level_db=arguments.level_db,
        serials=dict(arguments.serial),
        full_scale=scales,
    )


def _write(out: Path, found: Measured) -> None:
    kept.save(out, found.calibration, found.paths)
    picture = calibration_svg(found.calibration, found.paths)
    (out / PICTURE).write_text(picture, encoding="utf-8")


def _tell(found: Measured, told: tuple[Verdict, ...], *, as_json: bool) -> None:
    if as_json:
        checks = [each.as_json() for each in told]
        print(json.dumps({**found.calibration.model_dump(mode="json"), "checks": checks}, indent=1))
        return
    print("\n".join(each.line for each in told))
