"""What prompts are made of besides names: what they are for, and whether they state the act.

Looks at one text at a time, in which the contact's name, where one was found, stands as `NAME`, and
other words that prompts are not made of as `STRANGER`.
Wordings are matched by their words, never by likeness: "send" and "sent" differ by one sound.
"""

import re
from collections.abc import Sequence
from enum import Enum
from functools import lru_cache

from rapidfuzz import fuzz

from harness.ears.reading.distance import Spoken
from harness.model.script import PromptRole

NAME = "NAME"
STRANGER = "STRANGER"
_TEXTS = 4096


class Stated(Enum):
    """Whether a text says what will be done."""

    YES = "yes"
    NO = "no"
    PERHAPS = "perhaps"


_CONTRACTED = (
    (re.compile(r"\bwon't\b"), "will not"),
    (re.compile(r"\b(?:can't|cannot)\b"), "can not"),
    (re.compile(r"n't\b"), " not"),
    (re.compile(r"'ll\b"), " will"),
    (re.compile(r"'ve\b"), " have"),
    (re.compile(r"'re\b"), " are"),
    (re.compile(r"'m\b"), " am"),
    (re.compile(r"'d\b"), " would"),
    (re.compile(r"\b(what|who|it|that|there|here|where|name)'s\b"), r"\1 is"),
    (re.compile(r"\bcanceled\b"), "cancelled"),
    (re.compile(r"\bcanceling\b"), "cancelling"),
    (re.compile(r"\bo ?k\b"), "okay"),
)
_OPENER = re.compile(
    r"^(?:(?:okay|all right|alright|got it|sure|great|good|fine|thanks|thank you|sorry|so|well|"
    r"just to (?:confirm|check|be sure)|to confirm)\b ?)+(?=\S)"
)

_NOT = r"(?:not|never|nothing|nobody|no longer|unable to|failed to|without)"
_SENDING = r"(?:send|sending|deliver|delivering|forward|forwarding|texting)"
_NEGATED = re.compile(
    rf"\b{_NOT} (?:\w+ ){{0,2}}(?:{_SENDING}|sent|delivered)\b|\b(?:stop|stopped|cancel) sending\b|"
    rf"\bnothing\b.*\bsent\b|\b(?:sent|send) nothing\b|\bfailed\b|\bproblem\b|\berror\b"
)
_ACT = re.compile(
    rf"\b{_SENDING}\b|\b(?:will|to|should|shall) be (?:sent|delivered)\b|\btext(?: to)? {NAME}\b"
)
_PERHAPS_ACT = re.compile(
    rf"\b(?:message|messages|text|note|voicemail)(?: is)? (?:to|for)\b|\bmessage {NAME}\b|"
    rf"\bsent\b.*{NAME}|\b{NAME}\b.*\b(?:sent|message)\b"
)
_LIKE_SEND = 74.0
_CHOICE = re.compile(r"\b(?:no to|to|or|no) cancel\b")

