"""Makes speech that no person can hear: `python -m audio_corpus.ultrasound CLIP OUT.flac`.

The speech is moved up to 18.5 kHz and above: one sideband and its carrier (single-sideband AM with
full carrier), within 18 to 24 kHz. Nothing of it is left where people hear. A microphone that is
not quite linear squares a little of it, and the square of a sideband and its carrier holds the
speech itself, at its own pitch (Zhang et al., "DolphinAttack", CCS 2017).
"""

import sys
from pathlib import Path

import numpy as np
import scipy
import soundfile
import soxr
from numpy.typing import NDArray

RATE_HZ = 48_000
CARRIER_HZ = 18_500.0
LOWEST_HZ = 18_000.0
"""Below this nothing is left over."""
_SPEECH_HZ = (120.0, 5_200.0)
_HIGHEST_HZ = 23_900.0
_DEPTH = 0.8
"""How loud the sideband is against the carrier, at its loudest."""
_TAPS = 2_049
_PAUSE_S = 0.1
_FADE_S = 0.05
_PEAK = 0.5

Samples = NDArray[np.float64]


def ultrasound(speech: Samples) -> Samples:
    """Speech (mono, 48 kHz) as ultrasound of the same rate, 0.2 s longer, with a peak of 0.5."""
    pause = np.zeros(round(_PAUSE_S * RATE_HZ))
    heard = _band(np.concatenate([pause, speech, pause]), *_SPEECH_HZ)
    heard /= np.abs(heard).max()
    time_s = np.arange(len(heard)) / RATE_HZ
    carrier = np.exp(2j * np.pi * CARRIER_HZ * time_s)
    moved = np.real(_faded(len(heard)) * (1.0 + _DEPTH * scipy.signal.hilbert(heard)) * carrier)
    sound = _band(moved, LOWEST_HZ, _HIGHEST_HZ)
    return np.asarray(sound * _PEAK / np.abs(sound).max(), np.float64)


def _band(sound: Samples, low_hz: float, high_hz: float) -> Samples:
    taps = scipy.signal.firwin(_TAPS, [low_hz, high_hz], fs=RATE_HZ, pass_zero=False)
    return np.asarray(scipy.signal.oaconvolve(sound, taps, mode="same"), np.float64)


def _faded(count: int) -> Samples:
    # Switched on at once, the carrier would click where people hear.
    length = round(_FADE_S * RATE_HZ)
    rise = 0.5 - 0.5 * np.cos(np.pi * np.arange(length) / length)
    fade = np.ones(count)
    fade[:length], fade[-length:] = rise, rise[::-1]
    return fade


def main() -> None:
    """Read a clip, write its ultrasound (mono 16-bit FLAC, 48 kHz)."""
    source, out = (Path(argument) for argument in sys.argv[1:])
    speech, rate_hz = soundfile.read(source)
    sound = ultrasound(soxr.resample(speech, rate_hz, RATE_HZ))
    soundfile.write(out, sound, RATE_HZ, subtype="PCM_16")


if __name__ == "__main__":
    main()
