"""Candidates, ranked: words, runs of words that somebody says, and pairs made to fit."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

import numpy as np

from harness.errors import UserError
from harness.series.sound_alikes.distance import part_distances, whole_distances
from harness.series.sound_alikes.phones import phones_of

_LONGEST_RUN = 3
_WORD = re.compile(r"[a-z]+(?:'[a-z]+)*")
_PAIRED_EACH = 10
_SAME = 1e-6


@dataclass(frozen=True, slots=True)
class SoundAlike:
    """A word or phrase, its sounds, and its distance: 0 the same, 1 nothing in common."""

    text: str
    phones: str
    distance: float


def candidates(lines: Iterable[str]) -> tuple[str, ...]:
    """Every word, and every run of up to three words of a line, each once."""
    return tuple(dict.fromkeys(run for line in lines for run in _runs(line)))


def ranked(wake: str, lines: Iterable[str], most: int) -> tuple[SoundAlike, ...]:
    """The nearest candidates, nearest first, without the wake word itself and what holds it.

    Raises `UserError` for a wake word without sounds, or without anything to choose from.
    """
    (target,) = phones_of([wake])
    if not target:
        raise UserError(f"{wake!r} has no sounds; write the wake word as it is spelt")
    texts = candidates(lines)
    phones = dict(zip(texts, phones_of(texts), strict=True))
    phones = {text: sounds for text, sounds in phones.items() if sounds}
    if not phones:
        raise UserError(
            "there are no words to choose from; give a list with --words, or install one "
            "(apt-get install wamerican)"
        )
    phones |= _pairs(target, phones)
    own = set(_WORD.findall(wake.lower()))
    near = part_distances(target, list(phones.values()))
    found = [
        SoundAlike(text, sounds, round(float(distance), 4))
        for distance, (text, sounds) in zip(near.tolist(), phones.items(), strict=True)
        if distance > _SAME and not own & set(_WORD.findall(text))
    ]
    found.sort(key=lambda each: (each.distance, each.text.count(" "), each.text))
    return tuple(islice(_shortest(found), most))


def _runs(line: str) -> Iterator[str]:
    words = _WORD.findall(line.lower())
    for count in range(1, _LONGEST_RUN + 1):
        for first in range(len(words) - count + 1):
            yield " ".join(words[first : first + count])


def _pairs(target: str, phones: dict[str, str]) -> dict[str, str]:
    """Two words whose sounds follow each other like those of the wake word."""
    words = [text for text in phones if " " not in text]
    sounds = [phones[word] for word in words]
    made: dict[str, str] = {}
    for at in range(1, len(target)):
        heads, tails = (_nearest(part, words, sounds) for part in (target[:at], target[at:]))
        for head in heads:
            for tail in (each for each in tails if each != head):
                made.setdefault(f"{head} {tail}", phones[head] + phones[tail])
    return made


def _nearest(part: str, words: Sequence[str], sounds: Sequence[str]) -> list[str]:
    order = np.argsort(whole_distances(part, sounds), kind="stable")
    return [words[index] for index in order[:_PAIRED_EACH]]


def _shortest(found: Iterable[SoundAlike]) -> Iterator[SoundAlike]:
    """Without runs that are no nearer than a run within them that came before."""
    kept: list[str] = []
    for each in found:
        if not any(f" {text} " in f" {each.text} " for text in kept):
            kept.append(each.text)
            yield each
