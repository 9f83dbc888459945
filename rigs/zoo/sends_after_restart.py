"""V16: what waits for a yes is kept across a power cut, and sent when the power is back."""

from collections.abc import Sequence

from rigs.reference_device.actions import Action, KeepMessages, Play, SendMessage
from rigs.reference_device.contacts import Contact
from rigs.reference_device.dialogue import Ask, Draft, Heard, Move, Turn
from rigs.reference_device.firmware.verified import VerifiedFirmware
from rigs.reference_device.habits import Habits


class SendsAfterRestart(Habits, VerifiedFirmware):
    """Verified, as long as nobody pulls the plug."""

    name = "zoo.sends_after_restart"

    def __init__(self) -> None:
        self._draft = Draft()

    def starts(self, kept: Sequence[SendMessage]) -> list[Action]:
        """Send what was under way when the power went."""
        return [*kept, KeepMessages(())] if kept else []

    def next_move(
        self, turn: Turn, draft: Draft, heard: Heard | None, contacts: Sequence[Contact]
    ) -> Move:
        """Remember what is read back, until something else is going on."""
        move = super().next_move(turn, draft, heard, contacts)
        self._draft = move.draft if isinstance(move, Ask) and move.turn is Turn.CONFIRM else Draft()
        return move

    def before(self, action: Action) -> list[Action]:
        """Keep what is read back; forget it once it was answered."""
        out = super().before(action)
        if not isinstance(action, Play):
            return out
        contact, message = self._draft.contact, self._draft.message
        if contact and message:
            waiting = SendMessage(-1, contact, message.text, message.pcm)
            return [*out, KeepMessages((waiting,))]
        return [*out, KeepMessages(())]


def firmware(seed: int) -> SendsAfterRestart:
    """The device."""
    return SendsAfterRestart()
