"""Refines the paths from the stimulus itself: a Kalman filter in the frequency domain.

Diagonal state-space model of the echo path (Enzner & Vary, "Frequency-domain adaptive Kalman
filter for acoustic echo control in hands-free telephones", Signal Processing 86, 2006), in blocks
as long as the path, several loudspeakers at once. Each frequency band's step is the share of the
residual that ignorance of the path explains. What the device says meanwhile is residual that it
does not explain, measured in the same block, so the step falls to nothing while the device speaks.
"""

import numpy as np
import scipy
from numpy.typing import NDArray

from harness.ears.cancel.blocks import GROUP, TAPS, Samples

BANDS = 256
_WIDTH = GROUP // BANDS
_SIZE = 2 * GROUP
# The path is thought to change by so much of its power from one lesson to the next. Less holds on
# better while the device speaks, more follows better when somebody moves.
_CHANGE = 2e-2
# The residual counts as foreign by this share at least, or the model would trust itself too far.
_FOREIGN_AT_LEAST = 0.3
# Taps are told apart in so many parts; a part 10 dB fainter than the loudest gets half a change.
_PARTS = 32
_HALF_AT = 10.0
# When paths are wrong, so much of the residual is taken for their fault.
_WRONG_PART = 0.5
_TINY = 1e-20

Powers = NDArray[np.float32]


class Learner:
    """How unsure each path is, and what a group of samples teaches about it.

    `unsure`: mean square error of each loudspeaker's frequency response, shape (loudspeakers,
    `BANDS`), bands of equal width from 0 to 8 kHz.
    """

    def __init__(self, loudspeakers: int) -> None:
        self.unsure: Powers = np.zeros((loudspeakers, BANDS), dtype=np.float32)

    def learn(
        self, which: NDArray[np.intp], references: Samples, residual: Samples, responses: Samples
    ) -> Samples:
        """Changes of the responses of the loudspeakers `which`, shape (len(which), TAPS).

        `references`: their newest 2 * GROUP samples; `residual`: of the newest GROUP;
        `responses`: the paths that it was computed with.
        """
        stimulus = scipy.fft.rfft(references)[:, :GROUP].reshape(len(which), BANDS, _WIDTH)
        error = scipy.fft.rfft(residual, _SIZE)[:GROUP]
        # The residual is the block's second half: half a turn for each bin.
        error[1::2] *= -1
        error = error.reshape(BANDS, _WIDTH)
        power = _power(stimulus)
        unsure = self.unsure[which][:, :, None]
        explained = (unsure * power).sum(axis=0)
        foreign = _foreign(_power(error).mean(axis=1), explained.mean(axis=1))
        step = unsure / (explained + 2 * foreign[:, None] + _TINY)
        self._grow_surer(which, (step * power).mean(axis=2), responses)
        steps = np.zeros((len(which), GROUP + 1), dtype=np.complex64)
        steps[:, :GROUP] = (step * np.conj(stimulus) * error).reshape(len(which), GROUP)
        change: Samples = scipy.fft.irfft(steps, _SIZE)[:, :TAPS]
        return change * _shares(responses[which])

    def _grow_surer(self, which: NDArray[np.intp], learnt: Powers, responses: Samples) -> None:
        self.unsure[which] = self.unsure[which] * (1 - 0.5 * learnt)
        self.unsure[which] += _CHANGE * band_powers(responses[which])

    def expects(self, which: NDArray[np.intp], references: Samples, residual: Samples) -> bool:
        """Whether so much is left because the paths are not well known yet."""
        power = _power(scipy.fft.rfft(references)[:, :GROUP].reshape(len(which), BANDS, _WIDTH))
        explained = 0.5 * float((self.unsure[which] * power.mean(axis=2)).sum()) * _WIDTH
        # Parseval: the residual's power over both halves of its spectrum.
        return explained >= 0.5 * float(np.square(residual).sum()) * GROUP

    def doubt(
        self,
        which: NDArray[np.intp],
        references: Samples,
        residual: Samples,
        responses: Samples,
    ) -> None:
        """The paths are wrong: as unsure as explains a part of the residual in each band."""
        power = _power(scipy.fft.rfft(references)[:, :GROUP].reshape(len(which), BANDS, _WIDTH))
        error = _power(scipy.fft.rfft(residual, _SIZE)[:GROUP].reshape(BANDS, _WIDTH)).mean(axis=1)
        wrong = _WRONG_PART * error / (power.mean(axis=2).sum(axis=0) + _TINY)
        wrong = np.minimum(wrong, band_powers(responses[which]))
        self.unsure[which] = np.maximum(self.unsure[which], wrong)


def _shares(responses: Samples) -> Samples:
    """How much of a change each tap gets: what was loud may change much, what was faint hardly."""
    parts = np.square(responses).reshape(len(responses), _PARTS, -1).mean(axis=2)
    loud = _HALF_AT * parts + _TINY
    shares = loud / (loud + parts.max(axis=1, keepdims=True) + _TINY)
    return np.repeat(shares, TAPS // _PARTS, axis=1).astype(np.float32)


def band_powers(responses: Samples) -> Powers:
    """Mean square of each frequency response in each band, shape (responses, `BANDS`)."""
    spectra = scipy.fft.rfft(responses, TAPS)[:, : TAPS // 2]
    return np.asarray(_power(spectra.reshape(len(responses), BANDS, -1)).mean(axis=2))


def _foreign(error: Powers, explained: Powers) -> Powers:
    """Power of what no path can explain, in each band, in units of the error's spectrum."""
    return np.asarray(np.maximum(error - 0.5 * explained, _FOREIGN_AT_LEAST * error))


def _power(spectra: NDArray[np.complex64]) -> Powers:
    return np.asarray(np.square(spectra.real) + np.square(spectra.imag))
