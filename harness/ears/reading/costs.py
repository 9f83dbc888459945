"""What it costs to take one sound for another, to miss one, or to hear one that is not there."""

import numpy as np
from numpy.typing import NDArray

from harness.ears.reading.sounds import ALPHABET, VOWELS

# Sounds that recognisers and people take for each other, and what that costs; 1 is another sound.
_NEAR = (
    ("pb td kg fv sz SZ CJ", 0.35),
    ("mn nN", 0.45),
    ("wv", 0.35),
    ("Tf Tt Ts Td Tv sS zS zZ SC ZJ tC dJ TS", 0.5),
    ("ie aI ae", 0.4),
    ("lr wl lo wu yi fp vb bm dn td kt gd ft", 0.7),
    ("hk hf gk rw yJ hJ ks", 0.7),
    ("a@ e@ i@ o@ u@ ao oO ei eA Oo uO oW aW oY uW aI iI iA", 0.3),
)
_VOWEL_FOR_VOWEL = 0.5
_OTHER_SOUND = 1.0
_VOWEL_FOR_CONSONANT = 1.2
_LEFT_OUT = {**dict.fromkeys(ALPHABET, 0.9), **dict.fromkeys(VOWELS, 0.6)}
_LEFT_OUT |= {"@": 0.35, "h": 0.5, "r": 0.5, "t": 0.7, "d": 0.7, "w": 0.6, "y": 0.5}


def _substitutions() -> NDArray[np.float32]:
    size = len(ALPHABET)
    cost = np.full((size, size), _OTHER_SOUND, np.float32)
    for i, one in enumerate(ALPHABET):
        for j, other in enumerate(ALPHABET):
            if (one in VOWELS) != (other in VOWELS):
                cost[i, j] = _VOWEL_FOR_CONSONANT
            elif one in VOWELS:
                cost[i, j] = _VOWEL_FOR_VOWEL
    for pairs, near in _NEAR:
        for pair in pairs.split():
            i, j = ALPHABET.index(pair[0]), ALPHABET.index(pair[1])
            cost[i, j] = cost[j, i] = near
    np.fill_diagonal(cost, 0.0)
    return cost


SUBSTITUTED = _substitutions()
"""What it costs to hear one sound of `ALPHABET` for another."""
LEFT_OUT = np.array([_LEFT_OUT[sound] for sound in ALPHABET], np.float32)
"""What it costs to hear a sound that is not there, or to miss it."""


def coded(sounds: str) -> NDArray[np.intp]:
    """Sounds as places in `ALPHABET`."""
    return np.array([ALPHABET.index(sound) for sound in sounds], np.intp)