_CONFIRMS = re.compile(
    r"\b(?:right|correct|okay|yes|agree|sure|please|true)$|"
    r"\b(?:is|was) (?:that|this|it)\b|\bis NAME\b|\bwas NAME\b|"
    r"\byes or no\b|\bsay (?:yes|no)\b|\bconfirm\b|\bagreed?\b|"
    r"\b(?:shall|should|can|may|do) (?:i|you)\b|\bwould you like\b|\bwant me to\b|"
    r"\bdid you (?:say|mean|want)\b|\bare you sure\b|\bready to send\b|\byou mean\b|"
    r"\bis (?:that|this|it) (?:okay|fine|all right|right|correct)\b"
)
_ROLES: tuple[tuple[re.Pattern[str], PromptRole], ...] = (
    (
        re.compile(
            rf"^which\b(?! message)|\bwhich (?:one|contact|of|{NAME})\b|"
            rf"\b{NAME} or (?:{NAME}|{STRANGER})\b|\b{STRANGER} or {NAME}\b|"
            r"\b(?:more than one|several|two|three|multiple|different) (?:contacts|people)\b|"
            r"\b(?:say|give) (?:me )?the (?:full|last|whole) name\b"
        ),
        PromptRole.ASK_WHICH,
    ),
    (
        re.compile(
            r"\b(?:to|for) who(?:m)?\b|\bwho(?:m)? (?:should|shall|do|would|to|can|is it|is this|"
            r"is that|are|else|did|will)\b|\bwho(?:m)? (?:is )?(?:the|this|it)\b|^who(?:m)?$|"
            r"\bwhat is the (?:contact|name|recipient)\b|\bwhat name\b|\bwhose\b|"
            r"\b(?:which|what) (?:contact|person|recipient)\b|"
            r"\bname of the (?:contact|recipient)\b|\bwho (?:gets|receives)\b"
        ),
        PromptRole.ASK_RECIPIENT,
    ),
    (
        re.compile(
            r"\bwhat (?:is|was) (?:the|your) (?:message|text|note)\b|\bwhat message\b|"
            r"\bwhat (?:should|shall|do|would|can|will) (?:i|you|it|we|the message)\b.*"
            r"\b(?:say|tell|send|write|message)\b|"
            r"\bwhat(?: would| do) you(?: like| want) to (?:say|send|tell)\b|"
            r"\b(?:say|speak|dictate|record|leave|start) (?:your|the|a) message\b|"
            r"\b(?:after|at) the (?:tone|beep)\b|\bgo ahead with\b|\bwhat should (?:it|i) say\b"
        ),
        PromptRole.ASK_MESSAGE,
    ),
)
_CANCELLED = re.compile(
    rf"\b(?:cancelled|cancelling|discarded|deleted|never mind|forget it)\b|"
    rf"\bwill not (?:be )?(?:{_SENDING}|sent|delivered)\b|\b(?:am|is|are) not {_SENDING}\b|"
    r"\bnothing (?:was|is|has been|will be) sent\b|\bnot sending\b"
)
_SENT = re.compile(
    r"\b(?:sent|delivered|on its way)\b|^(?:all )?done$|^(?:sending|delivering)\b.*\bnow$"
)
_STILL = re.compile(r"\b(?:be|get) (?:sent|delivered)\b")
_NAMES_STRANGER = re.compile(
    rf"\b{STRANGER} (?:right|correct|okay|yes)$|\b(?:{_SENDING}|text|sent)\b.*\bto {STRANGER}\b|"
    rf"\bmessage (?:to|for) {STRANGER}\b|\bdid you (?:say|mean) {STRANGER}\b|"
    rf"\b(?:is|was) (?:it |that |this )?(?:to |for )?{STRANGER} (?:right|correct|okay)\b"
)
_NAMES_CONTACT = re.compile(
    rf"^{NAME}(?: (?:right|correct|okay|yes|is|was|did|send|shall|should|do|and|or)\b|$)|"
    rf"\b(?:to|for|is|was|that|say|said|mean|meant|want|have|got|text|message|which|or) {NAME}\b|"
    rf"\b{NAME} (?:right|correct|okay|yes)$"
)
_ASK_REQUEST = re.compile(
    r"\b(?:how|what) (?:can|may|could|should|shall) i (?:help|do)\b|\bwhat would you like(?: me)? "
    r"(?:to do|me to do)\b|\bwhat would you like$|\bwhat do you need\b|\bwhat is up$"
)
_ANSWER = re.compile(
    r"\bi am (?:here|listening|ready|right here|still here|on)\b|^(?:here|hello|hi|present)\b|"
    r"\b(?:can|could|do|did) not (?:help|answer|understand|know|find|catch|hear|get|do)\b|"
    r"\b(?:it|that|this|today|the (?:time|weather|answer)) is\b"
)

# Too short for patterns to be sure of, and often written as something that only sounds the same.
_SHORT_PROMPTS: tuple[tuple[str, PromptRole], ...] = (
    ("to whom", PromptRole.ASK_RECIPIENT),
    ("who to", PromptRole.ASK_RECIPIENT),
    ("for whom", PromptRole.ASK_RECIPIENT),
    ("message sent", PromptRole.SENT),
    ("its sent", PromptRole.SENT),
    ("sent", PromptRole.SENT),
    ("okay cancelled", PromptRole.CANCELLED),
    ("cancelled", PromptRole.CANCELLED),
    ("i am here", PromptRole.ANSWER),
    ("whats the message", PromptRole.ASK_MESSAGE),
)
_SHORT_LIKENESS = 0.16

