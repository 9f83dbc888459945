"""The device's voice: flite or piper as a program of its own, rendered once and kept.

What is played is exactly what `render_prompts` writes: int16, mono, 48 kHz, gain 1.
"""

import hashlib
import io
import re
import subprocess
import tempfile
import threading
import wave
from pathlib import Path
from typing import Protocol

import numpy as np

from rigs.reference_device.errors import SetupError
from rigs.reference_device.prompts import Prompt
from rigs.reference_device.sound_format import CARD_RATE_HZ, SPEECH_RATE_HZ, Pcm, resample
from rigs.reference_device.state import write_atomically

_PEAK = 0.7
_SILENT_PHONES = frozenset({"pau", "ssil", "brth"})


class Synthesizer(Protocol):
    """Text to sound; the same text always gives the same samples."""

    name: str

    def render(self, text: str) -> tuple[Pcm, int]:
        """Samples (int16, mono) and their rate in Hz."""
        ...

    def spoken_by_s(self, text: str, leading: str) -> float:
        """Seconds into `text` at which its part `leading` has been spoken."""
        ...


class Flite:
    """flite (apt), an HMM or diphone voice such as slt."""

    def __init__(self, voice: str) -> None:
        self.name = f"flite:{voice}"
        self._voice = voice

    def render(self, text: str) -> tuple[Pcm, int]:
        """Samples and rate."""
        with tempfile.TemporaryDirectory(prefix="device-voice-") as folder:
            path = Path(folder) / "prompt.wav"
            self._run(["-t", text, "-o", str(path)])
            return read_wav(path)

    def spoken_by_s(self, text: str, leading: str) -> float:
        """By flite's own phone times: the end of the phone that ends the leading part."""
        count = len(self._phones(leading))
        return self._phones(text)[count - 1]

    def _phones(self, text: str) -> list[float]:
        printed = self._run(["-psdur", "-t", text, "-o", "none"])
        phones = re.findall(r"(\S+):([0-9.]+)", printed)
        return [float(end_s) for phone, end_s in phones if phone not in _SILENT_PHONES]

    def _run(self, arguments: list[str]) -> str:
        return run_voice(["flite", "-voice", self._voice, *arguments], "")


class Piper:
    """piper (GPL-3, so only ever run as a program), with its noise switched off to repeat."""

    def __init__(self, model: Path, program: str = "piper") -> None:
        if not model.is_file():
            raise SetupError(f"no piper voice at {model}; name its .onnx file with --piper-model")
        self.name = f"piper:{model.stem}"
        self._command = [program, "--model", str(model), "--noise-scale", "0"]
        self._command += ["--noise-w-scale", "0"]

    def render(self, text: str) -> tuple[Pcm, int]:
        """Samples and rate."""
        with tempfile.TemporaryDirectory(prefix="device-voice-") as folder:
            path = Path(folder) / "prompt.wav"
            run_voice([*self._command, "--output-file", str(path)], text)
            return read_wav(path)

    def spoken_by_s(self, text: str, leading: str) -> float:
        """The length of the leading part said alone, which its falling end makes no shorter."""
        whole, rate_hz = self.render(text)
        part, _ = self.render(leading)
        return min(len(part), len(whole)) / rate_hz


class PromptVoice:
    """Prompts as sound, kept in a folder across restarts."""

    def __init__(self, synthesizer: Synthesizer, cache: Path) -> None:
        self._synthesizer = synthesizer
        self._cache = cache
        self._loaded: dict[str, Pcm] = {}
        self._lock = threading.Lock()  # prompts are rendered ahead while one may be needed now

    def sound(self, prompt: Prompt) -> Pcm:
        """The prompt, int16 at 48 kHz, as it is played."""
        with self._lock:
            if prompt.text not in self._loaded:
                self._loaded[prompt.text] = self._from_cache(prompt.text)
            return self._loaded[prompt.text]

    def named_by_s(self, prompt: Prompt) -> float | None:
        """Seconds into the prompt by which act and name have been said; None if never."""
        if prompt.leading is None:
            return None
        return self._synthesizer.spoken_by_s(prompt.text, prompt.leading)

    def _from_cache(self, text: str) -> Pcm:
        digest = hashlib.sha256(f"{self._synthesizer.name}\0{text}".encode()).hexdigest()[:24]
        path = self._cache / f"{digest}.wav"
        if path.is_file():
            try:
                return read_wav(path)[0]
            except (wave.Error, EOFError, SetupError):
                path.unlink()  # damaged: rendered again below
        pcm, rate_hz = self._synthesizer.render(text)
        sound = _levelled(resample(pcm, rate_hz, CARD_RATE_HZ))
        self._cache.mkdir(parents=True, exist_ok=True)
        write_atomically(path, wav_bytes(sound, CARD_RATE_HZ))
        return sound


def as_played(pcm: Pcm) -> Pcm:
    """Sound from the cloud (int16, 16 kHz) as the device plays it: 48 kHz, as loud as a prompt."""
    return _levelled(resample(pcm, SPEECH_RATE_HZ, CARD_RATE_HZ))


def read_wav(path: Path) -> tuple[Pcm, int]:
    """Samples and rate of a mono 16-bit WAV."""
    with wave.open(str(path), "rb") as wav:
        if wav.getnchannels() != 1 or wav.getsampwidth() != 2:
            raise SetupError(f"{path} is not mono 16-bit; the voice program must write that")
        return np.frombuffer(wav.readframes(wav.getnframes()), np.int16), wav.getframerate()


def wav_bytes(pcm: Pcm, rate_hz: int) -> bytes:
    """A mono 16-bit WAV file as bytes."""
    buffer = io.BytesIO()
    with wave.open(buffer, "wb") as wav:
        wav.setnchannels(1)
        wav.setsampwidth(2)
        wav.setframerate(rate_hz)
        wav.writeframes(pcm.tobytes())
    return buffer.getvalue()


def run_voice(command: list[str], text: str) -> str:
    """Run a voice program and return what it printed; `SetupError` says what to do."""
    try:
        done = subprocess.run(
            command, input=text, capture_output=True, text=True, timeout=30.0, check=True
        )
    except FileNotFoundError as error:
        raise SetupError(f"{command[0]} is not installed; install it or choose --voice") from error
    except subprocess.CalledProcessError as error:
        raise SetupError(f"{' '.join(command)} failed: {error.stderr.strip()}") from error
    except subprocess.TimeoutExpired as error:
        raise SetupError(f"{command[0]} gave no sound in 30 s; run it by hand") from error
    return done.stdout


def _levelled(pcm: Pcm) -> Pcm:
    peak = float(np.abs(pcm.astype(np.float64)).max(initial=1.0))
    return np.round(pcm * (_PEAK * 32767.0 / peak)).astype(np.int16)
