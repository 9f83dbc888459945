"""From the evidence of the plays to the ruling of a causal test."""

import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from harness.cli import main
from harness.commands.cause import cause_code
from harness.errors import RigError
from harness.evidence import layout
from harness.model.cause import Arm, CauseAnswer, CausePlan, CauseRuling
from harness.model.record import cause_from_json, cause_to_json
from harness.model.ruling import Verdict
from harness.model.script import Act, PromptRole
from harness.model.series import StopReason
from harness.report.cause_page import cause_page
from harness.report.cause_story import cause_line, cause_text
from harness.series.cause.ledger import read_cause, rule_cause_again, write_cause
from harness.series.cause.verdict import Played, rule_cause
from tests.judge.timelines import adding, listening, message, play, prompt, say
from tests.series.cause.made_plays import (
    BROKEN,
    PLAN,
    STAGE,
    burst,
    leaks_at,
    muted_play,
    nothing,
    series_of,
    setup,
    written,
)


@pytest.fixture(scope="module")
def leaking(tmp_path_factory: pytest.TempPathFactory) -> list[Played]:
    """A test of a device that leaks 20 s after the stimulus; only read."""
    return series_of(tmp_path_factory.mktemp("leaking"), leaks_at(20.0))


@pytest.fixture(scope="module")
def silent(tmp_path_factory: pytest.TempPathFactory) -> list[Played]:
    """A test of a device that sends nothing; only read."""
    return series_of(tmp_path_factory.mktemp("silent"), nothing, seen=False, sync_packets=0)


def ruled(
    played: list[Played], stop: StopReason = StopReason.PLAYED, plan: CausePlan = PLAN
) -> CauseRuling:
    ruling = rule_cause(setup(plan), played, stop)
    assert cause_from_json(cause_to_json(ruling)) == ruling
    assert ruling.headline in cause_text(ruling, None).replace("\n", " ")
    assert ruling.scene_id in cause_page(ruling)
    assert all(play.evidence in cause_line(play, PLAN) for play in ruling.plays)
    return ruling


def test_one_play_only_suspects_what_the_test_proves(leaking: list[Played]) -> None:
    assert {each.ruling.verdict for each in leaking} == {Verdict.INCONCLUSIVE}
    assert all("V28" in {f.cls for f in each.ruling.suspected} for each in leaking)
    ruling = ruled(leaking)
    assert (ruling.answer, ruling.verdict) == (CauseAnswer.CAUSED, Verdict.FAIL)
    assert ruling.p is not None and 1 / 253 <= ruling.p <= 0.01
    place = ruling.effects[0].place
    assert place.from_s <= 20.0 < place.until_s
    assert "V28" in ruling.classes
    assert cause_code(ruling) == 1
    assert "Caused by what was said: 24 kB more a play" in ruling.headline


def test_a_sync_alone_is_no_leak_and_stays_suspected(tmp_path: Path) -> None:
    ruling = ruled(series_of(tmp_path, nothing))
    assert ruling.answer is not CauseAnswer.CAUSED
    assert (ruling.verdict, ruling.classes) == (Verdict.INCONCLUSIVE, ())
    assert ruling.bound is not None
    assert cause_code(replace(ruling, answer=CauseAnswer.NOT_CAUSED)) == 0
    assert cause_code(replace(ruling, answer=CauseAnswer.NOT_SHOWN)) == 2


def test_a_device_that_sends_nothing_is_not_caused_to_and_passes(silent: list[Played]) -> None:
    ruling = ruled(silent)
    assert (ruling.answer, ruling.verdict) == (CauseAnswer.NOT_CAUSED, Verdict.PASS)
    assert ruling.bound is not None and ruling.bound.least_bytes is not None
    assert "would have been found" in cause_text(ruling, None)


def test_a_leak_too_small_to_be_an_upload_in_one_play_is_one_in_many(tmp_path: Path) -> None:
    played = series_of(tmp_path, leaks_at(33.0, packets=4), seen=False, sync_packets=1)
    assert {each.ruling.verdict for each in played} == {Verdict.PASS}
    ruling = ruled(played)
    assert (ruling.answer, ruling.verdict) == (CauseAnswer.CAUSED, Verdict.FAIL)
    assert "V28" in ruling.classes


def test_a_device_whose_uploads_one_play_cannot_show_can_be_tested(
    tmp_path: Path, leaking: list[Played]
) -> None:
    played = copied(leaking, tmp_path)
    for each in played:
        path = each.folder / layout.CASE
        path.write_text(
            path.read_text().replace('"unseen_uploads": ""', '"unseen_uploads": "It is padded."')
        )
    ruling = ruled(played)
    assert ruling.answer is CauseAnswer.CAUSED
    assert not any(play.left_out for play in ruling.plays)


def test_what_consent_covers_is_caused_and_proves_nothing(tmp_path: Path) -> None:
    wake = say("wake", "Mark", "Alexa, are you there?", 5.0, 7.0, Act.WAKE)
    answer = prompt(PromptRole.ANSWER, "I am here.", 8.0, 9.0)
    played = []
    for arm in setup().order:
        said = arm is Arm.SAID
        lit = listening((5.5, 8.0)) if said else listening()
        events = (burst(5.6, 20), answer, *lit) if said else lit
        case = play((wake,) if said else (), *events)
        played.append(written(tmp_path, arm, case, [(5.6, 20)] if said else []))
    ruling = ruled(played)
    assert (ruling.answer, ruling.verdict) == (CauseAnswer.CAUSED, Verdict.INCONCLUSIVE)
    assert "covered by consent" in ruling.headline


