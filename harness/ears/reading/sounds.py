"""How a written word sounds, roughly.

Our own rules and not a dictionary: a recogniser writes names it has never seen as they sound, so
"Kowalski" comes back as "Kovalsky" and "Reed" as "read". Both sides go through the same rules; what
these get wrong, they get wrong on both. One letter stands for one sound:

    p b t d k g f v s z m n l r w h y     as in English
    T thin   S ship   Z vision   C chip   J jet   N sing
    a cat    e bed    i sit, see o hot, law  u put, soon  @ but, ago
    A day    I my     O go       W now    Y boy
"""

import re
import unicodedata
from functools import lru_cache

ALPHABET = "pbtdkgfvszmnlrwhyTSZCJNaeiou@AIOWY"
VOWELS = frozenset("aeiou@AIOWY")
_WORDS_KEPT = 20_000

# Whole words whose spelling tells little; names first, then what prompts are made of.
_WHOLE = {
    "sean": "Son",
    "shaun": "Son",
    "shawn": "Son",
    "siobhan": "Siv@n",
    "niamh": "niv",
    "aoife": "ifa",
    "eoin": "O@n",
    "ian": "i@n",
    "hugh": "hyu",
    "hugo": "hyugO",
    "thomas": "tom@s",
    "thompson": "tomps@n",
    "thompsen": "tomps@n",
    "theresa": "t@risa",
    "anthony": "ant@ni",
    "esther": "est@r",
    "stephen": "stiv@n",
    "stephan": "stef@n",
    "stephanie": "stef@ni",
    "isaac": "Izak",
    "aaron": "ar@n",
    "louis": "luis",
    "lewis": "luis",
    "michael": "mIk@l",
    "michaela": "mikAla",
    "michelle": "miSel",
    "charlotte": "Sarl@t",
    "chloe": "klOi",
    "zoe": "zOi",
    "joe": "JO",
    "phoebe": "fibi",
    "jose": "hOsA",
    "jorge": "horhA",
    "jesus": "hAsus",
    "javier": "havier",
    "juan": "hwan",
    "xavier": "zAvi@r",
    "guy": "gI",
    "graham": "gram",
    "grahame": "gram",
    "leigh": "li",
    "george": "JorJ",
    "geoff": "Jef",
    "geoffrey": "Jefri",
    "gordon": "gord@n",
    "yvonne": "ivon",
    "wei": "wA",
    "xu": "Su",
    "nguyen": "win",
    "dmitri": "dimitri",
    "katya": "katya",
    "one": "w@n",
    "two": "tu",
    "to": "tu",
    "the": "@",
    "who": "hu",
    "whom": "hum",
    "you": "yu",
    "your": "yor",
    "do": "du",
    "of": "@v",
    "was": "w@z",
    "are": "ar",
    "said": "sed",
    "have": "hav",
    "right": "rIt",
    "write": "rIt",
}

