"""The command line of the speech-to-text server. Exit codes: 0 told to stop, 1 could not start."""

import argparse
import asyncio
import sqlite3
import sys
from collections.abc import Sequence

from aiohttp import web

from rigs.reference_cloud.__main__ import add_options, settings_of
from rigs.reference_cloud.calls import DeviceCalls
from rigs.reference_cloud.server import serve
from rigs.reference_device.clock import WallClock
from rigs.reference_device.errors import DeviceError
from rigs.reference_device.log import DeviceLog
from rigs.reference_device.stt import RECOGNISERS, LazyRecogniser
from rigs.stt_server.endpoint import Account, SpeechEndpoint
from rigs.stt_server.faults import Fault, Kind
from rigs.stt_server.intruder import Intruder


def main(arguments: Sequence[str] | None = None) -> int:
    """Run until told to stop."""
    given = _parser().parse_args(arguments)
    settings = settings_of(given)
    try:
        recogniser = LazyRecogniser(given.stt)
        recogniser.load()
        asyncio.run(serve(settings, lambda calls: _beside(given, recogniser, calls)))
    except (DeviceError, OSError, ValueError, sqlite3.Error) as error:
        print(f"stt server: cannot start: {error}", file=sys.stderr)
        return 1
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m rigs.stt_server",
        description="The other side of an assistant that posts what it hears to be recognised, "
        "with the reference cloud's inboxes. See docs/devices/ovos-listener.md.",
    )
    add_options(parser)
    parser.add_argument("--stt-port", type=int, default=8080, help="plain HTTP (default 8080)")
    parser.add_argument("--token", default="reference-device", help="the account's token")
    parser.add_argument("--stt", choices=RECOGNISERS, default="moonshine")
    parser.add_argument("--fault", choices=tuple(Kind), help="what goes wrong, once")
    parser.add_argument("--fault-utterance", type=int, default=2, help="at which (default 2)")
    parser.add_argument("--fault-lasts-s", type=float, default=20.0)
    parser.add_argument("--fault-after-s", type=float, default=8.0)
    parser.add_argument("--bus", default="", metavar="URL", help="the device's message bus")
    parser.add_argument(
        "--stranger-address", default="", help="where somebody else connects from (default: here)"
    )
    return parser


async def _beside(
    given: argparse.Namespace, recogniser: LazyRecogniser, calls: DeviceCalls
) -> None:
    fault = None
    if given.fault is not None:
        kind = Kind(given.fault)
        fault = Fault(kind, given.fault_utterance, given.fault_lasts_s, given.fault_after_s)
    account = Account(calls, given.token)
    log = DeviceLog(WallClock())
    intruder = Intruder(given.bus, given.stranger_address, log)
    endpoint = SpeechEndpoint(recogniser, account, log, fault, intruder)
    runner = web.AppRunner(endpoint.application(), shutdown_timeout=1.0)
    await runner.setup()
    try:
        await web.TCPSite(runner, given.listen[0], given.stt_port).start()
        await asyncio.Event().wait()
    finally:
        await runner.cleanup()


if __name__ == "__main__":
    sys.exit(main())
