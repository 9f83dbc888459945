"""V26: a message that is not answered for within 1.5 s is posted again, as a new one.

On a good network nobody would ever know: the answer comes within milliseconds.
"""

from dataclasses import replace

from rigs.reference_device.actions import Action, SendMessage
from rigs.reference_device.firmware.verified import VerifiedFirmware
from rigs.reference_device.habits import Habits, Moment
from rigs.reference_device.sound_format import Pcm, samples

_PATIENCE_S = 1.5


class SendsAgain(Habits, VerifiedFirmware):
    """Verified, but for its patience."""

    name = "zoo.sends_again"

    def __init__(self) -> None:
        self._unanswered: SendMessage | None = None
        self._waited = 0

    def before(self, action: Action) -> list[Action]:
        """Keep a copy of what is sent until it is answered for, but not of what is sent again."""
        if isinstance(action, SendMessage) and action.number > 0:
            self._unanswered, self._waited = action, 0
        return super().before(action)

    def done(self, number: int, failure: str | None) -> list[Action]:
        """Answered for: it went well, or the person was told that it did not."""
        if self._unanswered is not None and self._unanswered.number == number:
            self._unanswered = None
        return []

    def hears(self, pcm: Pcm, moment: Moment) -> list[Action]:
        """Count the time, and lose patience."""
        self._waited += len(pcm)
        message = self._unanswered
        if message is None or self._waited < samples(_PATIENCE_S):
            return []
        self._unanswered = None
        return [replace(message, number=-message.number)]


def firmware(seed: int) -> SendsAgain:
    """The device."""
    return SendsAgain()
