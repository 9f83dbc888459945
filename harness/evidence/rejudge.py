"""Judge a recorded run again, on any machine, from its folder alone."""

from dataclasses import replace
from pathlib import Path

from harness.errors import RigError
from harness.evidence import layout
from harness.evidence.read import read_case
from harness.evidence.verify import Problem, ProblemKind, verify
from harness.judge import judge
from harness.model import record
from harness.model.case import Case
from harness.model.ruling import Ruling
from harness.model.timeline import Interrupted

_REFUSED = frozenset({ProblemKind.MANIFEST, ProblemKind.MISSING, ProblemKind.CHANGED})


def rejudge(folder: Path) -> Ruling:
    """The ruling of the run in `folder`: byte for byte the recorded one, by the same judge.

    Raises `RigError`, naming the files, when anything sealed is missing or changed. A folder that
    was never sealed (a killed run) is judged as an interrupted one: never a pass.
    """
    problems = verify(folder)
    refused = [problem for problem in problems if problem.kind in _REFUSED]
    if refused:
        raise _not_what_was_sealed(folder, refused)
    unsealed = any(problem.kind is ProblemKind.NOT_SEALED for problem in problems)
    case = read_case(folder, torn_end=unsealed)
    return judge(_interrupted(case) if unsealed else case)


def same_as_recorded(folder: Path, ruling: Ruling) -> bool:
    """Whether `ruling.json` in the folder is byte for byte this ruling."""
    path = folder / layout.RULING
    return path.exists() and path.read_bytes() == record.ruling_to_json(ruling).encode()


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
