"""How well each prompt on file could be heard at the listener's place, and whether it was whole.

Condition 10 asks it of the whole prompt, and of what matters in it: a prompt may be audible while
its name is drowned. So the act and name, and the name alone, are measured apart, and the worst of
them counts.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from harness.bench.ports.sound import Samples
from harness.ears.apart import Apart
from harness.ears.audibility import Audibility, measure
from harness.ears.cancel import RATE_HZ, Doubt
from harness.ears.devicespeech import DeviceSpeech, device_speech
from harness.ears.prompt_rows import PromptOnFile
from harness.ears.wholeness import Wholeness, wholeness
from harness.model.timeline import PromptHeard

_AROUND = 3 * RATE_HZ // 10
# Where a name lies in a prompt is reckoned from its letters: give or take so much.
_NAME_UNSURE_S = 0.1
# By so much a prompt seems to stop later than it does.
_CUT_UNSURE = RATE_HZ // 10
_SHORTEST_NAME_S = 0.6
OF_MICROPHONE = frozenset({Doubt.CLIPPED, Doubt.DEAD, Doubt.HUM, Doubt.NOT_NUMBERS})
"""What is doubted of the recording itself, whatever was played."""
Span = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Hearing:
    """How a prompt was heard; None: not measured. `said_s`: how much of it there was, where it
    broke off (s), before or after it had said what it must. `speech`: the device alone, also None
    where the prompt was turned down on the way, which no path explains.
    """

    level_db: float | None = None
    estoi: float | None = None
    over_others_db: float | None = None
    below_threshold: bool | None = None
    cut_short: bool | None = None
    ducked: bool | None = None
    said_s: float | None = None
    speech: DeviceSpeech | None = None

    def of(self, prompt: PromptHeard, elsewhere: bool | None) -> PromptHeard:
        """The prompt with what was measured of it."""
        return replace(
            prompt,
            level_db=prompt.level_db if self.level_db is None else self.level_db,
            estoi=self.estoi,
            over_others_db=self.over_others_db,
            below_threshold=self.below_threshold,
            cut_short=self.cut_short,
            ducked=self.ducked,
            elsewhere=elsewhere,
        )


@dataclass(frozen=True, slots=True)
class Asked:
    """A prompt on file as it is looked at: `sound` at 16 kHz, no more than may have been said.

    `parts`: spans (s) that must be audible by themselves. `needed_s`: when everything has been said
    that must be. `broken_off`: there is more of it on file.
    """

    sound: Samples
    parts: tuple[Span, ...] = ()
    needed_s: float | None = None
    broken_off: bool = False

    @property
    def needed(self) -> int:
        """The sample by which everything has been said that must be."""
        count = len(self.sound)
        return count if self.needed_s is None else min(count, round(self.needed_s * RATE_HZ))


def asked_of(prompt: PromptOnFile, sound: Samples, said: int | None = None) -> Asked:
    """What is to be measured of a prompt on file, of which about `said` samples were said."""
    length_s = len(sound) / RATE_HZ
    needed_s = length_s if prompt.named_by_s is None else prompt.named_by_s
    broken_off = said is not None
    sound = sound if said is None else sound[: said + _AROUND]
    return Asked(sound, parts_of(prompt, length_s), needed_s, broken_off)


def hear(piece: Apart, asked: Asked, start: int, *, alone: bool = False) -> Hearing:
    """Measure a prompt on file in a recording taken apart.

    `start`: the sample of the piece at which it was found. `alone`: nothing was played that could
    be heard with it, so that nothing had to be subtracted. Nothing is measured where the recording
    is in doubt, or the subtraction.
    """
    end = start + len(asked.sound)
    doubts = piece.doubts(max(0, start), min(end, len(piece.residual)))
    if doubts is None or (doubts & OF_MICROPHONE if alone else doubts):
        return Hearing()
    first, last = max(0, start - _AROUND), min(len(piece.residual), end + _AROUND)
    residual, stimulus = piece.residual[first:last], piece.stimulus[first:last]
    at = start - first
    speech = device_speech(residual, asked.sound, at)
    told = wholeness(residual, speech, at, at + asked.needed, end - first)
    if told.until is not None:
        speech = device_speech(residual, asked.sound[: told.until], at)
    weighed = _weighed(speech, stimulus + (residual - speech), at, asked, told)
    if told.ducked:
        return weighed
    said = len(asked.sound) if told.until is None else told.until
    return replace(weighed, speech=DeviceSpeech(first, speech, start, start + said))


def _weighed(speech: Samples, others: Samples, at: int, asked: Asked, told: Wholeness) -> Hearing:
    """The least of each figure; None where one part could not be measured."""
    said_s = (len(asked.sound) if told.until is None else told.until) / RATE_HZ
    parts = [(a, min(b, said_s)) for a, b in asked.parts if a < said_s]
    heard = [measure(speech, others, RATE_HZ)]
    heard += [_part(speech, others, at, part) for part in parts]
    return Hearing(
        level_db=heard[0].level_db,
        estoi=_least([h.estoi for h in heard]),
        over_others_db=_least([h.over_others_db for h in heard]),
        below_threshold=heard[0].below_threshold,
        cut_short=_cut_short(asked, told),
        ducked=told.ducked,
        said_s=said_s if told.until is not None or asked.broken_off else None,
    )


def _cut_short(asked: Asked, told: Wholeness) -> bool | None:
    """Whether it stopped before it had said what it must; None where that cannot be told."""
    if told.stops is None or (asked.broken_off and not told.stops):
        return None
    if told.until is None:
        return False
    if told.until < asked.needed:
        return True
    return False if told.until >= asked.needed + _CUT_UNSURE else None


def _part(speech: Samples, others: Samples, start: int, part: Span) -> Audibility:
    """Audibility of one part of a prompt that begins at sample `start`, and nothing else of it."""
    first, last = (max(0, start + round(at_s * RATE_HZ)) for at_s in part)
    a, b = max(0, first - _AROUND), min(len(speech), last + _AROUND)
    alone = speech[a:b].copy()
    alone[: first - a] = 0.0
    alone[last - a :] = 0.0
    return measure(alone, others[a:b], RATE_HZ)


def _least(figures: Sequence[float | None]) -> float | None:
    known = [figure for figure in figures if figure is not None]
    return min(known) if len(known) == len(figures) else None


def parts_of(prompt: PromptOnFile, length_s: float) -> tuple[Span, ...]:
    """What of a prompt must be audible by itself: until act and name are spoken, and the name."""
    by_s = length_s if prompt.named_by_s is None else min(prompt.named_by_s, length_s)
    until_named = () if by_s >= length_s else ((0.0, by_s),)
    return (*until_named, *_name(prompt, by_s))


def _name(prompt: PromptOnFile, by_s: float) -> tuple[Span, ...]:
    """Where the name lies, by its share of the letters spoken until then."""
    if prompt.named_contact is None:
        return ()
    text, spoken = prompt.text.casefold(), prompt.named_contact.casefold()
    name = spoken if spoken in text else spoken.split()[0]
    at = text.find(name)
    if at < 0:
        return ()
    ends = at + len(name)
    # Until act and name are spoken, the name comes last; else it may stand anywhere.
    letters = ends if prompt.named_by_s is not None else len(text)
    start_s, end_s = by_s * at / letters, by_s * ends / letters
    start_s = min(start_s - _NAME_UNSURE_S, end_s - _SHORTEST_NAME_S)
    return ((max(0.0, start_s), end_s + _NAME_UNSURE_S),)
