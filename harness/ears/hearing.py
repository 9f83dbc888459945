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
from harness.ears.devicespeech import device_speech
from harness.ears.prompts import PromptOnFile
from harness.ears.wholeness import wholeness
from harness.model.timeline import PromptHeard

_AROUND = 3 * RATE_HZ // 10
# Where a name lies in a prompt is reckoned from its letters: give or take so much.
_NAME_UNSURE_S = 0.1
_SHORTEST_NAME_S = 0.6
_MICROPHONE = frozenset({Doubt.CLIPPED, Doubt.DEAD, Doubt.HUM, Doubt.NOT_NUMBERS})
Span = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Hearing:
    """How a prompt was heard; None: not measured. `whole_s`: how much of it there was, where it
    broke off (s).
    """

    level_db: float | None = None
    estoi: float | None = None
    over_others_db: float | None = None
    below_threshold: bool | None = None
    cut_short: bool | None = None
    ducked: bool | None = None
    whole_s: float | None = None

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


def hear(
    piece: Apart,
    prompt: Samples,
    start: int,
    parts: Sequence[Span],
    *,
    broken_off: bool = False,
    alone: bool = False,
) -> Hearing:
    """Measure a prompt on file in a recording taken apart.

    `prompt`: its samples at 16 kHz, no more than the device said of it; `start`: the sample of the
    piece at which it was found. `parts`: spans (s) of the prompt that must be audible by
    themselves. `broken_off`: there is more of it on file. `alone`: nothing was played that could be
    heard with it, so that nothing had to be subtracted. Nothing is measured where the recording is
    in doubt, or the subtraction.
    """
    end = start + len(prompt)
    doubts = piece.doubts(max(0, start), min(end, len(piece.residual)))
    if doubts is None or (doubts & _MICROPHONE if alone else doubts):
        return Hearing(cut_short=True if broken_off else None)
    first, last = max(0, start - _AROUND), min(len(piece.residual), end + _AROUND)
    residual, stimulus = piece.residual[first:last], piece.stimulus[first:last]
    at = start - first
    speech = device_speech(residual, prompt, at)
    told = wholeness(residual, speech, at, end - first)
    said = len(prompt)
    if told.whole_until is not None:
        said = told.whole_until - at
        speech = device_speech(residual, prompt[:said], at)
    others = stimulus + (residual - speech)
    inside = [(a, min(b, said / RATE_HZ)) for a, b in parts if a * RATE_HZ < said]
    heard = [measure(speech, others, RATE_HZ)]
    heard += [_part(speech, others, at, part) for part in inside]
    whole_s = said / RATE_HZ if broken_off or told.whole_until is not None else None
    cut_short = True if broken_off else told.cut_short
    return _worst(heard, cut_short, told.ducked, whole_s)


def _part(speech: Samples, others: Samples, start: int, part: Span) -> Audibility:
    """Audibility of one part of a prompt that begins at sample `start`, and nothing else of it."""
    first, last = (max(0, start + round(at_s * RATE_HZ)) for at_s in part)
    a, b = max(0, first - _AROUND), min(len(speech), last + _AROUND)
    alone = speech[a:b].copy()
    alone[: first - a] = 0.0
    alone[last - a :] = 0.0
    return measure(alone, others[a:b], RATE_HZ)


def _worst(
    heard: Sequence[Audibility], cut_short: bool | None, ducked: bool | None, whole_s: float | None
) -> Hearing:
    """The least of each figure; None where one part could not be measured."""
    whole = heard[0]
    return Hearing(
        level_db=whole.level_db,
        estoi=_least([h.estoi for h in heard]),
        over_others_db=_least([h.over_others_db for h in heard]),
        below_threshold=whole.below_threshold,
        cut_short=cut_short,
        ducked=ducked,
        whole_s=whole_s,
    )


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
