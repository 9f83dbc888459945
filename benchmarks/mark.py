"""Measures what is left of a mark in the stimulus after a room, another rate and Opus.

python -m benchmarks.mark [--quick] [--seed S]

A mark is noise that only its seed makes, under the speech by so many dB at every moment. It is
looked for by the phase transform, at any delay up to 75 ms; found is what is over all that the same
search gave where there was no mark. Nothing in Sayso puts a mark into what it plays.
"""

import argparse
import io
import random
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import scipy.fft
import scipy.ndimage
import scipy.signal
import soundfile
import soxr
from numpy.typing import NDArray

from benchmarks.account_hours import OPUS_24, ROOMS, T60_S, path_in_room
from benchmarks.table import Row, finish

Sound = NDArray[np.float64]
RATE_HZ = 16_000
_CLIPS = Path(__file__).parents[1] / "audio_corpus" / "clips"
_BELOW_DB = (10, 15, 20, 25, 30, 35)
_BAND_HZ = (300.0, 3_300.0)
_BLOCK = 320
_DELAYS = 1_200
_NOISE_DB, _CLOCK_PPM = 20.0, 60.0
_QUICK = 6


def main() -> int:
    """Mark, spoil, look for it, print the table."""
    parser = argparse.ArgumentParser(description="Measures what a mark in the stimulus survives.")
    parser.add_argument("--quick", action="store_true", help=f"{_QUICK} clips")
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    clips = _speech()[: _QUICK if asked.quick else None]
    rows = [Row("clips", len(clips), "", "", None)]
    for name, spoil in _ways(random.Random(asked.seed)).items():
        rows += _curve(name, spoil, clips, asked.seed)
    return finish("mark", rows, {"seed": str(asked.seed)})


def _speech() -> list[Sound]:
    """Every clip of speech of the corpus that lasts a second or more."""
    sounds = []
    for path in sorted(_CLIPS.glob("kokoro-*.flac")):
        sound, rate_hz = soundfile.read(path)
        if len(sound) >= rate_hz:
            sounds.append(np.asarray(soxr.resample(sound, rate_hz, RATE_HZ), dtype=np.float64))
    return sounds


def _curve(name: str, spoil: Callable[[Sound], Sound], clips: list[Sound], seed: int) -> list[Row]:
    """In what share of the clips the mark is found, by how far it lies under the speech."""
    marks = [_mark(clip, seed + number) for number, clip in enumerate(clips)]
    without = [_stands_out(spoil(clip), mark) for clip, mark in zip(clips, marks, strict=True)]
    rows = []
    for below_db in _BELOW_DB:
        gain = 10 ** (-below_db / 20)
        found = [
            _stands_out(spoil(clip + gain * mark), mark) > max(without)
            for clip, mark in zip(clips, marks, strict=True)
        ]
        rows.append(Row(f"{name}, {below_db} dB under", float(np.mean(found)), "share", "", None))
    return rows


def _mark(speech: Sound, seed: int) -> Sound:
    """Noise in the band of speech, at every moment as loud as the speech."""
    noise = np.random.default_rng(seed).standard_normal(len(speech))
    sections = scipy.signal.butter(4, _BAND_HZ, "bandpass", fs=RATE_HZ, output="sos")
    white: Sound = scipy.signal.sosfilt(sections, noise)
    level = np.sqrt(scipy.ndimage.uniform_filter1d(np.square(speech), 5 * _BLOCK) + 1e-12)
    mark: Sound = white * level
    found: Sound = mark * np.sqrt(np.mean(np.square(speech)) / np.mean(np.square(mark)))
    return found


def _stands_out(recording: Sound, mark: Sound) -> float:
    """The highest power of their correlation by phases; its mean is 1 where there is no mark."""
    size = scipy.fft.next_fast_len(len(recording) + len(mark))
    hz = np.fft.rfftfreq(size, 1 / RATE_HZ)
    inside = (hz >= _BAND_HZ[0]) & (hz <= _BAND_HZ[1])
    cross = np.fft.rfft(recording, size) * np.conj(np.fft.rfft(mark, size))
    phases = np.where(inside, cross / (np.abs(cross) + 1e-20), 0.0)
    power = np.square(np.abs(scipy.signal.hilbert(np.fft.irfft(phases, size))))
    return float(power[:_DELAYS].max() / power.mean())


def _ways(dice: random.Random) -> dict[str, Callable[[Sound], Sound]]:
    """What may become of a sound before an account hands it out."""
    path = path_in_room(ROOMS[0], T60_S[1], dice)

    def in_room(sound: Sound) -> Sound:
        heard = scipy.signal.oaconvolve(sound, path)
        noise = np.random.default_rng(len(sound)).standard_normal(len(heard))
        scale = np.std(heard) * 10 ** (-_NOISE_DB / 20)
        return np.asarray(heard + scale * noise, dtype=np.float64)

    def by_another_clock(sound: Sound) -> Sound:
        drifted = soxr.resample(sound, RATE_HZ, RATE_HZ * (1 + 1e-6 * _CLOCK_PPM))
        return np.asarray(drifted, dtype=np.float64)

    def narrow(sound: Sound) -> Sound:
        low = soxr.resample(sound, RATE_HZ, 8_000)
        return np.asarray(soxr.resample(low, 8_000, RATE_HZ), dtype=np.float64)

    return {
        "untouched": lambda sound: sound,
        "8 kHz and back": narrow,
        "a clock 60 ppm off": by_another_clock,
        "Opus 24 kbit/s": _opus,
        "room, T60 0.35 s": in_room,
        "room, clock and Opus": lambda sound: _opus(by_another_clock(in_room(sound))),
    }


def _opus(sound: Sound) -> Sound:
    level = 0.5 * sound / np.abs(sound).max()
    file = io.BytesIO()
    soundfile.write(file, level, RATE_HZ, format="OGG", subtype="OPUS", compression_level=OPUS_24)
    file.seek(0)
    return np.asarray(soundfile.read(file)[0], dtype=np.float64)


if __name__ == "__main__":
    sys.exit(main())
