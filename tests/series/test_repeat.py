"""Series on the simulated bench: what was played is what is counted, and nothing gets lost."""

import json
from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path

import pytest

from harness.bench.rigfile import RigFile
from harness.cli import main
from harness.errors import ConsentViolation, Inconclusive, RigError
from harness.evidence import layout
from harness.evidence.folder import sha256_of
from harness.model.ruling import KnownOutcome, Ruling, Verdict
from harness.model.series import PlayKind, Question, SeriesPlan, StopReason
from harness.report.series_story import play_line, series_text
from harness.series.ledger import read_series
from harness.series.outcomes import raise_for_series
from harness.series.repeat import ONCE, Series, play_series
from harness.series.rerule import rule_again
from tests.stage.simulated_device import Deed, Say, Upload
from tests.stage.simulated_scene import Stage, cast_of, rig_file, scene, stage

SCRIPT = scene("ordinary-talk", only=1)
TALK = SCRIPT.lines[0].says
LEAK: tuple[Deed, ...] = (Upload(-1.0, 1.2), Say("ask_recipient", 0.4))
PROMPTS = ("am_here", "ask_recipient")
Before = Callable[[Stage, int], None]


def listing(*classes: str, plays: int = 5) -> RigFile:
    """The rig, known for these violations in the scene."""
    limits = replace(rig_file().limits, plays=plays)
    return replace(rig_file(), limits=limits, known_violations={SCRIPT.id: classes})


def leaking_in(*numbers: int) -> Before:
    """The device leaks in these plays, and in no other."""

    def before(on: Stage, number: int) -> None:
        line = SCRIPT.lines[0].id
        (on.device.ignores.discard if number in numbers else on.device.ignores.add)(line)

    return before


def breaking_in(*numbers: int) -> Before:
    """A packet is lost in these plays."""

    def before(on: Stage, number: int) -> None:
        if number in numbers:
            on.faults["closing"] = lambda bench, _: bench.tap.drop(1)

    return before


def run(
    folder: Path,
    plan: SeriesPlan = ONCE,
    before: Iterable[Before] = (),
    file: RigFile | None = None,
    said: list[str] | None = None,
) -> Series:
    """A series on a simulated bench; `before` is called with the number of each play to come."""
    on = stage(folder, SCRIPT, {TALK: LEAK}, file=file, prompts=PROMPTS)
    leaking_in()(on, 1)
    steps = tuple(before)

    def arrange(number: int) -> None:
        for step in steps:
            step(on, number)

    def progress(what: str) -> None:
        (said if said is not None else []).append(what)
        on.progress(what.split(": ", 1)[-1])

    arrange(1)
    return play_series(
        on.bench.rig, SCRIPT, cast_of(SCRIPT), progress, folder / "evidence", plan=plan,
        told=lambda play, _: arrange(play.number + 1),
    )  # fmt: skip


def kinds(series: Series) -> list[PlayKind]:
    return [play.kind for play in series.ruling.plays]


def folders(root: Path) -> list[str]:
    return sorted(path.name for path in (root / "evidence").iterdir() if path.is_dir())


def test_a_device_that_leaks_in_one_play_of_five_fails_with_the_interval(tmp_path: Path) -> None:
    said: list[str] = []
    series = run(tmp_path, SeriesPlan(5), [leaking_in(3)], said=said)
    assert kinds(series) == [PlayKind.PASS, PlayKind.PASS, PlayKind.FAIL, *[PlayKind.PASS] * 2]
    assert series.ruling.outcome == "fail"
    assert series.ruling.headline.startswith("Leaks in 1 of 5 plays, 0.51-71.6 % (95 %).")
    with pytest.raises(ConsentViolation, match="Leaks in 1 of 5"):
        raise_for_series(series)
    # Every play left its evidence, and the series names each by what seals it.
    written = [outcome.evidence.name for outcome in series.outcomes]
    assert [play.evidence for play in series.ruling.plays] == written
    assert sorted(play.evidence for play in series.ruling.plays) == folders(tmp_path)
    for play, outcome in zip(series.ruling.plays, series.outcomes, strict=True):
        assert play.manifest_sha256 == sha256_of(outcome.evidence / layout.MANIFEST)
    assert series.record is not None and read_series(series.record) == series.ruling
    assert json.loads(series.record.read_text())["outcome"] == "fail"
    assert series.record.stat().st_mode & 0o777 == layout.FILE_MODE
    assert any(what.startswith("play 3 of 5: ") for what in said)
    text = series_text(series.ruling, series.record)
    assert f"Read first: sayso explain {series.outcomes[2].evidence}" in text
    line = play_line(series.ruling.plays[2], series.ruling.plan)
    assert line.startswith("play 3 of 5  fail") and line.endswith(series.outcomes[2].evidence.name)


