"""Own-voice suppression: keeps the microphone from the recogniser while the device's own voice
is in the room.

The way from loudspeaker buffer to microphone takes a time nobody tells, so it is measured: the
first second of the prompt is looked for in the microphone's sound, by a correlation whitened in
the speech band (GCC-PHAT; Knapp and Carter 1976). Where it is not found (too quiet, talked over)
the gate opens by the delay measured last, or a default: imperfect, as products are.
"""

import numpy as np
from numpy.typing import NDArray

from rigs.reference_device.sound_format import SPEECH_RATE_HZ, Pcm, samples

_BAND_HZ = (300.0, 3400.0)
_TEMPLATE_S = 1.0
_TAIL_S = 0.12
_MOST_DELAY_S = 1.4
_EVERY_S = 0.1
_DEFAULT_DELAY_S = 1.1
_MARGIN_S = 0.3  # a delay measured last is waited out by this much, should it have grown
_LEAST_PEAK_RATIO = 8.0
_LEAST_LEAD = 1.5
_PEAK_WIDTH = 32  # 2 ms: early reflections belong to the peak
_ACTIVE_LEVEL = 0.02


class EchoGate:
    """Closed from the start of a prompt until its echo has ended.

    `prompt` is what is played, at 16 kHz. `known_delay_s`: the delay that was measured last.
    """

    def __init__(self, prompt: Pcm, known_delay_s: float | None) -> None:
        start, end = _active_part(prompt)
        self._start, self._end = start, end
        self._template = prompt[start : min(end, start + samples(_TEMPLATE_S))].astype(np.float64)
        self._sound: list[Pcm] = []
        self._heard = 0
        self._next_search = self._start + len(self._template)
        self._fallback_s = _DEFAULT_DELAY_S
        if known_delay_s is not None:
            self._fallback_s = known_delay_s + _MARGIN_S
        self.measured_delay_s: float | None = None

    def feed(self, pcm: Pcm) -> bool:
        """Take the next microphone sound; True once the gate is open."""
        self._sound.append(pcm)
        self._heard += len(pcm)
        if self.measured_delay_s is None and self._heard >= self._next_search:
            self._next_search = self._heard + samples(_EVERY_S)
            self.measured_delay_s = self._search()
        return self._heard >= self._opens_at()

    def _opens_at(self) -> int:
        delay_s = self.measured_delay_s
        delay_s = self._fallback_s if delay_s is None else delay_s
        return self._end + samples(delay_s + _TAIL_S)

    def _search(self) -> float | None:
        sound = np.concatenate(self._sound).astype(np.float64)
        lag = find_in(sound, self._template)
        if lag is None:
            return None
        delay_s = (lag - self._start) / SPEECH_RATE_HZ
        return delay_s if 0.0 <= delay_s <= _MOST_DELAY_S else None


def find_in(sound: NDArray[np.float64], template: NDArray[np.float64]) -> int | None:
    """Where in `sound` `template` begins, whole; None where no place stands out."""
    lags = len(sound) - len(template) + 1
    if lags < 1:
        return None
    size = 1 << (len(sound) + len(template) - 1).bit_length()
    cross = np.fft.rfft(sound, size) * np.conj(np.fft.rfft(template, size))
    hz = np.fft.rfftfreq(size, 1.0 / SPEECH_RATE_HZ)
    band = (hz >= _BAND_HZ[0]) & (hz <= _BAND_HZ[1])
    magnitude = np.abs(cross)
    whitened = np.where(band & (magnitude > 0.0), cross / np.maximum(magnitude, 1e-12), 0.0)
    correlation = np.fft.irfft(whitened, size)
    # Lags at which the template is only half in are looked at too: the true place may be there
    # still, and then whatever stands out before it is a likeness of speech with itself.
    best = int(np.argmax(correlation[: len(sound)]))
    return best if best < lags and _stands_out(correlation, best) else None


def _stands_out(correlation: NDArray[np.float64], best: int) -> bool:
    others = correlation.copy()
    others[max(0, best - _PEAK_WIDTH) : best + _PEAK_WIDTH + 1] = 0.0
    spread = float(np.sqrt(np.mean(others**2)))
    return bool(
        correlation[best] > _LEAST_PEAK_RATIO * spread
        and correlation[best] > _LEAST_LEAD * others.max()
    )


def _active_part(prompt: Pcm) -> tuple[int, int]:
    level = np.abs(prompt.astype(np.float64))
    loud = np.flatnonzero(level >= _ACTIVE_LEVEL * level.max(initial=1.0))
    return (int(loud[0]), int(loud[-1]) + 1) if loud.size else (0, len(prompt))
