"""What is said of device speech. Times are sample indices at 16 kHz from the recording's first."""

from dataclasses import dataclass
from enum import StrEnum

from harness.ears.cancel import RATE_HZ, Doubt
from harness.model.timeline import WhoseVoice


class EventKind(StrEnum):
    """What happened. `PAUSE` is a provisional end, and is withdrawn by `RESUMED`."""

    ONSET = "onset"
    PAUSE = "pause"
    RESUMED = "resumed"
    END = "end"
    UNHEARD = "unheard"


@dataclass(frozen=True, slots=True)
class Speech:
    """A stretch of speech that was not played, from sample `start` to `end`.

    `level_db`: rms while it sounds, dB re full scale. `over_rest_db`: that, less the level of what
    would have been left without it (the room's noise, leakage of the stimulus). `sure`: 0 to 1.
    `doubts`: of the stretches it lies in, as far as they were known at its end; where there are
    any, it may be what was played. `lead_s`, `louder_db`: how much earlier and louder it was at
    the microphone beside the device; None where there is none, or the two could not be compared.
    """

    start: int
    end: int
    level_db: float
    over_rest_db: float
    sure: float
    doubts: tuple[Doubt, ...] = ()
    whose: WhoseVoice = WhoseVoice.UNATTRIBUTED
    lead_s: float | None = None
    louder_db: float | None = None

    @property
    def start_s(self) -> float:
        """When it starts, in seconds from the recording's first sample."""
        return self.start / RATE_HZ

    @property
    def end_s(self) -> float:
        """When its last sound ended, in seconds from the recording's first sample."""
        return self.end / RATE_HZ


@dataclass(frozen=True, slots=True)
class Unheard:
    """Nothing could be heard from sample `start` to `end`, and why. That is not silence."""

    start: int
    end: int
    doubts: tuple[Doubt, ...]

    @property
    def start_s(self) -> float:
        """When it starts, in seconds from the recording's first sample."""
        return self.start / RATE_HZ

    @property
    def end_s(self) -> float:
        """When it ends, in seconds from the recording's first sample."""
        return self.end / RATE_HZ


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened at sample `at`, and could be said once `known_at` was heard.

    `ONSET`: somebody began to speak. `PAUSE`: the last sound so far ended; `RESUMED`: it went on.
    `END`: it was quiet for long enough; `speech` holds the whole. `UNHEARD`: `unheard` says when
    and why; `at` is where it starts.
    """

    kind: EventKind
    at: int
    known_at: int
    speech: Speech | None = None
    unheard: Unheard | None = None

    @property
    def at_s(self) -> float:
        """When it happened, in seconds from the recording's first sample."""
        return self.at / RATE_HZ
