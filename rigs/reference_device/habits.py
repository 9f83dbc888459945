"""What a device does beside its dialogue: the words between core and conduct.

A firmware decides what to say and send after an utterance. Its habits decide what becomes of each
action before it leaves, when it speaks, and what the device does unasked. `Habits` itself is the
honest conduct: every action leaves as it is, prompts are said at once and not listened to, nothing
happens unasked, and nothing unsent is kept.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from rigs.reference_device.actions import Action, SendMessage
from rigs.reference_device.contacts import Contact
from rigs.reference_device.prompts import Prompt
from rigs.reference_device.sound_format import Pcm


@dataclass(frozen=True, slots=True)
class Moment:
    """How things stand: Unix time (s), mute, whether nobody is talking with it, contacts."""

    now_s: float
    muted: bool
    resting: bool
    contacts: Sequence[Contact]


class Habits:
    """Honest conduct. A firmware that is also one of these says what it does otherwise.

    Whatever these methods return passes `before` as well. Numbers of unasked uploads and messages
    are negative: the device's own count upwards from 1.
    """

    def starts(self, kept: Sequence[SendMessage]) -> list[Action]:
        """Switched on. `kept`: the messages that `KeepMessages` last asked to remember."""
        return []

    def hears(self, pcm: Pcm, moment: Moment) -> list[Action]:
        """The microphone's next sound (int16, 16 kHz), also while muted; what it does unasked."""
        return []

    def speaks_up(self, moment: Moment) -> str | None:
        """The id of a prompt that it says unasked, now; asked only at rest and not muted."""
        return None

    def speaks_now(self, prompt: Prompt) -> bool:
        """Whether it says a prompt now; where not, it is asked again with each new sound."""
        return True

    def is_deaf_to(self, prompt: Prompt) -> bool:
        """Whether its microphone is kept from the recogniser while it says a prompt."""
        return True

    def before(self, action: Action) -> list[Action]:
        """What leaves the device in place of `action`."""
        return [action]

    def done(self, number: int, failure: str | None) -> list[Action]:
        """Message `number` was delivered, or was not (`failure`: the prompt that says why)."""
        return []


def habits_of(firmware: object) -> Habits:
    """The habits a firmware brings; the honest ones where it brings none."""
    return firmware if isinstance(firmware, Habits) else Habits()
