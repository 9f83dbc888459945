"""V21: it reads back another contact than it sends to, in words that no prompt file holds."""

from rigs.zoo.own_words import OwnWords
from rigs.zoo.reads_another import ReadsAnother


class OwnWordsAnother(OwnWords, ReadsAnother):
    """In its own words, and with the wrong name."""

    name = "zoo.own_words_another"
    wording = "own_send_to"


def firmware(seed: int) -> OwnWordsAnother:
    """The device."""
    return OwnWordsAnother()
