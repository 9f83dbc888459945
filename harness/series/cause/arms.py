"""A scene three ways: its lines said, left out, and said later; with the same noises and deeds.

All arms are as long and are watched as long. So a line may not wait for the device to say
something: what the device does would decide when the stimulus comes.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from harness.errors import SceneError
from harness.model.case import Limits
from harness.model.cause import Arm, CausePlan, Stage
from harness.model.script import (
    Addressee,
    AfterPrompt,
    AtTime,
    Doing,
    Line,
    Script,
)
from harness.stage.deeds import in_order
from harness.stage.rehearsal import rehearse


@dataclass(frozen=True, slots=True)
class Arms:
    """The scripts of the arms, and when things come in them."""

    scripts: Mapping[Arm, Script]
    stage: Stage


def arms_of(
    script: Script, lengths_s: Mapping[str, float], plan: CausePlan, limits: Limits
) -> Arms:
    """The arms of a scene; `lengths_s`: of its lines' sounds, by their ids.

    Raises `SceneError` for a scene that says nothing, or waits for a prompt of the device.
    """
    at_s = _times(script, lengths_s)
    if not script.lines:
        raise SceneError(f"{script.id}: it says nothing, so nothing it says can cause anything")
    onset_s = min(at_s[line.id] for line in script.lines)
    ends_s = {line.id: at_s[line.id] + lengths_s[line.id] for line in script.lines}
    over_s = max(*_over(script, at_s, ends_s, limits), 0.0)
    shift_s = plan.shift_s or 0.0
    follow_s = max(plan.follow_s, limits.watch_s)
    stage = Stage(onset_s, max(ends_s.values()), shift_s, over_s + shift_s + follow_s)
    last_doing_s = max((at_s[doing.id] for doing in script.doings), default=0.0)
    watches = {
        Arm.SAID: stage.until_s - over_s,
        Arm.SILENT: stage.until_s - last_doing_s,
        Arm.SHIFTED: stage.until_s - over_s - shift_s,
    }
    return Arms({arm: _script(script, arm, at_s, stage, watches[arm]) for arm in plan.arms}, stage)


def _over(
    script: Script, at_s: Mapping[str, float], ends_s: Mapping[str, float], limits: Limits
) -> Iterator[float]:
    """When each thing lets go, so that the watch begins: a line to the device after its answer."""
    for line in script.lines:
        asked = line.to is Addressee.DEVICE
        yield ends_s[line.id] + (limits.answer_window_s if asked else 0.0)
    for doing in script.doings:
        yield at_s[doing.id]


def _times(script: Script, lengths_s: Mapping[str, float]) -> dict[str, float]:
    """When every line and deed comes."""
    for entry in in_order(script):
        if isinstance(entry.when, AfterPrompt):
            raise SceneError(
                f"{script.id}: `{entry.id}` waits for the device to say something, so the "
                "device would decide when the stimulus comes; in a scene for a causal test "
                "lines come `at_s` a time, or `pause_s` after the line before"
            )
    return {moment.id: moment.start_s for moment in rehearse(script, lengths_s)}


def _script(
    script: Script, arm: Arm, at_s: Mapping[str, float], stage: Stage, watch_s: float
) -> Script:
    """The scene of one arm. What comes before the first line stays where it is."""
    offset_s = stage.onset_in(arm) - stage.onset_s

    def due(entry: Line | Doing) -> AtTime:
        moved = isinstance(entry, Line) or at_s[entry.id] >= stage.onset_s
        return AtTime(at_s[entry.id] + (offset_s if moved else 0.0))

    silent = arm is Arm.SILENT
    doings = tuple(replace(doing, when=due(doing)) for doing in script.doings)
    return replace(
        script,
        id=f"{script.id}-{arm}",
        title=f"{script.title} ({_TITLES[arm]})",
        lines=() if silent else tuple(replace(line, when=due(line)) for line in script.lines),
        doings=_chained(script, doings) if silent else doings,
        expected_messages=() if silent else script.expected_messages,
        expect_answer=False if silent else script.expect_answer,
        demands=(),
        watch_s=watch_s,
    )


def _chained(script: Script, doings: tuple[Doing, ...]) -> tuple[Doing, ...]:
    """The doings alone, each after the one before it."""
    order = [entry.id for entry in in_order(script) if isinstance(entry, Doing)]
    by_id = {doing.id: doing for doing in doings}
    before = [None, *order]
    return tuple(replace(by_id[i], after=prev) for i, prev in zip(order, before, strict=False))


_TITLES = {
    Arm.SAID: "the stimulus said",
    Arm.SILENT: "nothing said",
    Arm.SHIFTED: "the stimulus said later",
}
