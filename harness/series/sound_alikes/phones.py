"""Text as sounds, a letter of `harness.ears.reading.sounds.ALPHABET` each.

By espeak-ng, where it is installed, whose phonetic letters are brought into that alphabet; else by
spelling rules, which are rougher.
"""

import re
import shutil
import subprocess
from collections.abc import Sequence

from harness.ears.reading.sounds import word_sounds
from harness.errors import UserError

_PROGRAM = "espeak-ng"
_AT_ONCE = 4000
_LONGEST_S = 120
_STRESS = re.compile("[\u02c8\u02cc\u02d0\u0303\u02b2]")
_SYLLABIC = "\u0329"
# Longest first; `^` ties the two letters of one sound.
_LETTERS: tuple[tuple[str, str], ...] = (
    ("e^\u026a", "A"),
    ("a^\u026a", "I"),
    ("o^\u028a", "O"),
    ("\u0259^\u028a", "O"),
    ("a^\u028a", "W"),
    ("\u0254^\u026a", "Y"),
    ("t^\u0283", "C"),
    ("d^\u0292", "J"),
    ("\u0259^l", "@l"),
    ("e^\u0259", "e"),
    ("\u025c", "@r"),
    ("\u025a", "@r"),
    ("\u00e6", "a"),
    ("\u025b", "e"),
    ("\u026a", "i"),
    ("\u1d7b", "i"),
    ("\u0251", "o"),
    ("\u0252", "o"),
    ("\u0254", "o"),
    ("\u028c", "@"),
    ("\u0259", "@"),
    ("\u0250", "@"),
    ("\u028a", "u"),
    ("\u0279", "r"),
    ("\u027e", "t"),
    ("\u03b8", "T"),
    ("\u00f0", "T"),
    ("\u0283", "S"),
    ("\u0292", "Z"),
    ("\u014b", "N"),
    ("\u0261", "g"),
    ("\u026b", "l"),
    ("\u026c", "l"),
    ("\u0294", "t"),
    ("\u00e7", "h"),
    ("x", "k"),
    ("j", "y"),
)
_PLAIN = frozenset("pbtdkgfvszmnlrwhaeiou")


def has_espeak() -> bool:
    """Whether phones come from espeak-ng, and not from spelling rules."""
    return shutil.which(_PROGRAM) is not None


def phones_of(texts: Sequence[str]) -> list[str]:
    """The sounds of each text; `UserError` where espeak-ng is there and fails."""
    if not has_espeak():
        return ["".join(word_sounds(word) for word in text.split()) for text in texts]
    found: list[str] = []
    for first in range(0, len(texts), _AT_ONCE):
        found += [from_ipa(ipa) for ipa in _spoken(texts[first : first + _AT_ONCE])]
    return found


def from_ipa(ipa: str) -> str:
    """The sounds of what `espeak-ng --ipa --tie=^` wrote; what has no letter here is left out."""
    text = re.sub(f"(\\S){_SYLLABIC}", r"@\1", _STRESS.sub("", ipa)).replace("\u0361", "^")
    found, at = "", 0
    while at < len(text):
        ipa_letter, sound = next(
            ((a, b) for a, b in _LETTERS if text.startswith(a, at)), (text[at], "")
        )
        found += sound or (ipa_letter if ipa_letter in _PLAIN or ipa_letter in "@" else "")
        at += len(ipa_letter)
    return found.replace("@rr", "@r")


def _spoken(texts: Sequence[str]) -> list[str]:
    """What espeak-ng writes of each text: one at a time where it makes other lines of them."""
    lines = _espeak("\n\n".join(texts) + "\n")
    if len(lines) == len(texts):
        return lines
    if len(texts) == 1:
        return [" ".join(lines)]
    half = len(texts) // 2
    return [*_spoken(texts[:half]), *_spoken(texts[half:])]


def _espeak(text: str) -> list[str]:
    command = [_PROGRAM, "-q", "--ipa", "--tie=^", "-v", "en-us", "--stdin"]
    try:
        done = subprocess.run(
            command, input=text, capture_output=True, text=True, check=True, timeout=_LONGEST_S
        )
    except (OSError, subprocess.SubprocessError) as error:
        raise UserError(f"espeak-ng does not work here ({error}); install it anew") from error
    return [line.strip() for line in done.stdout.splitlines() if line.strip()]
