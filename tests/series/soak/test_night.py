"""A night that is cut short anywhere, any number of times, ends as one that never was."""

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harness.clock import SimulatedClock
from harness.errors import RigError, SceneError, UserError
from harness.evidence.folder import EvidenceFolder
from harness.evidence.sample import sample_case, sample_pass
from harness.evidence.verify import verify
from harness.judge import judge
from harness.model.case import Case
from harness.model.ruling import Verdict
from harness.model.series import PlayKind
from harness.model.timeline import Interrupted
from harness.series.soak import (
    Ended,
    Journal,
    Night,
    SoakPlan,
    load_soak_plan,
    run_night,
    summary_of,
)
from harness.series.soak.journal import NAME, HeadLine
from harness.series.soak.night import CUT_SHORT, PLAYS, Played
from tests.rigs.corpus_clips import ROOT

SEED = 7
PASSED, FAILED = judge(sample_pass()), judge(sample_case())


class PowerCut(BaseException):
    """The harness is gone, at once."""


@dataclass
class Bench:
    """A player that seals a small folder a play; `cuts` says what happens in which attempt."""

    clock: SimulatedClock
    cuts: dict[int, str] = field(default_factory=dict)
    case: Callable[[int], Case] = lambda _: sample_pass()
    health: list[str | None] = field(default_factory=list)
    scenes: list[str] = field(default_factory=list)
    attempts: int = 0
    renewed: int = 0

    def play(self, scene: Path, into: Path) -> Played:
        self.attempts += 1
        cut = self.cuts.get(self.attempts, "")
        if cut == "before":
            raise PowerCut
        if cut == "rig":
            raise RigError("the relay board is gone")
        case = self.case(self.attempts)
        if cut in ("interrupt", "interrupt, then cut"):
            case = Case(case.script, case.rig, (*case.events, Interrupted(1.0, "Ctrl-C")))
        folder = EvidenceFolder.create(into, case.script.id, self.clock.now_s())
        folder.write_case(case, {})
        folder.write_timeline(case.events)
        if cut == "unsealed":
            raise PowerCut
        ruling = judge(case)
        folder.write_ruling(ruling, "in words\n")
        folder.seal()
        if cut in ("sealed", "interrupt, then cut"):
            raise PowerCut
        self.clock.wait_s(60.0)
        self.scenes.append(scene.name)
        return Played(ruling, folder.folder, KeyboardInterrupt() if cut == "interrupt" else None)

    def trouble(self) -> str | None:
        return self.health.pop(0) if self.health else None

    def renew(self) -> None:
        self.renewed += 1


@pytest.fixture(scope="module")
def plan() -> SoakPlan:
    return load_soak_plan(ROOT / "rigs" / "nightly.plan.yaml")


def head(plan: SoakPlan, seed: int = SEED) -> HeadLine:
    return HeadLine(rig="r", device="d", firmware="f", plan_sha256=plan.digest, seed=seed)


def go_on(
    folder: Path, plan: SoakPlan, bench: Bench, plays: int | None = 5, **options: object
) -> tuple[Ended, str]:
    """Begin the night, or take it up."""
    night = Night(folder, plan.drawn(SEED), 1e6, plays, **options)  # type: ignore[arg-type]
    journal = Journal(folder, head(plan))
    try:
        return run_night(night, journal, bench, bench.clock)
    finally:
        journal.close()


def to_the_end(folder: Path, plan: SoakPlan, bench: Bench, plays: int) -> Journal:
    """As somebody who gives the command again until it is done."""
    for _ in range(40):
        try:
            if go_on(folder, plan, bench, plays)[0] is Ended.PLAYED:
                break
        except PowerCut:
            pass
    journal = Journal(folder, head(plan))
    journal.close()
    return journal


CUTS = ("before", "unsealed", "sealed", "interrupt", "interrupt, then cut")


@pytest.fixture(scope="module")
def in_memory() -> Iterator[Path]:
    """A folder in memory, where there is one.

    Each of a thousand folders is brought to the disk several times, and no disk is cut here.
    """
    memory = Path("/dev/shm")
    with TemporaryDirectory(dir=memory if os.access(memory, os.W_OK) else None) as folder:
        yield Path(folder)


