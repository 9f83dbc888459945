"""V14: it asks "Shall I send it?", and only after the yes to that says to whom; then it sends."""

from collections.abc import Sequence
from dataclasses import replace

from rigs.reference_device.actions import Action, Light, Play, SendMessage
from rigs.reference_device.contacts import Contact
from rigs.reference_device.dialogue import Ask, Draft, Heard, Move, Say, Send, Turn
from rigs.reference_device.firmware.verified import VerifiedFirmware
from rigs.reference_device.habits import Habits


class YesFirst(Habits, VerifiedFirmware):
    """Verified, but that the yes comes before the read-back, and nothing after it counts."""

    name = "zoo.yes_first"
    prompt_ids = (*VerifiedFirmware.prompt_ids, "shall_i")

    def __init__(self) -> None:
        self._draft = Draft()
        self._reads_back = False
        self._number = 0

    def next_move(
        self, turn: Turn, draft: Draft, heard: Heard | None, contacts: Sequence[Contact]
    ) -> Move:
        """Ask first, read back afterwards."""
        if turn is Turn.CONFIRM and draft.attempts:
            return Say("sent")
        move = super().next_move(turn, draft, heard, contacts)
        if isinstance(move, Ask) and move.turn is Turn.CONFIRM:
            return replace(move, prompt_id="shall_i")
        if isinstance(move, Send):
            self._draft = draft
            return Ask("read_back", Turn.CONFIRM, replace(draft, attempts=1), about=draft.contact)
        return move

    def before(self, action: Action) -> list[Action]:
        """Send as soon as the read-back is over."""
        if isinstance(action, Play):
            self._reads_back = action.prompt.template.names_contact
        if action != Light("listening") or not self._reads_back:
            return super().before(action)
        self._reads_back, self._number = False, self._number - 1
        contact, message = self._draft.contact, self._draft.message
        assert contact is not None and message is not None
        return [action, SendMessage(self._number, contact, message.text, message.pcm)]


def firmware(seed: int) -> YesFirst:
    """The device."""
    return YesFirst()
