"""The log of all that was played and heard, made of the evidence that there is; and its gaps."""

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from harness.account.recordings.log import Gap, OpenLog, RunLine, RunSound, SoundLog
from harness.errors import RigError, UserError
from harness.evidence import layout
from harness.evidence.folder import sha256_of
from harness.evidence.read import read_events, read_script_and_rig, read_sounds
from harness.evidence.redaction import read_redaction
from harness.evidence.retention import began_s, read_expired
from harness.evidence.verify import ProblemKind, verify
from harness.evidence.wire_facts import read_wire_facts
from harness.model.timeline import Upload
from harness.series.soak.journal import NAME as JOURNAL

FOLDER = "sound-log"
_TRACKS = (layout.PLAYED, layout.LISTENER)
# A run that is not there any more took a day at most.
_LONGEST_S = 86_400.0


@dataclass(frozen=True, slots=True)
class LoggedSound:
    """A log brought up to the evidence that there is. `runs`: those that count."""

    open_log: OpenLog
    runs: tuple[RunLine, ...]
    gaps: tuple[Gap, ...]


def bring_up(
    evidence: Sequence[Path],
    folder: Path | None = None,
    told: Callable[[int, int], None] = lambda done, of: None,
) -> LoggedSound:
    """Take every run below these folders into the log; one that is there already costs nothing.

    `folder`: the log's, `sound-log` in the first of `evidence` where None. `told`: is told (done,
    of how many). A run that cannot be taken in is a gap. `UserError` where a folder is not there.
    """
    for root in evidence:
        if not root.is_dir():
            raise UserError(f"there is no folder {root}; give the one that holds the runs")
    if not evidence:
        raise UserError("give the folder with the evidence of all runs on this account")
    log = SoundLog(folder or evidence[0] / FOLDER)
    found = {run.name: run for root in evidence for run in _runs(root)}
    lies: dict[str, Path] = {}
    gaps: list[Gap] = []
    for number, (name, run) in enumerate(sorted(found.items()), 1):
        gap = _taken_in(log, name, run)
        if gap is None:
            lies[name] = run
        else:
            gaps.append(gap)
        told(number, len(found))
    gaps += [_gone(name, log.runs[name]) for name in sorted(log.runs.keys() - found.keys())]
    gaps += [gap for root in evidence for gap in _given_up(root, found.keys() | log.runs.keys())]
    if not found:
        gaps.append(Gap("there is no run in the evidence at all"))
    return LoggedSound(log.opened(lies), tuple(log.runs[name] for name in lies), tuple(gaps))


def _runs(root: Path) -> Iterator[Path]:
    """Every folder of a run; one that was cut short before its case was written, too."""
    for path in sorted(root.rglob("*")):
        if path.is_dir() and not path.is_symlink() and began_s(path.name) is not None:
            yield path


def _taken_in(log: SoundLog, name: str, run: Path) -> Gap | None:
    """Take a run in; what it leaves open, None where nothing."""
    why = _why_not(run)
    if why is None:
        try:
            digest = sha256_of(run / layout.MANIFEST)
            if not log.has(name, digest):
                log.add(_sound_of(name, run, digest))
            return None
        except RigError as error:
            why = str(error)
    log.forget(name)
    return _gap(name, why)


def _why_not(run: Path) -> str | None:
    """Why a run's recordings cannot be relied on."""
    problems = [one for one in verify(run) if one.kind is not ProblemKind.EXTRA]
    if any(one.kind is ProblemKind.NOT_SEALED for one in problems):
        return "was never sealed"
    if problems:
        return f"is not as it was sealed: {problems[0].name} {problems[0].detail}"
    if read_redaction(run) is not None:
        return "was redacted"
    if not (run / layout.PLAYED).exists() or not (run / layout.LISTENER).exists():
        return "kept no recording of what was played and heard"
    return None


def _sound_of(name: str, run: Path, digest: str) -> RunSound:
    starts = {sound.name: sound.starts_at_s for sound in read_sounds(run)}
    facts = read_wire_facts(run)
    uploads = tuple(
        (event.sound_from_s, event.end_s) for event in read_events(run) if isinstance(event, Upload)
    )
    return RunSound(
        run=name,
        folder=run,
        manifest_sha256=digest,
        zero_unix_s=facts.zero_s if facts else None,
        tracks=tuple((track, starts.get(track, 0.0)) for track in _TRACKS),
        uploads=uploads,
        canaries=read_script_and_rig(run)[0].household.canaries,
    )


def _gone(name: str, line: RunLine) -> Gap:
    gap = _gap(name, "is in the log, and its evidence is gone")
    if gap.from_unix_s is None and line.zero_unix_s is not None:
        return Gap(gap.why, line.zero_unix_s - _LONGEST_S, line.zero_unix_s + _LONGEST_S)
    return gap


def _given_up(root: Path, known: set[str]) -> Iterator[Gap]:
    """Runs that somebody wrote down and that are not there: expired, or of a night."""
    for expired in read_expired(root):
        if expired.run not in known:
            yield _gap(expired.run, "was removed when its time was up")
    for journal in sorted(root.rglob(JOURNAL)):
        for line in journal.read_text(encoding="utf-8", errors="replace").splitlines():
            name = _evidence_of(line)
            if name and name not in known and not (journal.parent / name).exists():
                yield _gap(Path(name).name, "was given up for space by a night")


def _evidence_of(line: str) -> str:
    try:
        content = json.loads(line)
    except ValueError:
        return ""
    plays = isinstance(content, dict) and content.get("what") == "play"
    return str(content.get("evidence", "")) if plays else ""


def _gap(name: str, why: str) -> Gap:
    since_s = began_s(name)
    if since_s is None:
        return Gap(f"{name} {why}")
    return Gap(f"{name} {why}", since_s - 60.0, since_s + _LONGEST_S)
