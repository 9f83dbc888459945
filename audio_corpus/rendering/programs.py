"""Synthesisers that are programs of their own: piper, flite, espeak-ng.

Piper is GPL-3: it is started as a program and handed text, never imported.
"""

import importlib.resources
import io
import re
import subprocess
import sys
import tempfile
import wave
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

Spoken = tuple[NDArray[np.float32], int]


def piper(name: str, text: str, speed: float) -> Spoken:
    """Speech of a piper voice and its rate (Hz); both noise scales 0, so that it repeats."""
    model = _piper_model(name)
    with tempfile.TemporaryDirectory() as folder:
        wav = Path(folder) / "speech.wav"
        command = [sys.executable, "-m", "piper", "--model", str(model), "--output_file", str(wav)]
        scales = ["--noise-scale", "0", "--noise-w-scale", "0", "--length-scale", str(1.0 / speed)]
        _run([*command, *scales, "--", text])
        return _samples(wav.read_bytes())


def flite(name: str, text: str, speed: float) -> Spoken:
    """Speech of a flite voice and its rate (Hz)."""
    with tempfile.TemporaryDirectory() as folder:
        wav = Path(folder) / "speech.wav"
        stretch = f"duration_stretch={1.0 / speed}"
        _run(["flite", "-voice", name, "--setf", stretch, "-t", text, "-o", str(wav)])
        return _samples(wav.read_bytes())


def espeak(name: str, text: str, speed: float) -> Spoken:
    """Speech of an espeak-ng voice and its rate (Hz); 1.0 is espeak's 175 words a minute."""
    done = _run(["espeak-ng", "-v", name, "-s", str(round(175 * speed)), "--stdout", "--", text])
    return _samples(done)


def version_of(program: str) -> str:
    """The version number that flite or espeak-ng says it has."""
    done = subprocess.run([program, "--version"], capture_output=True, text=True)  # flite ends 1
    found = re.search(r"(?:flite-|text-to-speech: )([0-9][0-9.]*)", done.stdout)
    if found is None:
        raise RuntimeError(f"{program} --version says no version: {done.stdout.strip()!r}")
    return found.group(1)


def _piper_model(name: str) -> Path:
    folder = importlib.resources.files(f"{name}_us_piper_voice") / "data"
    return Path(str(folder)) / f"en_US-{name}-medium.onnx"


def _run(command: list[str]) -> bytes:
    done = subprocess.run(command, capture_output=True)
    if done.returncode != 0:
        trouble = done.stderr.decode("utf-8", "replace").strip()
        raise RuntimeError(f"{command[0]} ended with {done.returncode}: {trouble}")
    return done.stdout


def _samples(wav: bytes) -> Spoken:
    """Samples of a 16-bit mono WAV; one from a pipe claims to be longer than it is."""
    with wave.open(io.BytesIO(wav)) as source:
        rate_hz = source.getframerate()
        data = source.readframes(source.getnframes())
    samples = np.frombuffer(data[: len(data) // 2 * 2], dtype="<i2")
    return samples.astype(np.float32) / 32768.0, rate_hz
