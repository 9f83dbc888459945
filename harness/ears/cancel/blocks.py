"""Sound in blocks at 16 kHz, whatever rate it came at, read at any place and speed.

16 kHz is enough: speech is read, transcribed and its audibility weighed below 8 kHz. Rates are
brought down by overlap-save with a linear-phase filter (pass 7.3 kHz, stop 7.9 kHz at -80 dB), in
pieces so short that a clock 200 ppm off is followed by a shift of each piece in the frequency
domain and the first term of its Taylor series (the second is below -38 dB at 8 kHz, -50 dB at
4 kHz). A piece depends only on the samples around it, never on how they were handed over.
"""

from collections.abc import Mapping
from functools import cache

import numpy as np
import scipy
from numpy.lib.stride_tricks import as_strided
from numpy.typing import NDArray

Samples = NDArray[np.float32]
Spectra = NDArray[np.complex64]

RATE_HZ = 16_000
# Sound is subtracted hop by hop (128 ms); what is known of the paths changes group by group.
HOP = 2_048
GROUP = 8_192
TAPS = GROUP

_PIECE = 512
_PAD = 64
_SIZE = _PIECE + 2 * _PAD
_CUTOFF_HZ = 7_600.0
_OMEGA = (2 * np.pi / _SIZE * np.arange(_SIZE // 2 + 1)).astype(np.float32)
_SLOPE = (1j * _OMEGA).astype(np.complex64)
_FROM_MIDDLE = np.arange(_PIECE, dtype=np.float32) - np.float32(_PIECE / 2)


class Inlet:
    """Channels as they come in, at the rig's rate; read at 16 kHz.

    A *place* is a time in samples at 16 kHz since the first sample; it need not be whole. What
    was before the first sample was silence. Raises `ValueError` for a rate that is not a whole
    multiple of 16 kHz.
    """

    def __init__(self, channels: int, rate_hz: int) -> None:
        if rate_hz < RATE_HZ or rate_hz % RATE_HZ:
            raise ValueError(
                f"sound at {rate_hz} Hz cannot be brought to {RATE_HZ} Hz by a whole factor; "
                "record at 16000, 32000, 48000 or 96000 Hz"
            )
        self.step = rate_hz // RATE_HZ
        self._kept: Samples = np.zeros((channels, 0), dtype=np.float32)
        self._origin = self._end = 0
        self._sounded_until = np.full(channels, -1, dtype=np.int64)

    @property
    def until(self) -> int:
        """How many samples at 16 kHz can be read, from place 0 on."""
        surroundings = _PAD + 1 if self.step > 1 else 0
        return self._end // self.step - surroundings

    @property
    def reach(self) -> float:
        """One past the last place that can be read at a speed of its own."""
        return self._end / self.step - _PAD - 1

    def push(self, samples: Samples) -> None:
        """Add samples, shape (channels, count)."""
        self.put(dict(enumerate(samples)), samples.shape[1])

    def put(self, samples: Mapping[int, Samples], count: int) -> None:
        """Add `count` samples to every channel; one that is not there was silent."""
        held = self._end - self._origin
        if held + count > self._kept.shape[1]:
            room = np.zeros((len(self._kept), 2 * (held + count)), dtype=np.float32)
            room[:, :held] = self._kept[:, :held]
            self._kept = room
        self._end += count
        for k, kept in enumerate(self._kept):
            channel = samples.get(k)
            kept[held : held + count] = 0.0 if channel is None else channel
            if channel is not None and np.dot(channel, channel) > 0.0:
                self._sounded_until[k] = self._end

    def forget(self, before: float) -> None:
        """Let go of what lies before a place; done only when it is worth the work."""
        surplus = int(before - 2 * _PAD) * self.step - self._origin
        held = self._end - self._origin
        if surplus > held // 2:
            surplus = min(surplus, held)
            self._kept[:, : held - surplus] = self._kept[:, surplus:held].copy()
            self._origin += surplus

    def read(self, at: float, count: int, drift: float = 0.0) -> Samples:
        """`count` samples, shape (channels, count); sample i is at place `at + i * (1 + drift)`.

        `count` is a multiple of 512. A channel that is silent there comes out as exact zeros.
        """
        if count % _PIECE:
            raise ValueError(f"{count} samples cannot be read: ask for a multiple of {_PIECE}")
        if self.step == 1 and drift == 0.0 and at == int(at):
            return self.raw(int(at), count).copy()
        middles = at + (np.arange(count // _PIECE) + 0.5) * _PIECE * (1 + drift)
        wanted = (middles - _SIZE / 2) * self.step
        first = np.floor(wanted).astype(np.int64)
        size = _SIZE * self.step
        around = self.raw(int(first[0]), int(first[-1] - first[0]) + size)
        out = np.zeros((len(around), count), dtype=np.float32)
        sounding = np.flatnonzero(self._sounded_until > first[0])
        if sounding.size:
            shift = _shift(self.step, (wanted - first) / self.step)
            for k in sounding:
                windows = _windows(around[k], first - first[0], size)
                out[k] = _pieces(windows, shift, drift).reshape(count)
        return out

    def raw(self, start: int, count: int) -> Samples:
        """`count` samples at the rig's own rate from sample `start`; silence where none are.

        Not a copy: to be used before more is pushed or forgotten.
        """
        begin, end = start - self._origin, start + count - self._origin
        held = self._end - self._origin
        if begin >= 0 and end <= held:
            return self._kept[:, begin:end]
        out = np.zeros((len(self._kept), count), dtype=np.float32)
        there = range(max(begin, 0), min(end, held))
        if there:
            part = self._kept[:, there.start : there.stop]
            out[:, there.start - begin : there.stop - begin] = part
        return out


def _windows(samples: Samples, starts: NDArray[np.int64], size: int) -> Samples:
    """Overlapping windows of some samples, shape (starts, size)."""
    apart = int(starts[-1]) // max(len(starts) - 1, 1)
    if np.array_equal(starts, np.arange(len(starts)) * apart):
        stride = samples.strides[0]
        return as_strided(samples, (len(starts), size), (apart * stride, stride), writeable=False)
    return np.stack([samples[start : start + size] for start in starts])


def _pieces(windows: Samples, shift: Spectra, drift: float) -> Samples:
    """Windows (pieces, size) as pieces at 16 kHz, through a filter for each."""
    spectra = scipy.fft.rfft(windows)[:, : _SIZE // 2 + 1] * shift
    if drift == 0.0:
        return np.asarray(_inside(spectra))
    value = _inside(spectra)
    spectra *= _SLOPE
    return np.asarray(value + _inside(spectra) * (_FROM_MIDDLE * np.float32(drift)))


def _inside(spectra: Spectra) -> Samples:
    found: Samples = scipy.fft.irfft(spectra, _SIZE)[:, _PAD : _PAD + _PIECE]
    return found


def _shift(step: int, late: NDArray[np.float64]) -> Spectra:
    """The filter that brings each piece down in rate and reads it `late` samples later."""
    if not late.any():
        return _low_pass(step).astype(np.complex64)
    turns = np.empty((len(late), len(_OMEGA)), dtype=np.complex128)
    turns[:] = np.exp(2j * np.pi / _SIZE * late)[:, None]
    turns[:, 0] = 1.0
    return np.asarray(np.multiply.accumulate(turns, axis=1) * _low_pass(step), np.complex64)


@cache
def _low_pass(step: int) -> Samples:
    """Frequency response of the zero-phase filter, with the gain that taking every `step`th has."""
    reach = _PAD * step
    taps = scipy.signal.firwin(2 * reach + 1, _CUTOFF_HZ, window=("kaiser", 8.0), fs=RATE_HZ * step)
    around = np.zeros(_SIZE * step)
    around[: reach + 1], around[-reach:] = taps[reach:], taps[:reach]
    return np.asarray(scipy.fft.rfft(around).real[: _SIZE // 2 + 1] / step, dtype=np.float32)


class Past:
    """The newest samples of some channels at 16 kHz; silence before the first."""

    def __init__(self, channels: int, kept: int) -> None:
        self._kept = kept
        self._data: Samples = np.zeros((channels, 3 * kept), dtype=np.float32)
        self._end = kept

    def append(self, samples: Samples) -> None:
        """Add samples, shape (channels, count), at most as many as are kept."""
        count = samples.shape[1]
        if self._end + count > self._data.shape[1]:
            self._data[:, : self._kept] = self._data[:, self._end - self._kept : self._end].copy()
            self._end = self._kept
        self._data[:, self._end : self._end + count] = samples
        self._end += count

    def last(self, count: int, back: int = 0) -> Samples:
        """`count` samples that ended `back` samples ago, shape (channels, count); not a copy."""
        end = self._end - back
        return self._data[:, end - count : end]