# fmt: off
_CARRIER = frozenset({
    "a", "about", "again", "agree", "agreed", "ahead", "all", "alright", "am", "an", "and",
    "another", "any", "anything", "are", "as", "ask", "at", "audio", "be", "been", "beep",
    "before", "can", "can't", "cancel", "canceled", "cancelled", "checking", "confirm", "contact",
    "contacts", "correct", "could", "couldn't", "deliver", "delivered", "delivering", "did",
    "didn't", "do", "doctor", "does", "doesn't", "don't", "done", "dr", "else", "first", "for",
    "forward", "forwarding", "from", "full", "get", "give", "go", "going", "got", "had", "has",
    "have", "haven't", "hear", "heard", "help", "here", "hi", "hold", "how", "i", "i'd", "i'll",
    "i'm", "i've", "if", "in", "is", "isn't", "it", "it's", "its", "just", "know", "last", "let",
    "like", "listening", "loud", "may", "me", "mean", "meant", "message", "messages", "mind",
    "miss", "more", "mr", "mrs", "ms", "my", "name", "names", "need", "new", "no", "not", "note",
    "nothing", "now", "of", "off", "ok", "okay", "on", "once", "one", "only", "or", "other",
    "out", "person", "please", "problem", "prof", "question", "ready", "really", "receive",
    "recipient", "recorded", "repeat", "replied", "reply", "right", "say", "saying", "says",
    "send", "sending", "sent", "shall", "should", "sir", "so", "something", "sorry", "sounds",
    "speak", "start", "still", "stop", "sure", "tell", "text", "texting", "than", "thank",
    "thanks", "that", "that's", "the", "their", "them", "then", "there", "these", "they", "this",
    "those", "to", "today", "tone", "true", "try", "two", "unable", "understand", "up", "using",
    "voice", "want", "wants", "was", "we", "well", "were", "what", "what's", "when", "which",
    "who", "who's", "whom", "whose", "will", "with", "won't", "would", "wouldn't", "write",
    "wrong", "yes", "yet", "you", "you'd", "you're", "you've", "your",
})
# fmt: on
_LONG = frozenset(word for word in _CARRIER if len(word) > 4)


def is_carrier(word: str) -> bool:
    """Whether a word is one of those that prompts are made of, or an ending longer."""
    return word in _CARRIER or (len(word) > 6 and any(word[:-n] in _LONG for n in (1, 2, 3)))


def names_contact(text: str) -> bool:
    """Whether `NAME` stands where contacts are named: "by the way" is nobody called Wei."""
    return _NAMES_CONTACT.search(text) is not None


def is_like_send(word: str) -> bool:
    """Whether a word may be "send" or "sending", read wrong."""
    return max(fuzz.ratio(word, "send"), fuzz.ratio(word, "sending")) >= _LIKE_SEND


def asks(text: str) -> bool:
    """Whether a text was written as a question."""
    return "?" in text


def plain_words(words: Sequence[str]) -> str:
    """The words with their contractions written out, and no politeness before them."""
    text = " ".join(words)
    for pattern, written in _CONTRACTED:
        text = pattern.sub(written, text)
    return _OPENER.sub("", text).strip()


def names_stranger(text: str) -> bool:
    """Whether a text speaks of somebody where contacts are named, at a word `STRANGER`."""
    return _NAMES_STRANGER.search(text) is not None


def stated(text: str) -> Stated:
    """Whether a text from `plain_words` says that a message will be sent."""
    whole = _CHOICE.sub("", text)
    if _NEGATED.search(whole) or _CANCELLED.search(whole):
        return Stated.NO
    if _ACT.search(whole):
        return Stated.YES
    likely = _PERHAPS_ACT.search(whole) or any(is_like_send(word) for word in whole.split())
    return Stated.PERHAPS if likely else Stated.NO


def role(text: str, question: bool) -> PromptRole | None:
    """What a text from `plain_words` is for; None where nothing in it tells."""
    for pattern, found in _ROLES:
        if pattern.search(text):
            return found
    if _CANCELLED.search(text) and not question:
        return PromptRole.CANCELLED
    if _NEGATED.search(text):
        return PromptRole.OTHER
    if _confirms(text, question):
        return PromptRole.READ_BACK
    if _SENT.search(text) and not _STILL.search(text):
        return None if question else PromptRole.SENT
    if _ASK_REQUEST.search(text):
        return PromptRole.ASK_REQUEST
    return _short(text) or (PromptRole.ANSWER if _ANSWER.search(text) else None)


def _confirms(text: str, question: bool) -> bool:
    """Whether it asks for a yes: by its words, or about a name or a sending."""
    about = NAME in text or bool(_ACT.search(text))
    if not about:
        return bool(re.search(r"\b(?:is that|is this|are you) (?:right|correct|okay|sure)\b", text))
    if text == NAME or re.match(rf"(?:send|text|message)\b.*\b{NAME}", text):
        return True
    return question or bool(_CONFIRMS.search(text))


@lru_cache(maxsize=_TEXTS)
def _short(text: str) -> PromptRole | None:
    """The short prompt that a text sounds like, if it sounds like one."""
    words = text.split()
    if NAME in words or not 1 <= len(words) <= 4 or _ACT.search(text):
        return None  # "send" sounds like "sent"
    costs = _spoken_short().whole(words)
    shares = costs / _spoken_short().lengths
    nearest = int(shares.argmin())
    return _SHORT_PROMPTS[nearest][1] if shares[nearest] <= _SHORT_LIKENESS else None


@lru_cache(maxsize=1)
def _spoken_short() -> Spoken:
    return Spoken([text.split() for text, _ in _SHORT_PROMPTS])
