"""One scene three ways: all of the same length, and nothing but the lines differs."""

import pytest

from harness.errors import SceneError, UserError
from harness.model.case import Limits
from harness.model.cause import Arm, CausePlan
from harness.model.script import (
    Addressee,
    AfterLine,
    AfterPrompt,
    AtTime,
    Background,
    CastMember,
    Deed,
    Doing,
    Household,
    Line,
    PromptRole,
    Role,
    Script,
    When,
)
from harness.series.cause.arms import arms_of
from harness.series.cause.order import draw_order, draw_pauses
from harness.stage.deeds import in_order

LENGTHS = {"one": 1.0, "two": 2.0}
PLAN = CausePlan(plays=12, follow_s=30.0, shift_s=15.0, seed=4)


def line(line_id: str, when: When, to: Addressee = Addressee.ROOM) -> Line:
    return Line(line_id, "Mark", "Well.", to, (), None, when, 0.0, "x.flac")


def scene(*lines: Line, doings: tuple[Doing, ...] = ()) -> Script:
    return Script(
        id="tests/scene",
        title="A scene",
        household=Household(("Thomas Reed",)),
        cast=(CastMember("Mark", "kokoro:am_michael", Role.RESIDENT, "table"),),
        lines=lines,
        background=(Background("radio", "wall", -20.0, "radio.flac"),),
        expect_answer=True,
        doings=doings,
    )


MUTED = scene(
    line("one", AfterLine(2.0)),
    line("two", AfterLine(0.5)),
    doings=(
        Doing("mute", Deed.MUTE, AtTime(0.5), None),
        Doing("unmute", Deed.UNMUTE, AfterLine(1.0), "two"),
    ),
)


def test_lines_are_said_left_out_and_said_later() -> None:
    arms = arms_of(MUTED, LENGTHS, PLAN, Limits())
    stage = arms.stage
    assert (stage.onset_s, stage.spoken_until_s) == (2.5, 6.0)
    assert (stage.shift_s, stage.until_s) == (15.0, 7.0 + 15.0 + 30.0)
    assert stage.reach_s == 52.0 - 2.5 - 15.0
    said, silent, shifted = (arms.scripts[arm] for arm in (Arm.SAID, Arm.SILENT, Arm.SHIFTED))
    times = {arm: _times(arms.scripts[arm]) for arm in Arm}
    assert times[Arm.SAID] == {"mute": 0.5, "one": 2.5, "two": 4.0, "unmute": 7.0}
    assert times[Arm.SILENT] == {"mute": 0.5, "unmute": 7.0}
    assert times[Arm.SHIFTED] == {"mute": 0.5, "one": 17.5, "two": 19.0, "unmute": 22.0}
    assert [said.id, silent.id] == ["tests/scene-said", "tests/scene-silent"]
    assert said.background == silent.background == shifted.background
    assert said.expect_answer and not silent.expect_answer


def _times(script: Script) -> dict[str, float]:
    """When each thing comes, in the order of the script."""
    return {
        entry.id: entry.when.at_s for entry in in_order(script) if isinstance(entry.when, AtTime)
    }


def test_all_are_watched_until_the_same_time() -> None:
    arms = arms_of(MUTED, LENGTHS, PLAN, Limits())
    for script in arms.scripts.values():
        last_s = max(_times(script).values())
        assert script.watch_s is not None
        assert last_s + script.watch_s == pytest.approx(arms.stage.until_s)


def test_what_is_said_to_the_device_is_watched_from_the_end_of_its_answer_window() -> None:
    asked = scene(line("one", AtTime(2.0), Addressee.DEVICE))
    arms = arms_of(asked, LENGTHS, PLAN, Limits(answer_window_s=8.0))
    assert arms.stage.until_s == 3.0 + 8.0 + 15.0 + 30.0
    assert arms.scripts[Arm.SAID].watch_s == pytest.approx(45.0)
    assert arms.scripts[Arm.SILENT].watch_s == pytest.approx(56.0)


def test_a_scene_that_waits_for_the_device_or_says_nothing_is_refused() -> None:
    waits = scene(line("one", AfterPrompt(PromptRole.ANSWER, 0.5, 8.0)))
    with pytest.raises(SceneError, match="`one` waits for the device"):
        arms_of(waits, LENGTHS, PLAN, Limits())
    with pytest.raises(SceneError, match="says nothing"):
        arms_of(scene(), LENGTHS, PLAN, Limits())


def test_the_order_is_drawn_from_the_seed_with_as_many_of_each_as_can_be() -> None:
    order = draw_order(PLAN)
    assert sorted(order) == sorted([Arm.SAID, Arm.SILENT, Arm.SHIFTED] * 4)
    assert order == draw_order(PLAN)
    others = {draw_order(CausePlan(plays=12, shift_s=15.0, seed=n)) for n in range(20)}
    assert len(others) > 15
    pauses = draw_pauses(PLAN)
    assert len(pauses) == 12
    assert all(0 <= pause_s <= PLAN.pause_s for pause_s in pauses)


def test_too_few_plays_to_show_anything_are_refused() -> None:
    with pytest.raises(UserError, match="ask for 9 plays or more"):
        draw_order(CausePlan(plays=8, alpha=0.01))
    assert len(draw_order(CausePlan(plays=9, alpha=0.01))) == 9
    with pytest.raises(UserError, match="9 to"):
        CausePlan(plays=8, shift_s=5.0)
    with pytest.raises(UserError, match="shifted by more than 0 s"):
        CausePlan(shift_s=-1.0)
    with pytest.raises(UserError, match="can never come to p"):
        CausePlan(resamples=50)
