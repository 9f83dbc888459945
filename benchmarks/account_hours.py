"""Hours of a bench's log and recordings as an account hands them out, for `benchmarks.account`."""

import io
import json
import random
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import pyroomacoustics
import scipy.signal
import soundfile
import soxr
from numpy.typing import NDArray

from benchmarks.account_speech import RATE_HZ, VOICES, Samples, sentence, spoken

RUN_S = 1_800
_LEVEL = 0.3
_PAUSE_S = (0.5, 9.0)
ROOMS = ((5.0, 4.0, 2.6), (4.0, 3.2, 2.5), (6.5, 4.5, 2.7))
T60_S = (0.25, 0.35, 0.5)
_OVER_NOISE_DB = (10.0, 15.0, 20.0, 25.0)
_CLOCK_PPM = 60.0
# What libsndfile makes 24 kbit/s of.
OPUS_24 = 0.928


@dataclass(frozen=True, slots=True)
class Said:
    """A sentence in the log: the run, and where it lies, in samples."""

    run: int
    at: int
    count: int


@dataclass(frozen=True, slots=True)
class Recorded:
    """A recording that an account hands out. `said`: where it lies, None for a stranger's."""

    name: str
    said: Said | None


def write_log(folder: Path, hours: float, seed: int, kept: Path) -> list[Said]:
    """Runs of half an hour as FLAC, and what is said in them; what is there is not made again."""
    folder.mkdir(parents=True, exist_ok=True)
    runs = range(round(hours * 3600 / RUN_S))
    return [said for run in runs for said in _run(folder, run, seed, kept)]


def _run(folder: Path, run: int, seed: int, kept: Path) -> list[Said]:
    listed = folder / f"{run:03}.json"
    if not listed.exists():
        track, said = _track(run, random.Random(f"log {seed} {run}"), kept)
        soundfile.write(folder / f"{run:03}.flac", track, RATE_HZ, subtype="PCM_16")
        # Listed last: a track without its list was cut short.
        write_whole(listed, json.dumps([asdict(one) for one in said]).encode())
    return [Said(**row) for row in json.loads(listed.read_text())]


def _track(run: int, dice: random.Random, kept: Path) -> tuple[Samples, list[Said]]:
    track, said = np.zeros(RUN_S * RATE_HZ, dtype=np.float32), []
    at = RATE_HZ
    while at < len(track) - 14 * RATE_HZ:
        sound = _level(spoken(sentence(dice, dice.choice((1, 2, 3, 4))), dice.choice(VOICES), kept))
        track[at : at + len(sound)] += sound
        said.append(Said(run, at, len(sound)))
        at += len(sound) + round(RATE_HZ * dice.uniform(*_PAUSE_S))
    return track, said


def write_whole(path: Path, content: bytes) -> None:
    """Write a file that is there whole or not at all."""
    part = path.with_suffix(".part")
    part.write_bytes(content)
    part.replace(path)


class Microphone:
    """A device somewhere in a room: echoes, noise, a clock of its own, Opus at 24 kbit/s."""

    def __init__(self, seed: int) -> None:
        self._seed = seed
        dice = random.Random(f"rooms {seed}")
        self._paths = [path_in_room(size, t60, dice) for size in ROOMS for t60 in T60_S]

    def recording(self, sound: Samples, number: int) -> bytes:
        """A sound as the device's account hands it out, as its recording of that number."""
        dice = random.Random(f"microphone {self._seed} {number}")
        heard = scipy.signal.oaconvolve(sound, dice.choice(self._paths))
        power = np.mean(np.square(heard))
        over_db = dice.choice(_OVER_NOISE_DB)
        white = np.random.default_rng((self._seed, number)).standard_normal(len(heard))
        noise = scipy.signal.lfilter([1.0], [1.0, -0.9], white)
        noise *= np.sqrt(power / np.mean(np.square(noise))) * 10 ** (-over_db / 20)
        late = 1 + 1e-6 * dice.uniform(-_CLOCK_PPM, _CLOCK_PPM)
        drifted = soxr.resample(heard + noise, RATE_HZ, RATE_HZ * late)
        level = np.asarray(0.5 * drifted / np.abs(drifted).max(), dtype=np.float32)
        file = io.BytesIO()
        soundfile.write(
            file, level, RATE_HZ, format="OGG", subtype="OPUS", compression_level=OPUS_24
        )
        return file.getvalue()


def path_in_room(
    size: tuple[float, float, float], t60_s: float, dice: random.Random
) -> NDArray[np.float64]:
    """From a talker to a device, each anywhere in a room of that size (m), at `RATE_HZ`."""
    absorbs, order = pyroomacoustics.inverse_sabine(t60_s, size)
    room = pyroomacoustics.ShoeBox(
        size, fs=RATE_HZ, materials=pyroomacoustics.Material(absorbs), max_order=min(order, 30)
    )
    talker, device = ([dice.uniform(0.6, edge - 0.6) for edge in size] for _ in range(2))
    room.add_source(talker)
    room.add_microphone(device)
    room.compute_rir()
    return np.asarray(room.rir[0][0], dtype=np.float64)


def write_recordings(
    folder: Path, log: Path, said: list[Said], count: int, seed: int, kept: Path
) -> list[Recorded]:
    """Half own, half foreign: the same voices, other sentences; in no order. What is there is not
    made again.
    """
    folder.mkdir(parents=True, exist_ok=True)
    microphone, made = Microphone(seed), []
    for number in range(count):
        dice = random.Random(f"export {seed} {number}")
        name = f"{dice.randrange(16**8):08x}-{number:05}.opus"
        own = dice.choice(said) if number % 2 == 0 else None
        if not (folder / name).exists():
            sound = _own(log, own, dice) if own else _foreign(dice, kept)
            write_whole(folder / name, microphone.recording(sound, number))
        made.append(Recorded(name, own))
    return made


def _own(log: Path, said: Said, dice: random.Random) -> Samples:
    """What a device cuts out of a sentence: 1 to 8 s, often not the whole of it."""
    count = said.count if dice.random() < 0.6 else round(said.count * dice.uniform(0.5, 1.0))
    start = max(0, said.at + round(dice.uniform(-0.2, 0.3) * RATE_HZ))
    with soundfile.SoundFile(log / f"{said.run:03}.flac") as file:
        file.seek(start)
        sound = file.read(min(8 * RATE_HZ, max(RATE_HZ, count)), dtype="float32")
    return np.asarray(sound, dtype=np.float32)


def _foreign(dice: random.Random, kept: Path) -> Samples:
    """Numbers beyond a thousand are never said in the log, so no sentence is the same."""
    text = sentence(dice, dice.choice((1, 2, 3, 4)), numbers=(1_000, 9_999))
    sound = _level(spoken(text, dice.choice(VOICES), kept))[: 8 * RATE_HZ]
    return np.pad(sound, (0, max(0, RATE_HZ - len(sound))))


def _level(sound: Samples) -> Samples:
    return np.asarray(_LEVEL * sound / np.abs(sound).max(), dtype=np.float32)