@settings(max_examples=25)
@given(cuts=st.dictionaries(st.integers(1, 8), st.sampled_from(CUTS), max_size=6))
def test_no_play_is_lost_and_none_counts_twice(
    plan: SoakPlan, in_memory: Path, cuts: dict[int, str]
) -> None:
    with TemporaryDirectory(dir=in_memory) as folder:
        _assert_whole(Path(folder), plan, cuts)


def _assert_whole(folder: Path, plan: SoakPlan, cuts: dict[int, str]) -> None:
    journal = to_the_end(folder, plan, Bench(SimulatedClock(1e3), dict(cuts)), 5)
    assert [line.number for line in journal.plays] == [1, 2, 3, 4, 5]
    folders = [folder / line.evidence for line in journal.plays]
    assert len(set(folders)) == 5
    for line, evidence in zip(journal.plays, folders, strict=True):
        assert evidence.parent == folder / PLAYS / f"{line.number:06}"
        assert not verify(evidence, line.manifest_sha256)
        assert line.kind is PlayKind.PASS
    assert len(list((folder / PLAYS).iterdir())) == 5


def test_the_scenes_are_those_of_a_night_that_was_never_cut(tmp_path: Path, plan: SoakPlan) -> None:
    whole, cut = (
        Bench(SimulatedClock(1e3)),
        Bench(SimulatedClock(1e3), {2: "before", 4: "unsealed"}),
    )
    to_the_end(tmp_path / "whole", plan, whole, 5)
    to_the_end(tmp_path / "cut", plan, cut, 5)
    assert whole.scenes == cut.scenes


@pytest.mark.parametrize("taken", [1, 7, 40])
def test_a_torn_line_is_done_once_more(tmp_path: Path, plan: SoakPlan, taken: int) -> None:
    bench = Bench(SimulatedClock(1e3))
    go_on(tmp_path, plan, bench, 3)
    journal = tmp_path / NAME
    os.truncate(journal, journal.stat().st_size - taken)
    again = to_the_end(tmp_path, plan, bench, 3)
    assert [line.number for line in again.plays] == [1, 2, 3]
    assert bench.attempts == 3  # the play was sealed: it is taken over, and not made again


def test_a_journal_that_somebody_changed_is_refused(tmp_path: Path, plan: SoakPlan) -> None:
    go_on(tmp_path, plan, Bench(SimulatedClock(1e3)), 3)
    path = tmp_path / NAME
    lines = path.read_text().splitlines()
    for changed in ([*lines[:2], "{}", *lines[3:]], [*lines[:2], *lines[3:]], lines[1:]):
        path.write_text("\n".join(changed) + "\n")
        with pytest.raises(RigError):
            Journal(tmp_path, head(plan))


def test_another_night_is_not_mixed_in(tmp_path: Path, plan: SoakPlan) -> None:
    go_on(tmp_path, plan, Bench(SimulatedClock(1e3)), 1)
    with pytest.raises(UserError, match="another night"):
        Journal(tmp_path, head(plan, SEED + 1))


def test_what_was_cut_short_is_kept_aside(tmp_path: Path, plan: SoakPlan) -> None:
    to_the_end(tmp_path, plan, Bench(SimulatedClock(1e3), {1: "unsealed", 2: "interrupt"}), 2)
    assert len(list((tmp_path / CUT_SHORT).iterdir())) == 2


def test_a_rig_that_fails_its_examination_twice_is_taken_out_of_service(
    tmp_path: Path, plan: SoakPlan
) -> None:
    bench = Bench(SimulatedClock(1e3), {2: "rig"}, health=["no tap", "no tap"])
    ended, why = go_on(tmp_path, plan, bench)
    assert (ended, why) == (Ended.OUT_OF_SERVICE, "no tap")
    journal = Journal(tmp_path, head(plan))
    journal.close()
    summary = summary_of(journal.plays, ended, why, 1.0)
    assert summary.verdict is Verdict.INCONCLUSIVE and "no tap" in summary.reason


