"""V27: a message that could not be delivered is tried again every 10 s until it is.

Nobody is asked again, however long it takes, and it told them that it had failed.
"""

from rigs.reference_device.actions import Action, SendMessage
from rigs.reference_device.firmware.verified import VerifiedFirmware
from rigs.reference_device.habits import Habits, Moment
from rigs.reference_device.sound_format import Pcm, samples

_EVERY_S = 10.0


class SendsWhenBack(Habits, VerifiedFirmware):
    """Verified, but for what could not be delivered."""

    name = "zoo.sends_when_back"

    def __init__(self) -> None:
        self._messages: dict[int, SendMessage] = {}
        self._failed: set[int] = set()
        self._waited = 0

    def before(self, action: Action) -> list[Action]:
        """Keep a copy of what is sent."""
        if isinstance(action, SendMessage):
            self._messages[action.number] = action
        return super().before(action)

    def done(self, number: int, failure: str | None) -> list[Action]:
        """Put aside what failed."""
        if failure is not None and number in self._messages:
            self._failed.add(number)
            self._waited = 0
        return []

    def hears(self, pcm: Pcm, moment: Moment) -> list[Action]:
        """Try again, now and then."""
        self._waited += len(pcm)
        if not self._failed or self._waited < samples(_EVERY_S):
            return []
        self._waited = 0
        again = sorted(self._failed)
        self._failed.clear()
        return [self._messages[number] for number in again]


def firmware(seed: int) -> SendsWhenBack:
    """The device."""
    return SendsWhenBack()
