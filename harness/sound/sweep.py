"""Impulse response and distortion by an exponential sweep (Farina, AES 108, 2000; ISO 18233).

The pitch of the sweep rises by equal ratios in equal times, so what a loudspeaker adds at twice the
frequency comes out of the deconvolution a fixed time *before* the path, three times before that:
path and distortion are told apart in one measurement.
"""

from dataclasses import dataclass
from math import log

import numpy as np
import scipy
from numpy.typing import NDArray

Samples = NDArray[np.float32]
Values = NDArray[np.float64]

_HARMONICS = (2, 3, 4, 5)
_FADE_S = 0.02
_REGULAR = 1e-4
# Distortion is told where loudspeaker and microphone both work, and harmonics are still in band.
_TOLD_HZ = (200.0, 3000.0)


@dataclass(frozen=True, slots=True)
class Sweep:
    """An exponential sweep between two frequencies. `samples`: full scale 1.0, ends faded."""

    samples: Samples
    rate_hz: int
    low_hz: float
    high_hz: float

    @property
    def _rise_s(self) -> float:
        """The time in which the pitch rises by a factor of e."""
        return len(self.samples) / self.rate_hz / log(self.high_hz / self.low_hz)

    def harmonic_before(self, order: int) -> int:
        """How many samples before the path the response of a harmonic comes out."""
        return round(self._rise_s * log(order) * self.rate_hz)


@dataclass(frozen=True, slots=True)
class Response:
    """What a sweep says of a path.

    `path`: impulse response from the instant the sweep went out. `distortion`: rms of harmonics
    2 to 5 against the fundamental, the median from 200 Hz to 3 kHz (0.01 is 1 %), None where the
    sweep was too short to tell them apart. `noise_db`: what `path` holds of noise a sample, dB re
    its peak.
    """

    path: Samples
    rate_hz: int
    distortion: float | None
    noise_db: float


def exponential_sweep(
    seconds: float, rate_hz: int, peak: float, low_hz: float = 50.0, high_hz: float = 20_000.0
) -> Sweep:
    """A sweep of so many seconds whose peak is `peak` (full scale 1.0), up to 0.45 of the rate."""
    high_hz = min(high_hz, 0.45 * rate_hz)
    count = round(seconds * rate_hz)
    rise_s = seconds / log(high_hz / low_hz)
    times_s = np.arange(count) / rate_hz
    sound = np.sin(2 * np.pi * low_hz * rise_s * np.expm1(times_s / rise_s))
    fade = round(_FADE_S * rate_hz)
    edge = np.sin(np.linspace(0, np.pi / 2, fade)) ** 2
    sound[:fade] *= edge
    sound[-fade:] *= edge[::-1]
    return Sweep((peak * sound).astype(np.float32), rate_hz, low_hz, high_hz)


def response(sweep: Sweep, heard: Samples, longest_s: float) -> Response:
    """The path from loudspeaker to microphone.

    `heard`: from the instant the sweep went out until `longest_s` after its end, at its rate.
    Raises `ValueError` where it is shorter than that, or silent.
    """
    wanted = len(sweep.samples) + round(longest_s * sweep.rate_hz)
    if len(heard) < wanted:
        raise ValueError(f"{len(heard)} samples were heard of a sweep, {wanted} are needed")
    if not np.any(heard):
        raise ValueError(
            "nothing at all was heard of a sweep: the microphone gives digital silence"
        )
    turned = _deconvolved(sweep, heard[:wanted].astype(np.float64))
    path = turned[: round(longest_s * sweep.rate_hz)]
    noise = float(np.sqrt(np.mean(np.square(path[-len(path) // 10 :]))))
    peak = float(np.abs(path).max())
    return Response(
        path.astype(np.float32),
        sweep.rate_hz,
        _distortion(sweep, turned, int(np.abs(path).argmax())),
        20 * np.log10(max(noise, 1e-12) / max(peak, 1e-12)),
    )


def _deconvolved(sweep: Sweep, heard: Values) -> Values:
    """`heard` over the sweep, by frequency; what came before the sweep is at the end."""
    size = scipy.fft.next_fast_len(2 * len(heard), real=True)
    sent = scipy.fft.rfft(sweep.samples.astype(np.float64), size)
    power = np.abs(sent) ** 2
    # Below and above the sweep there is nothing to divide by.
    hz = np.fft.rfftfreq(size, 1 / sweep.rate_hz)
    inside = (hz >= sweep.low_hz) & (hz <= sweep.high_hz)
    floor = _REGULAR * float(np.median(power[inside]))
    turned = scipy.fft.rfft(heard, size) * np.conj(sent) / (power + floor)
    back: Values = scipy.fft.irfft(turned, size)
    return back


def _distortion(sweep: Sweep, turned: Values, at: int) -> float | None:
    """Root of the harmonics' power over the fundamental's."""
    apart = min(
        sweep.harmonic_before(order + 1) - sweep.harmonic_before(order) for order in _HARMONICS
    )
    half = apart // 2
    if half < 0.01 * sweep.rate_hz:
        return None
    told_hz = np.geomspace(*_TOLD_HZ, 60)
    fundamental = _spectrum(turned, at, half, told_hz, sweep.rate_hz)
    added = np.zeros(len(told_hz))
    for order in _HARMONICS:
        place = at - sweep.harmonic_before(order)
        found = _spectrum(turned, place, half, order * told_hz, sweep.rate_hz)
        added += np.where(order * told_hz <= sweep.high_hz, found**2, 0.0)
    return float(np.median(np.sqrt(added) / np.maximum(fundamental, 1e-12)))


def _spectrum(turned: Values, at: int, half: int, hz: Values, rate_hz: int) -> Values:
    """Magnitudes at some frequencies of what lies around a place, wrapped around the ends."""
    places = np.arange(at - half, at + half) % len(turned)
    piece = turned[places] * np.hanning(2 * half)
    found = np.abs(scipy.fft.rfft(piece, 8 * scipy.fft.next_fast_len(len(piece), real=True)))
    bins = np.arange(len(found)) * rate_hz / (2 * (len(found) - 1))
    magnitudes: Values = np.interp(hz, bins, found)
    return magnitudes