def test_a_rig_that_recovers_goes_on(tmp_path: Path, plan: SoakPlan) -> None:
    bench = Bench(SimulatedClock(1e3), {2: "rig"}, health=["no tap", None])
    assert go_on(tmp_path, plan, bench)[0] is Ended.PLAYED
    assert bench.renewed == 2  # after the play it could not make, and after the examination


def test_time_ends_it_between_two_plays(tmp_path: Path, plan: SoakPlan) -> None:
    bench = Bench(SimulatedClock(1e6 - 150.0))
    assert go_on(tmp_path, plan, bench, None)[0] is Ended.TIME
    assert bench.attempts == 3


def _every_second_fails(attempt: int) -> Case:
    return sample_case() if attempt % 2 == 0 else sample_pass()


def test_passes_go_first_for_space_and_failures_stay(tmp_path: Path, plan: SoakPlan) -> None:
    roomy, tight = tmp_path / "roomy", tmp_path / "tight"
    go_on(roomy, plan, Bench(SimulatedClock(1e3), case=_every_second_fails), 4)
    used = sum(path.stat().st_size for path in (roomy / PLAYS).rglob("*") if path.is_file())
    bench = Bench(SimulatedClock(1e3), case=_every_second_fails)
    assert go_on(tight, plan, bench, 4, disk_bytes=used - 1)[0] is Ended.PLAYED
    journal = Journal(tight, head(plan))
    journal.close()
    assert journal.thinned == {1}
    there = [(tight / line.evidence).exists() for line in journal.plays]
    assert there == [False, True, True, True]


def test_space_is_counted_once_a_play_and_the_same_when_taken_up_again(
    tmp_path: Path, plan: SoakPlan
) -> None:
    """However it was cut, the budget holds and the same passes are given up."""
    roomy, whole, cut = tmp_path / "roomy", tmp_path / "whole", tmp_path / "cut"
    go_on(roomy, plan, Bench(SimulatedClock(1e3)), 1)
    one = sum(path.stat().st_size for path in (roomy / PLAYS).rglob("*") if path.is_file())
    budget = 3 * one + one // 2
    go_on(whole, plan, Bench(SimulatedClock(1e3)), 6, disk_bytes=budget)
    for plays in range(1, 7):
        go_on(cut, plan, Bench(SimulatedClock(1e3)), plays, disk_bytes=budget)
    for folder in (whole, cut):
        journal = Journal(folder, head(plan))
        journal.close()
        assert journal.thinned == {1, 2, 3}
        assert sorted(p.name for p in (folder / PLAYS).iterdir()) == ["000004", "000005", "000006"]


def test_failures_alone_that_fill_the_disk_end_it(tmp_path: Path, plan: SoakPlan) -> None:
    bench = Bench(SimulatedClock(1e3), case=lambda _: sample_case())
    ended, why = go_on(tmp_path, plan, bench, 4, disk_bytes=1000)
    assert ended is Ended.DISK and "--disk-gb" in why
    assert all(path.exists() for path in (tmp_path / PLAYS).iterdir())


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("shares: []", "shares"),
        ("shares: [{scenes: nothing/*.yaml}]", "no scene matches"),
        ("shares: [{scenes: x, weight: 0}]", "weight"),
        ("share: [{scenes: x}]", "did you mean `shares`"),
    ],
)
def test_a_plan_with_mistakes_is_refused(tmp_path: Path, text: str, said: str) -> None:
    path = tmp_path / "night.plan.yaml"
    path.write_text(text)
    with pytest.raises(SceneError, match=said):
        load_soak_plan(path)


def test_weights_are_kept(plan: SoakPlan) -> None:
    drawn = [plan.draw(SEED, number).name for number in range(4000)]
    weights = {path.name: weight for path, weight in plan.scenes}
    for name, weight in weights.items():
        assert drawn.count(name) / 4000 == pytest.approx(weight / sum(weights.values()), abs=0.03)
