"""Words that are said on one account and nowhere else, found again in what was written down.

A recogniser may mishear a word, or write a number in digits. So most of a canary's words are
wanted, in their order, and numbers are compared as they are spoken.
"""

import re
from collections.abc import Iterable

from harness.scene.numbers import in_words

_WORD = re.compile(r"[^\W_]+")
_FOUND = 0.8
_SAID_OR_NOT = frozenset({"and", "a", "the"})
_MOST = 999_999


def read_back(canaries: Iterable[str], transcript: str) -> tuple[str, ...]:
    """The canaries that a transcript holds."""
    heard = spoken(transcript)
    return tuple(canary for canary in canaries if _holds(heard, spoken(canary)))


def spoken(text: str) -> tuple[str, ...]:
    """The words of a text as they are spoken, without those that come and go."""
    words: list[str] = []
    for word in _WORD.findall(text.lower()):
        words += in_words(int(word)) if word.isdecimal() and int(word) <= _MOST else [word]
    return tuple(word for word in words if word not in _SAID_OR_NOT)


def _holds(heard: tuple[str, ...], wanted: tuple[str, ...]) -> bool:
    """Whether most of the words stand there in their order, not much apart."""
    reach = len(wanted) + 2
    spans = (heard[at : at + reach] for at in range(max(1, len(heard) - reach + 1)))
    return bool(wanted) and any(_common(span, wanted) >= _FOUND * len(wanted) for span in spans)


def _common(one: tuple[str, ...], other: tuple[str, ...]) -> int:
    """How many words stand in both in one order: the longest common subsequence."""
    row = [0] * (len(other) + 1)
    for word in one:
        before = row[:]
        for at, wanted in enumerate(other, 1):
            row[at] = before[at - 1] + 1 if word == wanted else max(before[at], row[at - 1])
    return row[-1]
