"""Folders into nights: of `sayso soak`, of evidence, of a single run.

The seals of the last night are looked at: the manifest of each play is held against the journal,
and the ruling against the manifest. Recordings are not read; `sayso rejudge` does that for one run.
"""

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from harness.errors import RigError, UserError
from harness.evidence import layout
from harness.evidence.retention import began_s
from harness.model import record
from harness.model.ruling import Ruling, Verdict, worst
from harness.model.series import PlayKind, StopReason
from harness.report.nights.facts import FAILED, Examination, Night, Play, RigState
from harness.report.nights.health import examinations_of
from harness.report.phrases import listing
from harness.series.health_record import FOLDER
from harness.series.ledger import SUFFIX, read_series
from harness.series.soak.journal import NAME, PlayLine, read_journal
from harness.series.verdict import kind_of, play_of

SUMMARY = "summary.json"
_CALIBRATION = "calibration"
_PROVE = (PlayKind.PASS, PlayKind.KNOWN)


def read_nights(folders: Sequence[Path]) -> tuple[Night, ...]:
    """Nights, oldest first. A folder that only holds nights stands for all of them. Runs that are
    named one by one (`evidence/*`) are one night, as the folder that holds them is.

    The last one is held against its evidence; those before are taken as their journals tell them,
    so that they can be kept without it.

    Raises `UserError` for one that holds nothing that was played, or where they are not all of one
    rig and device; `RigError` for a journal that cannot be read.
    """
    # A shell's `evidence/*` names the records of the rig's health, too.
    folders = [folder for folder in folders if folder.name != FOLDER] or folders
    named = [night for folder in folders for night in _nights_in(folder)]
    unlike = list(dict.fromkeys(path.resolve() for path in named))
    runs = [path for path in unlike if _is_run(path)]
    found = [_read(path) for path in unlike if path not in runs]
    if runs:
        found.append(_evidence(runs[0] if len(runs) == 1 else runs[0].parent, sorted(runs)))
    nights = tuple(sorted(found, key=lambda night: night.began_unix_s))
    benches = sorted({f"{night.device} on {night.rig}" for night in nights})
    if len(benches) > 1:
        # The answers are those of the last night: they must not hide another device's failure.
        raise UserError(f"these nights are of {listing(benches)}: report on each by itself")
    if not (nights[-1].folder / NAME).exists():
        return nights
    return (*nights[:-1], _held_against_seals(nights[-1]))


def _nights_in(folder: Path) -> list[Path]:
    if not folder.is_dir():
        raise UserError(f"there is no folder {folder}; name nights, or runs in evidence/")
    if (folder / NAME).exists():
        return [folder]
    return sorted(path.parent for path in folder.glob(f"*/{NAME}")) or [folder]


def _read(folder: Path) -> Night:
    if (folder / NAME).exists():
        return _soaked(folder)
    return _evidence(folder, sorted(p for p in folder.glob("*/") if _is_run(p)))


def _soaked(folder: Path) -> Night:
    told = read_journal(folder)
    head = told.head
    plays = tuple(_play_of_line(folder, line, line.number in told.thinned) for line in told.plays)
    rulings = (_sealed_ruling(play.evidence, "")[0] for play in reversed(plays) if play.evidence)
    verdict, reason = _verdict(plays, *_said(folder, len(plays)))
    examinations = tuple(Examination(line.after, line.trouble) for line in told.health)
    last = next((play.evidence for play in reversed(plays) if play.evidence), None)
    state = replace(_state(rulings), facts=_versions(last))
    return Night(
        folder, head.rig, head.device, head.firmware, plays, verdict, reason, examinations, state
    )


def _said(folder: Path, plays: int) -> tuple[Verdict, str]:
    """What the night said of itself when it ended; inconclusive where it did not, or went on."""
    try:
        summary = json.loads((folder / SUMMARY).read_text(encoding="utf-8"))
        if summary["plays"] == plays:
            return Verdict(summary["verdict"]), str(summary["reason"])
        why = f"it was taken up again after {summary['plays']} plays and has not ended since"
    except FileNotFoundError:
        why = "it has not come to its end; give `sayso soak` the same command again"
    except (OSError, ValueError, KeyError, TypeError) as error:
        why = f"its {SUMMARY} cannot be read ({error})"
    return Verdict.INCONCLUSIVE, f"{why}."


