"""The answers over nights: nothing but what is proven is ever said to be in order."""

import json
import re
import shutil
from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.report_nights import HEAD, MADE_KINDS, MadePlay, NightMaker
from harness.errors import RigError, UserError
from harness.evidence import layout
from harness.evidence.read import read_ruling
from harness.model.ruling import Verdict
from harness.model.series import PlayKind, SeriesPlan, StopReason
from harness.report.nights import Answers, Night, Play, answer, read_nights
from harness.report.nights.answers import Rig, Ship
from harness.report.nights.facts import Examination, State
from harness.report.nights.words import machine_line, markdown
from harness.series.ledger import write_series
from harness.series.soak.journal import NAME
from harness.series.soak.night import Ended
from harness.series.verdict import play_of, rule_series

PASS, FAIL, KNOWN, INCONCLUSIVE = MADE_KINDS
DAY_S = 86_400.0


@pytest.fixture
def maker(tmp_path: Path) -> NightMaker:
    return NightMaker(tmp_path, page=None)


def of(*kinds: PlayKind, scene: str = "made/one") -> list[MadePlay]:
    return [MadePlay(scene, kind) for kind in kinds]


def answers_of(*nights: Path) -> Answers:
    return answer(read_nights(nights))


def test_a_whole_night_of_passes_speaks_for_the_device(maker: NightMaker) -> None:
    found = answers_of(maker.night("one", of(PASS, PASS), 1e9))
    assert (found.ship, found.rig, found.exit_code) == (Ship.YES, Rig.WELL, 0)
    assert "in 0 of 2 plays: below 77.7 %" in found.ship_why[0]


def test_a_failure_is_a_no_whatever_else_there_is(maker: NightMaker) -> None:
    found = answers_of(maker.night("one", of(PASS, FAIL, INCONCLUSIVE), 1e9))
    assert (found.ship, found.exit_code) == (Ship.NO, 1)
    assert "made/one" in found.ship_why[0]


def test_a_night_cut_short_proves_nothing(maker: NightMaker) -> None:
    found = answers_of(maker.night("one", of(PASS, PASS), 1e9, ended=None))
    assert (found.ship, found.exit_code) == (Ship.NOT_PROVEN, 2)
    assert "not come to its end" in found.ship_why[0]


def test_a_night_that_went_on_after_its_summary_has_not_ended(maker: NightMaker) -> None:
    night = maker.night("one", of(PASS, PASS), 1e9)
    summary = json.loads((night / "summary.json").read_text())
    (night / "summary.json").write_text(json.dumps({**summary, "plays": 1}))
    assert answers_of(night).ship is Ship.NOT_PROVEN


def test_what_is_known_is_never_nothing(maker: NightMaker) -> None:
    found = answers_of(maker.night("one", of(PASS, KNOWN), 1e9))
    assert (found.ship, found.exit_code) == (Ship.KNOWN, 0)
    assert "V04" in found.ship_why[0]


@pytest.mark.parametrize("name", [layout.RULING, layout.MANIFEST])
def test_evidence_that_was_changed_proves_nothing(maker: NightMaker, name: str) -> None:
    night = maker.night("one", of(PASS, PASS), 1e9)
    (path, *_) = night.glob(f"plays/000002/*/{name}")
    text = path.read_text()
    path.unlink()  # it is linked to the others
    path.write_text(text + " ")
    found = answers_of(night)
    assert found.ship is Ship.NOT_PROVEN and name in found.ship_why[0]


def test_a_journal_that_says_better_than_the_ruling_proves_nothing(maker: NightMaker) -> None:
    night = maker.night("one", of(PASS, FAIL), 1e9)
    text = (night / NAME).read_text()
    text = text.replace('"kind":"fail","verdict":"fail"', '"kind":"pass","verdict":"pass"')
    (night / NAME).write_text(text)
    summary = json.loads((night / "summary.json").read_text())
    (night / "summary.json").write_text(json.dumps({**summary, "verdict": "pass"}))
    found = answers_of(night)
    assert (
        found.ship is Ship.NOT_PROVEN
        and "that it is a pass, its ruling that it is a fail" in found.ship_why[0]
    )


def test_a_pass_that_was_never_sealed_proves_nothing(maker: NightMaker) -> None:
    night = maker.night("one", of(PASS, PASS), 1e9)
    text = (night / NAME).read_text()
    (night / NAME).write_text(re.sub(r'"manifest_sha256":"\w{64}"', '"manifest_sha256":""', text))
    assert answers_of(night).ship is Ship.NOT_PROVEN


