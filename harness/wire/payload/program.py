"""Sound in forms that libsndfile does not read, by the program ffmpeg, where it is installed.

What is read here comes from a device and may be anything: the program is told the form, opens
nothing but the bytes that it is handed, and has a limit of time and of sound.
"""

import io
import shutil
import subprocess
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import soundfile

NEEDED = "it needs the program ffmpeg to be read, which is not installed"
_FORMS = {"aac": "aac", "g722": "g722"}
"""The program's name of each form, and of the decoder that alone may read it."""
_LIMIT_S, _LONGEST_S = 60.0, 1800


@dataclass(frozen=True, slots=True)
class Decoded:
    """Sound, its channels in columns, full scale 1.0."""

    sound: npt.NDArray[np.float32]
    rate_hz: int


def is_there() -> bool:
    """Whether the program is installed."""
    return shutil.which("ffmpeg") is not None


def decoded(data: bytes, form: str) -> Decoded | None:
    """The sound of `data`, of which no more than half an hour is read; None where it holds none, or
    the program is not there. `form`: "aac" (ADTS) or "g722".
    """
    name = shutil.which("ffmpeg")
    if name is None:
        return None
    command = [name, "-nostdin", "-v", "error", "-threads", "1", "-protocol_whitelist", "pipe"]
    command += ["-codec_whitelist", _FORMS[form], "-f", form, "-i", "pipe:0", "-map", "0:a:0"]
    command += ["-t", str(_LONGEST_S), "-c:a", "pcm_s16be", "-f", "au", "pipe:1"]
    try:
        done = subprocess.run(
            command, input=data, capture_output=True, timeout=_LIMIT_S, check=False
        )
        sound, rate_hz = soundfile.read(io.BytesIO(done.stdout), dtype="float32", always_2d=True)
    except (subprocess.TimeoutExpired, OSError, soundfile.LibsndfileError, RuntimeError):
        return None
    return Decoded(sound, int(rate_hz)) if len(sound) else None
