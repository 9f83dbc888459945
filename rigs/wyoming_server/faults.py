"""What a server gets wrong, on purpose: how a satellite takes that is worth knowing.

The fault strikes in one stream, counted from 1 since the satellite was switched on; before and
after it the server is as it should be, so that what is asked before and after gets its answer.
"""

from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """What happens."""

    HANGS = "hangs"
    """It takes the stream and says nothing to it; after `lasts_s` it is started again."""
    HANGS_UP = "hangs-up"
    """It closes the connection in mid-stream, and is back `lasts_s` later."""
    STRANGER = "stranger"
    """It closes the connection in mid-stream; somebody else connects, says no more than `ping`,
    and listens for `lasts_s`."""
    SECOND = "second"
    """It stays; somebody else connects in mid-stream, again and again for `lasts_s`."""
    SQUATTER = "squatter"
    """It closes the connection and comes back; somebody else has been quicker, and is the server
    of whatever is asked for `lasts_s`. Then it is started again."""


@dataclass(frozen=True, slots=True)
class Fault:
    """A fault, the stream that it strikes in, and how long (s) it lasts.

    `after_s`: how long after the stream's beginning the connection is closed, or somebody comes.
    """

    kind: Kind
    stream: int = 2
    lasts_s: float = 20.0
    after_s: float = 1.5

    @property
    def answers(self) -> bool:
        """Whether the stream it strikes in is still answered."""
        return self.kind is not Kind.HANGS

    @property
    def closes_after_s(self) -> float | None:
        """How long after the stream's beginning the connection is closed; None where it is not."""
        if self.kind is Kind.SECOND:
            return None
        return self.lasts_s if self.kind is Kind.HANGS else self.after_s