def test_only_the_last_night_needs_its_evidence(maker: NightMaker) -> None:
    one = maker.night("one", of(FAIL, PASS), 1e9)
    two = maker.night("two", of(PASS), 1e9 + DAY_S)
    shutil.rmtree(one / "plays")
    found = answers_of(one, two)
    assert (found.ship, len(found.changes.well)) == (Ship.YES, 1)
    shutil.rmtree(two / "plays")
    assert answers_of(one, two).ship is Ship.NOT_PROVEN


def test_a_journal_that_lost_a_play_is_refused(maker: NightMaker) -> None:
    night = maker.night("one", of(PASS, FAIL, PASS), 1e9)
    lines = (night / NAME).read_text().splitlines(keepends=True)
    (night / NAME).write_text("".join(lines[:2] + lines[3:]))
    with pytest.raises(RigError, match="a play is missing"):
        read_nights([night])


def test_a_rig_that_is_not_well_after_the_night_speaks_for_nothing(maker: NightMaker) -> None:
    health = ((0, None), (2, "loudspeaker table: not heard"))
    found = answers_of(maker.night("one", of(PASS, PASS), 1e9, health=health))
    assert (found.ship, found.rig) == (Ship.NOT_PROVEN, Rig.UNWELL)
    assert "After the night: loudspeaker table: not heard." in found.rig_why


def test_what_is_new_is_told_scene_by_scene(maker: NightMaker) -> None:
    first = of(PASS, scene="a") + of(FAIL, PASS, scene="b") + of(PASS, scene="c")
    second = of(FAIL, scene="a") + of(PASS, PASS, scene="b") + of(INCONCLUSIVE, scene="c")
    nights = maker.night("one", first, 1e9), maker.night("two", second, 1e9 + DAY_S)
    changes = answers_of(*nights).changes
    assert changes.against == "one"
    named = [[c.scene for c in each] for each in (changes.failing, changes.inconclusive)]
    assert named == [["a"], ["c"]]
    (well,) = changes.well
    assert (well.scene, well.before, well.now) == ("b", State.FAIL, State.PASS)
    # One failure in four plays lies in the first two of them half of the time.
    assert well.by_luck == pytest.approx(0.5)


def test_a_failure_is_not_forgotten_by_not_playing_it_again(maker: NightMaker) -> None:
    one = maker.night("one", of(PASS, scene="a") + of(FAIL, scene="b"), 1e9)
    two = maker.night("two", of(PASS, scene="a"), 1e9 + DAY_S)
    three = maker.night("three", of(PASS, PASS, scene="a"), 1e9 + 2 * DAY_S)
    found = answers_of(one, two, three)
    assert found.ship is Ship.NOT_PROVEN and "b (one)" in found.ship_why[0]
    four = maker.night("four", of(PASS, scene="b"), 1e9 + 3 * DAY_S)
    assert answers_of(one, two, three, four).ship is Ship.YES


def test_nights_of_different_devices_are_not_told_as_one(maker: NightMaker, tmp_path: Path) -> None:
    other = HEAD.model_copy(update={"device": "another"})
    maker.night("one", of(FAIL), 1e9)
    maker.night("two", of(PASS), 1e9 + DAY_S, head=other)
    with pytest.raises(UserError, match="another on kitchen-bench"):
        read_nights([tmp_path])


def test_a_folder_of_runs_and_a_run_are_reported_too(maker: NightMaker) -> None:
    night = maker.night("one", of(PASS, KNOWN, scene="a/b"), 1e9)
    (run,) = (night / "plays" / "000001").iterdir()
    (known,) = (night / "plays" / "000002").iterdir()
    assert answers_of(run).ship is Ship.YES
    assert answers_of(known).ship is Ship.KNOWN
    both = night / "both"
    both.mkdir()
    for number, each in enumerate((run, known)):
        each.rename(both / str(number))
    (read,) = read_nights([both])
    assert [play.kind for play in read.plays] == [PASS, KNOWN]
    (both / "1" / layout.MANIFEST).unlink()
    assert answers_of(both).ship is Ship.NOT_PROVEN


def test_runs_that_are_named_one_by_one_are_told_together(maker: NightMaker) -> None:
    """`evidence/*` is what a shell makes a night of each: a failure before the last hid itself."""
    plays = of(FAIL, PASS, scene="a/b") + of(INCONCLUSIVE, scene="a/c") + of(PASS, scene="a/b")
    night = maker.night("one", plays, 1e9)
    evidence = night / "evidence"
    evidence.mkdir()
    for number, play in enumerate(sorted(night.glob("plays/*/*"))):
        play.rename(evidence / f"2026-11-0{number + 1}T08-00-00-a")
    runs = sorted(evidence.iterdir())
    health = evidence / "rig-health"
    health.mkdir()
    assert (
        answers_of(*runs, health).ship
        is answers_of(*runs).ship
        is answers_of(evidence).ship
        is Ship.NO
    )
    assert answers_of(*runs[1:]).ship is answers_of(*runs[2:]).ship is Ship.NOT_PROVEN
    assert answers_of(runs[1], runs[3]).ship is Ship.YES


