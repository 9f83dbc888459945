"""The two streams of a sound interface, opened by sounddevice or by PyAudio.

Both use PortAudio. sounddevice hands over 32-bit floats, PyAudio 16-bit integers.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from harness.bench.drivers.pulse_server import BLOCK, RATE_HZ
from harness.bench.drivers.sound_devices import (
    SoundDevice,
    find_device,
    pyaudio_list,
    sounddevice_list,
    usb_cards,
)
from harness.errors import RigError

_FULL_SCALE = 32_768.0
# PyAudio asks for PortAudio's lowest latency, whatever one wants; longer blocks make up for it.
_PYAUDIO_BLOCK = 1024


class Setup(Protocol):
    """What is asked of the interface; `harness.bench.drivers.interface_worker` has it."""

    @property
    def driver(self) -> str: ...  # noqa: D102 - as in the rig file
    @property
    def interface(self) -> str: ...  # noqa: D102
    @property
    def microphones(self) -> str | None: ...  # noqa: D102
    @property
    def latency_s(self) -> float: ...  # noqa: D102
    @property
    def inputs_needed(self) -> int: ...  # noqa: D102
    @property
    def outputs_needed(self) -> int: ...  # noqa: D102


class Callbacks(Protocol):
    """Who fills what goes out and takes what comes in."""

    def out(self, data: NDArray[np.float32], frames: int, when: Any, flags: Any) -> None:
        """Fill a block."""

    def hear(self, data: NDArray[np.float32], frames: int, when: Any, flags: Any) -> None:
        """Take a block."""


@dataclass(frozen=True, slots=True)
class Streams:
    """Open streams: the interface's name, and whether both still run."""

    name: str
    running: Callable[[], bool]


@contextmanager
def open_streams(setup: Setup, callbacks: Callbacks) -> Iterator[Streams]:
    """Both streams, running. Raises `RigError` where there is no such interface, or not so."""
    opened = _with_pyaudio if setup.driver == "pyaudio" else _with_sounddevice
    with ExitStack() as stack:
        yield opened(setup, callbacks, stack)


def _devices(setup: Setup, there: Sequence[SoundDevice]) -> tuple[SoundDevice, SoundDevice]:
    """Where sound comes in and where it goes out: one interface, or two."""
    cards, inputs, outputs = usb_cards(), setup.inputs_needed, setup.outputs_needed
    if setup.microphones is None:
        both = find_device(setup.interface, there, cards, inputs=inputs, outputs=outputs)
        return both, both
    return (
        find_device(setup.microphones, there, cards, inputs=inputs, outputs=0),
        find_device(setup.interface, there, cards, inputs=0, outputs=outputs),
    )


def _names(heard: SoundDevice, played: SoundDevice) -> str:
    return played.name if heard == played else f"{played.name} with {heard.name}"


def _with_sounddevice(setup: Setup, callbacks: Callbacks, stack: ExitStack) -> Streams:
    import sounddevice as sd

    ears, mouths = _devices(setup, sounddevice_list())
    common = {
        "samplerate": RATE_HZ,
        "blocksize": BLOCK,
        "latency": setup.latency_s,
        "dtype": "float32",
    }
    try:
        heard = sd.InputStream(
            device=ears.index, channels=setup.inputs_needed, callback=callbacks.hear, **common
        )
        stack.callback(heard.close)
        played = sd.OutputStream(
            device=mouths.index, channels=setup.outputs_needed, callback=callbacks.out, **common
        )
        stack.callback(played.close)
        heard.start()
        played.start()
    except sd.PortAudioError as error:
        raise _refused(_names(ears, mouths), str(error), mouths.rate_hz) from error
    return Streams(_names(ears, mouths), lambda: bool(heard.active and played.active))


def _with_pyaudio(setup: Setup, callbacks: Callbacks, stack: ExitStack) -> Streams:
    try:
        import pyaudio
    except ImportError as error:
        raise RigError(
            "PyAudio is not installed; install it (extra `device`), or take `driver: sounddevice`"
        ) from error
    audio = pyaudio.PyAudio()
    stack.callback(audio.terminate)
    ears, mouths = _devices(setup, pyaudio_list(audio))
    heard, wanted = pyaudio_callbacks(callbacks, setup.inputs_needed, setup.outputs_needed)
    common = {"rate": RATE_HZ, "format": pyaudio.paInt16, "frames_per_buffer": _PYAUDIO_BLOCK}
    try:
        incoming = audio.open(
            input=True,
            input_device_index=ears.index,
            channels=setup.inputs_needed,
            stream_callback=heard,
            **common,
        )
        stack.callback(incoming.close)
        outgoing = audio.open(
            output=True,
            output_device_index=mouths.index,
            channels=setup.outputs_needed,
            stream_callback=wanted,
            **common,
        )
        stack.callback(outgoing.close)
    except (OSError, ValueError) as error:
        raise _refused(_names(ears, mouths), str(error), mouths.rate_hz) from error
    return Streams(
        _names(ears, mouths), lambda: bool(incoming.is_active() and outgoing.is_active())
    )


def pyaudio_callbacks(
    callbacks: Callbacks, inputs: int, outputs: int
) -> tuple[Callable[..., Any], Callable[..., Any]]:
    """PyAudio's callbacks for hearing and playing: 16-bit integers there, floats here."""
    go_on = 0  # pyaudio.paContinue

    def heard(data: bytes, frames: int, info: Mapping[str, float], flags: int) -> tuple[None, int]:
        samples = np.frombuffer(data, dtype=np.int16).reshape(-1, inputs)
        callbacks.hear((samples / _FULL_SCALE).astype(np.float32), frames, _when(info), flags)
        return None, go_on

    def wanted(
        _data: None, frames: int, info: Mapping[str, float], flags: int
    ) -> tuple[bytes, int]:
        block = np.zeros((frames, outputs), dtype=np.float32)
        callbacks.out(block, frames, _when(info), flags)
        whole = np.clip(np.rint(block * _FULL_SCALE), -_FULL_SCALE, _FULL_SCALE - 1)
        return whole.astype(np.int16).tobytes(), go_on

    return heard, wanted


def _when(info: Mapping[str, float]) -> SimpleNamespace:
    return SimpleNamespace(
        currentTime=info["current_time"],
        inputBufferAdcTime=info["input_buffer_adc_time"],
        outputBufferDacTime=info["output_buffer_dac_time"],
    )


def _refused(name: str, why: str, rate_hz: float) -> RigError:
    if "rate" in why.lower():
        return RigError(
            f"the sound interface {name} does not run at {RATE_HZ} Hz (it prefers {rate_hz:.0f}): "
            "set its clock in its own mixer, or take another interface"
        )
    return RigError(
        f"the sound interface {name} cannot be opened ({why}): does another program hold it "
        "(a desktop's sound server does), and may you open it (group audio)?"
    )
