"""The recogniser that reads prompts in plays: the best of those that are installed."""

from functools import cache

from harness.ears.reading.moonshine import Moonshine
from harness.ears.reading.recogniser import Recogniser
from harness.ears.reading.together import Together
from harness.ears.reading.whisper import BASE, TINY, Model, Whisper
from harness.errors import RigError


@cache
def recogniser() -> Recogniser:
    """Whisper, which weighs the household's names itself, by all of its models that are installed;
    else moonshine.

    One for a process: loading takes seconds. `RigError` where neither is there.
    """
    found = [one for one in map(_whisper, (BASE, TINY)) if one is not None]
    if not found:
        return Moonshine()
    return found[0] if len(found) == 1 else Together(found)


def _whisper(model: Model) -> Whisper | None:
    try:
        return Whisper(model)
    except RigError:
        return None
