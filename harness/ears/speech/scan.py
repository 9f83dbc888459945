"""Each frame of a residual, weighed: does anything sound in it that was not played, is it a voice?

residual ─▶ bands ─▶ over noise and leakage? ─▶ new energy, or only its echo? ─▶ a fundamental?
"""

from dataclasses import dataclass

import numpy as np
import scipy
from numpy.typing import NDArray

from harness.ears.cancel.blocks import RATE_HZ, Samples
from harness.ears.speech.background import Background
from harness.ears.speech.bands import (
    BANDS,
    FRAME,
    STEP,
    TO_MEAN_SQUARE,
    Floats,
    Tape,
    band_powers,
)
from harness.ears.speech.voicing import SIZE, voicing

Flags = NDArray[np.bool_]

KEPT = 2 * RATE_HZ

# So much over noise and over leakage is not chance.
_OVER_NOISE = 10**0.4
_OVER_LEAKAGE = 10**1.2
# A frame counts when its bands, each by 10 dB at most, are over that by so many dB together.
_MOST_DB = 10.0
_ACTIVE_DB = 12.0
# A voice is in so many bands.
_VOICE_BANDS = 4
# These lie below 1.2 kHz.
_LOW_BANDS = 9
# A fundamental moves by less than this from frame to frame.
_GLIDE = 0.15
# Echoes of a room with a reverberation time of 0.96 s fall by 1 dB a frame; what rises over that in
# six broad bands is new, and so is what is hardly softer than in the last 160 ms.
_FALL_DB = 1.0
_BROAD = np.arange(0, BANDS - 1, 3)
_NEW_DB = 4.0
_NEAR_DB = 6.0
_RECENT = 10
# A microphone that works is never as steady as this (peak to peak); after it was dead, its noise
# is learnt anew from so many frames on.
_DEAD = 2e-6
_SOME = slice(0, STEP, STEP // 4)
_SETTLING = 8
_TINY = 1e-20


@dataclass(frozen=True, slots=True)
class Frames:
    """Consecutive frames from frame `first` on.

    `sounding`: something is there that is not the background, nor its own echo. `voice`: 0 to 1,
    and `period` its fundamental's, in samples.
    `over`, `rest`: mean square of what is over the background, and of the background. `dead`: the
    microphone delivered a constant. `left`, `heard`: powers in bands of residual and stimulus;
    `played`: whether there was any stimulus.
    """

    first: int
    sounding: Flags
    voice: Floats
    period: Floats
    over: Floats
    rest: Floats
    dead: Flags
    left: Floats
    heard: Floats
    played: bool

    def __len__(self) -> int:
        return len(self.voice)


class Scanner:
    """Weighs the frames of one microphone. `tape`: its residual, from 2 s before what is new."""

    def __init__(self) -> None:
        self.tape = Tape(KEPT)
        self._played = Tape(FRAME)
        self._done = 0
        self._background = Background()
        self._last = np.zeros((1, BANDS))
        self._loudness = np.full(_RECENT - 1, -np.inf)
        self._held = np.full((1, len(_BROAD)), -np.inf)
        self._settled = -_SETTLING
        self._voiced = (-2, 0)

    def push(self, residual: Samples, stimulus: Samples) -> Frames:
        """The next samples of both; returns the frames that ended in them."""
        self.tape.forget(self._done * STEP - KEPT)
        self._played.forget(self._done * STEP - FRAME)
        self.tape.push(residual)
        self._played.push(stimulus)
        count = self.tape.end // STEP - self._done
        if count < 1:
            return _no_frames(self._done)
        first, self._done = self._done, self._done + count
        ends = (first + 1) * STEP
        left = band_powers(self.tape.steps(ends, count, FRAME))
        heard = self._heard(ends, count)
        return self._weigh(first, left, heard, self._dead(ends, count))

    def _heard(self, ends: int, count: int) -> Floats:
        frames = self._played.steps(ends, count, FRAME)
        return band_powers(frames) if frames.any() else np.zeros((count, BANDS))

    def _dead(self, ends: int, count: int) -> Flags:
        residual = self.tape.steps(ends, count, STEP)
        stimulus = self._played.steps(ends, count, STEP)
        # Few samples tell nearly always that it lives; only where they do not, all are looked at.
        few = residual[:, _SOME] + stimulus[:, _SOME]
        dead = np.ptp(few, axis=1) < _DEAD
        if dead.any():
            dead[dead] = np.ptp(residual[dead] + stimulus[dead], axis=1) < _DEAD
        return np.asarray(dead)

    def _weigh(self, first: int, left: Floats, heard: Floats, dead: Flags) -> Frames:
        usable = self._usable(first, dead)
        noise, leakage = self._background.follow(left, heard, usable)
        before = np.concatenate((self._last, left[:-1]))
        self._last = left[-1:]
        smooth = (left + before) / 2
        limit = noise * _OVER_NOISE + leakage * _OVER_LEAKAGE + _TINY
        with np.errstate(divide="ignore"):
            excess_db = 10 * np.log10((smooth + _TINY) / limit)
        active = np.clip(excess_db, 0.0, _MOST_DB).sum(axis=1) >= _ACTIVE_DB
        bands_over = np.where(excess_db > 0, left - noise - leakage, 0.0).clip(0.0)
        over = bands_over.sum(axis=1)
        fresh = self._fresh(first, smooth, limit)
        sounding = active & (fresh | self._near(over)) & (usable > 0)
        rest = np.where(np.isfinite(noise), noise + leakage, 0.0)
        which = np.flatnonzero(sounding)
        voice, period = self._voice(first, which, excess_db, rest, _low_db(bands_over[which]))
        rest_power = rest.sum(axis=1) * TO_MEAN_SQUARE
        over *= TO_MEAN_SQUARE
        return Frames(
            first, sounding, voice, period, over, rest_power, dead, left, heard, bool(heard.any())
        )

    def _usable(self, first: int, dead: Flags) -> Floats:
        """1 for each frame that may be believed: the microphone lives, and has for a while."""
        usable = np.ones(len(dead))
        usable[: max(0, self._settled + _SETTLING - first)] = 0.0
        usable[: max(0, _SETTLING - first)] = 0.0
        for at in np.flatnonzero(dead):
            usable[at : at + _SETTLING] = 0.0
            self._settled = first + int(at)
        return usable

    def _fresh(self, first: int, smooth: Floats, limit: Floats) -> Flags:
        """Where bands rise over what echoes of earlier sound can be."""
        power = np.add.reduceat(smooth, _BROAD, axis=1)
        there = power > np.add.reduceat(limit, _BROAD, axis=1)
        index = np.arange(first, first + len(smooth))[:, None]
        level_db = np.where(there, 10 * np.log10(power + _TINY), -np.inf)
        # The loudest so far, each less what it has fallen since, as one running maximum.
        lifted = level_db + _FALL_DB * index
        held = np.maximum.accumulate(np.concatenate((self._held, lifted)))
        self._held = held[-1:]
        with np.errstate(invalid="ignore"):
            rise_db = np.nan_to_num(lifted - held[:-1], nan=0.0, posinf=_MOST_DB, neginf=0.0)
        return np.asarray(np.clip(rise_db, 0.0, _MOST_DB).sum(axis=1) >= _NEW_DB)

    def _near(self, over: Floats) -> Flags:
        """Where it is nearly as loud as it was just before."""
        level_db = 10 * np.log10(over + _TINY)
        joined = np.concatenate((self._loudness, level_db))
        self._loudness = joined[1 - _RECENT :]
        loudest = scipy.ndimage.maximum_filter1d(joined, _RECENT, origin=(_RECENT - 1) // 2)
        return np.asarray(level_db >= loudest[_RECENT - 1 :] - _NEAR_DB)

    def _voice(
        self,
        first: int,
        which: NDArray[np.intp],
        excess_db: Floats,
        rest: Floats,
        low_db: Floats,
    ) -> tuple[Floats, Floats]:
        """How much of a voice is in each frame, and its period; only those named are looked at."""
        voice, lasting = np.zeros(len(excess_db)), np.zeros(len(excess_db))
        if not which.size:
            return voice, lasting
        frames = self.tape.frames((first + 1) * STEP, which, SIZE)
        found, period = voicing(frames, rest[which], low_db)
        wide = np.count_nonzero(excess_db[which] > 3.0, axis=1) >= _VOICE_BANDS
        before = np.concatenate(([self._voiced[0]], first + which[:-1]))
        periods = np.concatenate(([self._voiced[1]], period[:-1]))
        steady = (first + which - before == 1) & (np.abs(period - periods) <= _GLIDE * period)
        self._voiced = (int(first + which[-1]), int(period[-1]))
        voice[which], lasting[which] = np.where(steady & wide, found, 0.0), period
        return voice, lasting


def _low_db(over: Floats) -> Floats:
    """How much more power is in the low bands than in the high ones."""
    low, high = over[:, :_LOW_BANDS].sum(axis=1), over[:, _LOW_BANDS:].sum(axis=1)
    found: Floats = 10 * np.log10((low + _TINY) / (high + _TINY))
    return found


def _no_frames(first: int) -> Frames:
    none, no = np.zeros(0), np.zeros(0, dtype=np.bool_)
    bands = np.zeros((0, BANDS))
    return Frames(first, no, none, none, none, none, no, bands, bands, False)
