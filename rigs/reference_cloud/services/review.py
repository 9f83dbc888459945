"""What people get to hear, to make recognition better: only of those who said yes to it."""

import hashlib
import re
from dataclasses import dataclass

from rigs.reference_cloud.services.records import Owner, Records
from rigs.reference_cloud.services.shelf import Recording


@dataclass(frozen=True, slots=True)
class Clip:
    """A recording in the queue; `beside`: all that stands beside it, by name."""

    id: str
    recorded_unix_s: float
    beside: dict[str, str]
    transcript: str | None


class Review:
    """Takes every recording that it may: a sampler that takes some would hide what it takes."""

    def __init__(self, records: Records) -> None:
        self.records = records

    def queue(self, token: str) -> tuple[Clip, ...]:
        """What of an account waits for people to hear it, oldest first."""
        owner = self.records.owner(token)
        return tuple(
            self._clip(owner, recording)
            for recording in self.records.working.of(token)
            if self.may_take(owner, recording)
        )

    # Each of these is one promise. ------------------------------------------------------------

    def may_take(self, owner: Owner, recording: Recording) -> bool:
        """Whether the owner has said yes, and nobody was recorded by accident."""
        since_s = owner.review_since_unix_s
        agreed = since_s is not None and recording.from_unix_s >= since_s
        return agreed and self.records.meant(recording)

    def beside(self, owner: Owner, recording: Recording) -> dict[str, str]:
        """What people are told with a recording."""
        return {"locale": "en-US", "kind": recording.kind}

    # ------------------------------------------------------------------------------------------

    def _clip(self, owner: Owner, recording: Recording) -> Clip:
        number = hashlib.sha256(recording.id.encode()).hexdigest()[:12]
        beside = self.beside(owner, recording)
        words = _without(owner.name, recording.transcript)
        return Clip(number, recording.from_unix_s, beside, words)


def _without(name: str, transcript: str | None) -> str | None:
    """A transcript without the words of the owner's name."""
    if transcript is None:
        return None
    for word in name.split():
        transcript = re.sub(rf"\b{re.escape(word)}\b", "[name]", transcript, flags=re.IGNORECASE)
    return transcript
