"""Finds where an utterance begins and ends, by voice activity."""

from dataclasses import dataclass
from enum import Enum, auto

import numpy as np

from rigs.reference_device.sound_format import Pcm, samples
from rigs.reference_device.vad import VoiceActivity


@dataclass(frozen=True, slots=True)
class EndpointLimits:
    """When somebody counts as speaking, and when as done; in seconds but for probabilities."""

    speech_over: float = 0.5
    silence_under: float = 0.35
    least_speech_s: float = 0.12
    pause_s: float = 0.3
    end_silence_s: float = 0.6
    no_speech_s: float = 6.0
    longest_s: float = 12.0
    keep_before_s: float = 0.3
    keep_after_s: float = 0.2


class Endpoint(Enum):
    """What the newest sound brought."""

    NOTHING = auto()
    PAUSE = auto()
    """A short silence: the end, perhaps; time to start recognising ahead."""
    ENDED = auto()
    TIMED_OUT = auto()
    """Nobody spoke."""


class Endpointer:
    """Takes 16 kHz sound from the moment of listening on; finds one utterance in it.

    `ignore_s`: speech this soon after the start is the tail of the wake word, unless it goes on.
    """

    def __init__(
        self, vad: VoiceActivity, limits: EndpointLimits, lead: Pcm, ignore_s: float = 0.0
    ) -> None:
        vad.reset()
        self._vad = vad
        self._limits = limits
        self._lead = lead
        self._sound: list[Pcm] = [lead]
        self._length = len(lead)
        self._judged = len(lead)
        self._ignore_until = len(lead) + samples(ignore_s)
        self._pending = np.zeros(0, np.int16)
        self._run = 0
        self._speech_start: int | None = None
        self._speech_end = 0
        self._paused_at = 0

    def feed(self, pcm: Pcm) -> Endpoint:
        """Take the next sound; what it brought (the latest, when it brought several)."""
        self._sound.append(pcm)
        self._length += len(pcm)
        self._pending = np.concatenate([self._pending, pcm])
        found = Endpoint.NOTHING
        while self._pending.size >= self._vad.chunk:
            chunk, self._pending = np.split(self._pending, [self._vad.chunk])
            self._judge(chunk)
            step = self._state()
            found = step if step is not Endpoint.NOTHING else found
            if found in (Endpoint.ENDED, Endpoint.TIMED_OUT):
                break
        return found

    def forget_speech(self) -> None:
        """What was heard so far was nothing: go on waiting, within the same time-out."""
        self._speech_start = None
        self._run = 0
        self._paused_at = 0

    @property
    def speech_end(self) -> int:
        """Sample index, from the start of the sound, where speech last was."""
        return self._speech_end

    def utterance(self) -> Pcm:
        """The speech with a little before and after it; empty when nobody spoke."""
        if self._speech_start is None:
            return np.zeros(0, np.int16)
        start = max(0, self._speech_start - samples(self._limits.keep_before_s))
        end = self._speech_end + samples(self._limits.keep_after_s)
        return np.concatenate(self._sound)[start:end]

    def _judge(self, chunk: Pcm) -> None:
        probability = self._vad.probability(chunk)
        self._judged += len(chunk)
        if probability >= self._limits.speech_over:
            self._run += len(chunk)
        elif probability < self._limits.silence_under:
            self._run = 0
        if self._run == 0 or self._judged <= self._ignore_until:
            return
        if self._speech_start is None and self._run >= samples(self._limits.least_speech_s):
            self._speech_start = self._judged - self._run
        self._speech_end = self._judged

    def _state(self) -> Endpoint:
        if self._speech_start is None:
            waited = self._judged - len(self._lead)
            over = waited >= samples(self._limits.no_speech_s) and self._run == 0
            return Endpoint.TIMED_OUT if over else Endpoint.NOTHING
        silence = self._judged - self._speech_end
        if silence >= samples(self._limits.end_silence_s):
            return Endpoint.ENDED
        if self._judged - self._speech_start >= samples(self._limits.longest_s):
            return Endpoint.ENDED
        if silence >= samples(self._limits.pause_s) and self._paused_at != self._speech_end:
            self._paused_at = self._speech_end
            return Endpoint.PAUSE
        return Endpoint.NOTHING
