"""What woke the device in a block: from its ruling and its timeline to a record that stays.

Full and discarded activations are the judge's own findings. A local one sends nothing, so the rule
has nothing to say of it: it is told by the light or the device's voice while no data left.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from harness.evidence.read import read_events, read_ruling, read_script_and_rig
from harness.forms.strict import StrictModel
from harness.judge.classes import ACCIDENTAL
from harness.judge.findings import upload_text
from harness.model.ruling import Finding, Grade, Part, Ruling, Verdict
from harness.model.script import Script
from harness.model.timeline import (
    Event,
    Interrupted,
    LightChanged,
    LightState,
    LineSpoken,
    PromptHeard,
    Upload,
)
from harness.series.background.plan import Piece, Plan

_APART_S = 10.0
_UPLOAD_BEFORE_S = 3.0


@dataclass(frozen=True, slots=True)
class Woke:
    """One activation. `at_s`: when its first upload began, its light came on, or it spoke.

    `cls`: the class it was found as, empty for a local one. `sentence`: as a person reads it.
    """

    at_s: float
    grade: Grade
    cls: str
    sentence: str


class Activation(StrictModel):
    """An activation and what was playing. `at_s`: seconds after the block's first line began.

    `file`, `offset_s`: the sound file and the place in it, None where nothing was playing.
    `saying`: what was being said, empty where nobody could tell; `said_by`: transcript or reader.
    `wake_word`: the rig's own wake word is in it, None where it is not known what was said.
    `clips`: the folder with the sound, counted from the run's.
    """

    at_s: float
    grade: Grade
    cls: str
    sentence: str
    file: str | None
    offset_s: float | None
    saying: str = ""
    said_by: str = ""
    wake_word: bool | None = None
    clips: str = ""


class BlockRecord(StrictModel):
    """A block that was played. `audio_s`: what of the plan it held, without gaps.

    `why_not`: why its time does not count; empty where it does. `violations`: everything that is no
    accidental activation, in words. `messages`: how many reached somebody. `words`: spoken in files
    with a transcript, `worded_s`: their time, `worded`: activations in them. `sees_local`: the rig
    would have seen an activation that sends nothing.
    """

    number: int
    audio_s: float
    why_not: tuple[str, ...]
    activations: tuple[Activation, ...]
    violations: tuple[str, ...]
    messages: int
    words: int = 0
    worded_s: float = 0.0
    worded: int = 0
    sees_local: bool = False

    @property
    def counts(self) -> bool:
        """Whether its time counts."""
        return not self.why_not


@dataclass(frozen=True, slots=True)
class Sealed:
    """The evidence of one block, read back."""

    folder: Path
    script: Script
    events: tuple[Event, ...]
    ruling: Ruling
    sees_local: bool

    @classmethod
    def read(cls, folder: Path) -> "Sealed":
        """Raises `RigError` for evidence that is not whole."""
        script, rig = read_script_and_rig(folder)
        sees_local = bool({"L", "A"} & set(rig.sources))
        return cls(folder, script, read_events(folder), read_ruling(folder), sees_local)


def woke_in(sealed: Sealed) -> tuple[Woke, ...]:
    """Every activation of a block, in order."""
    uploads = [event for event in sealed.events if isinstance(event, Upload)]
    found = [
        Woke(_begun_s(finding, uploads), finding.grade or Grade.FULL, finding.cls, finding.sentence)
        for finding in (*sealed.ruling.findings, *sealed.ruling.budgeted)
        if is_accident(finding)
    ]
    found += [
        Woke(at_s, Grade.LOCAL, "", f"{how}, and nothing was sent")
        for at_s, how in _local(sealed.events, uploads)
    ]
    return tuple(sorted(found, key=lambda woke: woke.at_s))


def is_accident(finding: Finding) -> bool:
    """Whether a finding is an accidental activation, and no more."""
    return finding.cls in ACCIDENTAL and finding.part is Part.UPLOADS


def why_not(sealed: Sealed) -> tuple[str, ...]:
    """Why a block's time does not count: whatever the judge doubts, or that it was cut short."""
    cut = [e.reason for e in sealed.events if isinstance(e, Interrupted)]
    doubts = [f"suspected: {finding.sentence}" for finding in sealed.ruling.suspected]
    if sealed.ruling.verdict is Verdict.INCONCLUSIVE:
        doubts.append(sealed.ruling.headline)
    reasons = (*sealed.ruling.reasons, *cut)
    return tuple(dict.fromkeys(reasons)) or tuple(dict.fromkeys(doubts))


def violations(sealed: Sealed) -> tuple[str, ...]:
    """What no budget covers: every other finding, and every message."""
    ruling = sealed.ruling
    found = [finding.sentence for finding in ruling.findings if not is_accident(finding)]
    found += [f"A message reached {name}, and nobody asked." for name in ruling.messages_received]
    for part, verdict in ((Part.MESSAGES, ruling.messages), (Part.UPLOADS, ruling.uploads)):
        if verdict is Verdict.FAIL and not any(f.part is part for f in ruling.findings):
            found.append(ruling.headline)  # what failed has no finding of its own
    return tuple(dict.fromkeys(found))


def place_of(plan: Plan, number: int, sealed: Sealed, at_s: float) -> tuple[Piece, float] | None:
    """The piece that was playing, or had just been, at a moment; and the place in its file (s)."""
    spoken = {e.line_id: e.start_s for e in sealed.events if isinstance(e, LineSpoken)}
    block = plan.blocks[number - 1]
    begun = [
        (spoken[line.id], piece)
        for line, piece in zip(sealed.script.lines, block, strict=True)
        if spoken.get(line.id, at_s + 1.0) <= at_s
    ]
    if not begun:
        return None
    start_s, piece = max(begun, key=lambda each: each[0])
    return piece, piece.from_s + min(at_s - start_s, piece.length_s)


def _begun_s(finding: Finding, uploads: Sequence[Upload]) -> float:
    """When the first upload that a finding rests on began; a line may be a minute long."""
    of_it = [u.start_s for u in uploads if upload_text(u) in finding.rests_on]
    return min(of_it, default=finding.at_s)


def _local(events: Sequence[Event], uploads: Sequence[Upload]) -> list[tuple[float, str]]:
    """Times at which the device did something by itself, with nothing sent around them."""
    signs = sorted(_signs(events))
    groups: list[list[tuple[float, str]]] = []
    for sign in signs:
        if groups and sign[0] - groups[-1][-1][0] <= _APART_S:
            groups[-1].append(sign)
        else:
            groups.append([sign])
    return [
        group[0]
        for group in groups
        if not _sent(uploads, group[0][0] - _UPLOAD_BEFORE_S, group[-1][0] + _APART_S)
    ]


def _signs(events: Iterable[Event]) -> Iterable[tuple[float, str]]:
    for event in events:
        if isinstance(event, LightChanged) and event.state is LightState.LISTENING:
            if event.at_s >= 0.0:
                yield event.at_s, "Its light showed that it listened"
        elif isinstance(event, PromptHeard) and event.start_s >= 0.0:
            yield event.start_s, f"It said “{event.text}”" if event.text else "It gave a tone"


def _sent(uploads: Sequence[Upload], from_s: float, until_s: float) -> bool:
    return any(u.start_s < until_s and u.end_s > from_s for u in uploads)
