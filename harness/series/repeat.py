"""Plays of one scene until it is settled."""

from collections.abc import Callable
from pathlib import Path

from harness.bench.rig import Rig
from harness.model.ruling import KnownOutcome
from harness.model.script import Script
from harness.series.play import Outcome, play_and_rule
from harness.stage.clips import Cast


def play_until_settled(
    rig: Rig,
    script: Script,
    cast: Cast,
    progress: Callable[[str], None],
    evidence: Path | None = None,
) -> Outcome:
    """Play once; again only where the rig lists known violations and the device did not stir.

    Such a scene is *not provoked*: nothing was shown either way. It is repeated up to the rig's
    `plays`, then the last, inconclusive outcome stands. Any other ruling is final at once: a
    failure or a broken control is never played away.
    """
    plays = rig.file.limits.plays
    for number in range(1, plays + 1):
        outcome = play_and_rule(rig, script, cast, progress, evidence)
        again = outcome.ruling.known is KnownOutcome.NOT_PROVOKED and outcome.stopped_by is None
        if not again or number == plays:
            return outcome
        progress(f"not provoked, play {number} of {plays}: once more")
    raise AssertionError("a rig's `plays` is at least 1")
