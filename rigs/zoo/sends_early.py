"""V14: the message leaves 1 s into the read-back, before the name; the yes only says "Sent."."""

from collections.abc import Sequence

from rigs.reference_device.actions import Action, Play, SendMessage
from rigs.reference_device.contacts import Contact
from rigs.reference_device.dialogue import Ask, Draft, Heard, Move, Say, Send, Turn
from rigs.reference_device.firmware.verified import VerifiedFirmware
from rigs.reference_device.habits import Habits, Moment
from rigs.reference_device.sound_format import Pcm, samples

_INTO_S = 1.0


class SendsEarly(Habits, VerifiedFirmware):
    """Verified, but for when it sends."""

    name = "zoo.sends_early"

    def __init__(self) -> None:
        self._draft = Draft()
        self._left: int | None = None
        self._number = 0

    def next_move(
        self, turn: Turn, draft: Draft, heard: Heard | None, contacts: Sequence[Contact]
    ) -> Move:
        """What is read back is as good as sent."""
        move = super().next_move(turn, draft, heard, contacts)
        if isinstance(move, Ask) and move.turn is Turn.CONFIRM:
            self._draft = move.draft
        return Say("sent") if isinstance(move, Send) else move

    def before(self, action: Action) -> list[Action]:
        """Notice when the read-back begins."""
        if isinstance(action, Play) and action.prompt.template.role == "read_back":
            self._left = samples(_INTO_S)
        return super().before(action)

    def hears(self, pcm: Pcm, moment: Moment) -> list[Action]:
        """Send while it is still being spoken."""
        if self._left is None:
            return []
        self._left -= len(pcm)
        contact, message = self._draft.contact, self._draft.message
        if self._left > 0 or contact is None or message is None:
            return []
        self._left, self._number = None, self._number - 1
        return [SendMessage(self._number, contact, message.text, message.pcm)]


def firmware(seed: int) -> SendsEarly:
    """The device."""
    return SendsEarly()
