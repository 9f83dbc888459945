"""The process that watches: python -m harness.live RIG_NAME... [--terminal] [--port N]."""

import argparse
import asyncio
import sys
from collections.abc import Sequence
from contextlib import suppress

from harness.bench.live_feed import feeds_folder
from harness.live.watcher import Watcher


def main(arguments: Sequence[str] | None = None) -> int:
    """Watch until interrupted; 3 where it cannot begin."""
    parser = argparse.ArgumentParser(prog="python -m harness.live")
    parser.add_argument("rigs", nargs="+", help="names of rigs, as their files say them")
    parser.add_argument("--terminal", action="store_true")
    parser.add_argument("--port", type=int, default=0)
    told = parser.parse_args(arguments)
    watcher = Watcher(tuple(feeds_folder(name) for name in told.rigs))
    with suppress(KeyboardInterrupt):
        return _terminal(watcher) if told.terminal else _page(watcher, told.port)
    return 0


def _terminal(watcher: Watcher) -> int:
    # Here, so that a page costs no terminal, nor the other way round.
    from rich.console import Console

    from harness.live.terminal import show

    console = Console()
    if not console.is_terminal:
        print("sayso: --terminal needs a terminal; with ssh, give -t", file=sys.stderr)
        return 3
    show(watcher, console)
    return 0


def _page(watcher: Watcher, port: int) -> int:
    from harness.live.server import serve

    def announce(address: str) -> None:
        print(f"Live view, for this machine only: {address}", file=sys.stderr, flush=True)

    try:
        asyncio.run(serve(watcher, port, announce))
    except OSError as error:
        print(f"sayso: port {port} cannot be used: {error.strerror}", file=sys.stderr)
        return 3
    return 0


if __name__ == "__main__":
    sys.exit(main())
