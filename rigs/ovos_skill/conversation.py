"""The dialogue of one interaction, by words alone: a state machine without a clock or a socket.

The listener hands over words and no sound, so a message is words, too.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from rigs.reference_device.contacts import Contact
from rigs.reference_device.dialogue import (
    Ask,
    Draft,
    Firmware,
    Heard,
    Move,
    PlayBack,
    Say,
    Send,
    Turn,
)
from rigs.reference_device.prompts import Prompt, make_prompt

_CANNOT = "cannot_help"
_NO_SOUND = np.zeros(0, np.int16)


@dataclass(frozen=True, slots=True)
class Speak:
    """Say a prompt; `then_listen`: it is a question, and the microphone is to be opened for it."""

    prompt: Prompt
    then_listen: bool


@dataclass(frozen=True, slots=True)
class Deliver:
    """Put a message into a contact's inbox, then call `delivered`."""

    contact: Contact
    text: str


Action = Speak | Deliver


class Conversation:
    """One interaction, from the wake to its end. Each call returns what is to be done, if anything.

    `help_prompt`: what it says to what it cannot do, in place of the policy's own.
    """

    def __init__(
        self, policy: Firmware, contacts: Sequence[Contact], help_prompt: str = _CANNOT
    ) -> None:
        self._policy, self._contacts, self._help = policy, contacts, help_prompt
        self._turn, self._draft = Turn.REQUEST, Draft()
        self._then_say: str | None = None
        self.over = False

    def heard(self, text: str | None) -> Action | None:
        """Words, or None where there were none."""
        if self.over:
            return None
        heard = None if text is None else Heard(text, _NO_SOUND)
        move = self._policy.next_move(self._turn, self._draft, heard, self._contacts)
        return self._carried_out(move)

    def delivered(self, whole: bool) -> Action | None:
        """Whether the message was taken by the inbox."""
        return self._carried_out(Say(self._then_say if whole else "not_sent"))

    def _carried_out(self, move: Move) -> Action | None:
        if isinstance(move, Ask):
            self._turn, self._draft = move.turn, move.draft
            return Speak(make_prompt(move.prompt_id, move.about), then_listen=True)
        if isinstance(move, Send):
            self._then_say = move.then_say
            return Deliver(move.contact, move.message.text if move.message else "")
        self.over = True
        # It keeps no message that could be played.
        prompt_id = move.else_say if isinstance(move, PlayBack) else move.prompt_id
        if prompt_id is None:
            return None
        prompt_id = self._help if prompt_id == _CANNOT else prompt_id
        return Speak(make_prompt(prompt_id), then_listen=False)
