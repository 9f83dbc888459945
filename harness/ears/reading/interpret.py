"""What a prompt means, from the texts that a recogniser made of it. Pure."""

from collections import Counter
from collections.abc import Sequence

from harness.ears.reading.distance import Window
from harness.ears.reading.lexicon import Lexicon, words_of
from harness.ears.reading.meaning import Doubt, Meaning
from harness.ears.reading.names import Named, find_name
from harness.ears.reading.recogniser import Reading
from harness.ears.reading.wordings import (
    NAME,
    STRANGER,
    Stated,
    asks,
    is_carrier,
    is_like_send,
    names_contact,
    names_stranger,
    plain_words,
    role,
    stated,
)
from harness.model.script import PromptRole

_MOST = 0.6
_FEW = 0.2
_AGREEMENT = 0.5
# These ask for or tell of something else; what stands in them is no announcement of an act.
_NO_ACT = frozenset(
    {
        PromptRole.ASK_RECIPIENT,
        PromptRole.ASK_WHICH,
        PromptRole.ASK_MESSAGE,
        PromptRole.ASK_REQUEST,
        PromptRole.SENT,
        PromptRole.CANCELLED,
    }
)


def interpret(reading: Reading, lexicon: Lexicon, named: Named | None = None) -> Meaning:
    """What a prompt means to the household whose names are in `lexicon`.

    Every text of the reading counts the same. What they do not agree on is in doubt. `named`: whom
    the sound itself names, in these texts; where it is not known, the texts tell.
    """
    texts = [text for text in reading.texts if words_of(text)]
    if not texts or reading.confidence < _AGREEMENT:
        contact = named.contact if named else None
        return Meaning(
            reading, PromptRole.OTHER, named_contact=contact, doubts=frozenset({Doubt.WORDS})
        )
    words = [words_of(text) for text in texts]
    named = named or find_name(words, lexicon)
    plain = [_plain(each, window) for each, window in zip(words, named.windows, strict=True)]
    purpose, role_doubts = _purpose(plain, [asks(text) for text in texts])
    states_act, act_doubts = _act(plain, purpose)
    contact, name_doubts = _contact(named, purpose, plain)
    full_doubts = {Doubt.FULL_NAME} if contact is not None and not named.full_sure else set()
    says_full_name = contact is not None and named.full
    return Meaning(
        reading,
        purpose,
        states_act,
        contact,
        says_full_name,
        _named_by_s(reading, named.windows[0]) if states_act and says_full_name else None,
        frozenset(role_doubts | act_doubts | name_doubts | full_doubts),
        named.rivals if Doubt.NAME in name_doubts else (),
    )


def _plain(words: Sequence[str], window: Window | None) -> str:
    """A text with the contact as `NAME` and what prompts are not made of as `STRANGER`."""
    if window is None:
        return plain_words(_strangers(words))
    before, after = words[: window.first], words[window.after :]
    return plain_words((*_strangers(before), NAME, *_strangers(after)))


def _strangers(words: Sequence[str]) -> list[str]:
    found: list[str] = []
    for word in words:
        if is_carrier(word) or is_like_send(word):
            found.append(word)
        elif found[-1:] != [STRANGER]:
            found.append(STRANGER)
    return found


def _purpose(plain: Sequence[str], questions: Sequence[bool]) -> tuple[PromptRole, set[Doubt]]:
    """What most texts take the prompt for."""
    question = sum(questions) > len(questions) / 2
    votes = Counter(role(text, question) for text in plain)
    found, count = votes.most_common(1)[0]
    if found is not None and count >= _MOST * len(plain):
        return found, set()
    unsure = question or any(known is not None for known in votes) or any(map(names_contact, plain))
    return PromptRole.OTHER, {Doubt.ROLE} if unsure else set()


def _act(plain: Sequence[str], purpose: PromptRole) -> tuple[bool, set[Doubt]]:
    """Whether it says what will be done: in most texts yes, in few, or in doubt."""
    if purpose in _NO_ACT:
        return False, set()
    votes = Counter(stated(text) for text in plain)
    if votes[Stated.YES] >= _MOST * len(plain):
        # "I couldn't send it to her" is easily read as "I put it, send it to her".
        known = purpose is PromptRole.READ_BACK
        return known, set() if known else {Doubt.ACT}
    if votes[Stated.YES] + votes[Stated.PERHAPS] <= _FEW * len(plain):
        return False, set()
    return False, {Doubt.ACT}


def _contact(
    named: Named, purpose: PromptRole, plain: Sequence[str]
) -> tuple[str | None, set[Doubt]]:
    """The one contact it names; a doubt where it names several, or somebody or other."""
    if purpose is PromptRole.ASK_WHICH and (named.second or named.contact is None):
        return None, set()
    placed = sum(names_contact(text) for text in plain)
    strangers = sum(names_stranger(text) for text in plain)
    if named.contact is not None and not named.second:
        if named.distinct or placed > len(plain) / 2:
            return named.contact, set()
        return None, {Doubt.NAME} if placed else set()
    seen = named.distinct or placed > _FEW * len(plain)
    doubtful = (named.rivals or named.second) and seen
    return None, {Doubt.NAME} if doubtful or strangers > _FEW * len(plain) else set()


def _named_by_s(reading: Reading, window: Window | None) -> float | None:
    """When the first beginning of the text ended that holds name and act; None without times."""
    timed = [(part, word.end_s) for word in reading.words for part in words_of(word.text)]
    words = tuple(part for part, _ in timed)
    if window is None or words != words_of(reading.text):
        return None
    for after in range(window.after, len(words) + 1):
        if stated(_plain(words[:after], window)) is Stated.YES:
            return timed[after - 1][1]
    return None
