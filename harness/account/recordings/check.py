"""Every recording of an export, and whose it is; nothing of a stranger's is kept.

What is found of a recording that is not ours is a number, its SHA-256, its length and a reason: no
name, no words, no sound.
"""

import hashlib
import tempfile
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from harness.account.canaries import read_back
from harness.account.recordings.archive import ArchiveLimits, Refused
from harness.account.recordings.attribution import Attribution, Attributor
from harness.account.recordings.export import ExportRead, Item, read_export
from harness.account.recordings.log import Gap, RunLine
from harness.account.recordings.sounds import read_sound
from harness.account.recordings.times import Recorded
from harness.account.recordings.workers import each_found
from harness.ears.band import RATE_HZ
from harness.errors import UserError
from harness.model.account import Whose

_NEAR_S = 2.0
_MINUTES_S = 90.0
_BLOCK_BYTES = 1 << 20


@dataclass(frozen=True, slots=True)
class Checked:
    """A recording that was looked at.

    `name`, `entry_id`: of ours only. `sha256`, `seconds`: of its sound, None where it has none that
    can be read. What could not be looked at is unreadable.
    """

    number: int
    whose: Whose
    why: str
    name: str | None
    entry_id: str | None
    sha256: str | None
    seconds: float | None
    recorded: Recorded | None
    transcript: bool
    run: str | None = None
    at_s: float | None = None


@dataclass(frozen=True, slots=True)
class Missing:
    """Something that the device sent, and that no recording of the export holds."""

    run: str
    from_s: float
    until_s: float


@dataclass(frozen=True, slots=True)
class ExportChecked:
    """What an export came to."""

    items: tuple[Checked, ...]
    refused: tuple[Refused, ...]
    remarks: tuple[Refused, ...]
    missing: tuple[Missing, ...]
    gaps: tuple[Gap, ...]

    def count(self, whose: Whose) -> int:
        """How many recordings are whose."""
        return sum(item.whose is whose for item in self.items)

    @property
    def exit_code(self) -> int:
        """1 where anything is foreign; 0 where all is there, whole and ours; else 2."""
        if self.count(Whose.FOREIGN):
            return 1
        ours = self.count(Whose.OURS) == len(self.items) > 0
        return 0 if ours and not self.refused and not self.missing else 2


@dataclass(frozen=True, slots=True)
class _Canaries:
    """Words that are said on this account alone, and those of other accounts."""

    ours: tuple[str, ...]
    elsewhere: tuple[str, ...]


def _said_in(runs: Sequence[RunLine]) -> tuple[str, ...]:
    return tuple({canary for run in runs for canary in run.canaries})


def check_export(
    archive: Path,
    attributor: Attributor,
    runs: Sequence[RunLine],
    gaps: Sequence[Gap] = (),
    told: Callable[[int, int], None] = lambda done, of: None,
    limits: ArchiveLimits | None = None,
    elsewhere: Sequence[RunLine] = (),
) -> ExportChecked:
    """Say of every recording of an export whose it is.

    `runs`: of the log, for what should be in it; `elsewhere`: those of other accounts; `told`: is
    told (done, of how many). What is unpacked lies in a private folder that is gone on return,
    whatever happens. `UserError` where there is no such archive, `RigError` where the log cannot be
    read, or a process that looked at recordings died.
    """
    canaries = _Canaries(_said_in(runs), _said_in(elsewhere))
    with tempfile.TemporaryDirectory(prefix="sayso-export-") as scratch:
        export = read_export(archive, Path(scratch), limits)
        items = _each(export, attributor, canaries, told)
    missing = tuple(_missing(items, runs))
    refused = tuple(_nameless(export.refused))
    remarks = tuple(_nameless(export.remarks))
    return ExportChecked(items, refused, remarks, missing, tuple(gaps))


def _each(
    export: ExportRead,
    attributor: Attributor,
    canaries: _Canaries,
    told: Callable[[int, int], None],
) -> tuple[Checked, ...]:
    checked = []
    found = each_found(lambda item: _checked(item, attributor, canaries), export.items)
    with closing(found):
        for one in found:
            checked.append(one)
            told(len(checked), len(export.items))
    return tuple(checked)


def _checked(item: Item, attributor: Attributor, canaries: _Canaries) -> Checked:
    """One recording; what cannot be read is unreadable, with the reason."""
    if item.path is None:
        return _of(item, _by_words(item, canaries), None, None)
    digest = _sha256(item.path)
    try:
        sound = read_sound(item.path)
    except (UserError, OSError) as error:
        return _of(item, Attribution(Whose.UNREADABLE, str(error)), digest, None)
    at = item.recorded
    found = attributor.of(sound, at.unix_s if at else None, at.unsure_s if at else 0.0)
    return _of(item, found, digest, len(sound) / RATE_HZ)


def _by_words(item: Item, canaries: _Canaries) -> Attribution:
    if item.trouble:
        return Attribution(Whose.UNREADABLE, item.trouble)
    ours, others = read_back(canaries.ours, item.said), read_back(canaries.elsewhere, item.said)
    if ours and others:
        return Attribution(Whose.UNKNOWN, "it is words only, such as are said on two accounts")
    if others:
        why = "it is words only, such as are said on another account alone"
        return Attribution(Whose.FOREIGN, why)
    if ours:
        return Attribution(Whose.OURS, "it is words only, such as are said on this account alone")
    why = "it is words only: without a sound nothing tells whose they are"
    return Attribution(Whose.UNKNOWN, why)


def _of(item: Item, found: Attribution, digest: str | None, seconds: float | None) -> Checked:
    ours = found.whose is Whose.OURS
    return Checked(
        number=item.number,
        whose=found.whose,
        why=found.why,
        name=item.name if ours else None,
        entry_id=item.entry_id if ours else None,
        sha256=digest,
        seconds=None if seconds is None else round(seconds, 2),
        recorded=item.recorded,
        transcript=bool(item.said),
        run=found.run,
        at_s=found.at_s,
    )


def _missing(items: Sequence[Checked], runs: Sequence[RunLine]) -> list[Missing]:
    """What was sent and is in no recording of ours: by where it lies in the log, or by its time."""
    ours = [item for item in items if item.whose is Whose.OURS]
    lie = [(i.run, i.at_s, i.at_s + (i.seconds or 0.0)) for i in ours if i.at_s is not None]
    times = [i.recorded.unix_s for i in ours if i.recorded and i.recorded.unsure_s <= _MINUTES_S]
    missing = []
    for run in runs:
        for from_s, until_s in run.uploads:
            lies = any(
                name == run.run and start < until_s + _NEAR_S and end > from_s - _NEAR_S
                for name, start, end in lie
            )
            zero = run.zero_unix_s
            timed = zero is not None and any(
                from_s - _MINUTES_S <= at - zero <= until_s + _MINUTES_S for at in times
            )
            if not lies and not timed:
                missing.append(Missing(run.run, from_s, until_s))
    return missing


def _nameless(refused: Sequence[Refused]) -> list[Refused]:
    """A file that nobody could look at may be a stranger's: only how it ends is told."""
    return [
        Refused(f"file {number}{_ending(one.name)}", one.why)
        for number, one in enumerate(refused, 1)
    ]


def _ending(name: str) -> str:
    ending = Path(name).suffix
    return f" ({ending})" if 1 < len(ending) <= 6 and ending[1:].isalnum() else ""


def _sha256(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(_BLOCK_BYTES):
            digest.update(block)
    return digest.hexdigest()
