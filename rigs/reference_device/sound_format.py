"""The two rates of the device and the way between them, without gaps."""

from typing import Any

import numpy as np
import soxr
from numpy.typing import NDArray

Pcm = NDArray[np.int16]

CARD_RATE_HZ = 48_000
"""What the sound card is opened at, always: other rates are resampled silently by some."""
SPEECH_RATE_HZ = 16_000
"""What wake word, voice activity, recogniser and cloud work at."""
BLOCK_FRAMES = 480
"""One block of the sound card: 10 ms."""


def seconds(samples: int) -> float:
    """Length in seconds of that many samples at the speech rate."""
    return samples / SPEECH_RATE_HZ


def samples(duration_s: float) -> int:
    """Number of samples at the speech rate in that many seconds."""
    return round(duration_s * SPEECH_RATE_HZ)


class DownSampler:
    """48 kHz to 16 kHz, streaming: blocks in, blocks out, no sample lost between them."""

    def __init__(self) -> None:
        self._stream: Any = soxr.ResampleStream(
            CARD_RATE_HZ, SPEECH_RATE_HZ, 1, dtype="int16", quality="HQ"
        )

    def process(self, block: Pcm) -> Pcm:
        """The speech-rate samples that `block` (int16, 48 kHz) completes; may be none."""
        out: Pcm = self._stream.resample_chunk(block)
        return out


def resample(pcm: Pcm, from_hz: int, to_hz: int) -> Pcm:
    """A whole sound at another rate."""
    if from_hz == to_hz:
        return pcm
    out: Pcm = soxr.resample(pcm, from_hz, to_hz, quality="HQ")
    return out


def scaled(pcm: Pcm, gain: float) -> Pcm:
    """A sound times `gain`, clipped where it is too loud for int16."""
    if gain == 1.0:
        return pcm
    out: Pcm = np.clip(np.round(pcm * gain), -32768, 32767).astype(np.int16)
    return out
