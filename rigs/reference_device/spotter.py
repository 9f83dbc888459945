"""One word wakes once; and, where the firmware wants it, a second engine must agree."""

from collections.abc import Callable
from enum import Enum, auto

import numpy as np

from rigs.reference_device.sound_format import Pcm, samples
from rigs.reference_device.wake import WakeEngine

_REFRACTORY_S = 1.5
_GRACE_S = 0.4
"""How much sound after the first engine's wake the second may still need."""
_LEAD_IN_S = 0.5


class WakeSpotter:
    """The first engine with re-arming: it must fall under its cut-off before it counts again."""

    def __init__(self, engine: WakeEngine) -> None:
        self._engine = engine
        self._armed = True
        self._rest = 0

    def spot(self, pcm: Pcm) -> float | None:
        """The score when the wake word was just heard, else None."""
        score = self._engine.score(pcm)
        self._rest = max(0, self._rest - len(pcm))
        if score <= self._engine.cutoff:
            self._armed = True
            return None
        woke = self._armed and self._rest == 0
        self._armed = False
        if woke:
            self._rest = samples(_REFRACTORY_S)
        return score if woke else None


class Opinion(Enum):
    """What the second engine says so far."""

    UNDECIDED = auto()
    AGREES = auto()
    DISAGREES = auto()


class SecondOpinion:
    """A fresh second engine on the buffered sound, and on a little of what follows."""

    def __init__(self, make_engine: Callable[[], WakeEngine], buffered: Pcm) -> None:
        self._engine = make_engine()
        # It begins on silence, so that what was heard before cannot colour the answer.
        self._engine.score(np.zeros(samples(_LEAD_IN_S), np.int16))
        self._agrees = self._engine.score(buffered) > self._engine.cutoff
        self._left = samples(_GRACE_S)

    def hear(self, pcm: Pcm) -> Opinion:
        """Take the next sound (may be empty) and say what is known by now."""
        if not self._agrees and len(pcm):
            self._agrees = self._engine.score(pcm) > self._engine.cutoff
            self._left -= len(pcm)
        if self._agrees:
            return Opinion.AGREES
        return Opinion.DISAGREES if self._left <= 0 else Opinion.UNDECIDED