def test_a_run_that_could_write_nothing_is_not_left_out(maker: NightMaker) -> None:
    """Killed, or on a full disk, before its case was written."""
    night = maker.night("one", of(PASS), 1e9)
    (run,) = night.glob("plays/*/*")
    evidence = night / "evidence"
    evidence.mkdir()
    run.rename(evidence / "2026-11-01T08-00-00-a")
    assert answers_of(evidence).ship is Ship.YES
    (evidence / "2026-11-01T08-02-00-b").mkdir()
    found = answers_of(evidence)
    assert found.ship is Ship.NOT_PROVEN and "evidence of 1 plays" in found.ship_why[0]
    (read,) = read_nights([evidence])
    assert "cut short" in read.plays[1].headline and " on " not in read.plays[0].scene


def test_a_series_that_was_cut_short_is_no_whole_night(maker: NightMaker) -> None:
    """Killed in the second of nine plays, all passes until then."""
    night = maker.night("one", of(PASS, scene="a"), 1e9)
    (run,) = night.glob("plays/*/*")
    evidence = night / "evidence"
    evidence.mkdir()
    first = run.rename(evidence / "2026-11-01T08-00-00-a")
    ruling = read_ruling(first)
    play = play_of(1, ruling, first.name, "", stopped=False)
    for stop, ship in ((StopReason.UNFINISHED, Ship.NOT_PROVEN), (StopReason.PLAYED, Ship.YES)):
        write_series(first, rule_series(SeriesPlan(9), (), stop, [ruling], [play]))
        found = answers_of(evidence)
        assert found.ship is ship
        cut = "2026-11-01T08-00-00-a.series.json did not come to its end (1 of 9 plays)"
        assert (cut in found.ship_why[0]) == (ship is Ship.NOT_PROVEN)
    assert answers_of(first).ship is Ship.YES, "that one play was asked about"


def test_nothing_played_is_a_mistake(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="holds nothing that was played"):
        read_nights([tmp_path])


PLAYS = st.builds(
    Play,
    number=st.just(1),
    scene=st.sampled_from(["a", "b", "c"]),
    kind=st.sampled_from(PlayKind),
    classes=st.sampled_from([(), ("V04",)]),
    headline=st.just("| <b> what was ruled"),
    activations=st.integers(0, 2),
    heard_s=st.floats(0, 100),
    began_unix_s=st.just(1e9),
    took_s=st.just(1.0),
    evidence=st.none(),
    spoilt=st.sampled_from(["", "changed"]),
)


def night_of(plays: Sequence[Play], trouble: str | None) -> Night:
    """As `read_nights` would: its verdict is no better than its plays."""
    failed = any(play.state is State.FAIL for play in plays)
    unsure = any(play.state is State.INCONCLUSIVE for play in plays)
    verdict = Verdict.FAIL if failed else Verdict.INCONCLUSIVE if unsure else Verdict.PASS
    found = (Examination(0, trouble),)
    return Night(Path("n"), "r", "d", "f", tuple(plays), verdict, "why.", found)


@settings(max_examples=60)
@given(
    st.lists(st.lists(PLAYS, min_size=1, max_size=4), min_size=1, max_size=3),
    st.sampled_from([None, "the relay board is gone"]),
)
def test_only_proven_passes_are_in_order(nights: list[list[Play]], trouble: str | None) -> None:
    told = [night_of(plays, trouble) for plays in nights]
    found = answer(told)
    last = {play.state for play in nights[-1]}
    if found.exit_code == 0:
        assert last <= {State.PASS, State.KNOWN} and trouble is None
        assert not any(play.spoilt for play in nights[-1])
    assert (found.ship is Ship.NO) == (State.FAIL in last)
    assert (found.ship is Ship.YES) <= (last == {State.PASS})
    line = machine_line(told, found)
    assert "\n" not in line and f"ship={found.ship.replace(' ', '-')} " in line
    assert all(part.count("=") == 1 for part in line.split()[1:])
    text = markdown(told, found)
    assert found.ship.upper() in text.splitlines()[0] and "<b>" not in text


def test_ended_out_of_service_is_a_rig_that_is_not_well(maker: NightMaker) -> None:
    night = maker.night("one", of(PASS, INCONCLUSIVE), 1e9, ended=Ended.OUT_OF_SERVICE)
    found = answers_of(night)
    assert (found.ship, found.rig) == (Ship.NOT_PROVEN, Rig.UNWELL)
