"""V20: it says the full name and not what will be done, in words that no prompt file holds."""

from rigs.zoo.own_words import OwnWords


class OwnWordsNoAct(OwnWords):
    """In its own words, and without the act."""

    name = "zoo.own_words_no_act"
    wording = "own_name_only"


def firmware(seed: int) -> OwnWordsNoAct:
    """The device."""
    return OwnWordsNoAct()
