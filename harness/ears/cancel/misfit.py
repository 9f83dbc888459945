"""Why does the prediction not fit? Looked into only where little was cancelled.

What is left over is compared with what was predicted (is it the same sound, louder or softer?) and
with the references themselves (does it still hold them, at other delays or in another colour?).
Speech of the device is like neither.
"""

from dataclasses import dataclass

import numpy as np
import scipy
from numpy.typing import NDArray

from harness.ears.cancel.blocks import GROUP, TAPS, Samples

Spectrum = NDArray[np.complex64]

_SIZE = 2 * GROUP
_EVENED = 32
# 300 to 6000 Hz, in whole steps of 31 Hz.
_BAND = slice(10 * _EVENED, 192 * _EVENED)
# Of speech with other speech: 0.04 to 0.07. Of speech with itself from elsewhere in the room: 0.23
# (T60 0.2 s), 0.13 (0.5 s), 0.10 (0.8 s), the median each.
_STILL_THERE = 0.08
_PLAINLY_THERE = 0.11
_SAME_SOUND = 0.4
_WHOLLY_SAME = 0.9
_ABSENT = -0.75
_LOUDER = 0.25


@dataclass(frozen=True, slots=True)
class Misfit:
    """`gains`: by how much each loudspeaker is louder than predicted (0: as predicted, 1: twice).

    `explained`: the share of the residual's power that this explains. `likeness`: greatest
    correlation of the rest with a reference, 0 to 1.
    """

    gains: tuple[float, ...]
    explained: float
    likeness: float

    @property
    def other_path(self) -> bool:
        """The stimulus is still there, in another form. By chance once in fifty groups."""
        return self.likeness >= _STILL_THERE and self.explained < _WHOLLY_SAME

    @property
    def plainly_other(self) -> bool:
        """The same, beyond chance."""
        return self.other_path and self.likeness >= _PLAINLY_THERE

    @property
    def absent(self) -> bool:
        """A loudspeaker that should be heard is not."""
        same = self.explained >= _SAME_SOUND and not self.other_path
        return same and min(self.gains) <= _ABSENT

    @property
    def other_level(self) -> bool:
        """A loudspeaker sounds as predicted, but louder or softer."""
        same = self.explained >= _SAME_SOUND and not self.other_path
        return same and max(map(abs, self.gains)) >= _LOUDER


def misfit(references: Samples, responses: Samples, residual: Samples) -> Misfit:
    """Compare what is left of the newest group with what was played.

    `references`: shape (loudspeakers, 2 * GROUP), those that sound; `responses`: their paths.
    """
    played = scipy.fft.rfft(references)
    heard = scipy.fft.irfft(played * scipy.fft.rfft(responses, _SIZE), _SIZE)[:, GROUP:]
    heard = heard.astype(np.float64)
    power = float(np.square(residual, dtype=np.float64).sum())
    alike = heard @ residual
    products = heard @ heard.T
    products[np.diag_indices(len(products))] += 1e-9 * np.trace(products) + 1e-20
    gains = np.linalg.solve(products, alike)
    explained = float(gains @ alike) / (power + 1e-20)
    rest = scipy.fft.rfft(np.pad((residual - gains @ heard).astype(np.float32), (GROUP, 0)))
    likeness = max(_likeness(rest, one) for one in played)
    return Misfit(tuple(float(g) for g in gains), explained, likeness)


def _likeness(error: Spectrum, played: Spectrum) -> float:
    """The greatest correlation of two sounds at any delay of a path, each evened out in colour.

    Evened out over 31 Hz only: with every bin alike, what is left between the harmonics of another
    voice would count as much as that voice.
    """
    one, other = _evened(error[_BAND]), _evened(played[_BAND])
    crossed = np.zeros(GROUP + 1, dtype=np.complex64)
    crossed[_BAND] = one * np.conj(other)
    alike = np.abs(scipy.fft.irfft(crossed, _SIZE)[:TAPS])
    norm = float(np.linalg.norm(one) * np.linalg.norm(other)) + 1e-12
    return float(alike.max()) * GROUP / norm


def _evened(spectrum: Spectrum) -> Spectrum:
    bands = spectrum.reshape(-1, _EVENED)
    power = (np.square(bands.real) + np.square(bands.imag)).mean(axis=1, keepdims=True)
    return np.asarray((bands / np.sqrt(power + 1e-20)).reshape(-1), dtype=np.complex64)
