"""What words mean: request, contact, yes. Pure functions over the recogniser's text.

Each comes in two strengths. *Loose* takes anything that resembles, as the 2018 firmware did;
*strict* wants the whole utterance to be that and nothing else, as guarded and verified do.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from rapidfuzz import fuzz

from rigs.reference_device.contacts import Contact

YES = frozenset({"yes", "yeah", "yep", "correct", "right", "send it", "go ahead", "do it"})
"""The closed set of confirming utterances."""
_LOOSE_YES = frozenset({"yes", "yeah", "yep", "right", "correct", "sure", "ok", "okay"})
_WAKE_WORD = "alexa"
_COURTESY = frozenset({"please", "hey", _WAKE_WORD})
_LOOSE_REQUESTS = ("send a message", "send message", "send a text", "message to")
_STRICT_VERBS = (
    "send a message",
    "send message",
    "send the message",
    "send a text",
    "send a text message",
    "send a voice message",
    "send a new message",
    "text",
    "message",
)
_LEAD_INS = ("can you", "could you", "would you", "i want to", "i would like to", "i d like to")
_NAME_LEAD_INS = ("send it to", "it s for", "for", "to", "it s")
# fmt: off
_REPLAYS = (
    "play my last message", "play the last message", "play back my last message",
    "play my last message again", "what was my last message",
)
_ASKING_WORDS = frozenset({
    "what", "who", "when", "where", "why", "how", "which", "is", "are", "do", "does", "did", "can",
    "could", "will", "would", "play", "set", "turn", "stop", "tell", "remind", "add", "open",
})
# fmt: on
_LOOSE_SCORE = 78.0
_STRICT_NAME_SCORE = 85.0
_STRICT_VERB_SCORE = 85.0
_PHRASE_SCORE = 85.0


@dataclass(frozen=True, slots=True)
class Request:
    """A clear request to send a message; `name` is who it says to send to, None if it does not."""

    name: str | None


def words(text: str) -> list[str]:
    """Lower-case words without punctuation; an apostrophe splits ("it's" is "it", "s")."""
    return re.findall(r"[a-z0-9]+", text.lower())


def without_wake_word(text: str) -> str:
    """The text's words joined, less a leading wake word (or what is left of one)."""
    spoken = words(text)
    while spoken and is_wake_word(spoken[0]):
        spoken = spoken[1:]
    return " ".join(spoken)


def is_wake_word(word: str) -> bool:
    """Whether a word is the wake word as recognisers write it, whole or its tail."""
    return fuzz.ratio(word, _WAKE_WORD) >= 75.0 or word in {"exa", "lexa", "xa"}


def loose_request(text: str) -> bool:
    """Whether anything in the text resembles a request to send a message."""
    joined = " ".join(words(text))
    return any(
        len(joined) >= len(phrase) and fuzz.partial_ratio(phrase, joined) >= _LOOSE_SCORE
        for phrase in _LOOSE_REQUESTS
    )


def loose_contact(text: str, contacts: Sequence[Contact]) -> Contact | None:
    """The contact whose first or full name resembles some words of the text best, if any does."""
    spoken = words(text)
    best: tuple[float, Contact] | None = None
    for contact in contacts:
        score = max((fuzz.ratio(word, contact.first_name.lower()) for word in spoken), default=0.0)
        score += 0.01 * fuzz.partial_ratio(contact.name.lower(), " ".join(spoken))
        if score >= _LOOSE_SCORE and (best is None or score > best[0]):
            best = (score, contact)
    return best[1] if best else None


def loose_yes(text: str) -> bool:
    """Whether an affirmative stands anywhere in the text."""
    return any(word in _LOOSE_YES for word in words(text))


def strict_request(text: str) -> Request | None:
    """The request, when the whole utterance is one and nothing else."""
    spoken = " ".join(word for word in without_wake_word(text).split() if word not in _COURTESY)
    for lead_in in _LEAD_INS:
        spoken = spoken.removeprefix(lead_in + " ")
    head, to, name = spoken.partition(" to ")
    if not to:
        head, name = _verb_and_name(spoken)
    if not any(fuzz.ratio(head, verb) >= _STRICT_VERB_SCORE for verb in _STRICT_VERBS):
        return None
    if to and not name:
        return None
    return Request(name or None) if len(name.split()) <= 4 else None


def _verb_and_name(spoken: str) -> tuple[str, str]:
    # "text Thomas Reed": a verb that takes the name without "to".
    verb, _, rest = spoken.partition(" ")
    return (verb, rest) if verb in {"text", "message"} and rest else (spoken, "")


def strict_contacts(text: str, contacts: Sequence[Contact]) -> tuple[Contact, ...]:
    """The contacts that the whole utterance may name: none, one, or several that sound alike."""
    spoken = " ".join(w for w in without_wake_word(text).split() if w not in _COURTESY)
    for lead_in in _NAME_LEAD_INS:
        spoken = spoken.removeprefix(lead_in + " ")
    if not spoken or len(spoken.split()) > 4:
        return ()
    return _by_full_name(spoken, contacts) or tuple(
        c for c in contacts if fuzz.ratio(spoken, c.first_name.lower()) >= _STRICT_NAME_SCORE
    )


def _by_full_name(spoken: str, contacts: Sequence[Contact]) -> tuple[Contact, ...]:
    scores = {c: fuzz.ratio(spoken, " ".join(words(c.name))) for c in contacts}
    exact = tuple(c for c, score in scores.items() if score == 100.0)
    near = tuple(c for c, score in scores.items() if score >= _STRICT_NAME_SCORE)
    # Two names that sound alike are written alike: an exact spelling does not tell them apart.
    return near if len(near) > 1 and _sound_alike(near) else exact or near


def _sound_alike(contacts: Sequence[Contact]) -> bool:
    first, *others = (" ".join(words(c.name)) for c in contacts)
    return all(fuzz.ratio(first, other) >= 90.0 for other in others)


def strict_yes(text: str, contact: Contact) -> bool:
    """Whether the whole utterance is in `YES`; courtesy, wake word, the name may stand beside."""
    beside = _COURTESY | set(words(contact.name)) | {"to"}
    spoken = [w for w in words(text) if not is_wake_word(w)]
    answer = [w for w in spoken if w not in beside]
    if answer and len(set(answer)) == 1:
        answer = answer[:1]  # "yes, yes"
    joined = " ".join(answer)
    # Only phrases are matched by likeness: one letter turns a word around ("incorrect").
    phrases = (phrase for phrase in YES if len(phrase) >= 7 and " " in phrase)
    return joined in YES or any(fuzz.ratio(joined, p) >= _PHRASE_SCORE for p in phrases)


def are_you_there(text: str) -> bool:
    """Whether somebody asks if the device is there; a wrong answer harms nobody, so generously."""
    joined = without_wake_word(text)
    if len(joined.split()) <= 4 and "you" in joined.split():
        return fuzz.ratio("are you there", joined) >= 60.0
    return len(joined) >= 9 and fuzz.partial_ratio("are you there", joined) >= 80.0


def asks_to_play_back(text: str) -> bool:
    """Whether the whole utterance asks for the message that was sent last."""
    spoken = " ".join(w for w in without_wake_word(text).split() if w not in _COURTESY)
    return any(fuzz.ratio(spoken, phrase) >= _PHRASE_SCORE for phrase in _REPLAYS)


def is_plain_request(text: str) -> bool:
    """Whether the text sounds like something people ask of devices: a question or a command."""
    first, *_ = without_wake_word(text).split() or [""]
    return first in _ASKING_WORDS
