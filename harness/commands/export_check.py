"""`sayso export-check`: whose are the recordings in an export?"""

import argparse
import json
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from harness.account.recordings.attribution import Attributor
from harness.account.recordings.check import ExportChecked, check_export
from harness.account.recordings.log import Gap
from harness.account.recordings.times import when
from harness.errors import UserError
from harness.evidence.disk import write_private
from harness.report.export_picture import export_picture
from harness.report.export_words import export_json, export_text
from harness.series.progress import ProgressLine
from harness.series.sound_log import bring_up

_TOLD_EVERY = 50


def add_commands(commands: "argparse._SubParsersAction[Any]") -> None:
    """Add the command."""
    parser = commands.add_parser(
        "export-check",
        help="say whose the recordings in an account's export are",
        description="Holds every recording of an export (zip or folder) against all that the bench "
        "played and heard on this account. Foreign ones are counted and told by hash, length and "
        "reason; they are neither played nor copied. Exit code 1 when one is foreign; 0 when all "
        "are ours and none is missing; 2 when not everything could be told. See docs/export.md.",
    )
    parser.add_argument("archive", type=Path, metavar="ARCHIVE", help="the export: zip or folder")
    parser.add_argument(
        "--evidence",
        type=Path,
        nargs="+",
        required=True,
        metavar="DIR",
        help="folders with the evidence of every run on this account",
    )
    parser.add_argument(
        "--elsewhere",
        type=Path,
        nargs="+",
        default=(),
        metavar="DIR",
        help="folders with evidence of other accounts, on which the same may have been played",
    )
    parser.add_argument(
        "--gap",
        action="append",
        default=[],
        metavar="FROM/UNTIL",
        help="a span in which the device heard what the bench did not record, such as "
        "2026-11-20T18:00Z/2026-11-21T08:00Z; may be given again",
    )
    parser.add_argument("--log", type=Path, help="folder of the log (default: DIR/sound-log)")
    parser.add_argument("--out", type=Path, help="folder for export.json and export.svg")
    parser.add_argument("--json", action="store_true", help="print the result as JSON")
    parser.set_defaults(run=_export_check)


def _export_check(arguments: argparse.Namespace) -> int:
    said = tuple(_gap(text) for text in arguments.gap)
    progress = ProgressLine(sys.stderr, "export-check")
    # To be told to end removes what was unpacked, as Ctrl-C does.
    before = signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        checked = _checked(arguments, said, progress)
    finally:
        signal.signal(signal.SIGTERM, before)
        progress.clear()
    content = json.dumps(export_json(checked), indent=1, ensure_ascii=False) + "\n"
    if arguments.out is not None:
        arguments.out.mkdir(mode=0o700, parents=True, exist_ok=True)
        write_private(arguments.out / "export.json", content.encode())
        write_private(arguments.out / "export.svg", export_picture(checked).encode())
    print(content if arguments.json else export_text(checked), end="")
    return checked.exit_code


def _checked(
    arguments: argparse.Namespace, said: tuple[Gap, ...], progress: ProgressLine
) -> ExportChecked:
    def told(what: str) -> Callable[[int, int], None]:
        def show(done: int, of: int) -> None:
            if done % _TOLD_EVERY == 0 or done == of:
                progress(f"{what} {done} of {of}")

        return show

    log = bring_up(arguments.evidence, arguments.log, told("log: run"))
    elsewhere = [bring_up([folder], None, told("elsewhere: run")) for folder in arguments.elsewhere]
    gaps = (*log.gaps, *said)
    others = [other.open_log for other in elsewhere]
    attributor = Attributor(log.open_log, gaps, others)
    runs = tuple(run for other in elsewhere for run in other.runs)
    return check_export(
        arguments.archive, attributor, log.runs, gaps, told("recording"), elsewhere=runs
    )


def _gap(text: str) -> Gap:
    start, slash, end = text.partition("/")
    since, until = when(start), when(end)
    if not slash or since is None or until is None or until.unix_s <= since.unix_s:
        raise UserError(
            f"--gap {text}: not two times, the earlier first; write them as "
            "2026-11-20T18:00Z/2026-11-21T08:00Z"
        )
    return Gap(f"{text}, as was said", since.unix_s - since.unsure_s, until.unix_s + until.unsure_s)
