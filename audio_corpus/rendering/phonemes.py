"""English text to the phonemes that Kokoro was trained on.

espeak-ng writes IPA; Kokoro reads the alphabet of misaki, its text front end, in which a
diphthong is one capital letter and an affricate one character. The correspondences are misaki's.
"""

import re
import subprocess

# Longest first: a shorter rule must not eat a part of a longer one.
_COMMON = (
    ("ʔˌn\u0329", "tᵊn"),
    ("a^ɪ", "I"),
    ("a^ʊ", "W"),
    ("e^ɪ", "A"),
    ("ɔ^ɪ", "Y"),
    ("d^ʒ", "ʤ"),
    ("t^ʃ", "ʧ"),
    ("ə^l", "ᵊl"),
    ("ʔn", "tᵊn"),
    ("ʲO", "jO"),
    ("ʲQ", "jQ"),
    ("ʲ", ""),
    ("\u0303", ""),
    ("e", "A"),
    ("r", "ɹ"),
    ("x", "k"),
    ("ç", "k"),
    ("ɐ", "ə"),
    ("ɬ", "l"),
    ("ʔ", "t"),
    ("ɚ", "əɹ"),
)
_BRITISH_FIRST = (("e^ə", "ɛː"), ("ə^ʊ", "Q"), ("iə", "ɪə"))
_AMERICAN_LAST = (("o^ʊ", "O"), ("ɜːɹ", "ɜɹ"), ("ɜː", "ɜɹ"), ("ɪə", "iə"), ("ː", ""))
_PUNCTUATION = re.compile(r"([;:,.!?—…]+)")


def from_espeak(ipa: str, british: bool) -> str:
    """Kokoro's phonemes for what `espeak-ng --ipa --tie=^` wrote."""
    rules = (*_BRITISH_FIRST, *_COMMON) if british else (*_COMMON, *_AMERICAN_LAST)
    for old, new in rules:
        ipa = ipa.replace(old, new)
    ipa = re.sub(r"(\S)\u0329", r"ᵊ\1", ipa).replace("\u0329", "")
    return ipa.replace("o", "ɔ").replace("^", "")


def phonemes(text: str, british: bool) -> str:
    """Kokoro's phonemes for a text; punctuation is kept, since it carries the melody."""
    language = "en-gb" if british else "en-us"
    spoken = ""
    for part in _PUNCTUATION.split(text):
        if _PUNCTUATION.fullmatch(part):
            spoken += part
        elif part.strip():
            ipa = _espeak(part.strip(), language)
            spoken += (" " if spoken else "") + from_espeak(ipa, british)
    return spoken


def _espeak(text: str, language: str) -> str:
    done = subprocess.run(
        ["espeak-ng", "-q", "--ipa", "--tie=^", "-v", language, text],
        check=True,
        capture_output=True,
        text=True,
    )
    return " ".join(done.stdout.split())
