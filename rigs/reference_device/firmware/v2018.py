"""Firmware 2018: request, contact and yes are whatever the recogniser makes of the next speech.

This is what Amazon described of the Portland case. Nobody is asked for a message: what is sent is
a recording of the last seconds of the room.
"""

from collections.abc import Sequence

from rigs.reference_device import understanding as says
from rigs.reference_device.contacts import Contact
from rigs.reference_device.dialogue import Ask, Draft, Heard, Move, Say, Send, Turn


class Firmware2018:
    """Loose in everything."""

    name = "2018"
    second_opinion = False
    prompt_ids: tuple[str, ...] = (
        "ask_recipient", "first_name_right", "cancelled",
        "am_here", "cannot_help", "no_network", "not_sent",
    )  # fmt: skip

    def next_move(
        self, turn: Turn, draft: Draft, heard: Heard | None, contacts: Sequence[Contact]
    ) -> Move:
        """The next speech is the answer, whatever it was meant for."""
        if heard is None:
            return Say(None if turn is Turn.REQUEST else "cancelled")
        if turn is Turn.REQUEST:
            return self._request(heard.text, contacts)
        if turn is Turn.RECIPIENT:
            return self._recipient(says.loose_contact(heard.text, contacts))
        if draft.contact is not None and says.loose_yes(heard.text):
            return Send(draft.contact, message=None, then_say=None)
        return Say("cancelled")

    def _request(self, text: str, contacts: Sequence[Contact]) -> Move:
        if says.loose_request(text):
            contact = says.loose_contact(text, contacts)
            if contact is not None:
                return self._recipient(contact)
            return Ask("ask_recipient", Turn.RECIPIENT, Draft())
        return Say("am_here" if says.are_you_there(text) else "cannot_help")

    def _recipient(self, contact: Contact | None) -> Move:
        if contact is None:
            return Say("cancelled")
        return Ask("first_name_right", Turn.CONFIRM, Draft(contact), about=contact)