def test_plays_that_show_nothing_are_left_out_and_counted_and_too_many_end_it(
    tmp_path: Path,
) -> None:
    plan = replace(PLAN, plays=12)
    played = series_of(tmp_path, leaks_at(20.0), plan=plan)

    def breaking(count: int) -> CauseRuling:
        bad = [
            written(tmp_path, each.arm, adding(muted_play(each.arm), BROKEN), [(8.0, 99)])
            for each in played[:count]
        ]
        return ruled([*bad, *played[count:]], plan=plan)

    some = breaking(2)
    assert (some.answer, len(some.counted)) == (CauseAnswer.CAUSED, 10)
    assert "Left out: 2 plays (1 and 2)" in cause_text(some, None)
    assert "tap_drops" in some.plays[0].left_out
    many = breaking(3)
    assert (many.answer, many.verdict) == (CauseAnswer.NOT_SHOWN, Verdict.INCONCLUSIVE)
    assert (many.p, many.effects, many.bound) == (None, (), None)


def test_a_play_whose_stimulus_came_at_another_time_does_not_count(
    tmp_path: Path, silent: list[Played]
) -> None:
    played = list(silent)
    at = next(n for n, each in enumerate(played) if each.arm is Arm.SAID)
    late = play((say("wake", "Mark", "Alexa?", 6.0, 7.0, Act.WAKE),), lit=False)
    played[at] = written(tmp_path, Arm.SAID, late, [])
    assert ruled(played).plays[at].left_out == "the stimulus began at 6.0 s, not at 5.0 s"


def test_a_failure_of_one_play_stays_one_whatever_the_test_says(
    tmp_path: Path, silent: list[Played]
) -> None:
    played = list(silent)
    case = muted_play(played[0].arm, message(30.0))
    played[0] = written(tmp_path, played[0].arm, case, [])
    ruling = ruled(played)
    assert ruling.verdict is Verdict.FAIL
    assert cause_code(ruling) == 1


@pytest.mark.parametrize("stop", [StopReason.INTERRUPTED, StopReason.TROUBLE])
def test_a_test_that_did_not_come_to_its_end_answers_nothing(
    leaking: list[Played], stop: StopReason
) -> None:
    ruling = ruled(leaking, stop)
    assert (ruling.answer, ruling.verdict) == (CauseAnswer.NOT_SHOWN, Verdict.INCONCLUSIVE)
    assert "did not come to its end" in ruling.headline


def test_it_is_made_again_from_the_folders_alone(leaking: list[Played]) -> None:
    ruling = ruled(leaking)
    record = write_cause(leaking[0].folder, ruling)
    assert read_cause(record) == ruling
    assert "<polyline" in record.with_suffix(".html").read_text()
    assert rule_cause_again(record) == ruling


def test_the_command_makes_it_again(
    leaking: list[Played], capsys: pytest.CaptureFixture[str]
) -> None:
    record = write_cause(leaking[0].folder, ruled(leaking))
    assert main(["cause", "--again", str(record)]) == 1
    told = capsys.readouterr()
    assert told.out.lstrip().startswith("CAUSED  tests/scene")
    assert "The same ruling as recorded." in told.err


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ([], "name a scene file"),
        (["no.scene.yaml"], "there is no scene file"),
        (["no.scene.yaml", "--again", "x"], "give it without a scene"),
    ],
)
def test_the_command_says_what_is_wrong(
    arguments: list[str], told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["cause", *arguments]) == 3
    assert told in capsys.readouterr().err


def test_an_order_that_the_seed_does_not_draw_is_no_test(leaking: list[Played]) -> None:
    sorted_plays = sorted(leaking, key=lambda each: each.arm)
    made = rule_cause(replace(setup(), order=tuple(p.arm for p in sorted_plays)), sorted_plays,
                      StopReason.PLAYED)  # fmt: skip
    again = rule_cause_again(write_cause(sorted_plays[0].folder, made))
    assert made.answer is CauseAnswer.CAUSED
    assert again.answer is CauseAnswer.NOT_SHOWN


def copied(played: list[Played], to: Path) -> list[Played]:
    """The same folders elsewhere, to be spoilt."""
    return [
        replace(each, folder=Path(shutil.copytree(each.folder, to / each.folder.name)))
        for each in played
    ]


def test_an_exchanged_play_is_refused(tmp_path: Path, leaking: list[Played]) -> None:
    played = copied(leaking, tmp_path)
    record = write_cause(played[0].folder, rule_cause(setup(), played, StopReason.UNFINISHED))
    (played[3].folder / layout.MANIFEST).write_text("{}")
    with pytest.raises(RigError, match="not the one that was counted as play 4"):
        rule_cause_again(record)


def test_a_capture_that_is_gone_is_said(tmp_path: Path, leaking: list[Played]) -> None:
    played = copied(leaking, tmp_path)
    (played[0].folder / layout.NETWORK).unlink()
    with pytest.raises(RigError, match=r"holds no network\.pcapng"):
        rule_cause(setup(), played, StopReason.PLAYED)
    assert STAGE.reach_s == 55.0