def _verdict(plays: tuple[Play, ...], said: Verdict, reason: str) -> tuple[Verdict, str]:
    """No better than what was said, and than what the plays still prove."""
    failed = sum(play.kind in FAILED for play in plays)
    if failed:
        told = reason if said is Verdict.FAIL else f"{failed} of {len(plays)} plays failed."
        return Verdict.FAIL, told
    spoilt = [play for play in plays if play.spoilt]
    if spoilt:
        told = f"the evidence of {len(spoilt)} plays is not what was sealed: {spoilt[0].spoilt}."
        return worst(said, Verdict.INCONCLUSIVE), told
    if not any(play.kind.conclusive for play in plays):
        return worst(said, Verdict.INCONCLUSIVE), "no play was conclusive."
    return said, reason


def _play_of_line(folder: Path, line: PlayLine, thinned: bool) -> Play:
    """As the journal tells it; nothing of its evidence is read."""
    return Play(
        line.number,
        line.scene,
        line.kind,
        line.classes,
        line.headline,
        line.activations,
        line.heard_s,
        line.began_unix_s,
        line.took_s,
        folder / line.evidence if line.evidence and not thinned else None,
    )


def _held_against_seals(night: Night) -> Night:
    """A night of `sayso soak` with each play held against its evidence."""
    told = read_journal(night.folder)
    plays = tuple(
        play if line.number in told.thinned else _held_against_seal(play, line)
        for play, line in zip(night.plays, told.plays, strict=True)
    )
    verdict, reason = _verdict(plays, night.verdict, night.reason)
    return replace(night, plays=plays, verdict=verdict, reason=reason)


def _held_against_seal(play: Play, line: PlayLine) -> Play:
    if play.evidence is None or not line.manifest_sha256:
        proves = line.kind in _PROVE
        return replace(play, spoilt=f"play {line.number} was never sealed" if proves else "")
    ruling, spoilt = _sealed_ruling(play.evidence, line.manifest_sha256)
    if ruling is not None:
        spoilt = _at_odds(ruling, line)
    return replace(play, spoilt=spoilt, broken=_broken(ruling))


def _at_odds(ruling: Ruling, line: PlayLine) -> str:
    """How ruling and journal differ; empty where they do not."""
    told = f"the journal says of {line.evidence}"
    if ruling.scene_id != line.scene:
        return f"{told} that it is of {line.scene}, its ruling that it is of {ruling.scene_id}"
    if line.kind in _PROVE and kind_of(ruling, stopped=False) != line.kind:
        return f"{told} that it is a {line.kind}, its ruling that it is a {ruling.outcome}"
    return ""


def _sealed_ruling(folder: Path, sealed_as: str) -> tuple[Ruling | None, str]:
    """The ruling, and what does not fit: manifest to seal (where there is one), ruling to manifest.

    `sealed_as`: the manifest's SHA-256, empty where nobody kept it.
    """
    try:
        manifest = (folder / layout.MANIFEST).read_bytes()
        if sealed_as and _sha256(manifest) != sealed_as:
            return None, f"{folder / layout.MANIFEST} was changed since"
        text = (folder / layout.RULING).read_bytes()
        listed = {each["name"]: each["sha256"] for each in json.loads(manifest)["files"]}
        if listed.get(layout.RULING) != _sha256(text):
            return None, f"{folder / layout.RULING} was changed since"
        return record.ruling_from_json(text.decode()), ""
    except (OSError, ValueError, KeyError, TypeError, UserError) as error:
        told = f"{type(error).__name__} {error}".removeprefix("FileNotFoundError ")
        return None, f"{folder} cannot be read ({told})"


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _evidence(folder: Path, runs: Sequence[Path]) -> Night:
    """Runs as if they were a night: every play must be conclusive."""
    if not runs:
        raise UserError(
            f"{folder} holds nothing that was played: neither {NAME} of a night nor runs"
        )
    rig, device, named = _bench(runs)
    found = [_play_of_run(number, run, named[run]) for number, run in enumerate(runs, 1)]
    plays, ruling = tuple(play for play, _ in found), _first(found)
    open_plays = [play for play in plays if not play.kind.conclusive]
    said = Verdict.INCONCLUSIVE if open_plays else Verdict.PASS
    failed = f"no play of {len(plays)} failed"
    reason = f"{len(open_plays)} of {len(plays)} plays were inconclusive." if open_plays else ""
    if cut := _unfinished(folder, runs):
        said, reason = Verdict.INCONCLUSIVE, " ".join([reason, *cut]).strip()
    reason = reason or f"{failed}; whether more were asked for, a folder of runs does not tell."
    verdict, told = _verdict(plays, said, reason)
    state = replace(_state(ruling for _, ruling in reversed(found)), facts=_versions(runs[-1]))
    firmware = ruling.firmware if ruling else "not known"
    looks = examinations_of(folder, runs)
    return Night(folder, rig, device, firmware, plays, verdict, told, looks, state)


