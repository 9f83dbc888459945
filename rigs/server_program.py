"""The program of a server that answers an assistant, with the reference cloud's inboxes beside it.

What `rigs.stt_server` and `rigs.wyoming_server` have in common. Exit codes: 0 told to stop, 1 could
not start.
"""

import argparse
import asyncio
import sqlite3
import sys
from collections.abc import Callable

from rigs.reference_cloud.__main__ import add_options, settings_of
from rigs.reference_cloud.server import Beside, serve
from rigs.reference_device.errors import DeviceError
from rigs.reference_device.stt import RECOGNISERS


def parser_of(package: str, description: str) -> argparse.ArgumentParser:
    """A command line with what every such server is told."""
    parser = argparse.ArgumentParser(prog=f"python -m {package}", description=description)
    add_options(parser)
    parser.add_argument("--token", default="reference-device", help="the account's token")
    parser.add_argument("--stt", choices=RECOGNISERS, default="moonshine")
    return parser


def run_server(name: str, given: argparse.Namespace, ready: Callable[[], Beside]) -> int:
    """Serve until told to stop; the exit code. `ready` makes what runs beside the cloud."""
    settings = settings_of(given)
    try:
        asyncio.run(serve(settings, ready()))
    except (DeviceError, OSError, ValueError, sqlite3.Error) as error:
        print(f"{name}: cannot start: {error}", file=sys.stderr)
        return 1
    return 0
