"""A scene with deeds on the simulated bench, and what its evidence says of them."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from harness.evidence.read import read_events
from harness.evidence.rejudge import rejudge, same_as_recorded
from harness.evidence.verify import verify
from harness.model.network import NetworkCondition
from harness.model.ruling import Verdict
from harness.model.script import (
    AfterLine,
    Deed,
    Doing,
    Script,
    When,
)
from harness.model.timeline import (
    Control,
    DeedDone,
)
from harness.series.play import Outcome
from tests.stage.simulated_device import Deed as Reaction
from tests.stage.simulated_scene import (
    Fault,
    Stage,
    scene,
    stage,
)

TALK = "Did the new tiles come today?"
MUTE, UNMUTE = Deed.MUTE, Deed.UNMUTE
UNPLUG, PLUG_IN = Deed.UNPLUG, Deed.PLUG_IN
OFF, POOR, ON = Deed.NETWORK_OFF, Deed.NETWORK_POOR, Deed.NETWORK_ON
POORLY = {POOR: NetworkCondition(delay_ms=300.0, drop_percent=50.0)}
SOON = AfterLine(0.5)


def with_deeds(script: Script, *rows: tuple[Deed, When], before: bool = False) -> Script:
    """The script with deeds after its last line, or before its first."""
    after = None if before else script.lines[-1].id
    doings = []
    for number, (deed, when) in enumerate(rows):
        doings.append(Doing(f"d{number}-{deed}", deed, when, after, POORLY.get(deed)))
        after = doings[-1].id
    return replace(script, doings=tuple(doings))


def staged(
    folder: Path,
    *rows: tuple[Deed, When],
    faults: dict[str, Fault] | None = None,
    reaction: Sequence[Reaction] = (),
    before: bool = False,
) -> Stage:
    """One line to the room, and deeds."""
    script = with_deeds(scene("ordinary-talk", only=1), *rows, before=before)
    return stage(folder, script, {TALK: reaction}, faults, prompts=("am_here",))


def events(outcome: Outcome, kind: type) -> list[Any]:
    return [event for event in read_events(outcome.evidence) if isinstance(event, kind)]


def deeds(outcome: Outcome) -> list[tuple[str, Deed]]:
    return [(event.doing_id, event.deed) for event in events(outcome, DeedDone)]


def control(outcome: Outcome, name: str) -> Control:
    (found,) = [c for c in outcome.ruling.controls if c.name == name]
    return found


def assert_proves_nothing(outcome: Outcome) -> None:
    assert outcome.ruling.verdict is Verdict.INCONCLUSIVE, outcome.ruling.headline
    assert not verify(outcome.evidence)
    assert same_as_recorded(outcome.evidence, rejudge(outcome.evidence))


def why(outcome: Outcome) -> str:
    return "\n".join([str(outcome.stopped_by), *outcome.ruling.reasons])
