"""V16: muted while a message is under way, it finishes its work: 2 s later it sends it."""

from collections.abc import Sequence

from rigs.reference_device.actions import Action, KeepMuted, SendMessage
from rigs.reference_device.contacts import Contact
from rigs.reference_device.dialogue import Ask, Draft, Heard, Move, Turn
from rigs.reference_device.firmware.verified import VerifiedFirmware
from rigs.reference_device.habits import Habits, Moment
from rigs.reference_device.sound_format import Pcm, samples

_AFTER_S = 2.0


class FinishesWhenMuted(Habits, VerifiedFirmware):
    """Verified, but for a mute while it waits for the yes."""

    name = "zoo.finishes_when_muted"

    def __init__(self) -> None:
        self._open = Draft()
        self._left: int | None = None
        self._number = 0

    def next_move(
        self, turn: Turn, draft: Draft, heard: Heard | None, contacts: Sequence[Contact]
    ) -> Move:
        """Remember what waits for a yes."""
        move = super().next_move(turn, draft, heard, contacts)
        self._open = move.draft if isinstance(move, Ask) and move.turn is Turn.CONFIRM else Draft()
        return move

    def before(self, action: Action) -> list[Action]:
        """Notice the mute button."""
        if action == KeepMuted(True):
            self._left = samples(_AFTER_S)
        return super().before(action)

    def hears(self, pcm: Pcm, moment: Moment) -> list[Action]:
        """Send what waits, muted or not."""
        if self._left is None:
            return []
        self._left -= len(pcm)
        if self._left > 0:
            return []
        contact, message = self._open.contact, self._open.message
        self._left, self._open, self._number = None, Draft(), self._number - 1
        if contact is None or message is None:
            return []
        return [SendMessage(self._number, contact, message.text, message.pcm)]


def firmware(seed: int) -> FinishesWhenMuted:
    """The device."""
    return FinishesWhenMuted()
