"""What a user would pick instead of the spotter: every prompt's score at every place.

Each takes a recording and all prompts at one rate, and gives for each prompt scores in 0..1 and how
many samples lie between two of them; who is best where is told by `peaks`.
"""

import math
from collections.abc import Callable, Iterator, Sequence

import numpy as np
import scipy.fft
import scipy.signal
from numpy.typing import NDArray

from benchmarks.ears.landmarks import landmarks
from harness.bench.ports.sound import Samples

Scores = NDArray[np.float32]
Rival = Callable[[Samples, Sequence[Samples], int], Iterator[tuple[Scores, int]]]

_TINY = 1e-12
_SMALLEST_BLOCK = 1 << 18
_MEL_BANDS, _HOP_S, _WINDOW_S = 40, 0.010, 0.032


def correlate(
    recording: Samples, prompts: Sequence[Samples], rate_hz: int
) -> Iterator[tuple[Scores, int]]:
    """`scipy.signal.correlate` over the whole, normalised by the local energy."""
    energy = _summed(np.square(recording, dtype=np.float64))
    for prompt in prompts:
        raw = scipy.signal.correlate(recording, prompt, "valid", "fft")
        yield _normalised(raw, energy, prompt), 1


def overlap_save(
    recording: Samples, prompts: Sequence[Samples], rate_hz: int
) -> Iterator[tuple[Scores, int]]:
    """The same by overlap-save on `scipy.fft` in single precision: each block of the recording is
    transformed once for all prompts.
    """
    energy = _summed(np.square(recording, dtype=np.float64))
    longest = max(map(len, prompts))
    size = max(_SMALLEST_BLOCK, 1 << int(np.ceil(np.log2(4 * longest))))
    step = size - longest + 1
    spectra = [np.conj(scipy.fft.rfft(prompt, size)) for prompt in prompts]
    starts = range(0, len(recording), step)
    blocks = [scipy.fft.rfft(recording[first : first + size], size) for first in starts]
    for prompt, spectrum in zip(prompts, spectra, strict=True):
        raw = np.concatenate([scipy.fft.irfft(one * spectrum, size)[:step] for one in blocks])
        yield _normalised(raw[: len(recording) - len(prompt) + 1], energy, prompt), 1


def mel_template(
    recording: Samples, prompts: Sequence[Samples], rate_hz: int
) -> Iterator[tuple[Scores, int]]:
    """Log-mel spectrograms, each band without its mean, correlated and normalised."""
    heard = _log_mel(recording, rate_hz)
    heard = heard - heard.mean(axis=1, keepdims=True)
    energy = _summed(np.square(heard, dtype=np.float64).sum(axis=0))
    for prompt in prompts:
        wanted = _log_mel(prompt, rate_hz)
        wanted = wanted - wanted.mean(axis=1, keepdims=True)
        raw = scipy.signal.oaconvolve(heard, wanted[:, ::-1], "valid", axes=1).sum(axis=0)
        norm = np.sqrt(_within(energy, wanted.shape[1]) * np.square(wanted).sum()) + _TINY
        yield (raw / norm).astype(np.float32), round(_HOP_S * rate_hz)


def aligner(
    recording: Samples, prompts: Sequence[Samples], rate_hz: int
) -> Iterator[tuple[Scores, int]]:
    """As audalign 1.x correlates by default: a high-pass at 200 Hz, then `scipy.signal.correlate`,
    weighed against the whole and not against how loud each place is.
    """
    high = scipy.signal.butter(10, 200, "highpass", fs=rate_hz, output="sos")
    heard = scipy.signal.sosfilt(high, recording)
    norm = np.linalg.norm(heard)
    for prompt in prompts:
        wanted = scipy.signal.sosfilt(high, prompt)
        raw = scipy.signal.correlate(heard, wanted, "valid", "fft")
        yield (raw / (norm * np.linalg.norm(wanted) + _TINY)).astype(np.float32), 1


RIVALS: dict[str, Rival] = {
    "normalised correlation, scipy.signal.correlate": correlate,
    "normalised correlation, overlap-save on scipy.fft": overlap_save,
    "spectrogram matching, log-mel": mel_template,
    "an aligner's correlation, as in audalign": aligner,
    "landmark fingerprints": landmarks,
}


def peaks(scores: Scores, hop: int, apart: int) -> list[tuple[int, float]]:
    """The best place (sample) and its score, then the best that is `apart` samples away, ..."""
    left = np.abs(scores)
    found = []
    for _ in range(3):
        at = int(np.argmax(left))
        if left[at] <= 0.0:
            break
        found.append((at * hop, float(left[at])))
        left[max(0, at - apart // hop) : at + apart // hop + 1] = 0.0
    return found


def _normalised(raw: NDArray[np.floating], energy: NDArray[np.float64], prompt: Samples) -> Scores:
    norm = _within(energy, len(prompt)).astype(np.float32)
    np.sqrt(np.maximum(norm, np.float32(_TINY), out=norm), out=norm)
    norm *= np.float32(np.linalg.norm(prompt))
    scores: Scores = raw.astype(np.float32, copy=False) / norm
    return scores


def _summed(values: NDArray[np.floating]) -> NDArray[np.float64]:
    return np.concatenate(([0.0], np.cumsum(values, dtype=np.float64)))


def _within(summed: NDArray[np.float64], count: int) -> NDArray[np.float64]:
    """The sum of each `count` values in a row."""
    return summed[count:] - summed[:-count]


def _log_mel(samples: Samples, rate_hz: int) -> NDArray[np.float32]:
    """Shape (bands, frames)."""
    window, hop = round(_WINDOW_S * rate_hz), round(_HOP_S * rate_hz)
    frames = np.lib.stride_tricks.sliding_window_view(samples, window)[::hop]
    powers = np.square(np.abs(scipy.fft.rfft(frames * np.hanning(window).astype(np.float32))))
    found: NDArray[np.float32] = np.log(_mel_filters(window, rate_hz) @ powers.T + 1e-10)
    return found.astype(np.float32)


def _mel_filters(window: int, rate_hz: int) -> NDArray[np.float32]:
    """Triangles evenly apart on the mel scale, from 100 Hz to 7 kHz."""
    hz = np.arange(window // 2 + 1) * rate_hz / window
    lowest, highest = (2595 * math.log10(1 + edge_hz / 700) for edge_hz in (100.0, 7000.0))
    mel = np.linspace(lowest, highest, _MEL_BANDS + 2)
    edges = 700 * (10 ** (mel / 2595) - 1)
    low, middle, high = (edges[n : n + _MEL_BANDS, None] for n in range(3))
    rising, falling = (hz - low) / (middle - low), (high - hz) / (high - middle)
    found: NDArray[np.float32] = np.maximum(0.0, np.minimum(rising, falling)).astype(np.float32)
    return found
