"""A series ruled again: every play judged from its folder, and counted anew."""

from collections import Counter
from pathlib import Path

from harness.errors import RigError
from harness.evidence import layout
from harness.evidence.folder import sha256_of
from harness.evidence.rejudge import rejudge
from harness.model.ruling import Ruling
from harness.model.series import SeriesPlay, SeriesRuling, StopReason
from harness.series.ledger import read_series
from harness.series.verdict import next_stop, play_of, rule_series

_BY_COUNT = (StopReason.PLAYED, StopReason.SETTLED)


def rule_again(record: Path) -> SeriesRuling:
    """The ruling of the series in the file `record`, from the evidence of its plays beside it.

    A series that says it came to its end, and whose plays do not bear it out, counts as cut short.
    Raises `RigError` when the file is no series, or a play is missing or not what was counted.
    """
    recorded = read_series(record)
    if not recorded.plays:
        raise RigError(f"{record} names no play; play the scene again")
    _refuse_twice(record, recorded)
    rulings = [_judged(record.parent / play.evidence, play) for play in recorded.plays]
    plays = tuple(
        play_of(number, ruling, old.evidence, old.manifest_sha256, stopped=old.stopped)
        for number, (ruling, old) in enumerate(zip(rulings, recorded.plays, strict=True), 1)
    )
    stop = recorded.stop
    if stop in _BY_COUNT and next_stop(recorded.plan, plays, len(plays) + 1) is not stop:
        stop = StopReason.UNFINISHED
    return rule_series(recorded.plan, recorded.listed, stop, rulings, plays, recorded.stopped_by)


def _refuse_twice(record: Path, series: SeriesRuling) -> None:
    named = Counter(play.evidence for play in series.plays)
    twice = [name for name, count in named.items() if count > 1]
    if twice:
        raise RigError(f"{record}: {twice[0]} is named twice; a play counts once")


def _judged(folder: Path, play: SeriesPlay) -> Ruling:
    """The play judged again, after a look whether it is the one that was counted."""
    if not folder.is_dir():
        raise RigError(f"{folder}: play {play.number} of the series is not there; restore it")
    sealed = folder / layout.MANIFEST
    found = sha256_of(sealed) if sealed.exists() else ""
    if found != play.manifest_sha256:
        raise RigError(
            f"{folder}: {layout.MANIFEST} is not the one that was counted as play {play.number}; "
            "restore the folder from a copy, or play the scene again"
        )
    return rejudge(folder)
