"""Speech for `benchmarks.account`: sentences nobody wrote, in a few voices, kept where made."""

import hashlib
import random
import subprocess
from pathlib import Path

import numpy as np
import soundfile
import soxr
from numpy.typing import NDArray

Samples = NDArray[np.float32]
RATE_HZ = 16_000

VOICES = (
    "flite:slt",
    "flite:rms",
    "flite:awb",
    "espeak:en-us+f3",
    "espeak:en-gb+m3",
    "espeak:en-us+m7",
)

_WHO = "Thomas,Mia,Dana,Mark,my sister,the plumber,the neighbours,my boss,Grandma,the teacher"
_DOES = (
    "wants to buy,forgot to bring,is looking for,has sold,should paint,cannot find,will collect,"
    "asked about,paid for,dropped,is waiting for,would like to see"
)
_WHAT = (
    "bicycles,apples,curtains,tickets,letters,chairs,candles,bottles,keys,blankets,photographs,"
    "onions,lamps,books,gloves,pancakes,stamps,umbrellas,spoons,tiles"
)
_HOW = "red,broken,wooden,cheap,heavy,new,tiny,round,dusty,green,borrowed,yellow"
_WHERE = (
    "in the kitchen,at the station,behind the garage,near the river,on the balcony,at school,"
    "under the stairs,from the market,in the cellar,by the front door"
)
_WHEN = "on Monday,tomorrow,after lunch,before nine,next week,tonight,in March,every Friday"
_ASK = "remind me that,send a message that,add a note that,play something while,set a timer since"


def sentence(dice: random.Random, length: int, numbers: tuple[int, int] = (2, 999)) -> str:
    """Something said at home; `length`: about how long (1 to 4); `numbers`: of which it tells."""
    number = dice.randrange(*numbers)

    def one(words: str) -> str:
        return dice.choice(words.split(","))

    if length == 1:
        return f"{number} {one(_HOW)} {one(_WHAT)}"
    parts = [f"{one(_WHO)} {one(_DOES)} {number} {one(_HOW)} {one(_WHAT)}"]
    if length >= 3:
        parts.append(f"{one(_WHERE)} {one(_WHEN)}")
    if length >= 4:
        parts.append(f"and {one(_WHO)} {one(_DOES)} the {one(_WHAT)}")
    said = " ".join(parts)
    return f"{one(_ASK)} {said}" if dice.random() < 0.5 else said


def spoken(text: str, voice: str, kept: Path) -> Samples:
    """A sentence at 16 kHz, rendered once and then read from `kept`."""
    name = hashlib.sha256(f"{voice} {text}".encode()).hexdigest()[:24]
    path = kept / f"{name}.wav"
    if not path.exists():
        part = path.with_suffix(".part")
        _render(text, voice, part)
        part.replace(path)
    sound, rate_hz = soundfile.read(path, dtype="float32")
    whole = sound if rate_hz == RATE_HZ else soxr.resample(sound, rate_hz, RATE_HZ)
    return np.asarray(whole, dtype=np.float32)


def _render(text: str, voice: str, path: Path) -> None:
    engine, name = voice.split(":")
    flite = ["flite", "-voice", name, "-t", text, str(path)]
    espeak = ["espeak-ng", "-v", name, "-w", str(path), text]
    subprocess.run(flite if engine == "flite" else espeak, check=True, capture_output=True)
