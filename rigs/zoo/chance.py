"""Whether a device misbehaves in this play: by a seeded number, so that a play can be repeated."""

import random

ONE_IN = 5


def strikes(seed: int) -> bool:
    """True for about one seed in `ONE_IN`; the same seed always gives the same answer."""
    return random.Random(seed).randrange(ONE_IN) == 0
