"""The recordings of the test set: what is said when, under what, in which room. All from the seed.

Two groups have speech: `found` (two talkers, T60 0.5 s, one group for each SNR: the goals are set
there) and `spread` (everything drawn at random from its whole range). `without` has none.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

from audio_corpus.prompts.chirps import CHIRPS
from audio_corpus.prompts.rooms import Layout, drawn
from audio_corpus.prompts.sources import Draw, drawing
from audio_corpus.prompts.texts import Line, Split, prompts, seed, shuffled

SNRS_DB = (-5.0, 0.0, 5.0, 10.0, 20.0)
EACH = 10
_LEAD_S = 6.0
_EVERY_S, _LATER_S = 8.0, 2.0
_MOST_TALKERS = 3
_CLIPPING_DB = 14.0


@dataclass(frozen=True, slots=True)
class Conditions:
    """What a recording is made under.

    `snr_db`: power of each prompt over that of everything else at the listener's microphone, while
    it sounds. `drift_ppm`: how much faster the loudspeakers' clock runs than the microphone's;
    `device_ppm`: the device's. `distortion`: harmonics of a sine at the stimulus' peak, as a share.
    `dishes`: "played" by a loudspeaker, or in the "room", where nobody knows of them.
    `microphone_db`: gain before what is over full scale is cut off. `noise_db`: of the
    microphone, dB re full scale; `hum_db`: of a quiet kitchen.
    """

    t60_s: float = 0.5
    talkers: int = 2
    television: bool = False
    dishes: str | None = None
    snr_db: float = 5.0
    drift_ppm: float = 0.0
    device_ppm: float = 0.0
    distortion: float = 0.0
    microphone_db: float = 0.0
    noise_db: float = -75.0
    hum_db: float = -70.0
    delay_s: float = 0.2


@dataclass(frozen=True, slots=True)
class Said:
    """The device says a line, or sounds one of `CHIRPS`, from `at_s` on (its own loudspeaker)."""

    at_s: float
    line: Line | None = None
    chirp: str | None = None


@dataclass(frozen=True, slots=True)
class Recording:
    """One recording of the set; `name` is unique and decides everything that is drawn for it."""

    name: str
    split: Split
    seconds: float
    conditions: Conditions
    said: tuple[Said, ...] = ()

    def draw(self, what: str) -> Draw:
        """The random numbers for one thing in this recording."""
        return drawing(f"{seed()} {self.name} {what}")

    @property
    def layout(self) -> Layout:
        """The room, which no other recording has."""
        return drawn(self.conditions.t60_s, self.draw("room"))


def found(
    split: Split, snr_db: float, lines: Sequence[Line] | None = None, *, drifts: bool = False
) -> list[Recording]:
    """Every prompt of a part once, under two talkers, in rooms with T60 0.5 s.

    `lines`: only these, such as those whose voices are installed. `drifts`: with a drift of 100 ppm
    and loudspeakers that distort by 1 %.
    """
    conditions = Conditions(snr_db=snr_db)
    if drifts:
        conditions = Conditions(snr_db=snr_db, drift_ppm=100.0, distortion=0.01)
    group = f"{split} {'drift' if drifts else 'found'} {snr_db:g} dB"
    return [
        _recording(f"{group} {number}", split, conditions, ten)
        for number, ten in enumerate(_tens(group, prompts(split) if lines is None else lines))
    ]


def spread(split: Split, lines: Sequence[Line] | None = None) -> list[Recording]:
    """Every prompt of a part once, under anything: a third of them together with a chirp."""
    group = f"{split} spread"
    return [
        _recording(name, split, _drawn_conditions(drawing(f"{seed()} {name}")), ten, chirps=True)
        for number, ten in enumerate(_tens(group, prompts(split) if lines is None else lines))
        for name in (f"{group} {number}",)
    ]


def without(split: Split, count: int, seconds: float = 3600.0) -> list[Recording]:
    """Hours in which the device says nothing: talk, television and dishes in all combinations."""
    names = [f"{split} without {number}" for number in range(count)]
    return [
        Recording(name, split, seconds, _drawn_conditions(drawing(f"{seed()} {name}")))
        for name in names
    ]


def _tens(group: str, lines: Iterable[Line]) -> Iterator[tuple[Line, ...]]:
    mixed = iter(shuffled(group, list(lines)))
    while ten := tuple(islice(mixed, EACH)):
        yield ten


def _recording(
    name: str,
    split: Split,
    conditions: Conditions,
    lines: Sequence[Line],
    chirps: bool = False,
) -> Recording:
    draw = drawing(f"{seed()} {name} times")
    said: list[Said] = []
    for number, line in enumerate(lines):
        at_s = _LEAD_S + number * _EVERY_S + draw.uniform(0.0, _LATER_S)
        said.append(Said(at_s, line))
        if chirps and draw.uniform() < 1 / 3:
            kind = CHIRPS[int(draw.integers(len(CHIRPS)))]
            said.append(Said(at_s + draw.uniform(-0.2, 0.3), chirp=kind))
    seconds = _LEAD_S + len(lines) * _EVERY_S + _LATER_S
    return Recording(name, split, seconds, conditions, tuple(sorted(said, key=lambda s: s.at_s)))


def _drawn_conditions(draw: Draw) -> Conditions:
    """Anything from the whole range; one recording in six is clipped."""
    return Conditions(
        t60_s=round(draw.uniform(0.2, 0.8), 2),
        talkers=1 + int(draw.integers(_MOST_TALKERS)),
        television=bool(draw.uniform() < 0.5),
        dishes=(None, "played", "room")[int(draw.integers(3))],
        snr_db=SNRS_DB[int(draw.integers(len(SNRS_DB)))],
        drift_ppm=round(draw.uniform(-200.0, 200.0), 1),
        device_ppm=round(draw.uniform(-50.0, 50.0), 1),
        distortion=round(draw.uniform(0.0, 0.05), 3),
        microphone_db=_CLIPPING_DB if draw.uniform() < 1 / 6 else 0.0,
    )
