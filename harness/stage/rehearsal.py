"""When everything in a scene would happen, reckoned without a bench.

Lines and deeds count from each other, and from prompts of a device that nobody has heard yet. Here
the device is taken to answer at once and as briefly as devices do, which is good enough to listen
to a scene, to see it, and to know how long it takes. What really happened stands in the timeline.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from harness.model.script import AfterPrompt, AtTime, Doing, Line, Script, When
from harness.stage.deeds import in_order

DEVICE_THINKS_S = 0.8
PROMPT_LASTS_S = 2.0


class Kind(StrEnum):
    """What a moment is."""

    LINE = "line"
    PROMPT = "prompt"
    DEED = "deed"


@dataclass(frozen=True, slots=True)
class Moment:
    """Something of a scene at its reckoned time (s after its start).

    `id`: of the line or deed; of a prompt, that of the entry that waits for it. `who`: who speaks;
    empty for a deed. `text`: the words, the prompt's role, or the deed.
    """

    kind: Kind
    id: str
    who: str
    text: str
    start_s: float
    end_s: float


def rehearse(script: Script, lengths_s: Mapping[str, float]) -> tuple[Moment, ...]:
    """Every line, awaited prompt and deed in the order of the file.

    `lengths_s`: how long each line lasts, by its id.
    """
    moments: list[Moment] = []
    reference_s = 0.0
    for entry in in_order(script):
        if isinstance(entry.when, AfterPrompt):
            start_s = reference_s + DEVICE_THINKS_S
            reference_s = start_s + PROMPT_LASTS_S
            role = str(entry.when.prompt)
            moments.append(Moment(Kind.PROMPT, entry.id, "", role, start_s, reference_s))
        moments.append(_moment(entry, _start_s(entry.when, reference_s), lengths_s))
        reference_s = moments[-1].end_s
    return tuple(moments)


def length_s(moments: Sequence[Moment]) -> float:
    """How long all of it takes (s)."""
    return max((moment.end_s for moment in moments), default=0.0)


def _start_s(when: When, reference_s: float) -> float:
    return when.at_s if isinstance(when, AtTime) else reference_s + when.pause_s


def _moment(entry: Line | Doing, start_s: float, lengths_s: Mapping[str, float]) -> Moment:
    if isinstance(entry, Doing):
        return Moment(Kind.DEED, entry.id, "", entry.in_words, start_s, start_s)
    end_s = start_s + lengths_s[entry.id]
    return Moment(Kind.LINE, entry.id, entry.who, entry.says, start_s, end_s)
