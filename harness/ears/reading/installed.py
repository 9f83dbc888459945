"""The recogniser that reads prompts in plays: the best of those that are installed."""

from functools import cache

from harness.ears.reading.moonshine import Moonshine
from harness.ears.reading.recogniser import Recogniser
from harness.ears.reading.whisper import Whisper
from harness.errors import RigError


@cache
def recogniser() -> Recogniser:
    """Whisper, which weighs the household's names itself, where it is installed; else moonshine.

    One for a process: loading takes seconds. `RigError` where neither is there.
    """
    try:
        return Whisper()
    except RigError:
        return Moonshine()
