"""Whether a recording is what lies at a place of the log, piece by piece.

Each piece of a recording is held against the log by the phase transform: of both spectra only the
phases count, so neither the room's colour nor a codec's changes much. In sound that is not the
same, the power of that correlation is distributed exponentially with mean 1, whatever the level:
one threshold does for all. Pieces of one recording must lie at one place; that tells a sentence
from another by the same voice which begins with the same words.
"""

from dataclasses import dataclass

import numpy as np
import scipy
from numpy.typing import NDArray

from harness.ears.band import RATE_HZ, Samples

# A place from landmarks is known to this many samples.
SLACK = 512
PIECE = 4_096
_HOP = 2_048
# How far a device's clock and the room may move a piece from where the others lie.
_NEAR = 2
_SIZE, _STEP = 2 * PIECE, 2
_LOWEST, _HIGHEST = 300 * _SIZE // RATE_HZ, 3_300 * _SIZE // RATE_HZ
_BLOCK, _BLOCKS = 256, 9
_FLOOR = 3e-3
# A piece this far below the loud ones (10 dB) is a pause, or the room's noise.
_PAUSE = 0.1
_QUIETEST, _OVER_NOISE = 0.1, 2.5
_TINY = 1e-20

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Held:
    """A recording held against a place.

    `lag`: samples later than the place that was given. `power`: mean over the loud pieces of
    their correlation at that lag, 1 where the sounds have nothing in common. `pieces`: that of
    each loud piece; `starts`: where each begins in the recording, in samples.
    """

    lag: int
    power: float
    pieces: tuple[float, ...]
    starts: tuple[int, ...]


def loud_pieces(recording: Samples) -> tuple[int, ...]:
    """Where the pieces begin in which something sounds, in samples; none in silence.

    What is not much louder than the recording's own noise is left out: the room's noise is in no
    log.
    """
    starts = _starts(len(recording))
    if not len(starts):
        return ()
    power = np.array([float(np.mean(np.square(recording[at : at + PIECE]))) for at in starts])
    frames = recording[: len(recording) // _BLOCK * _BLOCK].reshape(-1, _BLOCK)
    noise = float(np.quantile(np.mean(np.square(frames), axis=1), _QUIETEST))
    least = max(_PAUSE * float(np.quantile(power, 0.9)), _OVER_NOISE * noise, _TINY)
    return tuple(int(at) for at in starts[power > least])


def hold(recording: Samples, around: Samples, starts: tuple[int, ...]) -> Held:
    """Hold a recording against the log.

    `around`: the log from `SLACK` samples before the place on, `2 * SLACK + PIECE` longer than
    the recording; `starts`: from `loud_pieces`, at least one. All at 8 kHz, from `band`.
    """
    powers = _powers(_evened(recording), _evened(around), starts)
    together = powers.mean(axis=0)
    lag = int(np.argmax(together))
    near = powers[:, max(0, lag - _NEAR) : lag + _NEAR + 1].max(axis=1)
    return Held(lag * _STEP - SLACK, float(together[lag]), tuple(map(float, near)), starts)


def _starts(count: int) -> NDArray[np.int64]:
    if count < PIECE:
        return np.empty(0, dtype=np.int64)
    return np.unique(np.append(np.arange(0, count - PIECE + 1, _HOP), count - PIECE))


def _powers(recording: Samples, log: Samples, starts: tuple[int, ...]) -> Floats:
    """The power of the correlation of each piece, by lag in `_STEP` samples up to 2 * SLACK."""
    pieces = np.stack([recording[at : at + PIECE] for at in starts])
    heard = np.stack([log[at : at + PIECE + 2 * SLACK] for at in starts])
    cross = _phases(heard) * np.conj(_phases(pieces))
    # Brought down to frequency 0, so that half the rate holds it: only its envelope counts.
    whole = np.zeros((len(starts), _SIZE // _STEP), dtype=np.complex64)
    whole[:, : cross.shape[1]] = cross
    lags = scipy.fft.ifft(whole, axis=1, overwrite_x=True)[:, : 2 * SLACK // _STEP + 1]
    scale = (_SIZE // _STEP) ** 2 / cross.shape[1]
    power: Floats = (np.square(lags.real) + np.square(lags.imag)).astype(np.float64) * scale
    return power


def _phases(rows: NDArray[np.float32]) -> NDArray[np.complex64]:
    bins = scipy.fft.rfft(rows, _SIZE, axis=1)[:, _LOWEST:_HIGHEST]
    turned: NDArray[np.complex64] = bins / (np.abs(bins) + np.float32(_TINY))
    return turned


def _evened(samples: Samples) -> Samples:
    """At one level throughout, but for what is much fainter than the rest."""
    blocks = np.pad(samples, (0, -len(samples) % _BLOCK)).reshape(-1, _BLOCK)
    power = np.einsum("ij,ij->i", blocks, blocks)
    near = scipy.ndimage.uniform_filter1d(power, _BLOCKS, mode="nearest")
    level = near + _FLOOR * power.mean() + _TINY
    even: Samples = (blocks / np.sqrt(level)[:, None]).reshape(-1)[: len(samples)]
    return even.astype(np.float32)
