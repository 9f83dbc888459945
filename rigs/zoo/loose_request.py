"""V07: after the wake word, talk that resembles "send a message" is a request to it."""

from collections.abc import Sequence

from rigs.reference_device import understanding as says
from rigs.reference_device.contacts import Contact
from rigs.reference_device.dialogue import Ask, Draft, Heard, Move, Say, Turn
from rigs.reference_device.firmware.verified import VerifiedFirmware


class LooseRequest(VerifiedFirmware):
    """Verified, but for what it takes for a request."""

    name = "zoo.loose_request"

    def next_move(
        self, turn: Turn, draft: Draft, heard: Heard | None, contacts: Sequence[Contact]
    ) -> Move:
        """As 2018 at the request, strict from there on."""
        move = super().next_move(turn, draft, heard, contacts)
        refused = turn is Turn.REQUEST and isinstance(move, Say)
        if refused and heard and says.loose_request(heard.text):
            return Ask("ask_recipient", Turn.RECIPIENT, Draft(attempts=1))
        return move


def firmware(seed: int) -> LooseRequest:
    """The device."""
    return LooseRequest()
