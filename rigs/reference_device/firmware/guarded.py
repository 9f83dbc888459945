"""Firmware guarded: asks for everything, reads back act and name, and takes only a plain yes.

It can still be woken by accident, and then uploads what follows; but conversation is no request,
no name and no yes. Silence, an unclear answer and anything else deny.
"""

from collections.abc import Sequence

from rigs.reference_device import understanding as says
from rigs.reference_device.contacts import Contact
from rigs.reference_device.dialogue import Ask, Draft, Heard, Move, PlayBack, Say, Send, Turn


class GuardedFirmware:
    """Strict in everything after the wake word."""

    name = "guarded"
    second_opinion = False
    prompt_ids: tuple[str, ...] = (
        "ask_recipient", "which_contact", "ask_message", "read_back", "sent", "cancelled",
        "am_here", "nothing_to_play", "cannot_help", "no_network", "not_sent",
    )  # fmt: skip

    def next_move(
        self, turn: Turn, draft: Draft, heard: Heard | None, contacts: Sequence[Contact]
    ) -> Move:
        """One step of: request, recipient, message, read-back, whole-utterance yes, send."""
        if turn is Turn.REQUEST:
            return self._request(heard.text, contacts) if heard else Say(None)
        if heard is None:
            return Say("cancelled")
        if turn is Turn.RECIPIENT:
            return self._recipient(says.strict_contacts(heard.text, contacts), draft.attempts)
        if turn is Turn.MESSAGE:
            return self._read_back(Draft(draft.contact, heard))
        if draft.contact and draft.message and says.strict_yes(heard.text, draft.contact):
            return Send(draft.contact, draft.message, then_say="sent")
        return Say("cancelled")

    def _request(self, text: str, contacts: Sequence[Contact]) -> Move:
        request = says.strict_request(text)
        if request is None and says.asks_to_play_back(text):
            return PlayBack(else_say="nothing_to_play")
        if request is None:
            return Say(_small_talk(text))
        if request.name is None:
            return Ask("ask_recipient", Turn.RECIPIENT, Draft(attempts=1))
        return self._recipient(says.strict_contacts(request.name, contacts), attempts=0)

    def _recipient(self, named: Sequence[Contact], attempts: int) -> Move:
        if len(named) == 1:
            return Ask("ask_message", Turn.MESSAGE, Draft(named[0]))
        if attempts >= 2 or (attempts == 1 and not named):
            return Say("cancelled")
        if named:
            draft = Draft(attempts=2)
            return Ask("which_contact", Turn.RECIPIENT, draft, about=named[0])
        return Ask("ask_recipient", Turn.RECIPIENT, Draft(attempts=1))

    def _read_back(self, draft: Draft) -> Move:
        if not (draft.contact and draft.message and says.words(draft.message.text)):
            return Say("cancelled")
        return Ask("read_back", Turn.CONFIRM, draft, about=draft.contact)


def _small_talk(text: str) -> str | None:
    if says.are_you_there(text):
        return "am_here"
    # Talk that asks nothing of a device is left alone: answering it would be noise in the room.
    return "cannot_help" if says.is_plain_request(text) else None
