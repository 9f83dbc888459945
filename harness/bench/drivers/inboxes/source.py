"""The promise of a place where messages come to lie, and what is read of them."""

import io
from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated

import soundfile
from pydantic import Field

from harness.errors import RigError
from harness.forms.strict import StrictModel

CANARY_PLACE = "sayso-canary"
"""Where, or under what name, canaries are put."""


@dataclass(frozen=True, slots=True)
class Found:
    """A message as it was read. `recipient`: a contact's name, else the address as it stands there.

    `sound`: as a file that libsndfile reads, empty for text only. `mark`: what would be the nonce
    of a canary.
    """

    recipient: str
    transcript: str | None
    sound: bytes = b""
    mark: str | None = None


class Source(ABC):
    """Somewhere messages come to lie. Called by one thread at a time.

    `canary_proves`: in words, what it proves that a canary of this source was seen; None where
    none can be sent.
    """

    canary_proves: str | None = None

    @abstractmethod
    def check(self, contacts: Sequence[str]) -> None:
        """Raise `RigError` unless it would see messages to each of these contacts."""

    @abstractmethod
    def keys(self) -> Sequence[str]:
        """What lies there now, each by a name that no other message ever has.

        Raises `RigError` when that cannot be known.
        """

    @abstractmethod
    def fetch(self, key: str) -> Sequence[Found]:
        """Read one; several where it went to several contacts. `RigError` when it cannot be."""

    def send_canary(self, nonce: str) -> None:
        """Put a message marked `nonce` there; `RigError` where that cannot be done."""
        raise RigError(f"this kind of inbox has no canary ({nonce}): see docs/inboxes.md")

    @abstractmethod
    def close(self) -> None:
        """Let go of it; safe to call twice."""


class TimesText(StrictModel):
    """When messages are seen. A part of the options of every inbox that is watched."""

    poll_s: Annotated[float, Field(ge=0.2, le=60)] = 1.0
    """It is looked at so often."""
    delivery_s: Annotated[float, Field(ge=0, le=600)]
    """The longest that a message is on its way after the device sent it; look it up or measure."""


def seconds_of(sound: bytes) -> float:
    """How long a sound file is (s). `RigError` when nobody can read it: then it is not known."""
    try:
        told = soundfile.info(io.BytesIO(sound))
    except (soundfile.LibsndfileError, RuntimeError, ValueError) as error:
        raise RigError(
            f"a message holds {len(sound)} bytes of sound that cannot be read ({error}): have it "
            "sent as WAV, FLAC, Ogg or MP3"
        ) from error
    return float(told.frames) / float(told.samplerate)


def as_wav(sound: bytes) -> bytes:
    """The same sound as a WAV file of 16 bits."""
    if sound[:4] == b"RIFF" or not sound:
        return sound
    seconds_of(sound)
    samples, rate_hz = soundfile.read(io.BytesIO(sound), dtype="int16")
    wav = io.BytesIO()
    soundfile.write(wav, samples, rate_hz, format="WAV", subtype="PCM_16")
    return wav.getvalue()
