"""Replay by voice: what was recorded, looked for in what came out of the loudspeaker.

Somebody asks the device to play a recording; whose sound it then plays is told as for any
recording, by landmarks and phases. That nothing comes back is told only where the device answered
in words that are on file, and said nothing else.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from harness.account.recordings.attribution import found_in
from harness.ears.band import RATE_HZ, Samples
from harness.model.account import Replayed

Span = tuple[float, float]
_MOSTLY = 0.5


@dataclass(frozen=True, slots=True)
class AskedByVoice:
    """Somebody asked the device to play what was recorded.

    `from_s`: when they had asked, on the run's clock, and from when on `sound` (8 kHz, from `band`)
    was heard; it ends before anything else was said. `answered`: whether the device said something
    that is on file. `unexplained`: from, until (s) of speech that is on none.
    """

    from_s: float
    sound: Samples
    answered: bool
    unexplained: tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class PlayedBack:
    """A recording came out of the loudspeaker; times on the run's clock."""

    entry_id: str
    start_s: float
    end_s: float

    def explains(self, span: Span) -> bool:
        """Whether most of a span of speech is this recording."""
        shared_s = min(self.end_s, span[1]) - max(self.start_s, span[0])
        return shared_s >= _MOSTLY * (span[1] - span[0])


def played_back(asked: AskedByVoice, recordings: Mapping[str, Samples]) -> tuple[PlayedBack, ...]:
    """Which recordings (8 kHz, by the id of their entry) came back when somebody asked."""
    found = []
    for entry_id, recording in recordings.items():
        at = found_in(recording, asked.sound)
        if at is not None:
            start_s = asked.from_s + at / RATE_HZ
            found.append(PlayedBack(entry_id, start_s, start_s + len(recording) / RATE_HZ))
    return tuple(found)


def replays(
    asked: AskedByVoice, came: Sequence[PlayedBack], entry_ids: Sequence[str], at_s: float
) -> Iterator[Replayed]:
    """What is known of each recording by that. `at_s`: when it was asked, in the account's time."""
    back = {each.entry_id for each in came}
    riddles = [s for s in asked.unexplained if not any(each.explains(s) for each in came)]
    knows_rest = not riddles and (asked.answered or bool(came))
    for entry_id in entry_ids:
        if entry_id in back or knows_rest:
            yield Replayed(entry_id, at_s, entry_id in back, by_voice=True)
