"""Words that are said in one session and in no other, put into the template of a scene.

A template is a scene that leaves a place for them (`PLACE`), in a line and in the household's
`canaries`. What comes of it is a scene like any other; its voices are rendered before it is played.
"""

import random

from harness.errors import SceneError

PLACE = "{canary}"
"""Where a template wants the words."""

_THINGS = (
    "anvils accordions balloons barrels bathtubs buckets cacti candlesticks cathedrals crayons "
    "dominoes elephants feathers ferries flutes gargoyles giraffes hammocks harps helmets kettles "
    "lanterns marbles mittens octopuses paddles penguins pineapples pumpkins puppets saddles "
    "sandals sledges telescopes trombones trumpets turnips umbrellas violins walnuts"
)
_NAMES = (
    "Abernathy Adeyemi Blomquist Castellano Chaudhary Delacroix Eriksson Fairweather Gallagher "
    "Haverford Ibrahim Jankowski Kowalski Lindqvist Montgomery Nakamura Okonkwo Papadopoulos "
    "Quigley Rosenthal Silverman Tanaka Underwood Vandermeer Whitaker Yamamoto"
)
_LARGE, _SMALL = (101, 999), (21, 99)


def drawn(dice: random.Random) -> str:
    """Two numbers of things for somebody: one of 2.9 thousand million."""
    large, small = (dice.randint(*span) for span in (_LARGE, _SMALL))
    first, second = dice.sample(_THINGS.split(), 2)
    return f"{large} {first} and {small} {second} for {dice.choice(_NAMES.split())}"


def scene_of(template: str, canary: str) -> str:
    """The text of the session's own scene. `SceneError` where the template leaves no place."""
    if PLACE not in template:
        raise SceneError(
            f"the template has no place for the words of a session: write {PLACE} into a line, and "
            f'`canaries: ["{PLACE}"]` into its household'
        )
    return template.replace(PLACE, canary)
