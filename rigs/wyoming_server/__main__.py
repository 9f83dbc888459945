"""The command line of the Wyoming server. Exit codes: 0 told to stop, 1 could not start."""

import argparse
import sys
from collections.abc import Sequence

from rigs.reference_cloud.calls import DeviceCalls
from rigs.reference_cloud.server import Beside
from rigs.reference_device.endpoint import EndpointLimits
from rigs.reference_device.errors import SetupError
from rigs.reference_device.firmware import make_firmware
from rigs.reference_device.options import add_voice_options, make_synthesizer
from rigs.reference_device.stt import LazyRecogniser
from rigs.reference_device.vad import SileroVoiceActivity
from rigs.reference_device.voice import PromptVoice
from rigs.server_program import parser_of, run_server
from rigs.wyoming_server.conversation import Mind
from rigs.wyoming_server.faults import Fault, Kind
from rigs.wyoming_server.satellite import Account, SatelliteClient


def main(arguments: Sequence[str] | None = None) -> int:
    """Run until told to stop."""
    given = _parser().parse_args(arguments)

    def ready() -> Beside:
        mind = _mind(given)
        return lambda calls: _client(given, mind, calls).run()

    return run_server("wyoming server", given, ready)


def _parser() -> argparse.ArgumentParser:
    parser = parser_of(
        "rigs.wyoming_server",
        "The other side of a Wyoming satellite, with the reference cloud's inboxes. "
        "See docs/devices/wyoming-satellite.md.",
    )
    parser.add_argument("--satellite", required=True, metavar="HOST:PORT")
    parser.add_argument("--policy", required=True, help="2018 or guarded")
    parser.add_argument(
        "--help-prompt", default="cannot_help", help="what it says to what it cannot do"
    )
    parser.add_argument("--fault", choices=tuple(Kind), help="what it gets wrong, once")
    parser.add_argument("--fault-stream", type=int, default=2, help="in which stream (default 2)")
    parser.add_argument("--fault-lasts-s", type=float, default=20.0)
    parser.add_argument("--fault-after-s", type=float, default=1.5, help="into that stream")
    parser.add_argument(
        "--stranger-address", default="", help="where a stranger connects from (default: here)"
    )
    add_voice_options(parser)
    return parser


def _mind(given: argparse.Namespace) -> Mind:
    policy = make_firmware(given.policy)
    if policy.second_opinion:
        raise SetupError(
            f"--policy {policy.name} asks a second engine about the wake word, but a satellite's "
            "stream begins after it, so there is nothing to ask about; use guarded"
        )
    recogniser = LazyRecogniser(given.stt)
    recogniser.load()
    voice = make_synthesizer(given.voice, given.piper_model)
    return Mind(
        policy=policy,
        vad=SileroVoiceActivity(),
        recogniser=recogniser,
        voice=PromptVoice(voice, given.state / "voice"),
        limits=EndpointLimits(),
        help_prompt=given.help_prompt,
    )


def _client(given: argparse.Namespace, mind: Mind, calls: DeviceCalls) -> SatelliteClient:
    host, _, port = given.satellite.rpartition(":")
    account = Account(calls, given.token)
    fault = None
    if given.fault is not None:
        kind, stream = Kind(given.fault), given.fault_stream
        fault = Fault(kind, stream, given.fault_lasts_s, given.fault_after_s)
    return SatelliteClient(host, int(port), mind, account, fault, given.stranger_address)


if __name__ == "__main__":
    sys.exit(main())
