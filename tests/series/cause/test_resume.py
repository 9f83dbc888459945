"""Going on with a causal test that was cut short."""

from dataclasses import replace
from pathlib import Path

import pytest

from harness.bench.open import open_rig
from harness.bench.rigfile import load_rig
from harness.cli import main
from harness.clock import RealClock
from harness.errors import RigError, UserError
from harness.evidence import layout
from harness.evidence.read import read_case
from harness.model.cause import Arm, CausePlan, CausePlay
from harness.model.series import StopReason
from harness.report.cause_story import cause_text
from harness.scene.corpus import Corpus
from harness.scene.loader import load_scene
from harness.series.cause.ledger import read_cause, rule_cause_again, write_cause
from harness.series.cause.resume import is_of, take_up
from harness.series.cause.run import CauseSeries, play_cause
from harness.series.cause.verdict import Played, rule_cause
from harness.stage.clips import cast_for
from tests.series.cause.made_plays import muted_play, nothing, series_of, setup, written

ROOT = Path(__file__).parents[3]


@pytest.fixture
def played(tmp_path: Path) -> list[Played]:
    """The first four plays of a test of ten; the last of them was cut short."""
    made = series_of(tmp_path, nothing, seen=False, sync_packets=0)[:4]
    return [*made[:3], replace(made[3], stopped=True)]


def recorded(played: list[Played], stop: StopReason) -> Path:
    return write_cause(played[0].folder, rule_cause(setup(), played, stop))


def test_an_interrupted_play_is_made_again_and_named(played: list[Played]) -> None:
    record = recorded(played, StopReason.INTERRUPTED)
    begun = take_up(record)
    assert list(begun.played) == played[:3]
    assert begun.made_again == (played[3].folder.name,)
    assert begun.setup == setup()
    gone_on = [*begun.played, replace(played[3], stopped=False)]
    ruling = rule_cause(begun.setup, gone_on, StopReason.UNFINISHED, made_again=begun.made_again)
    assert write_cause(begun.named, ruling) == record
    assert f"1 play ({played[3].folder.name})" in " ".join(cause_text(ruling, None).split())
    assert rule_cause_again(record) == read_cause(record) == ruling


def test_what_the_rig_cut_short_stays_left_out(played: list[Played]) -> None:
    # A device could else get rid of plays by breaking the rig.
    for stop in (StopReason.TROUBLE, StopReason.UNFINISHED):
        begun = take_up(recorded(played, stop))
        assert list(begun.played) == played
        assert begun.made_again == ()


def test_the_text_of_a_test_cut_short_says_how_to_go_on(played: list[Played]) -> None:
    ruling = rule_cause(setup(), played, StopReason.INTERRUPTED)
    assert "--resume there.cause.json" in cause_text(ruling, Path("there.cause.json"))


def test_a_test_that_ended_is_not_gone_on_with(tmp_path: Path) -> None:
    whole = series_of(tmp_path, nothing, seen=False, sync_packets=0)
    with pytest.raises(UserError, match="came to its end"):
        take_up(recorded(whole, StopReason.PLAYED))


def test_an_order_that_the_seed_does_not_draw_is_not_gone_on_with(played: list[Played]) -> None:
    other = replace(setup(), order=tuple(reversed(setup().order)))
    ruling = rule_cause(other, played, StopReason.INTERRUPTED)
    with pytest.raises(UserError, match="not what its seed draws"):
        take_up(write_cause(played[0].folder, ruling))


def test_a_play_that_is_not_the_one_that_was_counted_ends_it(played: list[Played]) -> None:
    record = recorded(played, StopReason.INTERRUPTED)
    (played[1].folder / layout.MANIFEST).write_text("{}")
    with pytest.raises(RigError, match="not the one that was counted as play 2"):
        take_up(record)


