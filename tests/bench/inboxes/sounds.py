"""Sound files to send."""

import io

import numpy as np
import soundfile


def sound(seconds: float, kind: str = "WAV") -> bytes:
    """A tone as a file of this kind."""
    tone = 0.3 * np.sin(2 * np.pi * 440 * np.arange(int(16_000 * seconds)) / 16_000)
    made = io.BytesIO()
    soundfile.write(made, tone, 16_000, format=kind)
    return made.getvalue()
