"""Speech transmission index (STI): IEC 60268-16:2020, the indirect method.

What the path from device to listener does to the ups and downs of speech follows from its impulse
response (Schroeder); what other sound, the ear's own masking and its threshold take away is
multiplied in. The masking and the threshold depend on levels in dB SPL, so they are left out where
the microphone was not calibrated, as the standard does for sound that is not acoustical.
"""

from math import sqrt

import numpy as np
import scipy

from harness.bench.ports.sound import Samples
from harness.ears.audibility.spectrum import Spectrum
from harness.ears.audibility.speech_band import checked
from harness.sound.blocks import BLOCKS_HZ, Flags, Values, by_blocks

_OCTAVES_HZ = (125.0, 250.0, 500.0, 1000.0, 2000.0, 4000.0, 8000.0)
_LOWEST_HZ = tuple(middle_hz / sqrt(2) for middle_hz in _OCTAVES_HZ)
_HIGHEST_HZ = tuple(middle_hz * sqrt(2) for middle_hz in _OCTAVES_HZ)
_MODULATIONS_HZ = np.array(
    [0.63, 0.8, 1.0, 1.25, 1.6, 2.0, 2.5, 3.15, 4.0, 5.0, 6.3, 8.0, 10.0, 12.5]
)
_WEIGHTS = np.array([0.085, 0.127, 0.230, 0.233, 0.309, 0.224, 0.173])
_REDUNDANCIES = np.array([0.085, 0.078, 0.065, 0.011, 0.047, 0.095])
_RECEPTION_DB_SPL = np.array([46.0, 27.0, 12.0, 6.5, 7.5, 8.0, 12.0])
_RANGE_DB = 15.0
# An octave filter goes on sounding; the lowest one has died away by then.
_RING_S = 0.25
# Of the energy, at most so much in the last tenth: a decay is followed for some 20 dB at least.
_CUT_OFF = 0.01


def modulation_transfer(path: Samples, rate_hz: int) -> Values:
    """How much of each modulation gets through a path: 7 octaves by 14 frequencies, 0 to 1.

    `path`: impulse response from the device to the listener, at 16 or 48 kHz, until it has died
    away; `ValueError` when it is empty, silent or cut off before. Noise measured with it counts as
    reverberation. At 16 kHz the octave around 8 kHz is measured as far as 7.8 kHz.
    """
    response = checked(path, rate_hz, "impulse response").astype(np.float64)
    energy = np.square(response)
    total = float(np.sum(energy))
    if total <= 0.0:
        raise ValueError("impulse response: it is empty or silent; measure the path again")
    if float(np.sum(energy[len(energy) * 9 // 10 :])) > _CUT_OFF * total:
        raise ValueError(
            f"impulse response: it has not died away after {len(path) / rate_hz:.2f} s; hand in "
            "more of it, and measure it where it is quieter"
        )
    padded = np.concatenate((response, np.zeros(round(_RING_S * rate_hz))))
    edges_hz = zip(_LOWEST_HZ, _HIGHEST_HZ, strict=True)
    octaves = [scipy.signal.sosfilt(_octave(*edges, rate_hz), padded) for edges in edges_hz]
    return np.array([modulation_of(by_blocks(np.square(one), rate_hz)) for one in octaves])


def modulation_of(decay: Values) -> Values:
    """Schroeder's formula: what is left of each modulation after a decay of energy by milliseconds.

    0 where the decay holds nothing.
    """
    times_s = np.arange(len(decay)) / BLOCKS_HZ
    total = float(np.sum(decay))
    turned = np.exp(-2j * np.pi * _MODULATIONS_HZ[:, None] * times_s) @ decay
    left: Values = np.abs(turned) / (total or np.inf)
    return left


def transmission_index(
    modulation: Values, speech: Spectrum, others: Spectrum, full_scale_db_spl: float | None
) -> float:
    """STI (0 to 1) of a path as `modulation_transfer` gives it, for speech under everything else.

    With `full_scale_db_spl` (dB SPL of sound whose rms is full scale) the ear's masking and its
    threshold for speech are taken in.
    """
    wanted, unwanted = _octave_powers(speech), _octave_powers(others)
    heard = wanted + unwanted
    if full_scale_db_spl is not None:
        scale = 10 ** (full_scale_db_spl / 10)
        wanted, heard = wanted * scale, heard * scale
        heard = heard + _masking(heard) + 10 ** (_RECEPTION_DB_SPL / 10)
    share = np.divide(wanted, heard, out=np.zeros_like(wanted), where=heard > 0.0)
    return index_of(modulation * share[:, None])


def index_of(modulation: Values) -> float:
    """STI of what is left of each modulation in the end (7 octaves by 14 frequencies)."""
    kept = np.clip(modulation, 1e-9, 1 - 1e-9)
    effective_db = np.clip(10 * np.log10(kept / (1 - kept)), -_RANGE_DB, _RANGE_DB)
    octaves = np.mean((effective_db + _RANGE_DB) / (2 * _RANGE_DB), axis=1)
    shared = np.sqrt(octaves[:-1] * octaves[1:])
    return float(np.clip(_WEIGHTS @ octaves - _REDUNDANCIES @ shared, 0.0, 1.0))


def _octave_powers(spectrum: Spectrum) -> Values:
    return spectrum.in_bands(_LOWEST_HZ, _HIGHEST_HZ)


def _masking(heard: Values) -> Values:
    """What the octave below masks of each (intensities re 0 dB SPL); nothing masks the lowest."""
    below_db = 10 * np.log10(np.maximum(heard[:-1], 1e-30))
    conditions: list[Flags] = [below_db < 63.0, below_db < 67.0, below_db < 100.0]
    slopes = [0.5 * below_db - 65.0, 1.8 * below_db - 146.9, 0.5 * below_db - 59.8]
    slope_db = np.select(conditions, slopes, -10.0)
    return np.concatenate(([0.0], heard[:-1] * 10 ** (slope_db / 10)))


def _octave(lowest_hz: float, highest_hz: float, rate_hz: int) -> Values:
    edges_hz = (lowest_hz, min(highest_hz, 0.49 * rate_hz))
    return np.asarray(scipy.signal.butter(4, edges_hz, "bandpass", fs=rate_hz, output="sos"))
