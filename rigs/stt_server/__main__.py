"""The command line of the speech-to-text server. Exit codes: 0 told to stop, 1 could not start."""

import argparse
import asyncio
import sys
from collections.abc import Sequence

from aiohttp import web

from rigs.reference_cloud.calls import DeviceCalls
from rigs.reference_cloud.server import Beside
from rigs.reference_device.clock import WallClock
from rigs.reference_device.log import DeviceLog
from rigs.reference_device.stt import LazyRecogniser
from rigs.server_program import parser_of, run_server
from rigs.stt_server.endpoint import Account, SpeechEndpoint
from rigs.stt_server.faults import Fault, Kind
from rigs.stt_server.intruder import Intruder


def main(arguments: Sequence[str] | None = None) -> int:
    """Run until told to stop."""
    given = _parser().parse_args(arguments)

    def ready() -> Beside:
        recogniser = LazyRecogniser(given.stt)
        recogniser.load()
        return lambda calls: _beside(given, recogniser, calls)

    return run_server("stt server", given, ready)


def _parser() -> argparse.ArgumentParser:
    parser = parser_of(
        "rigs.stt_server",
        "The other side of an assistant that posts what it hears to be recognised, "
        "with the reference cloud's inboxes. See docs/devices/ovos-listener.md.",
    )
    parser.add_argument("--stt-port", type=int, default=8080, help="plain HTTP (default 8080)")
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
