"""Microphone and loudspeaker by PyAudio: int16, mono, 48 kHz, callbacks, blocks of 10 ms.

The callbacks only hand blocks over; all work is done elsewhere. Where the system allows it they
run at real-time priority, since ordinary threads were seen to stall for seconds on busy machines.
"""

import ctypes
import ctypes.util
import os
import threading
from collections.abc import Callable
from types import TracebackType
from typing import Any

import numpy as np

from rigs.reference_device.errors import SoundError
from rigs.reference_device.sound_format import BLOCK_FRAMES, CARD_RATE_HZ, Pcm, scaled

_REALTIME_PRIORITY = 50
_LATENCY_S = 0.2


class Sound:
    """The open sound card. `on_block` gets each block and whether some were lost before it."""

    def __init__(self, on_block: Callable[[bytes, bool], None], gain: float) -> None:
        import pyaudio

        self._pyaudio = pyaudio
        self._on_block = on_block
        self._gain = gain
        self._lock = threading.Lock()
        self._playing: Pcm = np.zeros(0, np.int16)
        self.underruns = 0
        self.realtime = _realtime()
        self._card: Any = pyaudio.PyAudio()
        try:
            _ask_for_latency(self._card)
            self._streams = [self._open(output=True), self._open(output=False)]
        except OSError as error:
            self._card.terminate()
            raise SoundError(
                f"cannot open the default sound card at {CARD_RATE_HZ} Hz: {error}; "
                "check PULSE_SERVER, PULSE_SOURCE and PULSE_SINK, or ALSA's default"
            ) from error
        finally:
            if self.realtime:
                # PortAudio's threads keep the priority they were born with; this one needs none.
                os.sched_setscheduler(0, os.SCHED_OTHER, os.sched_param(0))

    def __enter__(self) -> "Sound":
        """The sound card itself."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close the streams."""
        for stream in self._streams:
            stream.close()
        self._card.terminate()

    def play(self, sound: Pcm) -> None:
        """Play this (int16, 48 kHz) from now on, in place of whatever was playing."""
        with self._lock:
            self._playing = scaled(sound, self._gain)

    def stop(self) -> None:
        """Fall silent."""
        self.play(np.zeros(0, np.int16))

    @property
    def latencies_s(self) -> tuple[float, float]:
        """Latency of the loudspeaker and of the microphone, as PortAudio reports them."""
        output, microphone = self._streams
        return output.get_output_latency(), microphone.get_input_latency()

    def _open(self, output: bool) -> Any:
        return self._card.open(
            format=self._pyaudio.paInt16,
            channels=1,
            rate=CARD_RATE_HZ,
            input=not output,
            output=output,
            frames_per_buffer=BLOCK_FRAMES,
            stream_callback=self._give if output else self._take,
        )

    def _take(self, data: bytes, frames: int, times: object, status: int) -> tuple[None, int]:
        self._on_block(data, bool(status & self._pyaudio.paInputOverflow))
        return None, self._pyaudio.paContinue

    def _give(self, data: None, frames: int, times: object, status: int) -> tuple[bytes, int]:
        if status & self._pyaudio.paOutputUnderflow:
            self.underruns += 1
        with self._lock:
            block, self._playing = self._playing[:frames], self._playing[frames:]
        missing = frames - len(block)
        return block.tobytes() + b"\0\0" * missing, self._pyaudio.paContinue


class _DeviceInfo(ctypes.Structure):
    """PaDeviceInfo of portaudio.h."""

    _fields_ = (
        ("struct_version", ctypes.c_int),
        ("name", ctypes.c_char_p),
        ("host_api", ctypes.c_int),
        ("max_input_channels", ctypes.c_int),
        ("max_output_channels", ctypes.c_int),
        ("low_input_latency_s", ctypes.c_double),
        ("low_output_latency_s", ctypes.c_double),
        ("high_input_latency_s", ctypes.c_double),
        ("high_output_latency_s", ctypes.c_double),
        ("rate_hz", ctypes.c_double),
    )


def _ask_for_latency(card: Any) -> None:
    # PyAudio has no option for it and always asks for the device's lowest latency (9 ms), which
    # loses sound on a busy machine. So the lowest is declared to be what is wanted: PyAudio reads
    # it from this structure of the PortAudio library that both have loaded.
    library = ctypes.CDLL(ctypes.util.find_library("portaudio") or "libportaudio.so.2")
    library.Pa_GetDeviceInfo.restype = ctypes.POINTER(_DeviceInfo)
    for default in (card.get_default_input_device_info, card.get_default_output_device_info):
        info = library.Pa_GetDeviceInfo(default()["index"]).contents
        info.low_input_latency_s = info.low_output_latency_s = _LATENCY_S


def _realtime() -> bool:
    try:
        os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(_REALTIME_PRIORITY))
    except PermissionError:
        return False
    return True