def test_where_its_clips_lie_makes_no_other_scene_of_it(tmp_path: Path) -> None:
    case = muted_play(Arm.SAID)
    lines = tuple(replace(line, clip=f"/home/dana/{line.id}.flac") for line in case.script.lines)
    script = replace(case.script, lines=lines)
    kept = read_case(written(tmp_path, Arm.SAID, replace(case, script=script), []).folder)
    assert is_of(kept, script, case.rig)
    assert not is_of(kept, replace(script, watch_s=99.0), case.rig)
    assert not is_of(kept, script, replace(case.rig, firmware="another"))


@pytest.mark.parametrize(
    ("more", "told"),
    [
        (["--plays", "8"], "by the plan in its file"),
        (["--seed", "99"], "by the plan in its file"),
        (["--evidence", "x"], "beside its file"),
    ],
)
def test_the_plan_is_the_one_on_file(
    more: list[str], told: str, played: list[Played], capsys: pytest.CaptureFixture[str]
) -> None:
    record = recorded(played, StopReason.INTERRUPTED)
    scene = str(ROOT / "scenarios" / "zoo" / "muted-wake.scene.yaml")
    assert main(["cause", scene, "--resume", str(record), *more]) == 3
    assert told in capsys.readouterr().err


def test_the_same_command_goes_on_with_it(
    played: list[Played], capsys: pytest.CaptureFixture[str]
) -> None:
    record = recorded(played, StopReason.INTERRUPTED)
    plan = read_cause(record).plan
    scene = str(ROOT / "scenarios" / "zoo" / "muted-wake.scene.yaml")
    same = ["--plays", f"{plan.plays}", "--seed", f"{plan.seed}", "--evidence", str(record.parent)]
    other_rig = ["--rig", str(record)]
    assert main(["cause", scene, "--resume", str(record), *same, *other_rig]) == 3
    assert f"{record}" in capsys.readouterr().err  # it came as far as the rig file


@pytest.mark.slow
@pytest.mark.exhaustive
def test_a_test_that_is_gone_on_with_comes_to_the_ruling_of_one_in_one_go(tmp_path: Path) -> None:
    whole = _tested(tmp_path / "whole")
    cut = _tested(tmp_path / "cut", until=2)
    assert cut.ruling.stop is StopReason.INTERRUPTED
    assert [play.number for play in cut.ruling.plays] == [1, 2]
    with pytest.raises(UserError, match="begun with another plan;"):
        _tested(tmp_path / "cut", going_on=cut.record, watch_s=3.0)
    with pytest.raises(UserError, match="put them back"):
        _tested(tmp_path / "cut", going_on=cut.record, answered=True)
    on = _tested(tmp_path / "cut", going_on=cut.record)
    assert on.record == cut.record
    assert on.ruling.stop is StopReason.PLAYED
    assert on.ruling.p == whole.ruling.p
    assert [play.arm for play in on.ruling.plays] == list(on.ruling.order)
    assert rule_cause_again(on.record) == on.ruling


def _tested(
    evidence: Path,
    until: int | None = None,
    going_on: Path | None = None,
    watch_s: float = 2.0,
    answered: bool = False,
) -> CauseSeries:
    """A test of six plays on simulated time; interrupted after so many, or gone on with."""
    plan = CausePlan(plays=6, follow_s=watch_s, alpha=0.06)
    file = load_rig(ROOT / "rigs" / "simulated.yaml")
    corpus = Corpus.load()
    script = load_scene(ROOT / "scenarios" / "zoo" / "muted-wake.scene.yaml", corpus)
    script = replace(script, watch_s=watch_s, expect_answer=answered)

    def told(play: CausePlay) -> None:
        if play.number == until:
            raise KeyboardInterrupt

    with open_rig(file, RealClock()) as rig:
        cast = cast_for(script, file, corpus, rig.microphone.rate_hz)
        begun = None if going_on is None else take_up(going_on)
        return play_cause(rig, script, cast, plan, lambda _: None, evidence, told=told, begun=begun)
