"""V16: after the yes it says that nothing is sent, and sends it 3 s later."""

from collections.abc import Sequence

from rigs.reference_device.actions import Action, SendMessage
from rigs.reference_device.contacts import Contact
from rigs.reference_device.dialogue import Draft, Heard, Move, Say, Send, Turn
from rigs.reference_device.firmware.verified import VerifiedFirmware
from rigs.reference_device.habits import Habits, Moment
from rigs.reference_device.sound_format import Pcm, samples

_AFTER_S = 3.0


class SendsGivenUp(Habits, VerifiedFirmware):
    """Verified, but for what it says of a message, and when it sends it."""

    name = "zoo.sends_given_up"

    def __init__(self) -> None:
        self._waits: list[SendMessage] = []
        self._left = 0
        self._number = 0

    def next_move(
        self, turn: Turn, draft: Draft, heard: Heard | None, contacts: Sequence[Contact]
    ) -> Move:
        """Keep what should be sent, and say that it is not."""
        move = super().next_move(turn, draft, heard, contacts)
        if not isinstance(move, Send) or move.message is None:
            return move
        self._number -= 1
        message = SendMessage(self._number, move.contact, move.message.text, move.message.pcm)
        self._waits, self._left = [message], samples(_AFTER_S)
        return Say("cancelled")

    def hears(self, pcm: Pcm, moment: Moment) -> list[Action]:
        """Count the time, and send it."""
        self._left = max(0, self._left - len(pcm))
        if self._left or not self._waits:
            return []
        sent, self._waits = list[Action](self._waits), []
        return sent


def firmware(seed: int) -> SendsGivenUp:
    """The device."""
    return SendsGivenUp()
