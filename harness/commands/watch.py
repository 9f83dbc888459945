"""`sayso watch`, and `--live` of whatever plays: see a play while it goes on."""

import argparse
import importlib.util
import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from harness.bench.rigfile import load_rig
from harness.errors import UserError

# Whoever looks on shall still see the ruling.
_LINGER_S = 1.0
_NEEDED = {"the page": "aiohttp", "the terminal": "rich"}


def add_commands(commands: "argparse._SubParsersAction[Any]") -> None:
    """Add the command."""
    parser = commands.add_parser(
        "watch",
        help="see what is played on a rig while it goes on: as a page, or in the terminal",
        description="Follows whatever is played on the rigs, now and later, until interrupted: "
        "levels, the conversation, the chain of consent, bytes by destination, controls, time "
        "left. Serves a page for this machine alone and prints its address, which is a secret. "
        "Only reads: no play is changed by it. See docs/live.md.",
    )
    parser.add_argument("rig", nargs="+", type=Path, help="rig files")
    parser.add_argument("--terminal", action="store_true", help="show it here instead, as text")
    parser.add_argument("--port", type=int, default=0, help="of the page (default: any)")
    parser.set_defaults(run=_watch)


def add_live_option(parser: argparse.ArgumentParser) -> None:
    """`--live`, for a command that plays."""
    parser.add_argument(
        "--live",
        action="store_true",
        help="serve a page to watch it by, for this machine alone (docs/live.md)",
    )


def _watch(arguments: argparse.Namespace) -> int:
    _check("the terminal" if arguments.terminal else "the page")
    names = [load_rig(path).name for path in arguments.rig]
    options = ["--terminal"] if arguments.terminal else ["--port", str(arguments.port)]
    # In place of this process, which has loaded all that plays need: the watcher must be small.
    os.execv(sys.executable, [*_command(names), *options])


def _command(rigs: Sequence[str]) -> list[str]:
    return [sys.executable, "-m", "harness.live", *dict.fromkeys(rigs)]


def _check(what: str) -> None:
    if importlib.util.find_spec(_NEEDED[what]) is None:
        raise UserError(f"{what} of the live view needs more: pip install 'sayso[live]'")


@contextmanager
def live_view(rigs: Sequence[Path], wanted: bool) -> Iterator[None]:
    """Serve the live view of these rigs beside a run, for as long as the context is open.

    It is a process of its own, which the run does not wait for and which ends with it.
    """
    if not wanted:
        yield
        return
    _check("the page")
    names = [load_rig(path).name for path in rigs]
    mortal = ["setpriv", "--pdeathsig", "TERM", "--", *_command(names)]
    process = subprocess.Popen(mortal, stdin=subprocess.DEVNULL, process_group=0)
    try:
        yield
        with suppress(subprocess.TimeoutExpired):
            process.wait(_LINGER_S)
    finally:
        process.kill()
        process.wait()
