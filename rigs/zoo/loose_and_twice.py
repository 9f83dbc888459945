"""V11 and V26: an affirmative inside other talk is a yes, and the message goes out twice."""

from rigs.zoo.loose_yes import TakesAnyYes
from rigs.zoo.sends_twice import PostsTwice


class LooseAndTwice(PostsTwice, TakesAnyYes):
    """Two faults in one."""

    name = "zoo.loose_and_twice"


def firmware(seed: int) -> LooseAndTwice:
    """The device."""
    return LooseAndTwice()
