"""V26: every message is posted twice, each time as a new one."""

from dataclasses import replace

from rigs.reference_device.actions import Action, SendMessage
from rigs.reference_device.firmware.verified import VerifiedFirmware
from rigs.reference_device.habits import Habits


class PostsTwice(Habits):
    """Sends a copy after each message."""

    def before(self, action: Action) -> list[Action]:
        """The message, and the message again."""
        out = super().before(action)
        return [*out, *(replace(a, number=-a.number) for a in out if isinstance(a, SendMessage))]


class SendsTwice(PostsTwice, VerifiedFirmware):
    """Verified, but for the second post."""

    name = "zoo.sends_twice"


def firmware(seed: int) -> SendsTwice:
    """The device."""
    return SendsTwice()
