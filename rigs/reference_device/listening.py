"""One turn of somebody who speaks: from the microphone's sound to what was heard of it."""

from dataclasses import dataclass

from rigs.reference_device import understanding
from rigs.reference_device.dialogue import Draft, Heard, Turn
from rigs.reference_device.endpoint import Endpoint, Endpointer
from rigs.reference_device.sound_format import Pcm
from rigs.reference_device.stt import Recogniser


@dataclass(frozen=True, slots=True)
class Over:
    """The turn is over. `heard`: None where nobody spoke in time."""

    heard: Heard | None


@dataclass(slots=True)
class Listening:
    """Listens for one turn of a dialogue; `draft`: what is known of the message by then."""

    turn: Turn
    draft: Draft
    endpointer: Endpointer
    recogniser: Recogniser
    _guess: tuple[int, str] | None = None

    def hear(self, pcm: Pcm) -> Over | None:
        """Take the next sound (int16, 16 kHz); None while the turn goes on."""
        found = self.endpointer.feed(pcm)
        if found is Endpoint.TIMED_OUT:
            return Over(None)
        if found is Endpoint.PAUSE:
            self._guess = (self.endpointer.speech_end, self._transcribe())
        if found is not Endpoint.ENDED:
            return None
        text = self._text()
        if self.turn is Turn.REQUEST and not understanding.without_wake_word(text):
            # Only the wake word, or a noise: the request is still to come.
            self.endpointer.forget_speech()
            return None
        return Over(Heard(text, self.endpointer.utterance()))

    def _text(self) -> str:
        """What was said: known already where nothing was added since the last pause."""
        if self._guess is not None and self._guess[0] == self.endpointer.speech_end:
            return self._guess[1]
        return self._transcribe()

    def _transcribe(self) -> str:
        return self.recogniser.transcribe(self.endpointer.utterance())
