"""A causal test as JSON and as a page, beside the evidence of its plays: written after each.

It holds the order that was drawn before anything was played, and names every play by its folder and
by the SHA-256 of what seals it. So the test can be made again from the folders alone.
"""

import json
from collections import Counter
from pathlib import Path

from harness.errors import RigError
from harness.evidence import layout
from harness.evidence.folder import sha256_of
from harness.evidence.rejudge import rejudge
from harness.model import record
from harness.model.cause import CausePlay, CauseRuling
from harness.model.series import StopReason
from harness.report.cause_page import cause_page
from harness.series.cause.order import draw_order
from harness.series.cause.verdict import CUT_SHORT, Played, Setup, rule_cause
from harness.series.ledger import ledger_text, write_ledger

FORMAT_VERSION = 1
_SUFFIX = ".cause.json"


def write_cause(first: Path, ruling: CauseRuling) -> Path:
    """Write the test beside the folder `first` of the play that it began with, by the same name;
    its path.

    Raises `RigError` when it cannot be written.
    """
    path = first.with_name(first.name + _SUFFIX)
    cause = json.loads(record.cause_to_json(ruling))
    content = {"format": FORMAT_VERSION, "answer": ruling.answer, "cause": cause}
    page = path.with_suffix(".html")
    write_ledger("the test", {path: ledger_text(content), page: cause_page(ruling)})
    return path


def read_cause(path: Path) -> CauseRuling:
    """The test in a file. Raises `RigError` where it cannot be read, `UserError` where it is not as
    it must be.
    """
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        if content["format"] != FORMAT_VERSION:
            raise RigError(f"{path}: format {content['format']!r} is not known here; update Sayso")
        inner = json.dumps(content["cause"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise RigError(f"{path} is no causal test: {error}") from error
    return record.cause_from_json(inner)


def rule_cause_again(path: Path) -> CauseRuling:
    """The ruling of the test in the file `path`, from the evidence of its plays beside it.

    A test whose order is not the one its seed draws, or whose plays are not all there, counts as
    cut short. Raises `RigError` when a play is missing or not what was counted.
    """
    recorded = read_cause(path)
    named = Counter(play.evidence for play in recorded.plays)
    if twice := [name for name, times in named.items() if times > 1]:
        raise RigError(f"{path}: {twice[0]} is named twice; a play counts once")
    played = [judged_again(path.parent, play) for play in recorded.plays]
    stop = recorded.stop
    as_drawn = recorded.order == draw_order(recorded.plan)
    as_played = tuple(play.arm for play in played) == recorded.order
    if stop is StopReason.PLAYED and not (as_drawn and as_played):
        stop = StopReason.UNFINISHED
    return rule_cause(setup_of(recorded), played, stop, recorded.stopped_by, recorded.made_again)


def setup_of(ruling: CauseRuling) -> Setup:
    """What was known before anything was played."""
    return Setup(
        scene_id=ruling.scene_id,
        title=ruling.title,
        device=ruling.device,
        firmware=ruling.firmware,
        plan=ruling.plan,
        stage=ruling.stage,
        device_address=ruling.device_address,
        order=ruling.order,
    )


def folder_of(record_path: Path) -> Path:
    """The folder of the play that a test began with, from the path of its record."""
    return record_path.with_name(record_path.name.removesuffix(_SUFFIX))


def judged_again(root: Path, play: CausePlay) -> Played:
    """The play judged again, after a look whether it is the one that was counted.

    Raises `RigError` where it is missing, or another.
    """
    folder = root / play.evidence
    if not folder.is_dir():
        raise RigError(f"{folder}: play {play.number} of the test is not there; restore it")
    sealed = folder / layout.MANIFEST
    found = sha256_of(sealed) if sealed.exists() else ""
    if found != play.manifest_sha256:
        raise RigError(
            f"{folder}: {layout.MANIFEST} is not the one that was counted as play {play.number}; "
            "restore the folder from a copy, or make the test again"
        )
    stopped = play.left_out == CUT_SHORT
    return Played(play.arm, folder, found, rejudge(folder), stopped)
