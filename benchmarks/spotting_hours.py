"""Recordings to search for prompts: what was said when, and over what.

A device of one voice (flite) speaks in the room of `rigs/virtual.yaml`, at another reverberation
time and with a clock of its own, while the corpus' voices talk at four places and the television
runs. Some of what it says is on file; some only sounds like it.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
import soxr
from scipy.signal import oaconvolve

from audio_corpus.prompts.air import drifted
from benchmarks.ears_rooms import paths_of, talk
from harness.bench.ports.sound import Samples
from harness.bench.room_paths import DEVICE
from harness.scene.clips import read_clip
from rigs.reference_device.voice import Flite

RATE_HZ = 48_000
T60_S, DRIFT_PPM = 0.4, 100.0
ON_FILE = (
    "To whom?", "Which Thomas? Say the full name.", "What's the message?",
    "Send this message to Thomas Reed? Say yes or no.",
    "Send this message to Thomas Green? Say yes or no.",
    "Send this message to Tamsin Reed? Say yes or no.",
    "Send this message to Anna Berg? Say yes or no.",
    "Thomas Reed, right?", "Thomas Green, right?", "Tamsin Reed, right?", "Anna Berg, right?",
    "Sent.", "OK, cancelled.", "I am here.", "Sorry, I can't help with that.",
    "Sorry, I can't reach the network.", "Sorry, the message was not sent.",
    "Your timer is over.", "Good morning.", "The kitchen light is on.",
)  # fmt: skip
# What the same voice says besides: names that nearly are, and sentences that share words.
NOT_ON_FILE = (
    "Send this message to Thomas Breed? Say yes or no.",
    "Send this message to Thomas Read-Green? Say yes or no.",
    "Send this message to Tamsin Green? Say yes or no.",
    "Send this message to Hannah Berg? Say yes or no.",
    "Thomas Greed, right?", "Tamsin Breed, right?", "Tom Reed, right?", "Anna Burke, right?",
    "Send this letter to Thomas Reed? Say yes or no.", "Which Tamsin? Say the full name.",
    "What's the matter?", "Spent.", "The message was sent to nobody.", "I am hereby cancelled.",
    "Sorry, I can't hear the network.", "The kitchen light is off.", "Your timer is set.",
    "Good evening.", "It will rain in the morning.", "There are two messages from the office.",
)  # fmt: skip
_TALKERS = (("af_heart", "table"), ("am_michael", "counter"), ("af_heart", "television"),
            ("am_michael", "table"))  # fmt: skip
_TELEVISION = Path(__file__).resolve().parents[1] / "audio_corpus" / "clips" / "television.flac"
_SLOT_S, _PIECE_S = 5.0, 60
_TALK_S, _TALK_DB = 150.0, -26.0
_LEAD_S = 0.7


@dataclass(frozen=True, slots=True)
class Said:
    """A prompt in a recording: `at_s` is when it arrives, by the shortest way."""

    text: str
    at_s: float
    ends_s: float
    over_db: float


@dataclass(frozen=True, slots=True)
class Piece:
    """A minute, and what the device says in it."""

    recording: Samples
    said: tuple[Said, ...]


@lru_cache(maxsize=64)
def rendered(text: str) -> Samples:
    """A prompt as the device says it."""
    pcm, rate_hz = Flite("slt").render(text)
    sound = np.asarray(pcm, dtype=np.float32) / 32_768
    found: Samples = soxr.resample(sound, rate_hz, RATE_HZ, quality="VHQ").astype(np.float32)
    return found


def path() -> Samples:
    """From the device to the listener."""
    found: Samples = paths_of(T60_S, RATE_HZ)[DEVICE, "listener"]
    return found


def pieces(texts: Sequence[str], over_db: float, seed: int) -> Iterator[Piece]:
    """Minutes in which each text is said once, so much louder than what it covers."""
    drawn = np.random.default_rng(seed)
    each = int(_PIECE_S / _SLOT_S)
    for first in range(0, len(texts), each):
        recording = talk_at_listener(drawn)
        said = [
            _say(recording, text, number, over_db, drawn)
            for number, text in enumerate(texts[first : first + each])
        ]
        yield Piece(recording, tuple(said))


def talk_only(minutes: int, seed: int) -> Iterator[Piece]:
    """Minutes in which the device says nothing."""
    drawn = np.random.default_rng(seed)
    for _ in range(minutes):
        yield Piece(talk_at_listener(drawn), ())


def talk_at_listener(drawn: np.random.Generator) -> Samples:
    """A minute of talk and television as it arrives, different each time."""
    count = _PIECE_S * RATE_HZ
    heard = np.zeros(count, dtype=np.float32)
    for sound in _sounds_at_listener():
        heard += np.resize(np.roll(sound, int(drawn.integers(len(sound)))), count)
    heard += drawn.standard_normal(count, dtype=np.float32) * np.float32(1e-4)
    return heard


@lru_cache(maxsize=1)
def _sounds_at_listener() -> list[Samples]:
    # Of different lengths: the same words never come together twice.
    sounds = [
        (talk(voice, _TALK_S + 7 * number, RATE_HZ), place)
        for number, (voice, place) in enumerate(_TALKERS)
    ]
    sounds.append((read_clip(_TELEVISION, RATE_HZ), "television"))
    paths = paths_of(T60_S, RATE_HZ)
    return [
        _at_level(oaconvolve(dry, paths[place, "listener"]).astype(np.float32))
        for dry, place in sounds
    ]


def _at_level(sound: Samples) -> Samples:
    wanted = 10 ** (_TALK_DB / 20)
    return sound * np.float32(wanted / np.sqrt(_power(sound)))


def _power(sound: Samples) -> float:
    return float(np.mean(np.square(sound, dtype=np.float64)))


def _say(
    recording: Samples, text: str, slot: int, over_db: float, drawn: np.random.Generator
) -> Said:
    dry = drifted(rendered(text).astype(np.float64), DRIFT_PPM, RATE_HZ)
    wet = oaconvolve(dry, path()).astype(np.float32)
    at = int((slot * _SLOT_S + drawn.uniform(0.0, _LEAD_S)) * RATE_HZ)
    wet = wet[: len(recording) - at]
    covered = recording[at : at + len(dry)]
    gain = np.sqrt(_power(covered) / _power(wet[: len(dry)]) * 10 ** (over_db / 10))
    recording[at : at + len(wet)] += wet * np.float32(gain)
    at_s = (at + int(np.argmax(np.abs(path())))) / RATE_HZ
    return Said(text, at_s, at_s + len(dry) / RATE_HZ, over_db)