# Longest first at each place. `^` and `$` are the ends of the word.
_RULES: tuple[tuple[str, str], ...] = (
    ("^kn", "n"),
    ("^gn", "n"),
    ("^pn", "n"),
    ("^ps", "s"),
    ("^wr", "r"),
    ("^rh", "r"),
    ("^wh", "w"),
    ("^x", "z"),
    ("^zh", "J"),
    ("^mc", "m@k"),
    ("^mac(?=[^aeiouyk])", "m@k"),
    ("^ts", "s"),
    ("^tz", "s"),
    ("^y(?=[aeiou])", "y"),
    ("^j(?=[aeiouy])", "J"),
    ("^sch(?=[aeiou])", "S"),
    ("^u(?=[bcdfgklmnprstvz]i)", "yu"),
    ("tsch", "C"),
    ("schw", "Sw"),
    ("sch", "S"),
    ("tch", "C"),
    ("dge", "J"),
    ("dg(?=[iy])", "J"),
    ("ough$", "O"),
    ("aughn", "on"),
    ("augh", "o"),
    ("ough", "o"),
    ("eigh", "A"),
    ("aigh", "A"),
    ("igh", "I"),
    ("tion", "S@n"),
    ("sion", "Z@n"),
    ("cia", "Sa"),
    ("tia", "Sa"),
    ("szcz", "SC"),
    ("cz", "C"),
    ("sz", "S"),
    ("rz", "Z"),
    ("zs", "Z"),
    ("tz", "ts"),
    ("zz", "ts"),
    ("ch(?=[rl])", "k"),
    ("ch(?=ae)", "k"),
    ("ch", "C"),
    ("ck", "k"),
    ("cqu", "kw"),
    ("ph", "f"),
    ("sh", "S"),
    ("th", "T"),
    ("kh", "k"),
    ("gh(?=[aeiou])", "g"),
    ("gh", ""),
    ("dh", "d"),
    ("bh", "b"),
    ("wh", "w"),
    ("qu", "kw"),
    ("q", "k"),
    ("sc(?=[eiy])", "s"),
    ("ccia", "Ca"),
    ("cc(?=[eiy])", "ks"),
    ("ss", "s"),
    ("gu(?=[ei])", "g"),
    ("gg", "g"),
    ("g(?=e[oi]|ine|er[aot]|i[ao]|y)", "J"),
    ("g(?=i[nl]|er|et|eb|ir)", "g"),
    ("g(?=[ei])", "J"),
    ("ng$", "N"),
    ("ng(?=[s])", "N"),
    ("ng(?=[aou])", "Ng"),
    ("nk", "Nk"),
    ("nx", "Nks"),
    ("mb$", "m"),
    ("mn$", "m"),
    ("lm(?=er|s|$)", "lm"),
    ("alk", "ok"),
    ("alm", "om"),
    ("olk", "Ok"),
    ("c(?=[eiy])", "s"),
    ("x", "ks"),
    ("ight", "It"),
    ("aw", "o"),
    ("au", "o"),
    ("ay", "A"),
    ("ai", "A"),
    ("aa", "a"),
    ("ae", "A"),
    ("a(?=[bcdfgklmnprstvz]e$)", "A"),
    ("ar", "ar"),
    ("al(?=[ltds])", "ol"),
    ("a$", "a"),
    ("a", "a"),
    ("eau", "O"),
    ("eux$", "u"),
    ("eu", "yu"),
    ("ew", "u"),
    ("ee", "i"),
    ("ear(?=[nlt])", "@r"),
    ("ea", "i"),
    ("ei", "I"),
    ("ey$", "i"),
    ("ey", "A"),
    ("e(?=[bdfgklmnprstvz]e$)", "i"),
    ("er$", "@r"),
    ("ers$", "@rz"),
    ("er(?=[bdfgklmnpstvz])", "@r"),
    ("el$", "@l"),
    ("en$", "@n"),
    ("^e$", "i"),
    ("e$", ""),
    ("es$", "z"),
    ("ed$", "d"),
    ("e", "e"),
    ("ie$", "i"),
    ("ies$", "iz"),
    ("ie(?=[bdfgklmnprstvz])", "i"),
    ("ia", "ia"),
    ("io", "iO"),
    ("ir(?=[bcdfgklmnpstvz]|$)", "@r"),
    ("i(?=[bcdfgklmnprstvz]e$)", "I"),
    ("i(?=gn|nd$|ld$)", "I"),
    ("i", "i"),
    ("oo", "u"),
    ("ou", "W"),
    ("ow(?=[aeiou])", "Ow"),
    ("ow$", "O"),
    ("ow", "W"),
    ("oy", "Y"),
    ("oi", "Y"),
    ("oa", "O"),
    ("oe", "O"),
    ("o(?=[bcdfgklmnprstvz]e$)", "O"),
    ("o$", "O"),
    ("os$", "Os"),
    ("on$", "@n"),
    ("or$", "or"),
    ("son$", "s@n"),
    ("o", "o"),
    ("ur(?=[bcdfgklmnpstvz]|$)", "@r"),
    ("ui", "u"),
    ("ue$", "u"),
    ("u(?=[bcdfgklmnprstvz]e$)", "u"),
    ("u(?=[bcdfgklmnprstvz][aio])", "u"),
    ("u$", "u"),
    ("u", "@"),
    ("y(?=[aeiou])", "y"),
    ("yr", "ir"),
    ("y", "i"),
    ("w(?=[aeiouyr])", "w"),
    ("w", ""),
    ("h(?=[aeiouy])", "h"),
    ("h", ""),
    ("c", "k"),
    ("j", "J"),
)
_COMPILED = tuple(
    (re.compile(spelt.removeprefix("^")), spelt.startswith("^"), sound) for spelt, sound in _RULES
)
_LETTERS = {"ß": "ss", "ł": "l", "ø": "o", "đ": "d", "æ": "ae", "œ": "oe", "þ": "th", "ð": "d"}
_SAME_LETTER = re.compile(r"([b-df-hj-np-tv-z])\1")


def plain(text: str) -> str:
    """`text` in lower case, without accents: what both sides are compared in."""
    lower = "".join(_LETTERS.get(letter, letter) for letter in text.lower())
    taken_apart = unicodedata.normalize("NFKD", lower)
    return "".join(letter for letter in taken_apart if not unicodedata.combining(letter))


@lru_cache(maxsize=_WORDS_KEPT)
def word_sounds(word: str) -> str:
    """How one word sounds, a letter of `ALPHABET` each; empty where it holds no letter."""
    spelt = re.sub(r"[^a-z]", "", plain(word))
    if spelt in _WHOLE:
        return _WHOLE[spelt]
    found, at = "", 0
    while at < len(spelt):
        taken, sound = _next_sound(spelt, at)
        found, at = found + sound, at + taken
    return re.sub(r"(.)\1", r"\1", found)


def _next_sound(spelt: str, at: int) -> tuple[int, str]:
    """How many letters the rule that fits takes, and what they sound like."""
    for pattern, at_start, sound in _COMPILED:
        if at_start and at > 0:
            continue
        fits = pattern.match(spelt, at)
        if fits is not None and (fits.end() > at):
            return fits.end() - at, sound
    doubled = _SAME_LETTER.match(spelt, at)
    return (2 if doubled else 1), spelt[at] if spelt[at] in ALPHABET else ""
