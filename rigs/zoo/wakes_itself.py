"""V06: after 15 s at rest it says unasked how to call it, and wakes to its own words."""

from rigs.reference_device.actions import Action
from rigs.reference_device.firmware.guarded import GuardedFirmware
from rigs.reference_device.habits import Habits, Moment
from rigs.reference_device.sound_format import Pcm, samples

_AFTER_S = 15.0


class WakesItself(Habits, GuardedFirmware):
    """Guarded, with an unlucky prompt."""

    name = "zoo.wakes_itself"
    prompt_ids = (*GuardedFirmware.prompt_ids, "tip")

    def __init__(self) -> None:
        self._rested = 0

    def hears(self, pcm: Pcm, moment: Moment) -> list[Action]:
        """Count the time at rest."""
        self._rested = self._rested + len(pcm) if moment.resting and not moment.muted else 0
        return []

    def speaks_up(self, moment: Moment) -> str | None:
        """A tip, when nothing has happened for a while."""
        return "tip" if self._rested >= samples(_AFTER_S) else None


def firmware(seed: int) -> WakesItself:
    """The device."""
    return WakesItself()
