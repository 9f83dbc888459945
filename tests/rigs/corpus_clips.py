"""Lines of the committed corpus, found by who says what."""

import json
from functools import cache
from pathlib import Path

import numpy as np
import soundfile

from rigs.reference_device.contacts import Contact
from rigs.reference_device.sound_format import SPEECH_RATE_HZ, Pcm, resample

ROOT = Path(__file__).parents[2]
CORPUS = ROOT / "audio_corpus"
CONTACTS = (Contact("c1", "Thomas Reed"), Contact("c2", "Anna Kowalski"))
DANA, MARK = "kokoro:af_heart", "kokoro:am_michael"
PORTLAND = (
    (0.5, DANA, "So what did the contractor say about the hardwood floors?"),
    (4.5, MARK, "It is unacceptable. Send a message and tell them that."),
    (10.2, DANA, "Well, Thomas was the one who recommended them."),
    (15.5, MARK, "Right, and he was really happy with his floors."),
    (20.0, DANA, "I think we should get another quote."),
)


@cache
def line(voice: str, text: str, rate_hz: int = SPEECH_RATE_HZ) -> Pcm:
    """A line at a rate, with a peak of -10 dB re full scale."""
    clips = json.loads((CORPUS / "manifest.json").read_text())["clips"]
    file = next(c["file"] for c in clips if c["voice"] == voice and c["text"] == text)
    samples, clip_hz = soundfile.read(CORPUS / file)
    pcm = np.round(samples / np.abs(samples).max() * 10 ** (-10 / 20) * 32767).astype(np.int16)
    return resample(pcm, clip_hz, rate_hz)
