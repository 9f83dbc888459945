"""Reading: what the device says in words that nobody has on file.

Flows in: the sound of one prompt, as subtraction left it, and the household. Flows out: a
`Meaning`: what the prompt is for, whether it states the act, whom it names, and what of it is in
doubt. A recogniser writes several texts; if it can weigh, it is asked how well every contact fits
the sound; a pure interpreter makes a meaning of that. Nothing is guessed: a name that could be two
people's is nobody's. See `docs/ears.md`.

    reader = Reader(Moonshine(), household)
    meaning = reader.read(sound)            # 16 kHz, one prompt, 0.2 s more at either end
    if not meaning.readable: ...            # meaning.doubts says what is not known
"""

from harness.ears.reading.installed import recogniser
from harness.ears.reading.interpret import interpret
from harness.ears.reading.lexicon import Lexicon
from harness.ears.reading.meaning import Doubt, Meaning
from harness.ears.reading.moonshine import Moonshine
from harness.ears.reading.reader import Reader
from harness.ears.reading.recogniser import (
    RATE_HZ,
    Heard,
    Reading,
    Recogniser,
    Weigher,
    Word,
)
from harness.ears.reading.rereading import Rereader
from harness.ears.reading.weighing import Weighed, weigh
from harness.ears.reading.whisper import Whisper

__all__ = [
    "RATE_HZ",
    "Doubt",
    "Heard",
    "Lexicon",
    "Meaning",
    "Moonshine",
    "Reader",
    "Reading",
    "Recogniser",
    "Rereader",
    "Weighed",
    "Weigher",
    "Whisper",
    "Word",
    "interpret",
    "recogniser",
    "weigh",
]
