"""Words that are said in one session and in no other, put into the template of a scene.

A template is a scene that leaves a place for them (`PLACE`), in a line and in the household's
`canaries`. What comes of it is a scene like any other; its voices are rendered before it is played.
"""

import random

from harness.errors import SceneError
from harness.scene.numbers import in_words

PLACE = "{canary}"
"""Where a template wants the words."""

# Words that recognisers know: what is misheard is not read back.
_THINGS = (
    "apples balloons baskets bicycles blankets books bottles boxes buckets buttons candles carpets "
    "carrots chairs curtains envelopes feathers flowers forks glasses hammers jackets kettles "
    "ladders lamps lemons melons mirrors oranges pencils pillows plates potatoes ribbons spoons "
    "stamps tables tickets tomatoes umbrellas"
)
_NAMES = (
    "Alice Arthur Barbara Charlotte Daniel Edward Emily Frederick George Hannah Henry Isabel James "
    "Laura Lucy Martha Michael Nancy Oliver Patrick Peter Rachel Robert Simon Sophie Victor"
)
_LARGE, _SMALL = (101, 999), (21, 99)


def drawn(dice: random.Random) -> str:
    """Two numbers of things for somebody: one of 2.9 thousand million."""
    large, small = (dice.randint(*span) for span in (_LARGE, _SMALL))
    first, second = dice.sample(_THINGS.split(), 2)
    some, more = " ".join(in_words(large)), " ".join(in_words(small))
    return f"{some} {first} and {more} {second} for {dice.choice(_NAMES.split())}"


def scene_of(template: str, canary: str) -> str:
    """The text of the session's own scene. `SceneError` where the template leaves no place."""
    if PLACE not in template:
        raise SceneError(
            f"the template has no place for the words of a session: write {PLACE} into a line, and "
            f'`canaries: ["{PLACE}"]` into its household'
        )
    return template.replace(PLACE, canary)
