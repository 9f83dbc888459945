"""Judge a recorded run again, on any machine, from its folder alone.

The folder may be another program's: `case.json`, `timeline.jsonl` and a manifest are enough.
"""

from dataclasses import replace
from enum import StrEnum
from pathlib import Path

from harness.errors import RigError
from harness.evidence import layout
from harness.evidence.read import read_case, read_script_and_rig, stream_events
from harness.evidence.redaction import read_redaction
from harness.evidence.verify import Problem, ProblemKind, verify
from harness.judge import judge, judge_stream
from harness.model import record
from harness.model.case import Case
from harness.model.ruling import Ruling, Verdict
from harness.model.timeline import Interrupted

_REFUSED = frozenset(
    {
        ProblemKind.MANIFEST,
        ProblemKind.MISSING,
        ProblemKind.CHANGED,
        ProblemKind.NOT_LISTED,
    }
)


class Recorded(StrEnum):
    """How a ruling compares with the one in the folder."""

    SAME = "the same, byte for byte"
    OTHER = "another"
    NONE = "none was recorded"


def rejudge(folder: Path, sealed_as: str | None = None) -> Ruling:
    """The ruling of the run in `folder`: byte for byte the recorded one, by the same judge.

    Raises `RigError`, naming the files, when anything sealed is missing or changed, or when what
    is judged was not sealed. A folder that was never sealed (a killed run) is judged as an
    interrupted one: never a pass. `sealed_as`: see `verify`. A timeline in order of time is not
    held whole, however long it is. A redacted run is no pass where it was none: what might
    show otherwise is not there any more.
    """
    ruling = _judged(folder, sealed_as)
    _check_redacted(folder, ruling)
    return ruling


def _check_redacted(folder: Path, ruling: Ruling) -> None:
    redaction = read_redaction(folder)
    if redaction and ruling.verdict is Verdict.PASS and redaction.verdict is not Verdict.PASS:
        raise RigError(
            f"{folder}: what is left of it after it was redacted would pass, and the run did not "
            f"({redaction.verdict or 'no ruling was recorded'}). Play the scene again."
        )


def _judged(folder: Path, sealed_as: str | None) -> Ruling:
    problems = verify(folder, sealed_as)
    refused = [problem for problem in problems if problem.kind in _REFUSED]
    if refused:
        raise _not_what_was_sealed(folder, refused)
    _check_there(folder)
    unsealed = any(problem.kind is ProblemKind.NOT_SEALED for problem in problems)
    if unsealed and sealed_as is not None:
        raise _not_what_was_sealed(folder, problems)
    if unsealed:
        return judge(_interrupted(read_case(folder, torn_end=True)))
    script, rig = read_script_and_rig(folder)
    return judge_stream(script, rig, lambda: stream_events(folder))


def compare(folder: Path, ruling: Ruling) -> Recorded:
    """How `ruling` compares with `ruling.json` in the folder."""
    path = folder / layout.RULING
    if not path.exists():
        return Recorded.NONE
    same = path.read_bytes() == record.ruling_to_json(ruling).encode()
    return Recorded.SAME if same else Recorded.OTHER


def same_as_recorded(folder: Path, ruling: Ruling) -> bool:
    """Whether `ruling.json` in the folder is byte for byte this ruling."""
    return compare(folder, ruling) is Recorded.SAME


def _check_there(folder: Path) -> None:
    """Refuse a folder that lacks what a ruling rests on, naming all that it lacks."""
    missing = [name for name in layout.JUDGED if not (folder / name).exists()]
    redaction = read_redaction(folder) if missing else None
    if redaction is not None and redaction.words:
        raise RigError(
            f"{folder}: cannot be judged again, since its words were redacted; the recorded ruling "
            f"was: {redaction.verdict or 'none'}. Play the scene again."
        )
    if missing:
        raise RigError(
            f"{folder}: cannot be judged without {' and '.join(missing)} (docs/evidence.md says "
            "what stands in them). Restore the folder from a copy, or play the scene again."
        )


def _interrupted(case: Case) -> Case:
    """The case with an interrupt at its end, unless it has one."""
    if any(isinstance(event, Interrupted) for event in case.events):
        return case
    ends = [float(getattr(event, "end_s", getattr(event, "at_s", 0.0))) for event in case.events]
    reason = "the evidence was never sealed, so the run did not reach its end"
    return replace(case, events=(*case.events, Interrupted(max(ends, default=0.0), reason)))


def _not_what_was_sealed(folder: Path, refused: list[Problem]) -> RigError:
    """The refusal, naming each file."""
    named = "; ".join(f"{problem.name} {problem.detail}" for problem in refused)
    return RigError(
        f"{folder}: not judged again, since it is not what was sealed: {named}. "
        "Restore the folder from a copy, or play the scene again."
    )
