"""V14: the message leaves as the read-back begins; the yes that follows only says "Sent."."""

from collections.abc import Sequence

from rigs.reference_device.actions import Action, Play, SendMessage
from rigs.reference_device.contacts import Contact
from rigs.reference_device.dialogue import Ask, Draft, Heard, Move, Say, Send, Turn
from rigs.reference_device.firmware.verified import VerifiedFirmware
from rigs.reference_device.habits import Habits


class SendsEarly(Habits, VerifiedFirmware):
    """Verified, but for when it sends."""

    name = "zoo.sends_early"

    def __init__(self) -> None:
        self._draft = Draft()
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
        """Send with the first word of the read-back."""
        out = super().before(action)
        begins = isinstance(action, Play) and action.prompt.template.role == "read_back"
        contact, message = self._draft.contact, self._draft.message
        if begins and contact and message:
            self._number -= 1
            out.append(SendMessage(self._number, contact, message.text, message.pcm))
        return out


def firmware(seed: int) -> SendsEarly:
    """The device."""
    return SendsEarly()
