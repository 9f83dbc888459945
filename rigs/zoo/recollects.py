"""For devices that send more than was dictated: all that was heard from shortly before the wake."""

import numpy as np

from rigs.reference_device.actions import Action
from rigs.reference_device.habits import Habits, Moment
from rigs.reference_device.sound_format import Pcm, samples


class Recollects(Habits):
    """Keeps the last `before_s` at rest, and the whole session after it."""

    before_s = 2.0

    def __init__(self) -> None:
        self._kept: list[Pcm] = []

    def hears(self, pcm: Pcm, moment: Moment) -> list[Action]:
        """Remember."""
        self._kept.append(pcm)
        while moment.resting and sum(map(len, self._kept[1:])) >= samples(self.before_s):
            del self._kept[0]
        return super().hears(pcm, moment)

    def recollected(self) -> Pcm:
        """All of it."""
        return np.concatenate(self._kept) if self._kept else np.zeros(0, np.int16)

    def around(self, utterance: Pcm) -> tuple[Pcm, Pcm]:
        """What was heard before an utterance of this session, and what after it."""
        everything = self.recollected()
        at = everything.tobytes().find(utterance.tobytes()) // 2
        return everything[:at], everything[at + len(utterance) :]


class RecollectsOnce(Recollects):
    """Has what it remembers leave once in each session: `sent` says that it has."""

    before_s = 8.0

    def __init__(self) -> None:
        super().__init__()
        self.sent = False

    def hears(self, pcm: Pcm, moment: Moment) -> list[Action]:
        """Remember; at rest there is a session to come."""
        self.sent &= not moment.resting
        return super().hears(pcm, moment)
