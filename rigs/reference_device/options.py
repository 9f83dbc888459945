"""The command line, and the device's parts made from it."""

import argparse
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from rigs.reference_device.core import Parts
from rigs.reference_device.endpoint import EndpointLimits
from rigs.reference_device.errors import SetupError
from rigs.reference_device.firmware import FIRMWARES, make_firmware
from rigs.reference_device.habits import habits_of
from rigs.reference_device.stt import RECOGNISERS, LazyRecogniser
from rigs.reference_device.vad import SileroVoiceActivity
from rigs.reference_device.voice import Flite, Piper, PromptVoice, Synthesizer
from rigs.reference_device.wake import ENGINES, make_engine

DEFAULT_VOICE = "flite:slt"


@dataclass(frozen=True, slots=True)
class Options:
    """What the command line says. `gain` scales what is played; 1 plays prompts as rendered."""

    firmware: str
    seed: int
    cloud: str
    token: str
    wake_engine: str
    wake_cutoff: float | None
    second_engine: str
    stt: str
    voice: str
    piper_model: Path | None
    gain: float
    state: Path | None


def parse(arguments: Sequence[str] | None) -> Options:
    """Read the command line; exits with a usage message where it is wrong."""
    parser = argparse.ArgumentParser(
        prog="python -m rigs.reference_device",
        description="A voice assistant of real parts, in three firmwares. See "
        "docs/reference-device.md.",
        epilog="Environment: PULSE_SERVER, PULSE_SOURCE, PULSE_SINK or ALSA's default; "
        "SSL_CERT_FILE, SSLKEYLOGFILE; DEVICE_PANEL (socket), DEVICE_STATE (folder).",
    )
    add_firmware_options(parser)
    parser.add_argument("--cloud", default="https://cloud.reference.test", metavar="URL")
    parser.add_argument("--token", default="reference-device", help="the account's token")
    parser.add_argument("--wake-engine", choices=ENGINES, default="microwakeword")
    parser.add_argument(
        "--wake-cutoff", type=float, help="score over which it wakes (the engine's own: 0.9, 0.5)"
    )
    parser.add_argument(
        "--second-engine",
        choices=ENGINES,
        default="porcupine",
        help="must agree before anything happens (firmware verified only)",
    )
    parser.add_argument("--stt", choices=RECOGNISERS, default="moonshine")
    add_voice_options(parser)
    parser.add_argument("--gain", type=float, default=1.0, help="scales what is played (1)")
    parser.add_argument("--state", type=Path, help="state folder, where DEVICE_STATE is not set")
    return Options(**vars(parser.parse_args(arguments)))


def add_firmware_options(parser: argparse.ArgumentParser) -> None:
    """The options that choose a firmware; shared with `render_prompts`."""
    parser.add_argument(
        "--firmware",
        required=True,
        metavar="NAME",
        help=f"{', '.join(FIRMWARES)}, or zoo.NAME: a module of rigs/zoo, which breaks a rule",
    )
    parser.add_argument(
        "--seed", type=int, default=0, help="what a firmware that does things by chance draws from"
    )


def add_voice_options(parser: argparse.ArgumentParser) -> None:
    """The options that choose a voice; shared with `render_prompts`."""
    parser.add_argument("--voice", default=DEFAULT_VOICE, help="flite:NAME (such as slt) or piper")
    parser.add_argument("--piper-model", type=Path, metavar="ONNX", help="needed by --voice piper")


def make_synthesizer(voice: str, piper_model: Path | None) -> Synthesizer:
    """The program that speaks; `SetupError` for a voice there is not."""
    if voice.startswith("flite:"):
        return Flite(voice.removeprefix("flite:"))
    if voice == "piper" and piper_model is not None:
        return Piper(piper_model)
    raise SetupError(f"--voice {voice}: use flite:slt, or piper with --piper-model FILE.onnx")


def make_parts(options: Options, voice_cache: Path) -> Parts:
    """All parts of the device; `SetupError` names the one that cannot be made."""
    firmware = make_firmware(options.firmware, options.seed)
    if firmware.second_opinion:
        if options.second_engine == options.wake_engine:
            raise SetupError(
                "--second-engine must differ from --wake-engine to be a second opinion"
            )
        make_engine(options.second_engine)  # fails now rather than at the first wake
    synthesizer = make_synthesizer(options.voice, options.piper_model)
    wake = make_engine(options.wake_engine)
    if options.wake_cutoff is not None:
        wake.cutoff = options.wake_cutoff
    return Parts(
        firmware=firmware,
        habits=habits_of(firmware),
        wake=wake,
        make_second=lambda: make_engine(options.second_engine),
        vad=SileroVoiceActivity(),
        recogniser=LazyRecogniser(options.stt),
        voice=PromptVoice(synthesizer, voice_cache),
        limits=EndpointLimits(),
    )
