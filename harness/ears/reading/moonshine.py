"""moonshine-voice: a small English recogniser whose package carries its model (MIT)."""

from collections.abc import Mapping
from typing import Any

from harness.ears.reading.recogniser import (
    RATE_HZ,
    Reading,
    Recogniser,
    Samples,
    checked,
    package_folder,
    padded,
    too_short,
)

# Names are spelt in many small pieces; the package's own limit of 6.5 a second breaks them off.
_OPTIONS: Mapping[str, float] = {"max_tokens_per_second": 13.0}


class Moonshine(Recogniser):
    """moonshine-voice's tiny English model. It gives one text, without times and confidence.

    `RigError` where the package is missing. About 0.13 s of processor time for a second of sound.
    """

    name = "moonshine-voice"

    def __init__(self) -> None:
        folder = package_folder("moonshine_voice") / "assets" / "tiny-en"
        from moonshine_voice.moonshine_api import ModelArch
        from moonshine_voice.transcriber import Transcriber

        self._transcriber: Any = Transcriber(str(folder), ModelArch.TINY, options=dict(_OPTIONS))

    def transcribe(self, sound: Samples) -> Reading:
        """The words in a sound; 1.0 of confidence where there are any, since it tells none."""
        if too_short(checked(sound)):
            return Reading("", 0.0)
        found = self._transcriber.transcribe_without_streaming(padded(sound).tolist(), RATE_HZ)
        text = " ".join(line.text.strip() for line in found.lines).strip()
        return Reading(text, 1.0 if text else 0.0)
