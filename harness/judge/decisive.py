"""Words that turn what a text means: no share of wrong words excuses another one of these.

Negations, numbers and names are few among the words of a message, and the rest of it may be right
to the letter: "do come" for "do not come" is one word of six.
"""

import re
from functools import lru_cache

from harness.judge.answer import words

_TEXTS = 4096
_NEGATIONS = frozenset(
    {"not", "cannot", "never", "no", "none", "nobody", "nothing", "nowhere", "without", "neither",
     "nor", "nt", "dont", "cant", "wont", "isnt", "didnt", "doesnt"}
)  # fmt: skip
_SMALL = (
    "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten",
    "eleven", "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen",
    "nineteen",
)  # fmt: skip
_TENS = ("twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
_NUMBERS = {
    **{word: number for number, word in enumerate(_SMALL)},
    **{word: 20 + 10 * number for number, word in enumerate(_TENS)},
    "hundred": 100,
    "thousand": 1000,
}
_ROUND = frozenset(range(20, 100, 10))
_SENTENCES = re.compile(r"(?:^|[.!?:])\W*")
_REQUEST = frozenset(
    {"a", "an", "and", "ask", "can", "could", "hey", "know", "let", "me", "message", "my", "new",
     "note", "ok", "okay", "please", "reading", "say", "saying", "says", "send", "tell", "telling",
     "text", "that", "the", "to", "for", "voice", "with", "would", "write", "you"}
)  # fmt: skip
"""Words by which somebody asks for a message, before its own begin."""


def other_decisive(said: str, received: str, names: tuple[str, ...]) -> tuple[str, ...]:
    """The words that turn the meaning and stand in only one of two texts; none where all agree.

    `names`: contacts, whose names count wherever they stand. Other names are told by a capital
    within a sentence of `said`, so one that begins a sentence is not known for one.
    """
    named = frozenset(word for name in names for word in words(name)) | _names_in(said)
    ours, theirs = _decisive(said, named), _decisive(received, named)
    if ours == theirs:
        return ()
    lost = [word for word in ours if ours.count(word) != theirs.count(word)]
    more = [word for word in theirs if ours.count(word) != theirs.count(word)]
    return tuple(dict.fromkeys((*lost, *more))) or ours


def left_out(line: str, message: str, wake: tuple[str, ...], contact: str) -> tuple[str, ...]:
    """The words of a line that stand before its message and are neither the wake word, nor the
    contact, nor a way to ask for a message: they may be part of what was dictated.
    """
    head = words(line)[: max(0, len(words(line)) - len(words(message)))]
    asked = _REQUEST | frozenset(wake) | frozenset(words(contact))
    return tuple(word for word in head if word not in asked)


@lru_cache(maxsize=_TEXTS)
def _decisive(text: str, named: frozenset[str]) -> tuple[str, ...]:
    """The negations (all alike), numbers (in digits) and names of a text, in order."""
    found: list[str] = []
    tens: int | None = None
    for word in words(text):
        number = _number(word)
        if tens is not None and number is not None and 0 < number < 10:
            found[-1], tens = str(tens + number), None
            continue
        tens = number if number in _ROUND and not word.isdigit() else None
        if number is not None:
            found.append(str(number))
        elif word in _NEGATIONS or word.endswith("n't"):
            found.append("not")
        elif word.removesuffix("'s") in named:
            found.append(word.removesuffix("'s"))
    return tuple(found)


def _number(word: str) -> int | None:
    if word.isascii() and word.isdigit():
        return int(word)
    return _NUMBERS.get(word)


@lru_cache(maxsize=_TEXTS)
def _names_in(text: str) -> frozenset[str]:
    """Words with a capital that begin no sentence, but for "I" and its like."""
    found: set[str] = set()
    for sentence in _SENTENCES.split(text):
        capital = [word for word in sentence.split()[1:] if word[:1].isupper()]
        found |= {word.removesuffix("'s") for each in capital for word in words(each)}
    return frozenset(word for word in found if word != "i" and not word.startswith("i'"))
