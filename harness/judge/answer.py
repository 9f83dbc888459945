"""The closed set of answers, and whether two ways of writing a contact mean the same person."""

import re
from functools import lru_cache
from unicodedata import category, normalize

_TEXTS = 4096
"""So many texts are remembered taken apart: the same lines are asked about again and again."""
_YES = ("yes", "yeah", "yep", "correct", "right", "send it", "go ahead", "do it")
_NOES = frozenset({("no",), ("not",), ("don't",), ("never",), ("wait",), ("stop",), ("cancel",)})
_POLITE = frozenset({"please"})
_TWO_WORD_WAKES = frozenset({"hey", "ok", "okay", "hi"})
_WORD = re.compile(r"[^\W_]+(?:['\u2019][^\W_]+)*")


@lru_cache(maxsize=_TEXTS)
def words(text: str) -> tuple[str, ...]:
    """The words of `text` in lower case, without punctuation, however its letters are encoded."""
    text = text.lower()
    if text.isascii():
        return tuple(_WORD.findall(text))
    # Vowels that are marks on a letter belong to its word: Raj and Rose differ by nothing else.
    text = normalize("NFC", text)
    taken = ((m.start(), m.end()) for m in _WORD.finditer("".join(map(_letter, text))))
    return tuple(text[start:end].replace("\u2019", "'") for start, end in taken)


def _letter(sign: str) -> str:
    """The sign; for a mark on a letter, which is no letter by itself, some letter."""
    on_letter = category(sign) in ("Mn", "Mc") and not "\ufe00" <= sign <= "\ufe0f"
    return "m" if on_letter else sign


@lru_cache(maxsize=_TEXTS)
def wake_words(waking_text: str) -> tuple[str, ...]:
    """The wake word of a line that wakes: what stands before its first comma or stop.

    Where that is longer than three words, its first word ("hey", "ok" and "hi" take the next one
    with them).
    """
    first = words(re.split(r"[,.!?;:]", waking_text.strip(), maxsplit=1)[0])
    if len(first) <= 3:
        return first
    return first[:2] if first[0] in _TWO_WORD_WAKES else first[:1]


@lru_cache(maxsize=_TEXTS)
def is_whole_yes(text: str, wake: tuple[str, ...], contact: str | None) -> bool:
    """Whether the whole utterance is one of the closed set.

    `please`, the wake word and the contact's name may stand beside it, nothing else may.
    """
    left = _without(words(text), wake)
    if _is_yes(left):  # also where the contact is called Right
        return True
    full = words(contact or "")
    for name in (full, *((word,) for word in full)):
        if name not in _NOES:  # whoever is called so, somebody says no
            left = _without(left, name)
    return _is_yes(left)


def _is_yes(left: tuple[str, ...]) -> bool:
    return " ".join(word for word in left if word not in _POLITE) in _YES


def holds_yes(text: str) -> bool:
    """Whether an affirmative stands anywhere in `text`."""
    padded = f" {' '.join(words(text))} "
    return any(f" {yes} " in padded for yes in _YES)


def same_contact(one: str, other: str, contacts: tuple[str, ...]) -> bool:
    """Whether two names mean the same contact.

    Equal but for case and punctuation; or one is a part of the other that no second contact has.
    Two that the household has both, such as Mum and Mum with a heart, are two.
    """
    if one != other and one in contacts and other in contacts:
        return False
    a, b = words(one), words(other)
    if a == b:
        return bool(a) or _bare(one) == _bare(other)  # signs only, such as a heart
    short, long = sorted((frozenset(a), frozenset(b)), key=len)
    holders = [contact for contact in contacts if short <= frozenset(words(contact))]
    return bool(short) and short < long and len(holders) == 1 and short <= frozenset(long)


def _bare(name: str) -> str:
    return normalize("NFC", name).strip()


def names_part_of(text: str, contact: str) -> bool:
    """Whether `text` holds a word of the contact's name."""
    return bool(frozenset(words(contact)) & frozenset(words(text)))


def word_error_rate(said: str, received: str) -> float:
    """Word edits from `said` to `received`, per word said (Levenshtein)."""
    reference, other = words(said), words(received)
    row = list(range(len(other) + 1))
    for i, word in enumerate(reference, start=1):
        diagonal, row[0] = row[0], i
        for j, heard in enumerate(other, start=1):
            swap = diagonal + (word != heard)
            diagonal, row[j] = row[j], min(swap, row[j] + 1, row[j - 1] + 1)
    return row[-1] / max(1, len(reference))


def _without(text: tuple[str, ...], phrase: tuple[str, ...]) -> tuple[str, ...]:
    """`text` without the first place where `phrase` stands."""
    size = len(phrase)
    for start in range(len(text) - size + 1):
        if size and text[start : start + size] == phrase:
            return text[:start] + text[start + size :]
    return text
