"""Reads one prompt: a recogniser, the household, and when act and name had been spoken."""

from dataclasses import replace

from harness.ears.reading.interpret import interpret
from harness.ears.reading.lexicon import Lexicon
from harness.ears.reading.meaning import Meaning
from harness.ears.reading.recogniser import RATE_HZ, Reading, Recogniser, Samples
from harness.ears.reading.rereading import Rereader
from harness.model.script import Household

_STEP_S = 0.1
# A recogniser completes a word that is all but spoken; too late is careful, too early is not.
_ALLOWED_S = 0.2


class Reader:
    """Reads prompts of a device to one household. Made once: its contacts are prepared then."""

    def __init__(self, recogniser: Recogniser, household: Household) -> None:
        self._once = recogniser
        self._often = Rereader(recogniser)
        self._lexicon = Lexicon(household)

    def read(self, sound: Samples) -> Meaning:
        """What the prompt in `sound` (mono, 16 kHz, with 0.2 s before and after it) means.

        Five readings and, where it states act and name, about five more of parts of it: some 1 s of
        processor time for each second of sound with `Moonshine`.
        """
        meaning = interpret(self._often.transcribe(sound), self._lexicon)
        if meaning.named_by_s is not None or not _says_all(meaning):
            return meaning
        return replace(meaning, named_by_s=self._named_by_s(sound, meaning))

    def glance(self, sound: Samples) -> Meaning:
        """The same by a single reading: a fifth of the time, and less sure."""
        return interpret(self._once.transcribe(sound), self._lexicon)

    def _named_by_s(self, sound: Samples, meaning: Meaning) -> float | None:
        """The shortest beginning that says the same, with some allowance; None: not before its end.

        By halving: what a beginning says, a longer one says as well.
        """
        until = len(sound) // round(_STEP_S * RATE_HZ)
        too_short, enough = 0, until
        while enough - too_short > 1:
            middle = (too_short + enough) // 2
            beginning = sound[: round(middle * _STEP_S * RATE_HZ)]
            if self._says_the_same(self._once.transcribe(beginning), meaning):
                enough = middle
            else:
                too_short = middle
        named_by_s = enough * _STEP_S + _ALLOWED_S
        return named_by_s if named_by_s < len(sound) / RATE_HZ else None

    def _says_the_same(self, reading: Reading, meaning: Meaning) -> bool:
        part = interpret(reading, self._lexicon)
        return _says_all(part) and part.named_contact == meaning.named_contact


def _says_all(meaning: Meaning) -> bool:
    return meaning.states_act and meaning.says_full_name
