"""`sayso cause`: does a device send because of what was said?"""

import argparse
import os
import secrets
import signal
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

from harness.bench.open import open_rig
from harness.bench.rigfile import load_rig
from harness.clock import RealClock
from harness.errors import UserError
from harness.forms.shipped import shipped
from harness.model import record
from harness.model.cause import CauseAnswer, CausePlan, CausePlay, CauseRuling
from harness.model.ruling import Verdict
from harness.report.cause_story import cause_line, cause_text
from harness.report.explain import wants_colour
from harness.scene.corpus import Corpus
from harness.scene.loader import load_scene
from harness.series.cause.ledger import read_cause, rule_cause_again
from harness.series.cause.resume import Begun, take_up
from harness.series.cause.run import CauseSeries, play_cause
from harness.series.progress import ProgressLine
from harness.stage.clips import cast_for

_USUAL = CausePlan()


def add_commands(commands: "argparse._SubParsersAction[Any]") -> None:
    """Add the command."""
    parser = commands.add_parser(
        "cause",
        help="does the device send because of what was said? plays with the stimulus and without",
        description="Plays a scene again and again, with its lines and without them, in an order "
        "drawn beforehand, and tests whether what is said changes what the device sends. Only so a "
        "leak of a closed device, of which nothing but sizes and times is seen, can be told from a "
        "sync. Exit code 1 when a leak is caused by what was said, or a play failed; 0 when none "
        "is and one of --least bytes would have been found; 2 when nothing is shown. That nothing "
        "is caused is no pass of the scene. See docs/cause.md.",
    )
    parser.add_argument("scene", type=Path, nargs="?", metavar="SCENE", help="scene file")
    parser.add_argument("--rig", type=Path, help="rig file (default: rigs/virtual.yaml)")
    _add_plan(parser)
    parser.add_argument("--evidence", type=Path, help="folder for evidence (default: the rig's)")
    parser.add_argument(
        "--again",
        type=Path,
        metavar="FILE",
        help="make the test again from the evidence of a ....cause.json, and play nothing",
    )
    parser.add_argument(
        "--resume",
        type=Path,
        metavar="FILE",
        help="go on with the test in a ....cause.json that was cut short, by its own plan",
    )
    parser.add_argument("--json", action="store_true", help="print the ruling as JSON")
    parser.set_defaults(run=_cause)


def _add_plan(parser: argparse.ArgumentParser) -> None:
    told = f"plays of all kinds together (default: {_USUAL.plays})"
    parser.add_argument("--plays", type=int, metavar="N", help=told)
    parser.add_argument("--seed", type=int, help="of the order (default: drawn, and written down)")
    parser.add_argument(
        "--shift",
        type=float,
        metavar="S",
        help="a third kind of plays, with the stimulus so much later: an effect must move with it",
    )
    parser.add_argument(
        "--follow",
        type=float,
        metavar="S",
        help=f"watch so long after what is said; a later leak is missed ({_USUAL.follow_s:g})",
    )
    parser.add_argument(
        "--alpha",
        type=float,
        help=f"accepted chance to call an innocent device guilty ({_USUAL.alpha:g})",
    )
    parser.add_argument(
        "--least",
        type=int,
        metavar="BYTES",
        help="the smallest leak that must be found before `not caused` is said "
        f"({_USUAL.least_bytes}: 1 s of Opus at 16 kbit/s)",
    )


def _cause(arguments: argparse.Namespace) -> int:
    if arguments.again is not None:
        if arguments.scene is not None:
            raise UserError("--again plays nothing: give it without a scene")
        return _again(arguments)
    if arguments.scene is None:
        raise UserError(
            "name a scene file to play, with --resume too, or --again; see sayso cause --help"
        )
    if not arguments.scene.is_file():
        raise UserError(f"there is no scene file {arguments.scene}")
    series = _played(arguments)
    _tell(series.ruling, series.record, as_json=arguments.json)
    if series.stopped_by is not None and not isinstance(series.stopped_by, Exception):
        raise series.stopped_by
    return cause_code(series.ruling)


def _plan(arguments: argparse.Namespace) -> CausePlan:
    """The plan that was asked for; the usual where nothing was said."""
    asked = {name: value for name, value in _asked(arguments).items() if value is not None}
    return replace(_USUAL, **{"seed": secrets.randbits(32), **asked})


def _asked(arguments: argparse.Namespace) -> dict[str, Any]:
    return {
        "plays": arguments.plays,
        "seed": arguments.seed,
        "shift_s": arguments.shift,
        "follow_s": arguments.follow,
        "alpha": arguments.alpha,
        "least_bytes": arguments.least,
    }


def _begun(arguments: argparse.Namespace) -> Begun | None:
    """The test to go on with; None where one is begun."""
    if arguments.resume is None:
        return None
    begun = take_up(arguments.resume)
    beside = begun.named.parent
    if arguments.evidence is not None and arguments.evidence.resolve() != beside.resolve():
        raise UserError(f"--resume goes on beside its file, in {beside}: leave --evidence out")
    for name, value in _asked(arguments).items():
        planned = getattr(begun.plan, name)
        if value is not None and value != planned:
            raise UserError(
                f"--resume goes on by the plan in its file, which has {planned} for {name}, "
                f"not {value}: leave it out"
            )
    return begun


def _played(arguments: argparse.Namespace) -> CauseSeries:
    begun = _begun(arguments)
    plan = _plan(arguments) if begun is None else begun.plan
    evidence = arguments.evidence if begun is None else begun.named.parent
    corpus = Corpus.around(arguments.scene)
    script = load_scene(arguments.scene, corpus)
    file = load_rig(arguments.rig or shipped("rigs/virtual.yaml"))
    progress = ProgressLine(sys.stderr, f"cause {script.id}")

    def told(play: CausePlay) -> None:
        progress.clear()
        if not arguments.json:
            print(cause_line(play, plan), flush=True)

    # To be told to end takes the bench down as Ctrl-C does.
    before = signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        with open_rig(file, RealClock()) as rig:
            cast = cast_for(script, file, corpus, rig.microphone.rate_hz)
            return play_cause(rig, script, cast, plan, progress, evidence, told=told, begun=begun)
    finally:
        signal.signal(signal.SIGTERM, before)
        progress.clear()


def _again(arguments: argparse.Namespace) -> int:
    file: Path = arguments.again
    ruling = rule_cause_again(file)
    _tell(ruling, file, as_json=arguments.json)
    same = ruling == read_cause(file)
    print(
        "The same ruling as recorded."
        if same
        else "Not the recorded ruling: the rule, a play or the record has changed since.",
        file=sys.stderr,
    )
    return cause_code(ruling) if same else 2


def _tell(ruling: CauseRuling, file: Path, *, as_json: bool) -> None:
    if as_json:
        print(record.cause_to_json(ruling), end="")
        return
    print(f"\n{cause_text(ruling, file, colour=wants_colour(sys.stdout, os.environ))}", end="")


def cause_code(ruling: CauseRuling) -> int:
    """The exit code: 1 where anything failed, 0 where nothing is caused, else 2."""
    if ruling.verdict is Verdict.FAIL:
        return 1
    return 0 if ruling.answer is CauseAnswer.NOT_CAUSED else 2
