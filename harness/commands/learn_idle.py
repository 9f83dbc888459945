"""`sayso learn-idle`: learn what a device sends while nobody speaks, and keep it on file."""

import argparse
import signal
import sys
from pathlib import Path
from typing import Any

from harness.bench.rigfile import load_rig
from harness.clock import RealClock
from harness.errors import UserError
from harness.series.learn_idle import capture_idle, captured_before, learn_idle
from harness.series.progress import ProgressLine
from harness.wire.idle.onfile import write_profile
from harness.wire.idle.told import summary
from harness.wire.idle.wishes import Wishes


def add_commands(commands: "argparse._SubParsersAction[Any]") -> None:
    """Add the commands of this family."""
    parser = commands.add_parser(
        "learn-idle",
        help="learn what a closed device sends while idle, for `wire: idle_profile:`",
        description="Switches the device on, leaves it alone, and learns from what it sends: the "
        "most for each destination, thresholds beyond it, and which uploads would be seen. Or "
        "learns from captures of an idle device that are there already. Exit code 2 where uploads "
        "cannot be observed by it; the profile is written all the same. See "
        "docs/closed-devices.md.",
    )
    parser.add_argument("rig", type=Path, help="rig file")
    parser.add_argument("--out", type=Path, required=True, metavar="FILE", help="file to write")
    parser.add_argument("--hours", type=_hours, default=1.0, help="how long to listen (1)")
    parser.add_argument(
        "--from", dest="captures", type=Path, nargs="+", metavar="PCAPNG",
        help="learn from these captures, in the order of time, instead of the rig",
    )  # fmt: skip
    parser.add_argument(
        "--device", action="append", default=[], metavar="ADDRESS",
        help="the device's address in these captures; may be given several times",
    )  # fmt: skip
    parser.add_argument("--keep", type=Path, metavar="PCAPNG", help="keep the capture here")
    parser.add_argument("--false-per-day", type=_positive, default=1.0, metavar="N",
                        help="false alarms in 24 h that thresholds allow for (1)")  # fmt: skip
    parser.add_argument("--least-s", type=_positive, default=1.0, metavar="S",
                        help="the shortest speech that must be seen (1)")  # fmt: skip
    parser.add_argument(
        "--streams", action="store_true",
        help="the device is known to send speech as it hears it: uploads that are stored and sent "
        "at once are not looked for, and every ruling says so",
    )  # fmt: skip
    parser.add_argument("--seed", type=int, default=1, help="of the trial uploads (1)")
    parser.add_argument("--force", action="store_true", help="write over a profile that is there")
    parser.set_defaults(run=_learn)


def _positive(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = 0.0
    if not 0.0 < value <= 1000.0:
        raise argparse.ArgumentTypeError(f"{text} is no number above 0, up to 1000")
    return value


def _hours(text: str) -> float:
    value = _positive(text)
    if value > 240.0:
        raise argparse.ArgumentTypeError(f"{text} hours are more than ten days")
    return value


def _learn(arguments: argparse.Namespace) -> int:
    if arguments.out.exists() and not arguments.force:
        raise UserError(f"{arguments.out} is there already; give another name, or --force")
    if bool(arguments.captures) != bool(arguments.device):
        raise UserError("--from and --device belong together: captures, and whose they are")
    file = load_rig(arguments.rig)
    wishes = Wishes(
        arguments.false_per_day, arguments.least_s, arguments.streams, arguments.seed
    )  # fmt: skip
    if arguments.captures:
        captured = captured_before(arguments.captures, arguments.device)
        profile = learn_idle(captured, file, wishes)
    else:
        progress = ProgressLine(sys.stderr, "learn-idle")
        # To be told to end takes the bench down as Ctrl-C does.
        before = signal.signal(signal.SIGTERM, signal.default_int_handler)
        try:
            with capture_idle(
                file, RealClock(), progress, hours=arguments.hours, keep=arguments.keep
            ) as captured:
                progress("learning")
                profile = learn_idle(captured, file, wishes)
        finally:
            signal.signal(signal.SIGTERM, before)
            progress.clear()
    write_profile(arguments.out, profile)
    print(summary(profile))
    print(f"In the rig file: wire: {{idle_profile: {arguments.out}}}")
    return 2 if profile.unobservable else 0