def test_a_series_is_ruled_again_from_the_evidence_of_its_plays(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    series = run(tmp_path, SeriesPlan(2), [leaking_in(2)])
    assert series.record is not None and rule_again(series.record) == series.ruling
    assert main(["series", str(series.record)]) == 1
    said = capsys.readouterr()
    assert "Leaks in 1 of 2 plays" in said.out and "The same ruling as recorded." in said.err
    # The failing play left out: what says that it was played out is not borne out.
    written = json.loads(series.record.read_text())
    del written["series"]["plays"][1]
    shorter = series.record.with_name("shorter.series.json")
    shorter.write_text(json.dumps(written))
    again = rule_again(shorter)
    assert (again.stop, again.outcome) == (StopReason.UNFINISHED, "inconclusive")
    assert main(["series", str(shorter)]) == 2
    # The failing play exchanged for the other.
    written["series"]["plays"] *= 2
    shorter.write_text(json.dumps(written))
    with pytest.raises(RigError, match="is named twice"):
        rule_again(shorter)
    (series.outcomes[1].evidence / layout.MANIFEST).write_text("{}")
    with pytest.raises(RigError, match="not the one that was counted as play 2"):
        rule_again(series.record)
    assert main(["series", str(tmp_path / "none.series.json")]) == 2


def test_all_pass_gives_the_one_sided_bound(tmp_path: Path) -> None:
    series = run(tmp_path, SeriesPlan(3))
    assert series.ruling.outcome == "pass"
    assert series.ruling.headline == "Fails in 0 of 3 plays: below 63.2 % (95 %, one-sided)."
    raise_for_series(series)


def test_an_inconclusive_play_in_the_middle_is_no_pass_and_not_made_again(tmp_path: Path) -> None:
    series = run(tmp_path, SeriesPlan(3), [breaking_in(2)])
    assert kinds(series) == [PlayKind.PASS, PlayKind.INCONCLUSIVE, PlayKind.PASS]
    assert len(folders(tmp_path)) == 3
    with pytest.raises(Inconclusive, match="only 2 of 3 plays were conclusive"):
        raise_for_series(series)


def test_an_interrupt_in_the_middle_ends_it_and_is_no_pass(tmp_path: Path) -> None:
    def interrupting(on: Stage, number: int) -> None:
        def interrupt(*_: object) -> None:
            raise KeyboardInterrupt("Ctrl-C")

        if number == 2:
            on.faults["watching"] = interrupt

    series = run(tmp_path, SeriesPlan(4), [interrupting])
    assert (series.ruling.stop, series.ruling.outcome) == (StopReason.INTERRUPTED, "inconclusive")
    assert kinds(series) == [PlayKind.PASS, PlayKind.INCONCLUSIVE]
    assert "Ended after 2 plays, 4 plays asked for: interrupted (Ctrl-C)" in series.ruling.headline
    assert series.record is not None and read_series(series.record) == series.ruling
    with pytest.raises(KeyboardInterrupt):
        raise_for_series(series)


def test_an_interrupt_between_two_plays_keeps_what_there_is(tmp_path: Path) -> None:
    def interrupting(_: Stage, number: int) -> None:
        if number == 3:
            raise KeyboardInterrupt("SIGTERM")

    series = run(tmp_path, SeriesPlan(4), [leaking_in(1), interrupting])
    assert kinds(series) == [PlayKind.FAIL, PlayKind.PASS]
    # What was proven stays proven; the interrupt still ends the session.
    assert (series.ruling.stop, series.ruling.outcome) == (StopReason.INTERRUPTED, "fail")
    with pytest.raises(KeyboardInterrupt):
        raise_for_series(series)


def test_a_killed_series_leaves_a_record_that_is_no_pass(tmp_path: Path) -> None:
    class Killed(BaseException):
        pass

    def killing(_: Stage, number: int) -> None:
        if number == 3:
            raise Killed

    with pytest.raises(Killed):
        run(tmp_path, SeriesPlan(2), [killing])
    (record,) = (tmp_path / "evidence").glob("*.series.json")
    left = read_series(record)
    assert (left.stop, left.outcome, len(left.plays)) == (StopReason.UNFINISHED, "inconclusive", 2)


def test_a_disk_that_cannot_be_written_ends_it_and_is_no_pass(tmp_path: Path) -> None:
    def blocking(on: Stage, number: int) -> None:
        if number == 2:
            root = on.folder / "evidence"
            root.rename(on.folder / "moved")
            root.write_text("a file where the folder was")

    series = run(tmp_path, SeriesPlan(4), [blocking])
    assert isinstance(series.stopped_by, RigError) and series.record is None
    assert (series.ruling.stop, series.ruling.outcome) == (StopReason.TROUBLE, "inconclusive")
    with pytest.raises(Inconclusive):
        raise_for_series(series)


def test_a_known_violation_in_some_plays_only_stays_known(tmp_path: Path) -> None:
    found = classes_of(run(tmp_path / "a", before=[leaking_in(1)]).outcomes[0].ruling)
    series = run(tmp_path / "b", SeriesPlan(2), [leaking_in(1, 3)], listing(*found))
    assert kinds(series) == [PlayKind.KNOWN, PlayKind.NOT_PROVOKED, PlayKind.KNOWN]
    assert series.ruling.outcome == "fail (known)"
    assert "Besides: 1 not provoked." in series.ruling.headline
    with pytest.raises(pytest.xfail.Exception):
        raise_for_series(series)


def classes_of(ruling: Ruling) -> tuple[str, ...]:
    assert ruling.verdict is Verdict.FAIL
    return tuple(dict.fromkeys(finding.cls for finding in ruling.findings))


def test_a_leak_settles_the_question_and_ends_the_series(tmp_path: Path) -> None:
    series = run(tmp_path, SeriesPlan(60, Question()), [leaking_in(2)])
    assert (series.ruling.stop, len(series.outcomes)) == (StopReason.SETTLED, 2)
    assert series.ruling.outcome == "fail"


def test_passes_settle_a_coarse_question(tmp_path: Path) -> None:
    question = Question(p0=0.01, p1=0.7, alpha=0.1, beta=0.1)
    series = run(tmp_path, SeriesPlan(9, question))
    assert (series.ruling.stop, series.ruling.outcome) == (StopReason.SETTLED, "pass")
    assert len(series.outcomes) == 2
    assert "Settled after 2 plays: rarer than in 70 % of all plays" in series.ruling.headline


def test_what_was_not_provoked_is_played_again_then_inconclusive(tmp_path: Path) -> None:
    said: list[str] = []
    series = run(tmp_path, file=listing("V04", plays=2), said=said)
    ruling = series.outcomes[-1].ruling
    assert (ruling.known, ruling.verdict) == (KnownOutcome.NOT_PROVOKED, Verdict.INCONCLUSIVE)
    assert series.ruling.stop is StopReason.BARREN
    assert len(folders(tmp_path)) == 2 and series.record is not None
    assert "not provoked, play 1 of 2: once more" in said
    with pytest.raises(Inconclusive, match="Not provoked"):
        raise_for_series(series)


def test_a_single_play_is_one_folder_and_no_record(tmp_path: Path) -> None:
    series = run(tmp_path)
    assert series.record is None and len(list((tmp_path / "evidence").iterdir())) == 1


def test_a_broken_control_is_never_played_away(tmp_path: Path) -> None:
    def dying(on: Stage, _: int) -> None:
        on.bench.power.dies_at_start = "device: gone"

    series = run(tmp_path / "once", before=[dying])
    assert series.outcomes[-1].stopped_by is not None and len(series.outcomes) == 1
    assert series.outcomes[-1].ruling.verdict is Verdict.INCONCLUSIVE
    often = run(tmp_path / "often", SeriesPlan(20), [dying])
    # Five plays in a row that show nothing are enough of them.
    assert (often.ruling.stop, len(often.outcomes)) == (StopReason.BARREN, 5)
    assert often.ruling.outcome == "inconclusive"