def _unfinished(folder: Path, runs: Sequence[Path]) -> list[str]:
    """Of the series that some of these runs are plays of, those that did not come to their end."""
    names, told = {run.name for run in runs}, []
    for path in sorted(folder.glob(f"*{SUFFIX}")):
        try:
            series = read_series(path)
        except (RigError, UserError) as error:
            told.append(f"{error}.")
            continue
        made = [play.evidence for play in series.plays]
        if series.stop not in (StopReason.PLAYED, StopReason.SETTLED) and names & set(made):
            asked = f"{len(made)} of {series.plan.plays} plays"
            told.append(f"The series {path.name} did not come to its end ({asked}).")
    return told


def _is_run(folder: Path) -> bool:
    """Also one that was cut short, or found the disk full, before anything stood in its folder."""
    if (folder / layout.CASE).exists():
        return True
    empty = not any(path.is_dir() for path in folder.iterdir())
    return began_s(folder.name) is not None and empty and not (folder / NAME).exists()


def _first(found: Iterable[tuple[Play, Ruling | None]]) -> Ruling | None:
    return next((ruling for _, ruling in found if ruling is not None), None)


def _play_of_run(number: int, run: Path, where: str) -> tuple[Play, Ruling | None]:
    ruling, spoilt = _sealed_ruling(run, "")
    if ruling is None:
        cut = "" if (run / layout.MANIFEST).exists() else "the run was cut short: "
        play = Play(number, run.name, PlayKind.INCONCLUSIVE, (), f"{cut}{spoilt}", 0, 0.0,
                    _stamped(run), 0.0, run, spoilt)  # fmt: skip
        return play, None
    told = play_of(number, ruling, run.name, "", stopped=False)
    scene_s = ruling.scene_s + ruling.watched_s
    scene = f"{ruling.scene_id}{where}"
    play = Play(number, scene, told.kind, told.classes, told.headline, told.activations,
                told.heard_s, _stamped(run), scene_s, run, "", _broken(ruling))  # fmt: skip
    return play, ruling


def _stamped(run: Path) -> float:
    """When a run began, by its folder's name; else when its case was written."""
    stamped = began_s(run.name)
    return (run / layout.CASE).stat().st_mtime if stamped is None else stamped


def _bench(runs: Sequence[Path]) -> tuple[str, str, dict[Path, str]]:
    """Rig and device, all of them where there are several, and what then tells runs apart."""
    facts = {run: _case(run).get("case", {}).get("rig", {}) for run in runs}
    facts = {run: rig for run, rig in facts.items() if rig} or facts
    rigs = {run: str(rig.get("rig", "not known")) for run, rig in facts.items()}
    devices = dict.fromkeys(str(rig.get("device", "not known")) for rig in facts.values())
    several = len(set(rigs.values())) > 1
    return (
        ", ".join(sorted(set(rigs.values()))),
        ", ".join(devices),
        {run: f" on {rigs[run]}" if several and run in rigs else "" for run in runs},
    )


def _case(run: Path) -> dict[str, Any]:
    try:
        content = json.loads((run / layout.CASE).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return content if isinstance(content, dict) else {}


def _versions(run: Path | None) -> tuple[tuple[str, str], ...]:
    """What made a run's evidence."""
    versions = {} if run is None else _case(run).get("versions", {})
    return tuple((str(name), str(value)) for name, value in versions.items())


def _state(rulings: Iterable[Ruling | None]) -> RigState:
    """The rig by the first of these rulings that tells."""
    for ruling in rulings:
        if ruling is not None and ruling.controls:
            told = [c.detail for c in ruling.controls if c.name == _CALIBRATION]
            return RigState(ruling.classes_observable, ruling.classes_in_all, "; ".join(told))
    return RigState()


def _broken(ruling: Ruling | None) -> tuple[str, ...]:
    controls = () if ruling is None else ruling.controls
    return tuple(dict.fromkeys(c.name for c in controls if not c.held))
