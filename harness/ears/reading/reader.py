"""Reads one prompt: a recogniser, the household, and when act and name had been spoken."""

from dataclasses import replace

import numpy as np

from harness.ears.reading.interpret import interpret
from harness.ears.reading.lexicon import Form, Lexicon, words_of
from harness.ears.reading.meaning import Doubt, Meaning
from harness.ears.reading.names import Named, names_another
from harness.ears.reading.recogniser import (
    RATE_HZ,
    Heard,
    Reading,
    Recogniser,
    Samples,
    Weigher,
    checked,
)
from harness.ears.reading.rereading import Rereader
from harness.ears.reading.weighing import Weighed, put_in, weigh
from harness.model.script import Household, PromptRole

_STEP_S = 0.1
# A recogniser completes a word that is all but spoken; too late is careful, too early is not.
_ALLOWED_S = 0.2


class Reader:
    """Reads prompts of a device to one household. Made once: its contacts are prepared then.

    A recogniser that can weigh texts decides by itself whom the sound names. From any other the
    texts decide.
    """

    def __init__(self, recogniser: Recogniser, household: Household) -> None:
        self._once = recogniser
        self._often = Rereader(recogniser)
        self._lexicon = Lexicon(household)

    def read(self, sound: Samples) -> Meaning:
        """What the prompt in `sound` (mono, 16 kHz, with 0.2 s before and after it) means.

        Five readings, and either weighing or, where it states act and name, about five more of
        parts of it: some 1 s of processor time for each second of sound.
        """
        if isinstance(self._once, Weigher):
            return self._weighed(self._once.hear(checked(sound)), sound)
        meaning = interpret(self._often.transcribe(sound), self._lexicon)
        if meaning.named_by_s is not None or not _says_all(meaning):
            return meaning
        return replace(meaning, named_by_s=self._named_by_s(sound, meaning))

    def glance(self, sound: Samples) -> Meaning:
        """The same by a single reading: a fifth of the time, and less sure."""
        return interpret(self._once.transcribe(sound), self._lexicon)

    def _weighed(self, heard: Heard, sound: Samples) -> Meaning:
        reading = self._often.reread(heard.reading, sound)
        found = weigh(heard, self._lexicon, reading.texts)
        if found.form is None:
            return _unnamed(interpret(reading, self._lexicon), found)
        reading, named = self._put_in(reading, found.form, found)
        reading = replace(reading, words=heard.timed(reading.text))
        meaning = interpret(reading, self._lexicon, named)
        until_s = (meaning.named_by_s or np.inf) + _ALLOWED_S
        return replace(meaning, named_by_s=until_s if until_s < len(sound) / RATE_HZ else None)

    def _put_in(self, reading: Reading, form: Form, found: Weighed) -> tuple[Reading, Named]:
        """The reading as it would be had the recogniser known the name, and the name in it."""
        texts, windows = [], []
        for text in filter(words_of, reading.texts):
            changed, window = put_in(text, form, self._lexicon)
            texts.append(changed)
            windows.append(window)
        (contact,) = form.contacts
        another = names_another([words_of(text) for text in texts], form, self._lexicon)
        named = Named(
            contact, form.full, found.full_sure, tuple(windows), (), another, distinct=True
        )
        text, *others = texts
        return replace(reading, text=text, alternatives=tuple(others)), named

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


def _unnamed(meaning: Meaning, found: Weighed) -> Meaning:
    """A meaning in which nobody is named, since the sound does not say surely who."""
    named = (meaning.named_contact,) if meaning.named_contact else ()
    if not named and (not found.rivals or meaning.role is PromptRole.ASK_WHICH):
        return meaning
    return replace(
        meaning,
        named_contact=None,
        says_full_name=False,
        named_by_s=None,
        doubts=(meaning.doubts - {Doubt.FULL_NAME}) | {Doubt.NAME},
        rivals=tuple(dict.fromkeys((*found.rivals, *named, *meaning.rivals))),
    )


def _says_all(meaning: Meaning) -> bool:
    return meaning.states_act and meaning.says_full_name
