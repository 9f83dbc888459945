"""What goes wrong on the other side, on purpose: how an assistant takes that is worth knowing.

A fault strikes once, at one utterance, counted from 1 since the account was emptied, as it is
before each play.
"""

from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """What happens."""

    HANGS = "hangs"
    """It takes the utterance and answers nothing for `lasts_s`."""
    REFUSES = "refuses"
    """It answers that it is out of order."""
    LISTENS_IN = "listens-in"
    """It answers; `after_s` later somebody tells the device, over its message bus, to listen."""
    OVERHEARS = "overhears"
    """It answers; somebody is on the device's message bus for `lasts_s`, and says nothing."""


@dataclass(frozen=True, slots=True)
class Fault:
    """A fault, and the utterance that it strikes at."""

    kind: Kind
    utterance: int = 2
    lasts_s: float = 20.0
    after_s: float = 8.0
